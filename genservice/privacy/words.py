"""Words of a folded text, each with its capital, its sentence and what stands before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from genservice.privacy.folding import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_NEW_SENTENCE = re.compile(r"[.!?\u2026:;\n\r]|(?:^|\s)[\"'(\[\u2022*]")
_NEW_LINE = re.compile(r"[!?\n\r]")

HONORIFICS = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev", "fr", "st",
    "capt", "lt", "sgt", "col", "gen", "hon", "judge", "auntie", "aunty", "uncle", "aunt", "granny",
})  # fmt: skip


class Word(msgspec.Struct, frozen=True):
    """One word where it stands."""

    start: int
    end: int
    lower: str
    """Without a possessive."""
    capital: bool
    initial: bool
    """Starts a sentence, or stands where any word may carry a capital."""
    gap: str
    """What stands between the word before and this one."""
    informative: bool
    """Whether a capital says anything here: not in a headline or a shouted sentence."""


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a folded text, in order."""
    words = list(_raw_words(text))
    read: list[Word] = []
    sentence: list[Word] = []
    for word in words:
        if word.initial and sentence:
            read.extend(_with_case(sentence))
            sentence = []
        sentence.append(word)
    read.extend(_with_case(sentence))
    return tuple(read)


def _raw_words(text: str) -> Iterator[Word]:
    before, end = "", 0
    for match in _WORD.finditer(text):
        shown = match.group()
        bare = _without_possessive(shown) if "'" in shown else shown
        gap = text[end : match.start()]
        yield Word(
            start=match.start(),
            end=match.start() + len(bare),
            lower=bare.lower(),
            capital=bare[0].isupper(),
            initial=_initial(before, gap),
            gap=gap,
            informative=True,
        )
        before, end = bare, match.end()


def _without_possessive(shown: str) -> str:
    return shown[:-2] if shown[-2:] in {"'s", "'S"} else shown


def _initial(before: str, gap: str) -> bool:
    if not before and BLANK not in gap:
        return True
    if before and gap.startswith(".") and not _NEW_LINE.search(gap):
        abbreviated = before.lower() in HONORIFICS or (len(before) == 1 and before not in "Ii")
        if abbreviated:
            return False
    if BLANK in gap:
        gap = gap[gap.rindex(BLANK) + 1 :]
    return _NEW_SENTENCE.search(gap) is not None


def _with_case(sentence: list[Word]) -> list[Word]:
    capitals = sum(word.capital for word in sentence)
    if len(sentence) < 4 or capitals < 0.75 * len(sentence):
        return sentence
    return [msgspec.structs.replace(word, informative=False) for word in sentence]
