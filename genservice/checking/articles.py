"""Whether "a" or "an" stands before a word, by how the word begins when it is spoken."""

from __future__ import annotations

import re
from typing import Literal

Article = Literal["a", "an"]

_LIKE_CONSONANT = re.compile(
    r"(?:eu|ew|once|one(?!r|i)|oui|uni(?!n|m|d)|unanim|u[bcfghjkqrst][aeiou]|ukr|usu|ut[io])"
)
_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)")
_EITHER = re.compile(r"(?:hist|hotel|herb|habitual|hero|unid|unis)")
_SPELT_OUT = re.compile(
    r"[A-Z]+[0-9]|[A-Z]{2}\Z|[BCDFGHJKLMNPQRSTVWXZ]{2}|[A-Z][BCDFGHJKLMNPQRSTVWXZ]+\Z"
)
_VOWEL_LETTERS = frozenset("AEFHILMNORSX")
_ELEVEN_EIGHTEEN = re.compile(r"(?:11|18)(?:\d\ds?)?\Z")


def article_for(word: str) -> Article | None:
    """The article that a word takes; None where both are heard or nobody can tell.

    Args:
        word: As written, up to the next space or hyphen.
    """
    if not word or not word[0].isalnum():
        return None
    if word[0].isdigit():
        spoken_vowel = word[0] == "8" or _ELEVEN_EIGHTEEN.match(word)
        return "an" if spoken_vowel else "a"
    if len(word) == 1:
        return "an" if word.upper() in _VOWEL_LETTERS else "a"
    if word.isupper() and _SPELT_OUT.match(word):
        return "an" if word[0] in _VOWEL_LETTERS else "a"
    lowered = word.lower()
    if _SILENT_H.match(lowered):
        return "an"
    if _EITHER.match(lowered):
        return None
    if lowered[0] in "aeiou":
        return "a" if _LIKE_CONSONANT.match(lowered) else "an"
    return "a" if lowered[0].isascii() else None
