"""Allows that did not speak, and what stopped each of them: what an owner asks of a withheld signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from genservice.policy.engine import Explanation, explain
from genservice.policy.regions import COUNTRIES, UNKNOWN, country_of
from genservice.policy.values import Choice, Place, PolicySet, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.domain import Context

Key = Literal["purpose", "region", "age_band", "consents", "channel", "processor", "gpc"]


class Unmet(msgspec.Struct, frozen=True, kw_only=True):
    """One key of `when` that a context does not meet."""

    key: Key
    detail: str
    """What it asks for, in words that follow the rule's id: `needs the consent content_use`."""


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """An allow that would grant a signal, were the context another."""

    rule: str
    why: str
    place: Place
    unmet: tuple[Unmet, ...]
    """Every key that stopped it; never empty."""

    @property
    def lacks(self) -> str:
        """Everything that stopped it, in words that follow its id."""
        return "; ".join(item.detail for item in self.unmet)


class Explained(Explanation, frozen=True, kw_only=True):
    """A decision with its reasons, and what would have been otherwise."""

    near: tuple[NearMiss, ...]
    """Of a signal that nothing allows here: the allows that speak elsewhere, the nearest first."""


def explained(
    policies: PolicySet, context: Context, *, signal: str | None = None
) -> tuple[Explained, ...]:
    """Every decision, or that of one signal, with each rule that spoke and the allows that did not."""
    found: list[Explained] = []
    for explanation in explain(policies, context, signal=signal):
        allowed = any(rule.says == "allow" for rule in explanation.rules)
        near = () if allowed else near_misses(policies, context, explanation.signal)
        found.append(Explained(**msgspec.structs.asdict(explanation), near=near))
    return tuple(found)


def near_misses(policies: PolicySet, context: Context, signal: str) -> tuple[NearMiss, ...]:
    """The allows of a signal that do not speak in a context, the nearest first.

    Those that hold in the context's region come first, then those that fewer keys stopped, then by
    id. What caps would say is another matter: an allow that spoke might still be capped.
    """
    found: list[NearMiss] = []
    for rule in policies.rules:
        if rule.verb != "allow" or signal not in rule.signals:
            continue
        missing = unmet(rule, context, policies)
        if missing:
            found.append(NearMiss(rule=rule.id, why=rule.why, place=rule.place, unmet=missing))
    return tuple(sorted(found, key=_distance))


def unmet(rule: Rule, context: Context, policies: PolicySet) -> tuple[Unmet, ...]:
    """The keys of a rule's `when` that a context does not meet; empty if the rule speaks in it."""
    return tuple(_unmet(rule, context, policies))


def _distance(miss: NearMiss) -> tuple[bool, int, str]:
    keys = [item.key for item in miss.unmet]
    return ("region" in keys, len(keys), miss.rule)


def _unmet(rule: Rule, context: Context, policies: PolicySet) -> Iterator[Unmet]:
    when = rule.when
    country = country_of(context.region)
    region = context.region if country in COUNTRIES else UNKNOWN
    groups = policies.groups
    # An allow meets `unknown` only where it names it; a cap meets it unless told otherwise.
    strict = rule.verb == "allow"
    plain: tuple[tuple[Key, Choice | None, str], ...] = (
        ("purpose", when.purpose, context.purpose),
        ("channel", when.channel, context.channel),
        ("processor", when.processor, context.processor),
    )
    for key, choice, word in plain:
        if choice is not None and not _meets(choice, {word}, {}):
            yield Unmet(key=key, detail=_wanted(choice, word))
    known: tuple[tuple[Key, Choice | None, set[str], dict[str, tuple[str, ...]]], ...] = (
        ("region", when.region, {region, country if region != UNKNOWN else UNKNOWN}, groups.region),
        ("age_band", when.age_band, {context.age_band}, groups.age_band),
    )
    for key, choice, words, members in known:
        shown = region if key == "region" else context.age_band
        if strict and shown == UNKNOWN and not _names_unknown(choice):
            yield Unmet(key=key, detail=f"does not name {UNKNOWN} as {key}")
        elif choice is not None and not _meets(choice, words, members):
            yield Unmet(key=key, detail=_wanted(choice, shown))
    yield from _consents(when.consents, context.consents)
    if when.gpc is not None and when.gpc != context.gpc:
        asked = "only with" if when.gpc else "only without"
        yield Unmet(key="gpc", detail=f"holds {asked} Global Privacy Control")


def _meets(choice: Choice, words: set[str], groups: dict[str, tuple[str, ...]]) -> bool:
    named = {member for word in choice.words for member in groups.get(word, (word,))}
    return named.isdisjoint(words) if choice.none_of else not named.isdisjoint(words)


def _names_unknown(choice: Choice | None) -> bool:
    return choice is not None and not choice.none_of and UNKNOWN in choice.words


def _wanted(choice: Choice, word: str) -> str:
    if choice.none_of:
        return f"does not hold for {word}"
    return f"holds for {_listed(choice.words, 'or')}, not for {word}"


def _consents(choice: Choice | None, given: tuple[str, ...]) -> Iterator[Unmet]:
    if choice is None:
        return
    found = [word for word in choice.words if (word in given) == choice.none_of]
    if found:
        noun = "the consent" if len(found) == 1 else "the consents"
        verb = "holds only without" if choice.none_of else "needs"
        yield Unmet(key="consents", detail=f"{verb} {noun} {_listed(found, 'and')}")


def _listed(words: tuple[str, ...] | list[str], last: str) -> str:
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end
