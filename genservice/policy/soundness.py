"""What is wrong with rules that are well written: no context meets them, or they contradict each other.

Faults keep a set from being loaded. Notes name rules that could go, all of them at once, without the
outcome or the level of any decision changing. That an allow can never release anything is noted and no
fault: a cap may come at any time, in a hurry or from a market's pack, and must not wait for the allows
that it undoes to be taken out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.policy.index import places
from genservice.policy.reach import KEYS_UNKNOWN, Reach
from genservice.policy.regions import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genservice.errors import Problem
    from genservice.policy.index import Entry, Index
    from genservice.policy.values import Place, PolicySet, Rule

    Others = Callable[[int], Sequence[int] | None]
    """Rule -> for each of its signals, the rules that can stand in for it; None: it is not asked about."""

_MOST_NAMED = 3


def faults(index: Index, *, locate: Callable[[Rule, str], Place] | None = None) -> list[Problem]:
    """A problem for each rule that no context meets.

    Args:
        index: The rules.
        locate: Where a key of a rule's `when` stands; the rule's own place if left out.
    """
    found: list[Problem] = []
    for place, key in Reach(index).unmet().items():
        rule = index.rules[place]
        found.append(_unmet(rule, key, locate(rule, key) if locate else rule.place))
    return found


def _contradictions(index: Index, reach: Reach) -> list[tuple[Rule, Problem]]:
    """A note for each allow that can never release anything."""
    unmet = reach.unmet()
    found: list[tuple[Rule, Problem]] = []
    withholding = {
        entry.signal.name: _capping(entry, len(entry.signal.ladder) - 1) for entry in index.entries
    }
    for place in places(index.allows):
        rule = index.rules[place]
        caps = [withholding[name] for name in rule.signals]
        if place not in unmet and caps and all(reach.covered(place, each) for each in caps):
            undoing = index.spelled(reach.needed(place, caps))
            found.append((rule, _contradicted(rule, undoing)))
    return found


def notes(policies: PolicySet) -> tuple[Problem, ...]:
    """A note for each rule that changes no decision, in order of place.

    It is an allow that caps undo wherever it holds, or a rule whose work others do wherever it holds.
    """
    index = policies.index
    reach = Reach(index)
    entries = {entry.signal.name: entry for entry in index.entries}
    found = {
        **_needless(reach, index.allows, lambda place: _granting(index, entries, place)),
        **_needless(reach, ~index.allows, lambda place: _as_strict(index, entries, place)),
    }
    undone = _contradictions(index, reach)
    told = [
        *undone,
        *(
            (rule, _note(rule, index.spelled(others)))
            for place, others in found.items()
            if (rule := index.rules[place]) not in [each for each, _ in undone]
        ),
    ]
    return tuple(note for _, note in sorted(told, key=lambda item: _order(item[0])))


def _needless(reach: Reach, asked: int, others: Others) -> dict[int, int]:
    """Of the rules asked about, those that others stand in for wherever they hold, and which others.

    The later in the files goes first, and what goes stands in for nothing any more.
    """
    kept = asked
    found: dict[int, int] = {}
    rules = [place for place in range(len(reach.rules)) if asked >> place & 1]
    for place in sorted(rules, key=lambda place: _order(reach.rules[place]), reverse=True):
        kept &= ~(1 << place)
        signals = others(place)
        if signals is not None and all(reach.covered(place, each & kept) for each in signals):
            found[place] = reach.needed(place, [each & kept for each in signals])
        else:
            kept |= 1 << place
    return found


def _order(rule: Rule) -> tuple[str, int, int]:
    return rule.place.file, rule.place.line, rule.place.column


def _granting(index: Index, entries: Mapping[str, Entry], place: int) -> list[int]:
    return [entries[name].speaking & index.allows for name in index.rules[place].signals]


def _as_strict(index: Index, entries: Mapping[str, Entry], place: int) -> list[int] | None:
    """None for a cap that speaks only of what is never used: it says so, and that is its use."""
    spoken = [entries[name] for name in index.rules[place].signals]
    used = [entry for entry in spoken if entry.signal.ladder[1:]]
    # A cap at the finest level takes nothing, whatever the others do.
    return (
        [_capping(entry, step) for entry in used if (step := entry.caps[place])] if used else None
    )


def _capping(entry: Entry, step: int) -> int:
    """Caps that leave a signal no finer level than that of a step."""
    return sum(1 << place for place, cap in entry.caps.items() if cap >= step)


def _unmet(rule: Rule, key: str, place: Place) -> Problem:
    what = key.replace("_", " ")
    choice = getattr(rule.when, key)
    if rule.verb == "allow" and key in KEYS_UNKNOWN and UNKNOWN not in choice.words:
        return place.problem(
            f"no context meets this allow: its 'not' leaves only an unknown {what}, which an allow has to name",
            hint=f"write {key}: [unknown], or name the values it is for",
        )
    return place.problem(
        f"no context meets this rule: its 'not' rules out every {what}",
        hint=f"name the values of {key} it is for, or leave {key} out",
    )


def _contradicted(rule: Rule, caps: Sequence[Rule]) -> Problem:
    verb = "withholds" if len(caps) == 1 else "withhold"
    return rule.place.problem(
        f"this allow can never release anything: {_named(caps)} {verb} it in every context that meets it",
        hint="take it out, or narrow what withholds it",
        related=_related(caps),
    )


def _note(rule: Rule, others: Sequence[Rule]) -> Problem:
    if not others:
        detail = "this cap changes nothing: the level it names is the finest there is"
        return rule.place.problem(detail, hint="name a coarser level, or take it out")
    one = len(others) == 1
    if rule.verb == "allow":
        verb = "allows" if one else "allow"
        detail = f"this allow adds nothing: {_named(others)} {verb} the same wherever it holds"
    else:
        verb = "is" if one else "are"
        detail = f"this cap changes nothing: {_named(others)} {verb} at least as strict wherever it holds"
    return rule.place.problem(detail, hint="take it out, or widen it", related=_related(others))


def _named(rules: Sequence[Rule]) -> str:
    names = [f"{rule.id!r} ({rule.place})" for rule in rules[:_MOST_NAMED]]
    more = len(rules) - _MOST_NAMED
    if more > 0:
        names.append(f"{more} more")
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def _related(rules: Sequence[Rule]) -> tuple[Problem, ...]:
    return tuple(rule.place.problem(rule.decision) for rule in rules[:_MOST_NAMED])
