"""Figures over records: shares with their intervals, and how varied the texts are."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from statistics import NormalDist, fmean
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.evaluation.copies import Known
    from genservice.evaluation.observing import Record

CLAIMS = frozenset(
    {"claim", "role", "pronoun", "name", "number", "altered", "unsupported", "spoiler", "viewer"}
)
"""Findings of something said that no fact, phrase or signal vouches for."""
SLOTS = frozenset({"slot", "bracket"})
"""Findings of slots that the brief has not, of slots left open, and of an angle not said."""
_OPENING = 4
"""Words that make an opening."""
_Z = NormalDist().inv_cdf(0.975)


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """So many of so many, with the 95 % interval of Wilson (1927, J. Am. Stat. Assoc. 22, 209-212)."""

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.count / self.of if self.of else 0.0

    @classmethod
    def where(cls, flags: Iterable[bool]) -> Share:
        """The share of flags that are set."""
        seen = list(flags)
        return cls.so_many(sum(seen), len(seen))

    @classmethod
    def so_many(cls, count: int, of: int) -> Share:
        """The share that `count` is of `of`."""
        if not of:
            return cls(count=0, of=0, low=0.0, high=1.0)
        share, square = count / of, _Z**2
        middle = (share + square / (2 * of)) / (1 + square / of)
        spread = math.sqrt(share * (1 - share) / of + square / (4 * of**2))
        half = _Z * spread / (1 + square / of)
        return cls(count=count, of=of, low=max(0.0, middle - half), high=min(1.0, middle + half))


class Openings(msgspec.Struct, frozen=True, kw_only=True):
    """How texts of one brief differ; one number per brief."""

    different: tuple[int, ...]
    """Different openings of four words."""
    distinct_1: float
    """Different words by words, mean over briefs (Li et al. 2016, NAACL, 'A Diversity-Promoting Objective')."""
    distinct_2: float
    """Different pairs of words by pairs, likewise."""
    texts: int
    """Of each brief."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation comes to."""

    claims_before: Share
    """Candidates in which something was said that nothing vouches for."""
    claims_after: Share
    """Served texts in which the checks still find that."""
    slots_before: Share
    slots_after: Share
    passed: Share
    """Candidates that could be served as they were written."""
    twins: Share
    """Orders with an angle that were answered with the neutral twin because no text passed."""
    unanswered: Share
    """Orders that got no text at all."""
    within: Share
    """Served texts within their limit."""
    follows: Share
    """Of the orders with an angle, those whose text says it."""
    stated: dict[str, float]
    """Facts stated by facts available, mean over written texts, by the limit's size."""
    copies: Share | None
    """Candidates that are near-copies of known texts; None if there was nothing to compare with."""
    kinds: dict[str, int]
    """Candidates by kind of finding."""


def figures(records: Sequence[Record], known: Known | None = None) -> Figures:
    """The figures of some records.

    Args:
        records: What became of each order.
        known: Training texts to compare with.
    """
    candidates = [candidate for record in records for candidate in record.candidates]
    served = [record for record in records if record.text]
    angled = [record for record in records if record.angle]
    found = [frozenset(candidate.findings) for candidate in candidates]
    after = [frozenset(record.findings) for record in served]
    return Figures(
        claims_before=Share.where(not CLAIMS.isdisjoint(kinds) for kinds in found),
        claims_after=Share.where(not CLAIMS.isdisjoint(kinds) for kinds in after),
        slots_before=Share.where(not SLOTS.isdisjoint(kinds) for kinds in found),
        slots_after=Share.where(not SLOTS.isdisjoint(kinds) for kinds in after),
        passed=Share.where(not kinds for kinds in found),
        twins=Share.where(record.reason == "check_failed" for record in angled),
        unanswered=Share.where(not record.text for record in records),
        within=Share.where(len(record.text) <= record.limit for record in served),
        follows=Share.where(record.follows for record in angled),
        stated=_stated(served),
        copies=None if known is None else Share.where(known.near(one.raw) for one in candidates),
        kinds=dict(Counter(kind for kinds in found for kind in kinds).most_common()),
    )


def _stated(records: Sequence[Record]) -> dict[str, float]:
    sizes = {"short": (0, 110), "medium": (111, 180), "long": (181, 1200)}
    shares = {
        size: [
            record.stated / record.available
            for record in records
            if low <= record.limit <= high and record.available and record.candidates
        ]
        for size, (low, high) in sizes.items()
    }
    return {size: round(fmean(found), 3) for size, found in shares.items() if found}


def openings(briefs: Sequence[Sequence[str]]) -> Openings:
    """How far the texts of each brief differ.

    Args:
        briefs: Served texts, as many for every brief.
    """
    words = [[text.lower().split() for text in texts] for texts in briefs]
    return Openings(
        different=tuple(len({tuple(text[:_OPENING]) for text in texts}) for texts in words),
        distinct_1=_mean_distinct([[word for text in texts for word in text] for texts in words]),
        distinct_2=_mean_distinct(
            [[pair for text in texts for pair in pairwise(text)] for texts in words]
        ),
        texts=max((len(texts) for texts in briefs), default=0),
    )


def _mean_distinct(items: Sequence[Sequence[object]]) -> float:
    shares = [len(set(found)) / len(found) for found in items if found]
    return round(fmean(shares), 3) if shares else 0.0
