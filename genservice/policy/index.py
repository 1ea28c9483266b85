"""Rules made ready for deciding: one bit per rule, so that a context is matched in a few look-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.domain import Decision, Signal
from genservice.policy.regions import COUNTRIES, UNKNOWN, country_of
from genservice.policy.values import NONE, Choice, Consent, Groups, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.domain import Context

YES, NO = "yes", "no"
"""How the index calls what `gpc` may be."""


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key of `when`, where a context has one word for it: the rules that each word meets, as bits."""

    met: dict[str, int]
    """Word -> the rules it meets; every word that any rule tells from others is here."""
    other: int
    """The rules that any further word meets."""
    told: frozenset[str]
    """The words that rules name, groups resolved."""

    def of(self, word: str) -> int:
        """The rules that a word meets."""
        return self.met.get(word, self.other)


class _Consents(msgspec.Struct, frozen=True, kw_only=True):
    """The key `consents`, where a context has any number of words."""

    free: int
    """Rules that ask for none, and those that only name what must not be there."""
    asking: int
    """Rules that list consents, all of which must be there."""
    words: tuple[tuple[str, int, int], ...]
    """Each word, the rules that ask for it, and the rules that its presence rules out."""

    def of(self, given: tuple[str, ...]) -> int:
        """The rules whose every listed consent, and no excluded one, is among those given."""
        lacking = ruled_out = 0
        for word, asking, excluding in self.words:
            if word in given:
                ruled_out |= excluding
            else:
                lacking |= asking
        return (self.free | (self.asking & ~lacking)) & ~ruled_out

    def with_one(self, given: str) -> int:
        """The rules that a consent leaves, whatever else is given."""
        return ~sum(excluding for word, _, excluding in self.words if word == given)

    def without_one(self, lacking: str) -> int:
        """The rules that the lack of a consent leaves, whatever else is given."""
        return ~sum(asking for word, asking, _ in self.words if word == lacking)


class Entry(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One signal as the index knows it."""

    signal: Signal
    speaking: int
    """Rules that speak of it."""
    caps: dict[int, int]
    """Rule -> the step of the ladder it caps to."""
    decided: dict[int, Decision] = msgspec.field(default_factory=dict[int, Decision])
    """Rules speaking at once -> what they come to, as far as it was ever asked: a decision is a
    function of these rules alone."""


class Index(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Every rule as a bit, allows lowest, then caps, each by id."""

    rules: tuple[Rule, ...]
    entries: tuple[Entry, ...]
    signals: Mapping[str, int]
    """The names of all that are declared, each with its place among them."""
    declared: frozenset[str]
    """The consents that are."""
    allows: int
    purpose: _Key
    region: _Key
    age_band: _Key
    consents: _Consents
    channel: _Key
    processor: _Key
    gpc: _Key
    decided: dict[int, tuple[Decision, ...]] = msgspec.field(
        default_factory=dict[int, tuple[Decision, ...]]
    )
    """Rules that hold at once -> what they come to, as far as it was ever asked."""

    def matching(self, context: Context) -> int:
        """The rules whose `when` holds in a context.

        A region that is no country's counts as unknown, so that a misspelt one is never granted what
        the rest of the world is.
        """
        return (
            self.purpose.of(context.purpose)
            & self.region.of(self.region_of(context.region))
            & self.age_band.of(context.age_band)
            & self.consents.of(context.consents)
            & self.channel.of(context.channel)
            & self.processor.of(context.processor)
            & self.gpc.of(YES if context.gpc else NO)
        )

    def places_of(self, names: Iterable[str]) -> list[int]:
        """The places of those signals that are declared, ascending."""
        return sorted(self.signals[name] for name in names if name in self.signals)

    def region_of(self, region: str) -> str:
        """A region as rules can tell it from others: one that they name, its country, or `unknown`."""
        if region in self.region.met:
            return region
        country = country_of(region)
        return country if country in COUNTRIES else UNKNOWN

    def spelled(self, bits: int) -> tuple[Rule, ...]:
        """The rules that bits stand for, in order."""
        return tuple(self.rules[place] for place in places(bits))


def places(bits: int) -> list[int]:
    """The places of the bits set, ascending."""
    found: list[int] = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Allows, then caps, each by id."""
    return tuple(sorted(rules, key=lambda rule: (rule.verb != "allow", rule.id)))


def build(
    signals: Sequence[Signal],
    rules: Iterable[Rule],
    groups: Groups,
    consents: Iterable[Consent],
) -> Index:
    """The index of a valid set; signals sorted by name."""
    ordered = in_order(rules)
    allows = (1 << sum(1 for rule in ordered if rule.verb == "allow")) - 1
    whens = [rule.when for rule in ordered]
    regions = _choices([when.region for when in whens], groups.region)
    return Index(
        rules=ordered,
        entries=tuple(_entry(signal, ordered) for signal in signals),
        signals={signal.name: place for place, signal in enumerate(signals)},
        declared=frozenset(consent.name for consent in consents),
        allows=allows,
        purpose=_key(_choices([when.purpose for when in whens])),
        # A subdivision meets what its country meets, too.
        region=_key(
            regions,
            {word: (word, country_of(word)) for word in (*COUNTRIES, *regions.words, UNKNOWN)},
            knowing=~allows,
        ),
        age_band=_key(
            _choices([when.age_band for when in whens], groups.age_band),
            {UNKNOWN: (UNKNOWN,)},
            knowing=~allows,
        ),
        consents=_consents(_choices([when.consents for when in whens])),
        channel=_key(_choices([when.channel for when in whens])),
        processor=_key(_choices([when.processor for when in whens])),
        gpc=_key(_choices([_yes_or_no(when.gpc) for when in whens])),
    )


class _Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What all rules ask of one key, as bits."""

    free: int
    """Rules that leave the key out."""
    named: dict[str, int]
    """Rules that list the word."""
    negated: int
    """Rules that say `not`."""
    excluded: dict[str, int]
    """Rules whose `not` lists the word."""

    @property
    def words(self) -> frozenset[str]:
        return frozenset((*self.named, *self.excluded))

    def any_of(self, words: Iterable[str]) -> int:
        """Rules that a value going by any of these words meets."""
        met, ruled_out = self.free, 0
        for word in words:
            met |= self.named.get(word, 0)
            ruled_out |= self.excluded.get(word, 0)
        return met | (self.negated & ~ruled_out)


def _yes_or_no(value: bool | None) -> Choice | None:
    return None if value is None else Choice((YES if value else NO,))


def _choices(
    choices: Sequence[Choice | None], groups: Mapping[str, tuple[str, ...]] | None = None
) -> _Choices:
    free, negated = 0, 0
    named: dict[str, int] = {}
    excluded: dict[str, int] = {}
    for place, choice in enumerate(choices):
        bit = 1 << place
        if choice is None:
            free |= bit
            continue
        if choice.none_of:
            negated |= bit
        table = excluded if choice.none_of else named
        for word in choice.words:
            for member in (groups or {}).get(word, (word,)):
                table[member] = table.get(member, 0) | bit
    return _Choices(free=free, named=named, negated=negated, excluded=excluded)


def _key(
    choices: _Choices,
    known_by: Mapping[str, tuple[str, ...]] | None = None,
    *,
    knowing: int | None = None,
) -> _Key:
    """A key made ready.

    Args:
        choices: What the rules ask of it.
        known_by: Word -> all the words it goes by, where these are others than itself.
        knowing: The rules that `unknown` may meet without being named, where it is a word of the key:
            an allow meets it only where it names it.
    """
    words = {**dict.fromkeys(choices.words), **(known_by or {})}
    met = {word: choices.any_of(going_by or (word,)) for word, going_by in words.items()}
    if knowing is not None:
        unknown = choices.any_of((UNKNOWN,))
        met[UNKNOWN] = unknown & (knowing | choices.named.get(UNKNOWN, 0))
    return _Key(met=met, other=choices.any_of(()), told=choices.words)


def _consents(choices: _Choices) -> _Consents:
    asking = 0
    for rules in choices.named.values():
        asking |= rules
    return _Consents(
        free=choices.free | choices.negated,
        asking=asking,
        words=tuple(
            (word, choices.named.get(word, 0), choices.excluded.get(word, 0))
            for word in sorted(choices.words)
        ),
    )


def _entry(signal: Signal, rules: Sequence[Rule]) -> Entry:
    speaking = 0
    caps: dict[int, int] = {}
    for place, rule in enumerate(rules):
        if signal.name not in rule.signals:
            continue
        speaking |= 1 << place
        if rule.verb != "allow":
            caps[place] = signal.ladder.index(rule.level or NONE)
    return Entry(signal=signal, speaking=speaking, caps=caps)
