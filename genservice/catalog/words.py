"""Words of other vocabularies in words of ours: genres, alerts, countries, as readers meet them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from genservice.catalog.terms import FAMILIES, fold

if TYPE_CHECKING:
    from genservice.domain import Term, Vocabulary

_LONGEST = 64
"""Most characters of what may be a misspelt word; comparing takes longer the longer both are."""
_PLAIN = re.compile(r"[^a-z0-9.]+")


class Words:
    """Looks up what other vocabularies call our words.

    A word is found by its name, label, forms or `also`, whatever its case and punctuation. A
    TV-Anytime term (`urn:tva:metadata:cs:ContentCS:2011:3.4.6.10`) is found by its number, and by its
    broader terms' numbers when its own is not known.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._known: dict[str, dict[str, str]] = {}
        self._names: dict[str, frozenset[str]] = {}
        for family in FAMILIES:
            known = self._known[family] = {}
            terms: tuple[Term, ...] = getattr(vocabulary, family)
            self._names[family] = frozenset(term.name for term in terms)
            # Names first, forms last: a name is never read as another word's form.
            for term in terms:
                self._learn(known, term, (term.name, term.name.replace("_", " ")))
            for term in terms:
                self._learn(known, term, (term.label, *term.also))
            for term in terms:
                self._learn(known, term, term.forms)

    def _learn(self, known: dict[str, str], term: Term, spellings: tuple[str, ...]) -> None:
        for spelling in spellings:
            known.setdefault(_plain(spelling), term.name)

    def has(self, family: str, word: str) -> bool:
        """Whether a word is one of ours, by its name."""
        return word in self._names[family]

    def meant(self, family: str, said: str) -> str | None:
        """`did you mean 'crime'?` for what is called or spelled nearly like one of ours, or None."""
        known = self._known[family] if len(said) <= _LONGEST else {}
        close = get_close_matches(_plain(said), known, n=1, cutoff=0.75)
        return f"did you mean {known[close[0]]!r}?" if close else None

    def find(self, family: str, said: str) -> str | None:
        """Our word of that family for a word as others say it, or None.

        Several ways to say it may stand between bars; the first that is known counts.
        """
        known = self._known[family]
        for way in said.split("|"):
            found = known.get(_plain(way)) or _broader(known, way)
            if found is not None:
                return found
        return None


@lru_cache(maxsize=8)
def words_of(vocabulary: Vocabulary) -> Words:
    """The words of a vocabulary, ready to be looked up."""
    return Words(vocabulary)


def _broader(known: dict[str, str], term: str) -> str | None:
    """The word of a classification scheme's term, or of the nearest broader one."""
    number = term.rpartition(":")[2] if ":" in term else ""
    while "." in number:
        if (found := known.get(number)) is not None:
            return found
        number = number.rpartition(".")[0]
    return None


def _plain(said: str) -> str:
    return _PLAIN.sub(" ", fold(said)).strip()
