"""Where rules hold, exactly: whether some context meets a rule, and whether others hold wherever it does.

Two contexts are the same to a set if every key has values of one class: values that meet the same
rules. One class of each key is a cell, and a rule holds in some cells: bits of one number, so that
what several rules leave of another is worked out for all cells at once. What rules ask of
`consents`, all of some words or none of some, is no matter of cells: it is asked about for each
group of cells that the same askings hold in.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES
from genservice.policy.index import NO, YES, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.policy.index import Index
    from genservice.policy.values import Choice

KEYS = ("region", "age_band", "purpose", "channel", "processor", "gpc")
"""The keys whose values make cells."""

KEYS_UNKNOWN = ("region", "age_band")
"""Those that may be unknown, which an allow meets only where it names it."""


class Asked(msgspec.Struct, frozen=True):
    """What rules ask of consents."""

    given: frozenset[str] = frozenset()
    """All of these."""
    barred: frozenset[str] = frozenset()
    """None of these."""

    def beyond(self, other: Asked) -> Asked | None:
        """What of this is still asked where the other holds; None where it cannot hold there."""
        if self.given & other.barred or self.barred & other.given:
            return None
        return Asked(self.given - other.given, self.barred - other.barred)


class Reach:
    """Where the rules of an index hold; sets of rules are bits, in the index's order."""

    def __init__(self, index: Index) -> None:
        self.rules = index.rules
        self._classes = [_classes(index, key) for key in KEYS]
        self._cells = [_cells(self._classes, 1 << place) for place in range(len(index.rules))]
        self._asked = [_asked(rule.when.consents) for rule in index.rules]
        self._asking: dict[Asked, int] = {}
        for place, asked in enumerate(self._asked):
            self._asking[asked] = self._asking.get(asked, 0) | 1 << place

    def unmet(self) -> dict[int, str]:
        """Rule -> a key that no value of meets it, for each rule that no context meets."""
        return {
            place: next(
                key
                for key, classes in zip(KEYS, self._classes, strict=True)
                if not any(rules >> place & 1 for rules in classes)
            )
            for place, cells in enumerate(self._cells)
            if not cells
        }

    def covered(self, rule: int, by: int) -> bool:
        """Whether in every context that meets a rule, one of the rules `by` holds too."""
        left = self._cells[rule]
        groups: dict[Asked, int] = {}
        for asked, rules in self._asking.items():
            beyond = asked.beyond(self._asked[rule]) if by & rules else None
            if beyond is not None:
                cells = self._together(by & rules) & left
                groups[beyond] = groups.get(beyond, 0) | cells
        left &= ~groups.pop(Asked(), 0)
        if not left:
            return True
        # Who gives every consent escapes what bars some, and who gives none what asks for some.
        if not any(asked.given for asked in groups) or not any(asked.barred for asked in groups):
            return False
        return not _leaves(left, list(groups.items()), [])

    def needed(self, rule: int, by: Sequence[int]) -> int:
        """Of rules that cover a rule, each set of `by` for itself, some that still do, none too many.

        One that does so alone is preferred; of several, the first.
        """
        sets = set(by)

        def covers(rules: int) -> bool:
            return all(self.covered(rule, each & rules) for each in sets)

        run = places(_any(sets))
        for place in run:
            if not self._cells[rule] & ~self._cells[place] and covers(1 << place):
                return 1 << place
        # The last rule of the shortest run that does is needed; so is, with it, that of the next.
        found = 0
        while not covers(found):
            length = bisect_left(
                range(len(run) + 1), True, key=lambda length: covers(found | _bits(run[:length]))
            )
            found |= 1 << run[length - 1]
            run = run[: length - 1]
        return found

    def _together(self, rules: int) -> int:
        return _any(self._cells[place] for place in places(rules))


def _leaves(left: int, groups: Sequence[tuple[Asked, int]], held: list[Asked]) -> bool:
    """Whether some of the cells left, with some consents, is met by no group.

    Args:
        left: Cells in which the rules of `held` hold, as far as consents go.
        groups: What other rules ask, and the cells in which they do.
        held: What rules ask in all of the cells left.
    """
    if not left or not _escapes(
        [a.given for a in held if a.given], [a.barred for a in held if a.barred]
    ):
        return False
    if not groups:
        return True
    (asked, cells), *rest = groups
    return _leaves(left & ~cells, rest, held) or _leaves(left & cells, rest, [*held, asked])


def _escapes(given: list[frozenset[str]], barred: list[frozenset[str]]) -> bool:
    """Whether some set of consents has none of `given` whole, and one of each of `barred`."""
    if not all(given) or not all(barred):
        return False
    if not given or not barred:
        return True
    for word in sorted(min(given, key=lambda words: (len(words), sorted(words)))):
        # Left out, it breaks what asks for it, and helps nothing that bars it.
        if _escapes(
            [words for words in given if word not in words], [words - {word} for words in barred]
        ):
            return True
        given = [words - {word} for words in given]
        barred = [words for words in barred if word not in words]
    return False


def _cells(classes: Sequence[tuple[int, ...]], rule: int) -> int:
    """The cells that a rule holds in: a key's classes after one another, each with the cells before."""
    cells, size = 1, 1
    for key in classes:
        held = 0
        for at, rules in enumerate(key):
            if rules & rule:
                held |= cells << at * size
        cells, size = held, size * len(key)
    return cells


def _any(sets: Iterable[int]) -> int:
    found = 0
    for rules in sets:
        found |= rules
    return found


def _bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in places)


def _asked(choice: Choice | None) -> Asked:
    words = frozenset(choice.words if choice else ())
    return Asked(barred=words) if choice and choice.none_of else Asked(given=words)


def _classes(index: Index, key: str) -> tuple[int, ...]:
    """The rules that each class of a key's values meets."""
    if key == "region":
        return tuple(dict.fromkeys(index.region.met.values()))
    return tuple(dict.fromkeys(getattr(index, key).of(word) for word in _WORDS[key]))


_WORDS = {
    "age_band": AGE_BANDS,
    "purpose": PURPOSES,
    "channel": CHANNELS,
    "processor": PROCESSORS,
    "gpc": (YES, NO),
}
