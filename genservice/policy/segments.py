"""Segments in use: what a request that names one sends, and whether the vocabulary knows its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genservice.errors import InvalidInputError, Problem
from genservice.policy.ladders import barring, vocabulary_of
from genservice.policy.reader import meant, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.policy.values import PolicySet, Segment, SegmentTerm, Words

_SHOWN = "GET /v1/policies lists them"


def with_segment(
    policies: PolicySet, name: str | None, signals: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The signals of an audience: a segment's, and those sent beside it.

    They are decided like any others. That a segment named them grants nothing, and nothing after
    this can tell which of them came from it.

    Raises:
        InvalidInputError: The set has no such segment, or a signal is in both.
    """
    if name is None:
        return signals
    segment = policies.segment(name)
    if segment is None:
        hint = meant(name, [known.name for known in policies.segments]) or _SHOWN
        raise InvalidInputError(
            Problem(pointer="#/audience/segment", detail="no such segment", hint=hint)
        )
    doubled = sorted(segment.signals.keys() & signals.keys())
    if doubled:
        raise InvalidInputError(
            *(
                Problem(
                    pointer=f"#/audience/signals/{signal}",
                    detail="the segment sends this signal already",
                    hint="leave it out, or send the segment's other signals without the segment",
                )
                for signal in doubled
            )
        )
    return {**segment.signals, **signals}


def unknown_terms(policies: PolicySet, words: Words) -> tuple[Problem, ...]:
    """A problem for each word of a segment that the catalogue lacks, or that no text may answer to.

    Either would be dropped where the segment is used, and no editor would see it.
    """
    hiding = barring(words, policies)
    return tuple(
        problem
        for segment in policies.segments
        for term in segment.terms
        if (problem := _wrong(policies, segment, term, hiding)) is not None
    )


def _wrong(
    policies: PolicySet, segment: Segment, term: SegmentTerm, words: Words
) -> Problem | None:
    signal = policies.signal(term.signal)
    known = vocabulary_of(signal, words) if signal is not None else frozenset[str]()
    if term.word not in known:
        detail = f"not a word of the vocabulary for {term.signal!r}: {quoted(term.word)}"
        hint = meant(term.word, sorted(known))
    elif signal is not None and signal.answered_by and term.word in words.sensitive:
        detail = (
            f"{quoted(term.word)} is never a reason given: it could betray something of a person"
        )
        hint = f"take it out of {segment.name!r}"
    else:
        return None
    place = term.place
    return Problem(file=place.file, line=place.line, column=place.column, detail=detail, hint=hint)
