"""Other names in the same sentences: what a set names is replaced by what the lists hold.

Sets name few people many times; a network that meets a sentence with ever other names learns where
names stand (mention replacement; Dai and Adel, 2020, "An Analysis of Simple Data Augmentation for
Named Entity Recognition").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.tagging.examples import Example, Pieces

if TYPE_CHECKING:
    import random

    from training.tagging.filling import Filler

SWAPPED = 0.25
"""Share of sentences with labels in which names are replaced."""

_HOLES = {
    "PERSON": ("{person}", "{given}", "{family}", "{celebrity}"),
    "LOCATION": ("{city}", "{city}", "{country}", "{district}", "{landmark}"),
    "ORGANIZATION": ("{company}", "{company}", "{club}", "{public}", "{school}", "{service}"),
    "ADDRESS": ("{street}",),
}
_PERFORMERS = ("{artist}", "{artist}", "{person}", "{given}")


def swapped(example: Example, filler: Filler, rng: random.Random, *, performers: bool) -> Example:
    """The example with other names, written as the old ones were.

    Args:
        example: Labelled.
        filler: Draws names.
        rng: Draws.
        performers: Whether its persons are bands and singers.
    """
    pieces, end = Pieces(), 0
    for span in example.spans:
        pieces.add(example.text[end : span.start])
        old = example.text[span.start : span.end]
        holes = _PERFORMERS if performers else _HOLES[span.label]
        if span.label == "PERSON" and not performers and " " not in old:
            holes = ("{given}", "{given}", "{family}")
        new = filler.fill(rng.choice(holes), rng).text if rng.random() < 0.7 else old
        pieces.add(_like(old, new), span.label)
        end = span.end
    pieces.add(example.text[end:])
    return pieces.example()


def _like(old: str, new: str) -> str:
    if old == old.lower():
        return new.lower()
    return new.upper() if old == old.upper() and len(old) > 3 else new
