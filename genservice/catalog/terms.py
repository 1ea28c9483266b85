"""Free text and titles in words of the catalogue's closed vocabulary."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from genservice.catalog.everyday import is_everyday

if TYPE_CHECKING:
    from genservice.domain import Title, Vocabulary

FAMILIES = ("genres", "moods", "themes", "pace", "alerts", "countries")
"""The families of the vocabulary, in the order in which they are declared."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


class TitleTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a watched title coarsens to."""

    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    sensitive: bool = False
    """It carries a theme that could betray a special category of data (GDPR Art. 9)."""


class _Phrases(msgspec.Struct, frozen=True):
    """Every way of saying a word of the vocabulary, as stems."""

    meanings: dict[tuple[str, ...], tuple[tuple[str, str], ...]]
    """Stems of a phrase -> the (family, word) pairs it may mean."""
    longest: dict[str, int]
    """First stem -> most stems of a phrase that begins with it."""


def terms_in(text: str, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """The words of the vocabulary that `text` says, by family, each sorted; families without one are left out.

    Case, diacritics and simple plurals do not count, and the longest phrase wins: "science fiction"
    does not say "science". Names, labels and forms are read; countries by their names and
    adjectives, never by their codes.
    """
    phrases = _phrases(vocabulary)
    words = _WORD.findall(text)
    stems = [_stem(word) for word in words]
    found: dict[str, set[str]] = {}
    at = 0
    while at < len(stems):
        size = _longest_at(stems, words, at, phrases)
        if size:
            for family, name in phrases.meanings[_key(stems, words, at, size)]:
                found.setdefault(family, set()).add(name)
        at += size or 1
    return {family: tuple(sorted(found[family])) for family in FAMILIES if family in found}


def terms_of(title: Title, vocabulary: Vocabulary) -> TitleTerms:
    """What `title` is in words of the vocabulary, each family sorted and without doubles."""
    sensitive = _sensitive(vocabulary)
    return TitleTerms(
        genres=tuple(sorted(set(title.genres))),
        moods=tuple(sorted(set(title.moods))),
        themes=tuple(sorted(set(title.themes))),
        alerts=tuple(sorted(set(title.alerts))),
        sensitive=not sensitive.isdisjoint((*title.genres, *title.themes)),
    )


def _longest_at(stems: list[str], words: list[str], at: int, phrases: _Phrases) -> int:
    """How many words the longest phrase at a place has; 0 if none begins there."""
    first = max(phrases.longest.get(stems[at], 0), phrases.longest.get(words[at], 0))
    for size in range(min(first, len(stems) - at), 0, -1):
        if _key(stems, words, at, size) in phrases.meanings:
            return size
    return 0


def _key(stems: list[str], words: list[str], at: int, size: int) -> tuple[str, ...]:
    """A phrase of the text as the index spells it: short capitals as they stand, all else as stems."""
    if size == 1 and _is_short_form(words[at]):
        return (words[at],)
    return tuple(stems[at : at + size])


def _is_short_form(word: str) -> bool:
    """Whether a word means a country in capitals only: `US`, but not `us`."""
    return len(word) > 1 and word.isupper() and is_everyday(word)


def _stem(word: str) -> str:
    """A word without case, diacritics and a simple plural's ending."""
    plain = fold(word).replace("\u2019", "'").removesuffix("'s").replace("'", "")
    if plain.endswith("ies") and len(plain) > 4:
        return plain[:-3] + "y"
    if plain.endswith(("sses", "shes", "ches", "xes")):
        return plain[:-2]
    if plain.endswith("s") and len(plain) > 3 and not plain.endswith(("ss", "us", "is")):
        return plain[:-1]
    return plain


def fold(text: str) -> str:
    """`text` without case and diacritics."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=8)
def _sensitive(vocabulary: Vocabulary) -> frozenset[str]:
    """Its sensitive genres and themes."""
    families = (vocabulary.genres, vocabulary.themes)
    return frozenset(term.name for family in families for term in family if term.sensitive)


@lru_cache(maxsize=8)
def _phrases(vocabulary: Vocabulary) -> _Phrases:
    meanings: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for family in FAMILIES:
        for term in getattr(vocabulary, family):
            said = {term.label, *term.forms}
            if family != "countries":
                said.add(term.name)
            for phrase in said:
                words = _WORD.findall(phrase.replace("_", " "))
                if len(words) == 1 and _is_short_form(words[0]):
                    key = (words[0],)
                else:
                    key = tuple(_stem(word) for word in words)
                meanings.setdefault(key, set()).add((family, term.name))
    longest: dict[str, int] = {}
    for key in meanings:
        longest[key[0]] = max(longest.get(key[0], 0), len(key))
    return _Phrases(
        meanings={key: tuple(sorted(pairs)) for key, pairs in meanings.items()}, longest=longest
    )
