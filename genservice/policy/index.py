"""Rules made ready for deciding: one bit per rule, so that a context is matched in a few look-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.policy.regions import COUNTRIES, UNKNOWN, country_of
from genservice.policy.values import NONE, Choice, Groups, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.domain import Context, Signal


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    """For one key of `when`: the rules that each word meets, as bits."""

    free: int
    """Rules that leave the key out."""
    named: dict[str, int]
    """Rules that list the word."""
    negated: int
    """Rules that say `not`."""
    excluded: dict[str, int]
    """Rules whose `not` lists the word."""

    def any_of(self, *words: str) -> int:
        """Rules that a value going by any of these words meets."""
        met, ruled_out = self.free, 0
        for word in words:
            met |= self.named.get(word, 0)
            ruled_out |= self.excluded.get(word, 0)
        return met | (self.negated & ~ruled_out)

    def tells(self, word: str) -> bool:
        """Whether any rule tells this word from others."""
        return word in self.named or word in self.excluded

    def all_of(self, words: Iterable[str]) -> int:
        """Rules whose every listed word, and no excluded one, is among `words`."""
        held = set(words)
        lacking, ruled_out, asking = 0, 0, 0
        for word, rules in self.named.items():
            asking |= rules
            if word not in held:
                lacking |= rules
        for word, rules in self.excluded.items():
            if word in held:
                ruled_out |= rules
        return self.free | (asking & ~lacking) | (self.negated & ~ruled_out)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One signal as the index knows it."""

    signal: Signal
    speaking: int
    """Rules that speak of it."""
    caps: dict[int, int]
    """Rule -> the step of the ladder it caps to."""


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """Every rule as a bit, allows lowest, then caps, each by id."""

    rules: tuple[Rule, ...]
    entries: tuple[Entry, ...]
    allows: int
    purpose: _Key
    region: _Key
    age_band: _Key
    consents: _Key
    channel: _Key
    processor: _Key
    gpc: dict[bool, int]

    def matching(self, context: Context) -> int:
        """The rules whose `when` holds in a context.

        A region that is no country's counts as unknown, so that a misspelt one is never granted what
        the rest of the world is.
        """
        country = country_of(context.region)
        region, band = context.region, context.age_band
        if country not in COUNTRIES:
            country = region = UNKNOWN
        matched = (
            self.purpose.any_of(context.purpose)
            & self.region.any_of(region, country)
            & self.age_band.any_of(band)
            & self.consents.all_of(context.consents)
            & self.channel.any_of(context.channel)
            & self.processor.any_of(context.processor)
            & self.gpc[context.gpc]
        )
        # An allow meets `unknown` only where it names it.
        if region == UNKNOWN:
            matched &= ~self.allows | self.region.named.get(UNKNOWN, 0)
        if band == UNKNOWN:
            matched &= ~self.allows | self.age_band.named.get(UNKNOWN, 0)
        return matched

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


def build(signals: Sequence[Signal], rules: Iterable[Rule], groups: Groups) -> Index:
    """The index of a valid set; signals sorted by name."""
    ordered = in_order(rules)
    allows = sum(1 for rule in ordered if rule.verb == "allow")
    whens = [rule.when for rule in ordered]
    return Index(
        rules=ordered,
        entries=tuple(_entry(signal, ordered) for signal in signals),
        allows=(1 << allows) - 1,
        purpose=_key([when.purpose for when in whens], {}),
        region=_key([when.region for when in whens], groups.region),
        age_band=_key([when.age_band for when in whens], groups.age_band),
        consents=_key([when.consents for when in whens], {}),
        channel=_key([when.channel for when in whens], {}),
        processor=_key([when.processor for when in whens], {}),
        gpc={
            value: sum(1 << place for place, when in enumerate(whens) if when.gpc in (None, value))
            for value in (True, False)
        },
    )


def _key(choices: Sequence[Choice | None], groups: Mapping[str, tuple[str, ...]]) -> _Key:
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
            for member in groups.get(word, (word,)):
                table[member] = table.get(member, 0) | bit
    return _Key(free=free, named=named, negated=negated, excluded=excluded)


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
