"""Plain values out of what other formats say: clean text, years, minutes, lists."""

from __future__ import annotations

import re
import unicodedata

DESCRIPTION_ROOM = 5000
"""Most characters of a description."""

_STYLE = re.compile(r"(?:\.mw-parser-output[^{}]*\{[^{}]*\})+")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_HALF = re.compile("[\ud800-\udfff]")
_DURATION = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})(?:\.\d+)?S)?)?$"
)
_YEAR = re.compile(r"\s*(\d{4})(?!\d)")
_MOST_MINUTES = 1500


def clean(text: str) -> str:
    """`text` in one line, composed (NFC), without control characters and left-over style rules."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _HALF.sub("", text))
    if ".mw-parser" in text:
        text = _STYLE.sub("", text)
    return _BLANK.sub(" ", text).strip()


def shorten(text: str, room: int) -> str:
    """`text`, cut after the last whole sentence or word that fits into `room` characters."""
    if len(text) <= room:
        return text
    head = text[:room]
    end = max(head.rfind(". "), head.rfind("! "), head.rfind("? "))
    return head[: end + 1] if end > 0 else (head.rpartition(" ")[0] or head)


def minutes(duration: str) -> int | None:
    """Whole minutes of an ISO 8601 duration (`PT1H35M`), at least 1; None for anything else."""
    match = _DURATION.match(duration.strip())
    if match is None:
        return None
    days, hours, mins, seconds = (int(part or 0) for part in match.groups())
    total = round(((days * 24 + hours) * 60 + mins) + seconds / 60)
    return total if 1 <= total <= _MOST_MINUTES else None


def year(date: object) -> int | None:
    """The year a date (`2005-05-22`, `1978`, 1978) begins with, or None."""
    match = _YEAR.match(str(date))
    return int(match[1]) if match and 1870 <= int(match[1]) <= 2100 else None
