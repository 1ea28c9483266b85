"""House phrases, read once: what of them does not depend on any brief."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from genservice.composition.clauses import Form, form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from genservice.checking import Phrase

SLOT = re.compile(r"\[([A-Z]+(?:_[A-Z]+)*(?:_\d+)?)\]")
WORD = re.compile(r"[.,:;?!]|[^\s.,:;?!]+")
"""A word, a slot or a mark. A mark stands close to what is before it, all else after a space."""

_FAMILIES = {"GENRE": "genres", "MOOD": "moods", "THEME": "themes", "PACE": "pace"}
"""Slots of labels, and where a phrase names the words that it is made for."""
_NUMBER = re.compile(r"_\d+$")
_ARTICLE = re.compile(r"\b[Aa] \[")
_LONG_WORD = re.compile(r"(?<![\[\w])[a-z]{5,}(?![\w\]])")
_NAMES = 4_096


class Frame(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """A phrase, read once for all briefs; compared by identity."""

    phrase: Phrase
    names: tuple[str, ...]
    bases: tuple[str, ...]
    """The names without their numbers."""
    words: tuple[str, ...]
    parts: tuple[str, ...]
    """The text, cut at its slots: their names are every second part."""
    literal: int
    """Characters that are not slots, and one for every "a" that may become "an"."""
    long_words: frozenset[str]
    colons: int
    form: Form
    bound: Mapping[str, frozenset[str]]
    """Words of the vocabulary by slot: a label's slot in a phrase made for some words stands for these."""
    lower: frozenset[str]
    """Its words in lower case."""
    wanted: frozenset[str]
    """What `bases` holds."""
    played: bool
    """Whether it tells of a part: beside a performer stands the part of that performer, and no other."""


def frames(phrases: Iterable[Phrase]) -> tuple[Frame, ...]:
    """The phrases, read for composing."""
    return tuple(_frame(phrase) for phrase in phrases)


def _frame(phrase: Phrase) -> Frame:
    text = phrase.text
    parts = SLOT.split(text)
    names = tuple(parts[1::2])
    parts[1::2] = [f"[{name}]" for name in names]
    bases = tuple(base_of(name) for name in names)
    words = tuple(WORD.findall(text))
    played = "CHARACTER" in bases
    bound = {} if played else _bound_to(phrase)
    return Frame(
        phrase=phrase,
        names=names,
        bases=bases,
        words=words,
        parts=tuple(parts),
        literal=len("".join(parts[::2])) + len(_ARTICLE.findall(text)),
        long_words=frozenset(_LONG_WORD.findall(text)),
        colons=text.count(":"),
        form=form_of(phrase.role, text, bases),
        bound={base: words for base, words in bound.items() if base in bases},
        lower=frozenset(WORD.findall(text.lower())),
        wanted=frozenset(bases),
        played=played,
    )


def _bound_to(phrase: Phrase) -> dict[str, frozenset[str]]:
    return {
        base: frozenset(words)
        for base, family in _FAMILIES.items()
        if (words := getattr(phrase.needs, family))
    }


@lru_cache(maxsize=_NAMES)
def base_of(name: str) -> str:
    """A slot's name without its number."""
    return _NUMBER.sub("", name)
