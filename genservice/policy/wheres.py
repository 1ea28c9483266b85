"""Contexts in words: "promo and synopsis, in EEA, age adult, without content_use"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.policy.classes import WITH
from genservice.policy.index import YES
from genservice.policy.regions import UNKNOWN, country_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genservice.policy.classes import Box, Domain
    from genservice.policy.values import Groups, PolicySet

_EVERY = {
    "purpose": "every purpose",
    "region": "everywhere",
    "age_band": "any age",
    "channel": "every channel",
    "processor": "every processor",
}
_LEADS = {
    "purpose": "",
    "region": "in ",
    "age_band": "age ",
    "channel": "on ",
    "processor": "processor ",
}
_KNOWN = {"region": "in any known region", "age_band": "any known age"}
ALWAYS = "always"
ELSE = "elsewhere"
_MOST_IN_HEAD = 6


def groups_of(*sets: PolicySet) -> Groups:
    """The groups that mean the same in each of these sets: the others' names would mislead."""
    first, *others = (policies.groups for policies in sets)

    def shared(kind: str) -> dict[str, tuple[str, ...]]:
        return {
            name: members
            for name, members in getattr(first, kind).items()
            if all(getattr(other, kind).get(name) == members for other in others)
        }

    return type(first)(
        region=shared("region"), age_band=shared("age_band"), signal=shared("signal")
    )


def told(box: Box, domain: Domain, groups: Groups) -> str:
    """Which contexts a box holds, in words; `always` if it holds all of them."""
    named = {"region": groups.region, "age_band": groups.age_band}
    said: list[str] = []
    for key, words in domain.words.items():
        held = box.get(key)
        if held is None:
            continue
        if key == "gpc":
            said.append("with GPC" if held == (YES,) else "without GPC")
            continue
        said.append(_words(key, held, words, named.get(key, {})))
    given = [name for name in domain.consents if box.get(name) == (WITH,)]
    lacking = [name for name in domain.consents if box.get(name) not in (None, (WITH,))]
    said += [f"with {listed(given)}"] * bool(given)
    said += [f"without {listed(lacking)}"] * bool(lacking)
    return ", ".join(said) or ALWAYS


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _words(
    key: str, held: Sequence[str], every: Sequence[str], groups: Mapping[str, tuple[str, ...]]
) -> str:
    """What is held, or what is not where that is much shorter."""
    rest = [word for word in every if word not in set(held)]
    if rest == [UNKNOWN]:
        return _KNOWN[key]
    positive, negative = (_short(key, words, every, groups) for words in (held, rest))
    if len(negative) + 1 < len(positive):
        return f"{_EVERY[key]} but {listed(negative)}"
    return f"{_LEADS[key]}{listed(positive)}"


def in_short(key: str, words: Sequence[str], domain: Domain, groups: Groups) -> str:
    """Some values of a key, as a table's head has them: `EEA, GB`, `else` where they are most."""
    named = {"region": groups.region, "age_band": groups.age_band}.get(key, {})
    short = _short(key, words, domain.words[key], named)
    return ", ".join(short) if len(short) <= _MOST_IN_HEAD else ELSE


def _short(
    key: str, words: Sequence[str], every: Sequence[str], groups: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Some words with groups named for their members: the largest first, then the rest as they are."""
    left, named = set(words), list[str]()
    for name, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(members) > 1 and left.issuperset(members):
            named.append(name)
            left.difference_update(members)
    rest = [word for word in words if word in left]
    if key == "region":
        rest = _countries(rest, every)
    return [*named, *(_said(key, word) for word in rest)]


def _countries(regions: Sequence[str], every: Sequence[str]) -> list[str]:
    """Regions with subdivisions named only where their country is not meant as a whole."""
    found: list[str] = []
    for region in regions:
        country = country_of(region)
        within = [other for other in every if other != country and country_of(other) == country]
        outside = [other for other in within if other not in regions]
        if region == country:
            found.append(f"{country} outside {listed(outside)}" if outside else country)
        elif country not in regions:
            found.append(region)
    return found


def _said(key: str, word: str) -> str:
    return f"{UNKNOWN} {'region' if key == 'region' else 'age'}" if word == UNKNOWN else word
