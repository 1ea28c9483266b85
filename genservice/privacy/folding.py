"""Texts as recognisers read them: without disguises, and with the way back to what was written.

Full-width and styled letters become plain ones, digits 0 to 9, diacritics and invisible characters fall away, every
dash is a hyphen and every space a space. Slots and place-holders are blanked out, so that nothing in
or across them is ever recognised.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from genservice.privacy.values import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK = "\ufffc"
"""Stands for a slot or place-holder in a folded text: neither letter, digit, space nor punctuation."""

SLOT = (
    r"\[(?:TITLE|LEAD|CAST|DIRECTOR|CREATOR|CHARACTER|PLACE|NAME|GENRE|MOOD|THEME|PACE|COUNTRY|PERIOD"
    r"|YEAR|KIND|MINUTES|ALERT|OCCASION|ACCESS|TIER|WHO|GOAL|TURN|WHERE|LOGLINE|STORY)"
    r"(?:_PL)?(?:_[0-9]{1,3})?\]"
)
"""A slot's name in brackets. Closed: anything a viewer puts in brackets is read like other text."""


@lru_cache(maxsize=16)
def blanked(types: Iterable[str]) -> re.Pattern[str]:
    """What is blanked out where findings may have `types`: slots, and place-holders of those types."""
    return re.compile(f"{SLOT}|<(?:{'|'.join(sorted(types))})>")


_BLANKED = blanked(TYPES)
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNDECOMPOSED = str.maketrans({
    "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss", "æ": "ae",
    "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H",
    "’": "'", "‘": "'", "ʼ": "'", "＇": "'", "´": "'", "`": "'", "“": '"', "”": '"',
})  # fmt: skip


class Folded(msgspec.Struct, frozen=True):
    """A folded text and where each of its characters came from."""

    text: str
    origin: tuple[int, ...] | None
    """Index in the text as written, one a character; None where nothing moved."""
    length: int
    """Of the text as written."""

    def written(self, start: int, end: int) -> tuple[int, int]:
        """The span as written for a span of the folded text, trailing marks included."""
        if self.origin is None:
            return start, end
        after = self.origin[end] if end < len(self.origin) else self.length
        return self.origin[start], max(after, self.origin[end - 1] + 1)


def clean(text: str) -> str:
    """`text` with every character that cannot be stored or sent replaced by U+FFFD, one for one."""
    return _UNSAFE.sub("\ufffd", text)


def blanks(text: str, kept: re.Pattern[str] = _BLANKED) -> tuple[tuple[int, int], ...]:
    """The spans of slots and place-holders in `text`; see `blanked` for `kept`."""
    return tuple(match.span() for match in kept.finditer(text))


def fold(text: str, kept: re.Pattern[str] = _BLANKED) -> Folded:
    """`text` as recognisers read it; see `blanked` for `kept`."""
    without = kept.sub(lambda match: BLANK * len(match.group()), text)
    if text.isascii() and _UNSAFE.search(text) is None:
        return Folded(without, None, len(text))
    pieces: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(without):
        plain = _plain(character)
        pieces.append(plain)
        origin.extend([index] * len(plain))
    return Folded("".join(pieces), tuple(origin), len(text))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """One character without its disguise; empty for marks and whatever cannot be seen."""
    if character in (BLANK, "\n", "\t", "\r"):
        return character
    kept: list[str] = []
    for part in unicodedata.normalize("NFKD", character.translate(_UNDECOMPOSED)):
        category = unicodedata.category(part)
        if category == "Pd":
            kept.append("-")
        elif category == "Nd":
            kept.append(str(unicodedata.digit(part)))
        elif category in ("Zs", "Zl", "Zp"):
            kept.append("\n" if category != "Zs" else " ")
        elif category[0] not in "MC" and part != "\ufffd":
            kept.append(part)
    return "".join(kept).translate(_UNDECOMPOSED)
