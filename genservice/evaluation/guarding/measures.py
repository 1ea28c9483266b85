"""Figures over marked texts: precision, recall and F2, by entity, and by group of names."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

import msgspec

from genservice.evaluation.figures import Share
from genservice.evaluation.guarding.entities import PERSON, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.evaluation.guarding.counting import Claim, Judged, Met, Tally

Item = TypeVar("Item")

BETA = 2.0
"""A miss weighs four times a false alarm (van Rijsbergen 1979, Information Retrieval, ch. 7)."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Precision and recall, whatever the types."""

    precision: Share
    """Of what was found, what is marked."""
    recall: Share
    """Of what is marked, what was found."""
    f2: float | None
    """Their weighted harmonic mean; None where nothing is marked."""


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """Spans of one label."""

    label: str
    kind: str | None
    """What the label stands for; None if unknown."""
    found: Share
    """Found under any type."""
    named: Share | None
    """Found under a type of its kind; None if the kind is unknown."""


class Type(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one type."""

    type: str
    right: Share
    """Those in which something is marked, whatever its label."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Persons named with names of one group."""

    group: str
    found: Share


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard is worth on some texts."""

    texts: int
    spans: Score
    exact: Score
    words: Score
    letters: Score
    untouched: Share
    """Texts without anything personal in which nothing was found."""
    kept: Share
    """Stretches that must be kept and were."""
    refused: Share
    """Texts that could not be screened: they count as one finding from end to end."""
    entities: tuple[Entity, ...]
    types: tuple[Type, ...]
    groups: tuple[Group, ...]
    """Best first."""

    @property
    def gap(self) -> float | None:
        """Points between the best and the worst group; None if there are not two."""
        if len(self.groups) < 2:
            return None
        return 100 * (self.groups[0].found.share - self.groups[-1].found.share)


def measured(texts: Sequence[Judged]) -> Measured:
    """The figures of some texts."""
    return Measured(
        texts=len(texts),
        spans=_score(text.spans for text in texts),
        exact=_score(text.exact for text in texts),
        words=_score(text.words for text in texts),
        letters=_score(text.letters for text in texts),
        untouched=Share.where(not text.claims for text in texts if text.empty),
        kept=Share.where(kept for text in texts for kept in text.kept),
        refused=Share.where(text.refused for text in texts),
        entities=_entities(met for text in texts for met in text.met),
        types=_types(claim for text in texts for claim in text.claims),
        groups=_groups(texts),
    )


def _score(tallies: Iterable[Tally]) -> Score:
    found = marked = right = claimed = 0
    for tally in tallies:
        found += tally.found
        marked += tally.marked
        right += tally.right
        claimed += tally.claimed
    precision, recall = Share.so_many(right, claimed), Share.so_many(found, marked)
    return Score(precision=precision, recall=recall, f2=_f(precision, recall))


def _f(precision: Share, recall: Share) -> float | None:
    if not recall.of:
        return None
    weighted = BETA**2 * precision.share + recall.share
    return (1 + BETA**2) * precision.share * recall.share / weighted if weighted else 0.0


def _entities(spans: Iterable[Met]) -> tuple[Entity, ...]:
    by_label = _gathered((span.label, span) for span in spans)
    return tuple(
        Entity(
            label=label,
            kind=kind_of(label),
            found=Share.where(span.found for span in met),
            named=None if kind_of(label) is None else Share.where(bool(span.named) for span in met),
        )
        for label, met in sorted(by_label.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _types(claims: Iterable[Claim]) -> tuple[Type, ...]:
    by_type = _gathered((claim.type, claim.right) for claim in claims)
    return tuple(
        Type(type=type_, right=Share.where(flags))
        for type_, flags in sorted(by_type.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _groups(texts: Sequence[Judged]) -> tuple[Group, ...]:
    flags = _gathered(
        (text.group, met.found)
        for text in texts
        if text.group is not None
        for met in text.met
        if kind_of(met.label) == PERSON
    )
    groups = [Group(group=name, found=Share.where(found)) for name, found in flags.items()]
    return tuple(sorted(groups, key=lambda group: (-group.found.share, group.group)))


def _gathered(pairs: Iterable[tuple[str, Item]]) -> Mapping[str, list[Item]]:
    gathered: defaultdict[str, list[Item]] = defaultdict(list)
    for name, item in pairs:
        gathered[name].append(item)
    return gathered
