"""What the guard knows of words: given names, ordinary English, and capitals that name nobody."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from genservice.domain import Vocabulary
from genservice.privacy.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_CLITIC = re.compile(r"(?:'(?:s|d|m|ll|re|ve)?|n't)$")
_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("ier", "y"), ("iest", "y"), ("ily", "y"), ("es", ""), ("es", "e"),
    ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""), ("er", "e"),
    ("est", ""), ("est", "e"), ("ly", ""), ("ness", ""), ("ish", ""), ("less", ""), ("ful", ""),
    ("like", ""),
)  # fmt: skip
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1(?:ed|ing|er|est|y)$")
_PREFIXES = ("un", "re", "non", "over", "under", "anti", "pre", "post", "mid", "super", "half")


class Lexicon(msgspec.Struct, frozen=True):
    """Words in lower case, without diacritics."""

    given: frozenset[str]
    ordinary: frozenset[str]
    neutral: frozenset[str]
    """Capitals that name nobody, and what the caller allows."""

    def knows(self, word: str) -> bool:
        """Whether `word` (lower case) is ordinary English or allowed, in any regular inflection."""
        bare = _CLITIC.sub("", word)
        if word in self.ordinary or bare in self.ordinary or bare in self.neutral:
            return True
        if bare in self.given:
            return False
        if "-" in bare:
            return all(self.knows(part) for part in bare.split("-") if part)
        return any(stem in self.ordinary for stem in _stems(bare))

    def names(self, word: str) -> bool:
        """Whether `word` (lower case) is a given name and nothing else."""
        bare = _CLITIC.sub("", word)
        if bare not in self.given and "-" in bare:
            return any(self.names(part) for part in bare.split("-"))
        return bare in self.given and bare not in self.ordinary and bare not in self.neutral

    def may_name(self, word: str) -> bool:
        """Whether `word` (lower case) is a given name that is an ordinary or allowed word too."""
        bare = _CLITIC.sub("", word)
        return bare in self.given and not self.names(word)


def load_lexicon(*, ordinary: Iterable[str] = (), allowed: Iterable[str] = ()) -> Lexicon:
    """The shipped words and more.

    Args:
        ordinary: Words to treat as ordinary English besides the shipped ones.
        allowed: Words to let stand with a capital anywhere, such as labels of the vocabulary.
    """
    return Lexicon(
        given=shipped_words("given-names.txt"),
        ordinary=_everyday() | frozenset(ordinary),
        neutral=shipped_words("capitals.txt") | _words(allowed),
    )


def ordinary_words() -> frozenset[str]:
    """The shipped ordinary English words and well-known capitals, in lower case."""
    return _everyday() | shipped_words("capitals.txt")


def editing_words() -> frozenset[str]:
    """The shipped words of notes to a writer that are not among the ordinary ones, in lower case."""
    return shipped_words("editing-words.txt")


def allowed_words(vocabulary: Vocabulary) -> frozenset[str]:
    """Every word by which the catalogue's vocabulary says something, in lower case."""
    return _words(
        phrase
        for family in Vocabulary.__struct_fields__
        for term in getattr(vocabulary, family)
        for phrase in (term.label, *term.forms)
    )


def _words(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(
        word for phrase in phrases for word in _WORD.findall(fold(phrase).text.lower())
    )


def _everyday() -> frozenset[str]:
    return (
        shipped_words("ordinary-words.txt")
        | shipped_words("spoken-words.txt")
        | shipped_words("editing-words.txt")
    )


@lru_cache(maxsize=8)
def shipped_words(name: str) -> frozenset[str]:
    """The words of a shipped list, in lower case."""
    text = resources.files("genservice.privacy").joinpath("data", name).read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def _stems(word: str) -> Iterable[str]:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            yield word.removesuffix(ending) + instead
    if (doubled := _DOUBLED.search(word)) is not None:
        yield word[: doubled.start() + 1]
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            yield word.removeprefix(prefix)
