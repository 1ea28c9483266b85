"""Bytes of a file to text that shows what it says, or what keeps them from being that."""

from __future__ import annotations

import codecs
import re

from genservice.errors import DocumentError, Problem

_BREAK = re.compile(r"\r\n|\r|\n")
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte order marks and what they say; UTF-32's begins with UTF-16's, so it comes first."""
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_UNSEEN_BREAKS = "\x85\u2028\u2029"
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_MOST = 20
_SAVE = "save the file as UTF-8"


def decoded(raw: bytes, *, file: str) -> str:
    """The text of a file in UTF-8, without a byte order mark.

    Raises:
        DocumentError: It is in another encoding; the problem says in which, where that can be told.
    """
    for mark, encoding in _WIDE.items():
        if raw.startswith(mark):
            raise DocumentError(_problem(file, (1, 1), f"{encoding}, not UTF-8", _SAVE))
    if _is_wide(raw):
        detail = "UTF-16 without a byte order mark, not UTF-8"
        raise DocumentError(_problem(file, (1, 1), detail, _SAVE))
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        detail = f"not UTF-8: the byte 0x{raw[error.start]:02X} begins no character"
        hint = f"{_SAVE}; it may be in Latin-1 or Windows-1252"
        raise DocumentError(_problem(file, place_in(before), detail, hint)) from None


def nearest(raw: bytes) -> str:
    """Text as close as can be to what a file says, whatever its encoding, for showing it."""
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def require_seen(text: str, *, file: str) -> None:
    """Return if every character of a text is seen for what it is.

    Control characters, line breaks that editors do not show, and characters that make a line read
    in another order than it stands are not.

    Raises:
        DocumentError: Naming the first twenty that are not.
    """
    found: list[Problem] = []
    for hit in _FORBIDDEN.finditer(text):
        char = hit.group()
        detail = f"the character U+{ord(char):04X}{_what(char)} is not allowed"
        found.append(_problem(file, place_in(text[: hit.start()]), detail, "delete it"))
        if len(found) == _MOST:
            break
    if found:
        raise DocumentError(*found)


def lines_of(text: str) -> list[str]:
    """The lines of a text as YAML counts them."""
    return _BREAK.split(text)


def place_in(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows `before` in a text."""
    lines = lines_of(before)
    return len(lines), len(lines[-1]) + 1


def _is_wide(raw: bytes) -> bool:
    """Whether nearly every second byte is zero, as where UTF-16 holds mostly ASCII."""
    pairs = len(raw) // 2
    return pairs > 1 and any(raw[half::2].count(0) > pairs * 0.8 for half in (0, 1))


def _what(char: str) -> str:
    if char in _UNSEEN_BREAKS:
        return ", a line break that few editors show,"
    if char in _TURNING:
        return ", which makes a line read in another order than it stands,"
    return " (a byte order mark)" if char == "\ufeff" else ""


def _problem(file: str, place: tuple[int, int], detail: str, hint: str) -> Problem:
    return Problem(file=file, line=place[0], column=place[1], detail=detail, hint=hint)
