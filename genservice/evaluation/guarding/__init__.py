"""What the guard is worth on texts that somebody has marked, and on the names of a catalogue."""

from genservice.evaluation.guarding.counting import Judged, Miss, judge
from genservice.evaluation.guarding.entities import kind_of, kind_of_finding
from genservice.evaluation.guarding.labelled import (
    Labelled,
    Span,
    Stretch,
    read_labelled,
    read_lines,
)
from genservice.evaluation.guarding.measures import Entity, Group, Measured, Score, measured
from genservice.evaluation.guarding.names import Named, NamesKept, names_in, names_kept

__all__ = [
    "Entity", "Group", "Judged", "Labelled", "Measured", "Miss", "Named", "NamesKept", "Score", "Span", "Stretch",
    "judge", "kind_of", "kind_of_finding", "measured", "names_in", "names_kept", "read_labelled", "read_lines",
]  # fmt: skip
