"""What another policy set would decide otherwise: all of it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from genservice.policy.classes import WITH, WITHOUT, Box, Domain, domain_of, parts
from genservice.policy.engine import Use, use_of
from genservice.policy.index import YES
from genservice.policy.values import NONE
from genservice.policy.wheres import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from genservice.domain import Signal
    from genservice.policy.classes import Masks
    from genservice.policy.index import Entry
    from genservice.policy.values import Groups, PolicySet, Rule

Direction = Literal["gained", "lost", "finer", "coarser", "other"]
DIRECTIONS: tuple[Direction, ...] = ("gained", "finer", "other", "coarser", "lost")
"""What lets more be used first: an owner should see that before anything else."""
WITHHELD = Use("withheld", NONE)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One signal, and what it comes to in either set."""

    signal: str
    was: Use
    will: Use
    direction: Direction


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Contexts in which some signals come to something else, all of them in the same way."""

    where: Box
    contexts: int
    changes: tuple[Change, ...]
    """By direction, those that let more be used first, then by signal."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs between two sets."""

    old: str
    """The versions compared."""
    new: str
    domain: Domain
    changed: tuple[Changed, ...]
    """Of a signal, no context is in two of them, and one that is in none is decided alike."""
    decisions: int
    """How many pairs of context and signal these are, of `domain.size` times the signals."""
    besides: tuple[str, ...]
    """What else differs: rules, whys, declarations, which no decision shows."""

    @property
    def signals(self) -> tuple[str, ...]:
        """Signals that come to something else in some context."""
        return tuple(sorted({one.signal for item in self.changed for one in item.changes}))


def compare(old: PolicySet, new: PolicySet) -> Comparison:
    """What `new` would decide otherwise than `old`, over every context that there is.

    A signal that only one of them declares counts as withheld by the other, which drops it unread.
    """
    domain = domain_of(old, new)
    found: dict[Box, list[Change]] = {}
    for name in sorted({signal.name for policies in (old, new) for signal in policies.signals}):
        for box, change in _changes(name, old, new, domain):
            found.setdefault(box, []).append(change)
    changed = [
        Changed(where=box, contexts=box.size(domain), changes=tuple(sorted(changes, key=_order)))
        for box, changes in found.items()
    ]
    changed.sort(key=lambda item: (_order(item.changes[0])[0], -item.contexts, item.where.keys))
    return Comparison(
        old=old.version,
        new=new.version,
        domain=domain,
        changed=tuple(changed),
        decisions=sum(item.contexts * len(item.changes) for item in changed),
        besides=tuple(_besides(old, new)),
    )


def _order(change: Change) -> tuple[int, str]:
    return DIRECTIONS.index(change.direction), change.signal


def _changes(
    name: str, old: PolicySet, new: PolicySet, domain: Domain
) -> Iterator[tuple[Box, Change]]:
    sides = [
        (policies.index, next((e for e in policies.index.entries if e.signal.name == name), None))
        for policies in (old, new)
    ]
    ladders = [entry.signal.ladder if entry else (NONE,) for _, entry in sides]

    def value(masks: Masks) -> tuple[Use, Use] | None:
        was, will = (
            WITHHELD if entry is None else use_of(index, entry, mask)
            for (index, entry), mask in zip(sides, masks, strict=True)
        )
        return None if was == will else (was, will)

    speaking = tuple(entry.speaking if entry else 0 for _, entry in sides)
    if _same_rules(old, new, sides[0][1], sides[1][1]):
        return
    for part in parts([index for index, _ in sides], speaking, domain, value):
        was, will = part.value
        yield (
            part.box,
            Change(signal=name, was=was, will=will, direction=direction_of(was, will, *ladders)),
        )


def _same_rules(old: PolicySet, new: PolicySet, before: Entry | None, after: Entry | None) -> bool:
    """Whether nothing that decides of a signal differs, so that there is nothing to look for."""
    if before is None or after is None:
        return before is after
    return (
        before.signal.ladder == after.signal.ladder
        and old.groups == new.groups
        and [_deciding(rule) for rule in old.index.spelled(before.speaking)]
        == [_deciding(rule) for rule in new.index.spelled(after.speaking)]
    )


def _deciding(rule: Rule) -> tuple[Any, ...]:
    return rule.when, rule.verb, rule.level


def direction_of(was: Use, will: Use, before: tuple[str, ...], after: tuple[str, ...]) -> Direction:
    """Which way a signal's use goes, by its ladders in either set."""
    if was.level == NONE:
        return "gained"
    if will.level == NONE:
        return "lost"
    for ladder in (after, before):
        if was.level in ladder and will.level in ladder and was.level != will.level:
            return "finer" if ladder.index(will.level) < ladder.index(was.level) else "coarser"
    return "other"


def _besides(old: PolicySet, new: PolicySet) -> Iterator[str]:
    yield from _differing("rule", _rules(old), _rules(new))
    yield from _differing("signal", _signals(old.signals), _signals(new.signals))
    yield from _differing("consent", _told(old.consents, "name"), _told(new.consents, "name"))
    for kind in ("region", "age_band", "signal"):
        what = f"group of {kind.replace('_', ' ')}s"
        yield from _differing(
            what,
            {name: {"members": words} for name, words in getattr(old.groups, kind).items()},
            {name: {"members": words} for name, words in getattr(new.groups, kind).items()},
        )
    yield from _differing("segment", _told(old.segments, "name"), _told(new.segments, "name"))
    yield from _differing(
        "inference rule",
        _told((placed.rule for placed in old.inferences.rules), "id"),
        _told((placed.rule for placed in new.inferences.rules), "id"),
    )
    if old.inferences.reads.revision != new.inferences.reads.revision:
        yield "what inference rules read in texts differs"


def _rules(policies: PolicySet) -> dict[str, dict[str, Any]]:
    told = _told(policies.rules, "id")
    return {id_: {k: v for k, v in rule.items() if k != "place"} for id_, rule in told.items()}


def _signals(signals: Iterable[Signal]) -> dict[str, dict[str, Any]]:
    return _told(signals, "name")


def _told(items: Iterable[Any], key: str) -> dict[str, dict[str, Any]]:
    return {
        getattr(item, key): {
            field: value for field, value in msgspec.to_builtins(item).items() if field != "place"
        }
        for item in items
    }


def _differing(
    what: str, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"{what} {name}: removed"
        elif name not in before:
            yield f"{what} {name}: added"
        elif before[name] != after[name]:
            fields = {*before[name], *after[name]}
            differ = sorted(f for f in fields if before[name].get(f) != after[name].get(f))
            yield f"{what} {name}: another {', another '.join(differ)}"


def box_to_json(box: Box, domain: Domain) -> dict[str, Any]:
    """A box for programs: keys that matter with their values, consents given and lacking."""
    told: dict[str, Any] = {key: words for key, words in box.keys if key in domain.words}
    if "gpc" in told:
        told["gpc"] = told["gpc"] == (YES,)
    with_, without = (
        [name for name in domain.consents if box.get(name) == (which,)] for which in (WITH, WITHOUT)
    )
    if with_ or without:
        told["consents"] = {"with": with_, "without": without}
    return {"contexts_where": told}


def comparison_to_json(comparison: Comparison, groups: Groups) -> dict[str, Any]:
    """A comparison for programs. A key that `contexts_where` leaves out may have any value."""
    return {
        "old": comparison.old,
        "new": comparison.new,
        "contexts": comparison.domain.size,
        "decisions": comparison.decisions,
        "changed": [
            {
                "where": told(item.where, comparison.domain, groups),
                **box_to_json(item.where, comparison.domain),
                "contexts": item.contexts,
                "changes": item.changes,
            }
            for item in comparison.changed
        ],
        "besides": comparison.besides,
    }
