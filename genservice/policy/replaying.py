"""What a draft would have changed in requests that were counted: two sets over the same contexts.

Pure: knows neither where the counts come from nor what time it is. `decide` depends on the context
alone, so each context is decided once per set, however many requests were made in it; and requests are
added up as they come, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import msgspec

from genservice.policy.comparing import Change, direction_of
from genservice.policy.engine import Use, decide, levels_of
from genservice.policy.values import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.domain import Context, Decided, LoggedContext
    from genservice.policy.values import PolicySet

Against = Literal["in_force", "then"]
"""What a draft is compared with: the set in force now, or what was decided of each request then."""

CONTEXTS_HELD = 100_000
"""Contexts whose decisions are remembered at once; those beyond are decided again when they return."""

_Group = tuple[str, str, str]
"""Purpose, region and age band."""
_Changed = tuple[str, str, str]
"""A signal, and its level before and after."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the requests, and where they came from."""

    requests: int
    purposes: dict[str, int]
    """Purpose -> requests, most first; so are the others."""
    regions: dict[str, int]
    age_bands: dict[str, int]


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that would have been decided otherwise, in one way, and the requests that carried it."""

    change: Change
    share: Share


class Unseen(msgspec.Struct, frozen=True, kw_only=True):
    """What the draft asks about and the log cannot tell, because the set in force does not know it."""

    signals: tuple[str, ...]
    """Declared by the draft alone: whether requests carried them was not logged."""
    consents: tuple[str, ...]
    """Declared by the draft alone: whether they were given was not logged."""
    regions: tuple[str, ...]
    """Subdivisions that only the draft's rules name: their requests were logged as their country's."""
    inferences: bool
    """Whether the rules on what texts may tell of viewers differ: texts are not replayed."""

    @property
    def any(self) -> bool:
        """Whether there is anything of it."""
        return bool(self.signals or self.consents or self.regions or self.inferences)


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft would have changed."""

    draft: str
    """Its version."""
    in_force: str
    """The version of the set in force."""
    against: Against
    requests: int
    """All that were compared."""
    versions: dict[str, int]
    """Version that decided -> requests, most first."""
    changed: int
    """Requests that carried at least one signal which would have been decided otherwise."""
    effects: tuple[Effect, ...]
    """A signal that only one set declares counts as withheld by the other, which drops it. The most frequent first."""
    twin: Share
    """Requests that would serve the neutral twin now: no signal they carried that can answer a title
    would be left, and one was."""
    no_longer_twin: Share
    """The reverse."""
    dropped: dict[str, int]
    """Signals that the draft no longer declares -> requests that carried them."""
    unseen: Unseen

    @property
    def is_quiet(self) -> bool:
        """Whether nothing would have changed."""
        return not (self.changed or self.twin.requests or self.no_longer_twin.requests)


class _Left(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What one set leaves to be used, in contexts in which it leaves the same."""

    levels: Mapping[str, str]
    """Of every declared signal."""
    answering: frozenset[str]
    """Signals that are left and can answer a title."""


class _Side:
    """One of the two sets."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self.answering = _answering(policies)
        self._matched: dict[int, _Left] = {}
        self._shared: dict[tuple[str, ...], _Left] = {}

    def left(self, context: Context) -> _Left:
        # Contexts that match the same rules are decided alike, and few sets of rules match together.
        matched = self.policies.index.matching(context)
        if (left := self._matched.get(matched)) is None:
            levels = levels_of(self.policies.signals, decide(self.policies, context))
            left = _Left(levels=levels, answering=_left(levels, self.answering))
            left = self._shared.setdefault(tuple(levels.values()), left)
            self._matched[matched] = left
        return left


class _Case(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What both sets say in contexts in which they say it alike."""

    before: _Left
    after: _Left
    changed: Mapping[str, _Changed]
    """The signals that the two differ in."""

    @property
    def differs(self) -> bool:
        """Whether anything could change in such a context."""
        return bool(self.changed) or self.before.answering != self.after.answering


class Replaying:
    """Adds up what a draft would have changed, request by request."""

    def __init__(
        self, in_force: PolicySet, draft: PolicySet, *, against: Against = "in_force"
    ) -> None:
        """Count nothing yet.

        Args:
            in_force: The set in force.
            draft: The set that might replace it.
            against: Compare with what `in_force` decides, or with the levels logged with each request.
        """
        self._in_force, self._draft = _Side(in_force), _Side(draft)
        self._against: Against = against
        self._answering = self._in_force.answering | self._draft.answering
        self._ladders = _ladders(in_force), _ladders(draft)
        self._cases: dict[tuple[_Left, _Left], _Case] = {}
        self._case_of = lru_cache(maxsize=CONTEXTS_HELD)(self._case_in)
        self._requests = 0
        self._changed = 0
        self._versions = Counter[str]()
        self._changes: dict[_Changed, Counter[_Group]] = {}
        self._twin = Counter[_Group]()
        self._no_longer_twin = Counter[_Group]()
        self._dropped = Counter[str]()
        names = {signal.name for signal in draft.signals}
        self._undeclared = {signal.name for signal in in_force.signals} - names

    def add(self, version: str, counted: Iterable[tuple[int, Decided]]) -> None:
        """Count requests that one version decided."""
        add = self._add_now if self._against == "in_force" else self._add_then
        total = 0
        for count, decided in counted:
            total += count
            case = self._case_of(decided.context)
            if self._undeclared:
                self._count_dropped(count, decided)
            if self._against == "then" or case.differs:
                add(count, decided, case)
        self._requests += total
        self._versions[version] += total

    def result(self) -> Replay:
        """What it has come to so far."""
        effects = [self._effect(key, groups) for key, groups in self._changes.items()]
        effects.sort(key=lambda item: (-item.share.requests, item.change.signal, str(item.change)))
        return Replay(
            draft=self._draft.policies.version,
            in_force=self._in_force.policies.version,
            against=self._against,
            requests=self._requests,
            versions=_most_first(self._versions),
            changed=self._changed,
            effects=tuple(effects),
            twin=_share(self._twin),
            no_longer_twin=_share(self._no_longer_twin),
            dropped=_most_first(self._dropped),
            unseen=unseen(self._in_force.policies, self._draft.policies),
        )

    def _add_now(self, count: int, decided: Decided, case: _Case) -> None:
        present = [name for name, _ in decided.signals]
        found = [case.changed[name] for name in present if name in case.changed]
        self._tally(
            count,
            decided.context,
            found,
            answered=not case.before.answering.isdisjoint(present),
            answers=not case.after.answering.isdisjoint(present),
        )

    def _add_then(self, count: int, decided: Decided, case: _Case) -> None:
        found: list[_Changed] = []
        answered = answers = False
        for name, level in decided.signals:
            after = case.after.levels.get(name, NONE)
            if after != level:
                found.append((name, level, after))
            # Whether a signal can answer a title is no matter of the time, so far as is known.
            answered |= level != NONE and name in self._answering
            answers |= name in case.after.answering
        self._tally(count, decided.context, found, answered=answered, answers=answers)

    def _tally(
        self,
        count: int,
        context: LoggedContext,
        found: Sequence[_Changed],
        *,
        answered: bool,
        answers: bool,
    ) -> None:
        group = (context.purpose, context.region, context.age_band)
        if found:
            self._changed += count
        for key in found:
            self._changes.setdefault(key, Counter())[group] += count
        if answered and not answers:
            self._twin[group] += count
        elif answers and not answered:
            self._no_longer_twin[group] += count

    def _count_dropped(self, count: int, decided: Decided) -> None:
        for name, _ in decided.signals:
            if name in self._undeclared:
                self._dropped[name] += count

    def _case_in(self, logged: LoggedContext) -> _Case:
        context = logged.context
        before, after = self._in_force.left(context), self._draft.left(context)
        if (held := self._cases.get((before, after))) is not None:
            return held
        then, now = before.levels, after.levels
        changed = {
            name: (name, then.get(name, NONE), now.get(name, NONE))
            for name in then.keys() | now.keys()
            if then.get(name, NONE) != now.get(name, NONE)
        }
        case = _Case(before=before, after=after, changed=changed)
        self._cases[before, after] = case
        return case

    def _effect(self, key: _Changed, groups: Counter[_Group]) -> Effect:
        name, before, after = key
        ladders = [ladders.get(name, (NONE,)) for ladders in self._ladders]
        was, will = _use(before, *ladders), _use(after, *reversed(ladders))
        direction = direction_of(was, will, *ladders)
        change = Change(signal=name, was=was, will=will, direction=direction)
        return Effect(change=change, share=_share(groups))


def unseen(in_force: PolicySet, draft: PolicySet) -> Unseen:
    """What the draft asks about that is not in a log kept under the set in force."""
    signals = {signal.name for signal in draft.signals} - {each.name for each in in_force.signals}
    consents = {each.name for each in draft.consents} - {each.name for each in in_force.consents}
    regions = _subdivisions(draft) - _subdivisions(in_force)
    return Unseen(
        signals=tuple(sorted(signals)),
        consents=tuple(sorted(consents)),
        regions=tuple(sorted(regions)),
        inferences=draft.inferences.reads.revision != in_force.inferences.reads.revision,
    )


def _answering(policies: PolicySet) -> frozenset[str]:
    """The signals that facts of a title can answer: only these make a text other than the twin."""
    return frozenset(signal.name for signal in policies.signals if signal.answered_by)


def _left(levels: Mapping[str, str], answering: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in answering if levels.get(name, NONE) != NONE)


def _ladders(policies: PolicySet) -> dict[str, tuple[str, ...]]:
    return {signal.name: signal.ladder for signal in policies.signals}


def _subdivisions(policies: PolicySet) -> set[str]:
    """The subdivisions that rules tell from their country."""
    groups = policies.groups.region
    return {
        region
        for rule in policies.rules
        if rule.when.region is not None
        for word in rule.when.region.words
        for region in groups.get(word, (word,))
        if "-" in region
    }


def _use(level: str, ladder: Sequence[str], other: Sequence[str]) -> Use:
    """A level as a use, by the ladder of its own set, or that of the other where it is none of it."""
    if level == NONE:
        return Use("withheld", level)
    first = ladder[0] if level in ladder else other[0]
    return Use("released" if level == first else "coarsened", level)


def _share(groups: Counter[_Group]) -> Share:
    purposes, regions, bands = Counter[str](), Counter[str](), Counter[str]()
    for (purpose, region, band), count in groups.items():
        purposes[purpose] += count
        regions[region] += count
        bands[band] += count
    return Share(
        requests=groups.total(),
        purposes=_most_first(purposes),
        regions=_most_first(regions),
        age_bands=_most_first(bands),
    )


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
