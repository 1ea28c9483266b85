"""One marked text beside what the guard found in it: what is right, missed, wrong or touched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

from genservice.evaluation.guarding.entities import kind_of, kind_of_finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.evaluation.guarding.labelled import Labelled, Stretch
    from genservice.privacy import Finding

HALF = 0.5
"""The share of a stretch's letters and digits that has to lie in others for it to count as met."""

_WORD = re.compile(r"\w+")


class Tally(msgspec.Struct, frozen=True):
    """Units of one sort, counted from both ends."""

    found: int
    """Marked units that were found."""
    marked: int
    right: int
    """Found units that are marked."""
    claimed: int
    """Found units."""


class Met(msgspec.Struct, frozen=True):
    """A marked span, and how it fared."""

    label: str
    found: bool
    """At least half of it lies in findings."""
    named: bool | None
    """At least half of it lies in findings of its kind; None if its kind is not known."""


class Claim(msgspec.Struct, frozen=True):
    """A finding, and whether it is right."""

    type: str
    right: bool
    """At least half of it is marked."""


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """One error, by its place."""

    what: Literal["missed", "wrong", "touched"]
    """A marked span not found; a finding not marked; a finding in what must be kept."""
    type: str
    """The span's label or the finding's type."""
    start: int
    end: int
    line: int


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What one text adds to the figures."""

    spans: Tally
    exact: Tally
    """Spans and findings that agree in both ends."""
    words: Tally
    letters: Tally
    met: tuple[Met, ...]
    claims: tuple[Claim, ...]
    kept: tuple[bool, ...]
    """For each stretch that must be kept, whether it was."""
    group: str | None
    misses: tuple[Miss, ...]
    refused: bool
    """Whether the guard could not screen the text, which is then found from end to end."""

    @property
    def empty(self) -> bool:
        """Whether nothing in it is marked as personal data."""
        return not self.met


def judge(labelled: Labelled, findings: Sequence[Finding], *, refused: bool = False) -> Judged:
    """What was found, held against what is marked.

    Only letters and digits count: whether a finding takes in the full stop behind a name is no
    matter. What is free counts for nothing, unless it is marked as well.
    """
    words = [frozenset(range(*word.span())) for word in _WORD.finditer(labelled.text)]
    letters = frozenset[int]().union(*words)
    marked = _places(labelled.spans) & letters
    free = (_places(labelled.free) - marked) & letters
    counted = letters - free
    found = _places(findings) & letters
    met = tuple(
        Met(
            span.label,
            _half(_places([span]) & letters, found),
            _named(_places([span]) & letters, kind_of(span.label), findings),
        )
        for span in labelled.spans
    )
    judged = [
        (finding, _half(own, marked))
        for finding in findings
        # A finding of nothing but full stops is still a claim, if a wrong one.
        if (own := _places([finding]) & counted) or not _places([finding]) & letters
    ]
    kept = tuple(not _touching(each, findings) for each in labelled.kept)
    return Judged(
        spans=Tally(
            sum(each.found for each in met),
            len(met),
            sum(right for _, right in judged),
            len(judged),
        ),
        exact=_exact(labelled, [finding for finding, _ in judged]),
        words=_words([word - free for word in words if word - free], marked, found),
        letters=_tally(marked, found & counted),
        met=met,
        claims=tuple(Claim(finding.type, right) for finding, right in judged),
        kept=kept,
        group=labelled.group,
        misses=(*_missed(labelled, met), *_wrong(labelled, judged), *_touched(labelled, findings)),
        refused=refused,
    )


def _places(stretches: Iterable[Stretch | Finding]) -> frozenset[int]:
    return frozenset(place for each in stretches for place in range(each.start, each.end))


def _half(own: frozenset[int], others: frozenset[int]) -> bool:
    return bool(own) and len(own & others) >= HALF * len(own)


def _named(own: frozenset[int], kind: str | None, findings: Sequence[Finding]) -> bool | None:
    if kind is None:
        return None
    return _half(own, _places(each for each in findings if kind_of_finding(each.type) == kind))


def _touching(stretch: Stretch, findings: Sequence[Finding]) -> list[Finding]:
    return [each for each in findings if each.start < stretch.end and stretch.start < each.end]


def _exact(labelled: Labelled, findings: Sequence[Finding]) -> Tally:
    spans = {(span.start, span.end) for span in labelled.spans}
    found = {(finding.start, finding.end) for finding in findings}
    both = len(spans & found)
    return Tally(both, len(spans), both, len(found))


def _words(words: Sequence[frozenset[int]], marked: frozenset[int], found: frozenset[int]) -> Tally:
    return _tally(
        {index for index, word in enumerate(words) if _half(word, marked)},
        {index for index, word in enumerate(words) if _half(word, found)},
    )


def _tally(marked: frozenset[int] | set[int], found: frozenset[int] | set[int]) -> Tally:
    both = len(marked & found)
    return Tally(both, len(marked), both, len(found))


def _missed(labelled: Labelled, met: Sequence[Met]) -> Iterable[Miss]:
    for span, each in zip(labelled.spans, met, strict=True):
        if not each.found:
            yield Miss(
                what="missed",
                type=span.label,
                start=span.start,
                end=span.end,
                line=labelled.line,
            )


def _wrong(labelled: Labelled, judged: Sequence[tuple[Finding, bool]]) -> Iterable[Miss]:
    for finding, right in judged:
        if not right:
            yield _miss("wrong", finding, labelled.line)


def _touched(labelled: Labelled, findings: Sequence[Finding]) -> Iterable[Miss]:
    touching = {each for kept in labelled.kept for each in _touching(kept, findings)}
    for finding in sorted(touching, key=lambda each: each.start):
        yield _miss("touched", finding, labelled.line)


def _miss(what: Literal["wrong", "touched"], finding: Finding, line: int) -> Miss:
    return Miss(what=what, type=finding.type, start=finding.start, end=finding.end, line=line)
