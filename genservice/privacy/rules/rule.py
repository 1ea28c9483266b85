"""A rule: one bounded pattern for one type, tried only on texts that can hold it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from genservice.privacy.values import Finding, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

EVERYWHERE: frozenset[Side] = frozenset({"viewer", "title", "output"})
NOT_IN_TITLES: frozenset[Side] = frozenset({"viewer", "output"})
VIEWER: frozenset[Side] = frozenset({"viewer"})

DIGIT = frozenset({"0"})
"""Need of a digit."""
ROW = frozenset({"000000"})
"""Need of six digits with little between them: telephone, account and national numbers."""

_TRAITS = re.compile(r"[a-z]+|\d|[@#/:_]")
_CATALOGUED = re.compile(
    r"(?:isbn|issn|ean|upc|asin|barcode|imdb|tmdb|eidr|isan)(?:-1[03])?(?:\s(?:id|no|number|is)){0,2}[\s:#.]{0,3}$"
)
_ROW = re.compile(r"\d(?:[^a-z\d]{0,4}\d){5}")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for, where, and how sure a match makes one.

    Patterns read the text in lower case, unless `cased`. Every quantifier is bounded, so that time
    grows with the text and no faster. A group named `it` narrows what is found.
    """

    type: str
    pattern: str
    score: float
    sides: frozenset[Side] = NOT_IN_TITLES
    needs: tuple[frozenset[str], ...] = ()
    """Of each set, the text must have one: a word of letters, one of `@#/:_`, `DIGIT` or `ROW`."""
    cased: bool = False
    accept: Callable[[re.Match[str]], bool] | None = None
    """What no pattern can say: a checksum, or what stands around."""


def words(text: str) -> frozenset[str]:
    """The words of `text`, for `Rule.needs`."""
    return frozenset(text.split())


def either(text: str) -> str:
    """A pattern for any of the words of `text`, which may be patterns themselves."""
    return f"(?:{'|'.join(text.split())})"


def traits(lowered: str) -> set[str]:
    """What a text in lower case has that a rule may need."""
    found = set(_TRAITS.findall(lowered))
    if not found.isdisjoint("0123456789"):
        found |= DIGIT
        if _ROW.search(lowered) is not None:
            found |= ROW
    return found


def lower(text: str) -> str:
    """`text` in lower case, every character in its place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def finder(rules: Sequence[Rule]) -> Callable[[str], Iterable[Finding]]:
    """What reads a folded text by `rules`."""
    ready = [(rule, re.compile(rule.pattern)) for rule in rules]

    def find(text: str) -> Iterable[Finding]:
        lowered = lower(text)
        has = traits(lowered)
        for rule, pattern in ready:
            for need in rule.needs:
                if need.isdisjoint(has):
                    break
            else:
                for match in pattern.finditer(text if rule.cased else lowered):
                    if rule.accept is None or rule.accept(match):
                        start, end = _span(match)
                        yield Finding(start=start, end=end, type=rule.type, score=rule.score)

    return find


def _span(match: re.Match[str]) -> tuple[int, int]:
    if "it" in match.re.groupindex and match.start("it") >= 0:
        return match.span("it")
    return match.span()


def shown(match: re.Match[str]) -> str:
    """What a rule found: the group named `it`, else the whole match."""
    start, end = _span(match)
    return match.string[start:end]


def digits_of(text: str) -> str:
    """The digits of `text` and nothing else."""
    return "".join(character for character in text if character.isdigit())


def catalogued(lowered: str, start: int) -> bool:
    """Whether the number that starts at `start` is announced as that of a book or a film."""
    return _CATALOGUED.search(lowered[max(0, start - 32) : start]) is not None
