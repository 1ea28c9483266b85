"""Rule coverage: which rules the tests of a set exercise, which they settle, which they would miss.

Exact and fast, because what a set decides is a function of the rules that speak: taking one of them
out is a matter of bits.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import msgspec

from genservice.policy.engine import use_of
from genservice.policy.index import places
from genservice.policy.values import NONE, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.policy.index import Entry, Index
    from genservice.policy.suite import Row
    from genservice.policy.values import PolicySet, Sentence


class RuleCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """What the tests see of one rule. Cases are a test's contexts by its purposes, or sentences."""

    rule: str
    kind: Literal["allow", "coarsen", "withhold", "inference"]
    place: Place
    exercised: int
    """Cases in which it spoke; every declared signal is asserted in each."""
    decisive: int
    """Cases in which it settled an outcome: no rule but it and its equals did."""
    needed: int
    """Cases that pass now and would fail if it were deleted. None: nobody would notice."""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Every rule of a set, by place."""

    rules: tuple[RuleCoverage, ...]

    def uncovered(self, *, strict: bool = False) -> tuple[RuleCoverage, ...]:
        """The rules that no test exercises, or, if strict, that no test would miss."""
        return tuple(rule for rule in self.rules if not (rule.needed if strict else rule.exercised))

    def percent(self, *, strict: bool = False) -> float:
        """The share of the rules that tests exercise, or, if strict, would miss; 100 without rules."""
        if not self.rules:
            return 100.0
        return 100 * (1 - len(self.uncovered(strict=strict)) / len(self.rules))


def covered(policies: PolicySet, rows: Iterable[Row], sentences: Iterable[Sentence]) -> Coverage:
    """How far these rows and sentences cover the rules of a set."""
    found = (*_deciding(policies, rows), *_inferring(policies, sentences))
    return Coverage(
        rules=tuple(sorted(found, key=lambda rule: (rule.place.file, rule.place.line, rule.rule)))
    )


class _Effect(msgspec.Struct, frozen=True):
    """What some speaking rules come to for a signal, as bits of these rules."""

    level: str
    settling: int
    """Those that settled the outcome."""
    critical: int
    """Those of which each alone, taken out, would change the level."""


def _deciding(policies: PolicySet, rows: Iterable[Row]) -> Iterable[RuleCoverage]:
    index = policies.index
    known: dict[tuple[str, int], _Effect] = {}
    exercised, decisive, needed = Counter[int](), Counter[int](), Counter[int]()
    for row in rows:
        matched = index.matching(row.asked)
        spoke = settled = missed = 0
        for entry in index.entries:
            speaking = matched & entry.speaking
            name = entry.signal.name
            effect = known.get((name, speaking))
            if effect is None:
                effect = known[name, speaking] = _effect(index, entry, speaking)
            spoke |= speaking
            settled |= effect.settling
            if effect.level == row.test.expect.get(name, NONE):
                missed |= effect.critical
        exercised.update(places(spoke))
        decisive.update(places(settled))
        needed.update(places(missed))
    for place, rule in enumerate(index.rules):
        yield RuleCoverage(
            rule=rule.id,
            kind=rule.verb,
            place=rule.place,
            exercised=exercised[place],
            decisive=decisive[place],
            needed=needed[place],
        )


def _effect(index: Index, entry: Entry, speaking: int) -> _Effect:
    level = use_of(index, entry, speaking).level
    step = entry.signal.ladder.index(level)
    settling = critical = 0
    for place in places(speaking):
        bit = 1 << place
        # Without an allow nothing that speaks settles anything: the default does.
        if speaking & index.allows and entry.caps.get(place) == (step or None):
            settling |= bit
        if use_of(index, entry, speaking & ~bit).level != level:
            critical |= bit
    return _Effect(level, settling, critical)


def _inferring(policies: PolicySet, sentences: Iterable[Sentence]) -> Iterable[RuleCoverage]:
    exercised, decisive, needed = Counter[str](), Counter[str](), Counter[str]()
    for sentence in sentences:
        hits = {hit.rule.id for hit in policies.inferences.reads.find(sentence.text)}
        exercised.update(hits)
        if len(hits) == 1:
            decisive.update(hits)
        if sentence.rule in hits:
            needed[sentence.rule or ""] += 1
    for placed in policies.inferences.rules:
        rule = placed.rule.id
        yield RuleCoverage(
            rule=rule,
            kind="inference",
            place=placed.place,
            exercised=exercised[rule],
            decisive=decisive[rule],
            needed=needed[rule],
        )
