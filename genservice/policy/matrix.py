"""What a policy set releases to whom, as a table that counsel can read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from genservice.policy.classes import Box, Domain, domain_of, parts
from genservice.policy.engine import Use, use_of
from genservice.policy.values import NONE
from genservice.policy.wheres import ALWAYS, groups_of, in_short, told

if TYPE_CHECKING:
    from genservice.policy.classes import Masks, Part
    from genservice.policy.index import Entry, Index
    from genservice.policy.values import PolicySet

NOTHING = "-"


class Cell(msgspec.Struct, frozen=True):
    """What may be used of one signal in the contexts of one column."""

    ways: tuple[tuple[str, str], ...]
    """Level, and under which consents: `always`, `with content_use`. Empty: withheld."""

    def __str__(self) -> str:
        if not self.ways:
            return NOTHING
        return "; ".join(
            level if under == ALWAYS else f"{level} {under}" for level, under in self.ways
        )


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One signal's row."""

    signal: str
    label: str
    cells: tuple[Cell, ...]


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Signals by classes of one key's values, everything else of the context held fixed."""

    policy: str
    """The version."""
    by: str
    """The key whose values are the columns."""
    fixed: dict[str, str]
    """The other keys."""
    columns: tuple[str, ...]
    """Values that no signal tells apart, in short."""
    words: tuple[tuple[str, ...], ...]
    """The same values, all of them."""
    lines: tuple[Line, ...]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Contexts in which some signals may be used, and how finely."""

    where: Box
    contexts: int
    uses: tuple[tuple[str, Use], ...]
    """Signal and use, by signal."""


def matrix(policies: PolicySet, *, by: str, fixed: dict[str, str]) -> Matrix:
    """The table for one key.

    Args:
        policies: The set.
        by: The key of the columns: `purpose`, `region`, `age_band`, `gpc`, `channel` or `processor`.
        fixed: A value for each of the others; a region that no rule names goes by its country.
    """
    domain, groups = domain_of(policies), groups_of(policies)
    held = {**fixed}
    if "region" in held:
        held["region"] = policies.index.region_of(held["region"])
    there = domain.fixed(**held)
    names = [entry.signal.name for entry in policies.index.entries]
    ways: dict[str, dict[str, list[tuple[str, str]]]] = {
        word: {name: [] for name in names} for word in domain.words[by]
    }
    for name, found in _released(policies, there):
        for part in found:
            consents = Box(tuple(item for item in part.box.keys if item[0] != by))
            for word in part.box.get(by) or domain.words[by]:
                ways[word][name].append((part.value.level, told(consents, domain, groups)))
    classes: dict[tuple[Cell, ...], list[str]] = {}
    for word, by_name in ways.items():
        cells = tuple(Cell(tuple(sorted(by_name[name]))) for name in names)
        classes.setdefault(cells, []).append(word)
    places = {word: place for place, word in enumerate(domain.words[by])}
    columns = sorted(classes.items(), key=lambda item: (len(item[1]) > _WIDE, places[item[1][0]]))
    return Matrix(
        policy=policies.version,
        by=by,
        fixed=held,
        columns=tuple(in_short(by, words, domain, groups) for _, words in columns),
        words=tuple(tuple(words) for _, words in columns),
        lines=tuple(
            Line(
                signal=entry.signal.name,
                label=entry.signal.label,
                cells=tuple(cells[row] for cells, _ in columns),
            )
            for row, entry in enumerate(policies.index.entries)
        ),
    )


_WIDE = 60
"""A column of more values than that is what is left over, and stands last."""


def grants(policies: PolicySet) -> tuple[tuple[Grant, ...], Domain]:
    """Everything that a set releases, over every context that there is; and these contexts.

    Of a signal, no context is in two grants; in one that is in none it is withheld.
    """
    domain = domain_of(policies)
    found: dict[Box, list[tuple[str, Use]]] = {}
    for name, released in _released(policies, domain):
        for part in released:
            found.setdefault(part.box, []).append((name, part.value))
    made = [
        Grant(where=box, contexts=box.size(domain), uses=tuple(sorted(uses)))
        for box, uses in found.items()
    ]
    return tuple(sorted(made, key=lambda grant: (-grant.contexts, grant.where.keys))), domain


def _released(policies: PolicySet, domain: Domain) -> list[tuple[str, list[Part[Use]]]]:
    index = policies.index
    return [
        (entry.signal.name, parts([index], (entry.speaking,), domain, partial(_use, index, entry)))
        for entry in index.entries
    ]


def _use(index: Index, entry: Entry, masks: Masks) -> Use | None:
    """What may be used of a signal; None where nothing may."""
    use = use_of(index, entry, masks[0])
    return None if use.level == NONE else use
