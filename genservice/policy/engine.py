"""What a policy set says of every declared signal in a context. Pure: no clock, no order, no state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.domain import Context, Decision, Outcome
from genservice.policy.index import places
from genservice.policy.values import NONE, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.domain import Signal
    from genservice.policy.index import Entry, Index
    from genservice.policy.values import PolicySet

_MOST_KEPT = 4096
"""Decisions kept of one signal; a shipped set comes to some dozens."""
_MOST_TOGETHER = 8192
"""Contexts kept with all that is decided in them, as far as rules tell them apart: some megabytes."""


class Use(msgspec.Struct, frozen=True):
    """What a signal comes to."""

    outcome: Outcome
    level: str
    """The level it may be used at; `none` when withheld."""

    def __str__(self) -> str:
        return "withheld" if self.level == NONE else self.level


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that spoke of a signal, and whether the outcome is its doing."""

    rule: str
    says: str
    """`allow`, `coarsen to genres` or `withhold`."""
    why: str
    place: Place
    decided: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with its reasons."""

    signal: str
    label: str
    """How viewers read of the signal."""
    outcome: Outcome
    level: str
    """The level it may be used at; `none` when withheld."""
    because: str
    """One sentence: what settled it."""
    rules: tuple[Spoken, ...]


def decide(policies: PolicySet, context: Context) -> tuple[Decision, ...]:
    """One decision for every declared signal, sorted by name, whether a request carries it or not.

    Nothing is released that no `allow` grants; caps hold whatever else allows, and among them the
    coarsest wins. An `allow` meets an unknown region or age band only where it names `unknown`; a cap
    that leaves the key out, or says `not`, meets it too.
    """
    index = policies.index
    matched = index.matching(context)
    known = index.decided.get(matched)
    if known is not None:
        return known
    decisions = tuple(
        [
            entry.decided.get(speaking := matched & entry.speaking)
            or _decided(index, entry, speaking)
            for entry in index.entries
        ]
    )
    if len(index.decided) < _MOST_TOGETHER:
        index.decided[matched] = decisions
    return decisions


def levels_of(signals: Iterable[Signal], decisions: Sequence[Decision]) -> dict[str, str]:
    """The level that each declared signal may be used at; `none` where it is withheld."""
    return {
        signal.name: level_of(signal, decision)
        for signal, decision in zip(signals, decisions, strict=True)
    }


def level_of(signal: Signal, decision: Decision) -> str:
    """The level that a signal may be used at; `none` where it is withheld."""
    return NONE if decision.outcome == "withheld" else decision.level or signal.ladder[0]


def explain(
    policies: PolicySet, context: Context, *, signal: str | None = None
) -> tuple[Explanation, ...]:
    """Every decision, or that of one signal, with each rule that spoke and which of them settled it."""
    index = policies.index
    matched = index.matching(context)
    return tuple(
        _explanation(index, entry, matched & entry.speaking)
        for entry in index.entries
        if signal in (None, entry.signal.name)
    )


def use_of(index: Index, entry: Entry, speaking: int) -> Use:
    """What a signal comes to when these rules speak of it."""
    step = _step(index, entry, speaking)
    level = entry.signal.ladder[step]
    return Use(_outcome(step, level), level)


def _step(index: Index, entry: Entry, speaking: int) -> int:
    """The step of the ladder that the speaking rules leave."""
    if not speaking & index.allows:
        return len(entry.signal.ladder) - 1
    return max((entry.caps.get(place, 0) for place in places(speaking)), default=0)


def _decided(index: Index, entry: Entry, speaking: int) -> Decision:
    """A decision asked for the first time; it is kept, as long as there are not too many."""
    decision = _decision(index, entry, speaking)
    if len(entry.decided) < _MOST_KEPT:
        entry.decided[speaking] = decision
    return decision


def _decision(index: Index, entry: Entry, speaking: int) -> Decision:
    signal = entry.signal
    step = _step(index, entry, speaking)
    level = signal.ladder[step]
    outcome = _outcome(step, level)
    return Decision(
        signal=signal.name,
        outcome=outcome,
        level=level if outcome == "coarsened" else None,
        rules=tuple(index.rules[place].id for place in places(speaking)),
    )


def _outcome(step: int, level: str) -> Outcome:
    if level == NONE:
        return "withheld"
    return "coarsened" if step else "released"


def _explanation(index: Index, entry: Entry, speaking: int) -> Explanation:
    step = _step(index, entry, speaking)
    level = entry.signal.ladder[step]
    allowed = bool(speaking & index.allows)
    spoken: list[Spoken] = []
    for place in places(speaking):
        rule = index.rules[place]
        spoken.append(
            Spoken(
                rule=rule.id,
                says=rule.decision,
                why=rule.why,
                place=rule.place,
                # Allows have no cap: they settle what no cap lowers.
                decided=allowed and entry.caps.get(place) == (step or None),
            )
        )
    return Explanation(
        signal=entry.signal.name,
        label=entry.signal.label,
        outcome=_outcome(step, level),
        level=level,
        because=_because(level, [item.rule for item in spoken if item.decided], allowed=allowed),
        rules=tuple(spoken),
    )


def _because(level: str, deciding: list[str], *, allowed: bool) -> str:
    if not allowed:
        return "No rule allows it here, and what no rule allows is withheld."
    names = ", ".join(deciding)
    if level == NONE:
        return f"Withheld by {names}, whatever else allows it."
    return f"Used as {level}, by {names}."
