"""Telephone numbers by their shapes, as people all over the world write them, and spelt out.

Presidio's recogniser knows which numbers exist, where a country code or its few regions tell; this
one knows how numbers look. Shapes: ITU-T E.123 and E.164, and the national numbering plans.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.rules.dates import YEAR
from genservice.privacy.rules.rule import (
    DIGIT,
    EVERYWHERE,
    NOT_IN_TITLES,
    ROW,
    Rule,
    catalogued,
    digits_of,
    either,
    shown,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODE = re.compile(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|2[1-69]\d|3[578]\d|42\d|5[09]\d|6[789]\d|8[05789]\d|9[679]\d"
)
"""ITU-T E.164 country codes."""
_LOCAL = frozenset({
    "3-3-4", "3-4", "3-4-4", "3-3-3", "3-2-2-2", "2-2-2-2", "2-2-2-2-2", "3-2-3", "4-4", "5-5", "5-6",
    "4-6", "4-3-3", "4-3-4", "2-4-4", "2-5-4", "1-4-4", "1-3-3-4", "3-3-2-2", "2-3-2-2", "2-3-4",
    "2-3-3", "2-7", "3-7", "1-4-3", "1-2-2-2-2", "2-4-3", "3-6", "4-2-2-2",
})  # fmt: skip
"""Groups of digits by which numbers are told at home: 3-4 is 555-0132, 3-2-3 is 412 34 567 in Norway."""
_WHOLE = re.compile(r"0[1-9]\d{7,9}|[679]\d{8}|[2-9]\d\d[2-9]\d{6}|1[3-9]\d{9}|[6-9]\d{9}")
_AREA = re.compile(r"\+?\d{0,3}[\s\-]?\(0?\d{1,5}\)")
_NANP = re.compile(r"(?:1[\s\-.]{1,2})?\(?[2-9]\d\d\)?[\s\-.]{1,3}[2-9]\d\d[\s\-.]{1,3}\d{4}")
_YEARS = re.compile(
    rf"(?:1[5-9]|20)\d\d(?:[\s\-/]{{1,3}}(?:1[5-9]|20)\d\d){{1,9}}|{YEAR}[\s\-/]\d\d"
)
_DATE = re.compile(
    rf"\d{{1,2}}[/.\- ]\d{{1,2}}[/.\- ]{YEAR}|\d{{1,2}}([/.\-])\d{{1,2}}\1\d\d|{YEAR}[/.\- ]\d{{1,2}}[/.\- ]\d{{1,2}}"
)
_QUAD = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\d{1,3}(?:\.\d{3}){1,3}|\d{1,3}(?: \d{3}){0,3} 000")
_BOOK = re.compile(r"97[89]\d{10}")
_EXTENSION = re.compile(r"[,\s]*(?:ext|x)")
_BETWEEN = re.compile(r"[^\d]+")

_SEPARATOR = r"[ \t\-./()_*~|\\]"
_NUMBER = (
    rf"(?<![\w$£€#])(?<!\d[.,:/\-])(?P<it>(?:\+{{1,2}}|\(\+?|\+\()?\d(?:{_SEPARATOR}{{0,3}}\d){{5,16}}"
    r"(?:,?\s?(?:ext|extn|extension|x)\.?\s?\d{1,6})?)"
    r"(?!\w|[.,:/]\d|\s?[%€£$]|\s?(?:min|minutes?|people|views?|dollars|euros?|pounds|votes?|copies|years|miles)\b)"
)
_CUE = words(
    "phone phones telephone tel mobile mob cell whatsapp wa signal viber call calling text texting ring fax sms"
    " number nummer telefon handy telefono tlf dial reach"
)
_CALLED = either(
    r"phone telephone tel telefon telefono tlf mobile mob handy cell whatsapp wa viber call(?:\sme)? text(?:\sme)?"
    r" sms ring(?:\sme)? fax dial reach\sme number nummer"
)
_SPELT = re.compile(r"[a-z]+|\d")
_APART = re.compile(r"\d+|zero|oh|nought|naught|nil|one|two|three|four|five|six|seven|eight|nine|o")
_VALUES = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1",
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9",
}  # fmt: skip
_REPEATS = {"double": 2, "triple": 3, "treble": 3}
_PIECE = rf"(?:{'|'.join((*_VALUES, *_REPEATS))}|hundred|plus|\d{{1,7}})"
_COUNTING = "01234567890123456789"


def _no_number(text: str, digits: str) -> bool:
    """Whether a row of digits is a span of years, a date, a sum, a book or an address in a network."""
    return (
        _YEARS.fullmatch(text) is not None
        or _DATE.fullmatch(text) is not None
        or _QUAD.fullmatch(text) is not None
        or _BOOK.fullmatch(digits) is not None
        or (len(text) > len(digits) and digits in _COUNTING)
    )


def has_the_shape(text: str) -> bool:
    """A country code, a bracketed area code, a trunk 0 with groups, or the North American shape."""
    text = text.strip().lower()
    digits = digits_of(_EXTENSION.split(text)[0])
    if not 7 <= len(digits) <= 15 or _no_number(text, digits):
        return False
    if text.startswith(("+", "(+")):
        return _CODE.match(digits) is not None
    if digits.startswith("00"):
        return len(digits) >= 10 and _CODE.match(digits, 2) is not None
    if _NANP.match(text) is not None:
        return len(digits) in (10, 11)
    if _AREA.match(text) is not None:
        return 8 <= len(digits) <= 13
    grouped = _BETWEEN.search(text) is not None
    return digits[0] == "0" and digits[1] != "0" and grouped and 9 <= len(digits) <= 12


def _certain(match: re.Match[str]) -> bool:
    return has_the_shape(shown(match)) and not catalogued(match.string, match.start())


def _likely(match: re.Match[str]) -> bool:
    """A shape in use somewhere, when nothing else explains the digits."""
    text = shown(match).strip()
    digits = digits_of(_EXTENSION.split(text)[0])
    if not 7 <= len(digits) <= 15 or _no_number(text, digits):
        return False
    if text == digits:
        return _WHOLE.fullmatch(digits) is not None and not catalogued(match.string, match.start())
    groups = "-".join(str(len(group)) for group in _BETWEEN.split(text) if group)
    return groups in _LOCAL or text.startswith(("+", "0")) or set(groups) <= set("1-")


def _called(match: re.Match[str]) -> bool:
    text = shown(match)
    return _YEARS.fullmatch(text) is None and _DATE.fullmatch(text) is None


def _spelt(match: re.Match[str]) -> bool:
    """Seven digits or more, at least two of them as words, and not somebody counting."""
    value = "".join(_spoken(match.group()))
    said = sum(piece in _VALUES for piece in _SPELT.findall(match.group()))
    return 7 <= len(value) <= 16 and said >= 2 and value not in _COUNTING


def _run_together(match: re.Match[str]) -> bool:
    return 9 <= len("".join(_spoken(_APART.sub(r" \g<0> ", match.group())))) <= 16


def _spoken(text: str) -> Iterable[str]:
    times = 1
    for piece in _SPELT.findall(text):
        if piece in _REPEATS:
            times = _REPEATS[piece]
        elif piece == "hundred":
            yield "00"
        elif piece.isdigit() or piece in _VALUES:
            yield (_VALUES.get(piece) or piece) * times
            times = 1


def _disguised(match: re.Match[str]) -> bool:
    text = match.group().replace("o", "0").replace("l", "1").replace("i", "1")
    plain = digits_of(text)
    figures = sum(map(str.isdigit, match.group()))
    return 5 <= figures < len(plain) and 9 <= len(plain) <= 13


RULES: tuple[Rule, ...] = (
    Rule(type="PHONE_NUMBER", score=0.7, sides=EVERYWHERE, needs=(ROW,), pattern=_NUMBER, accept=_certain),
    Rule(type="PHONE_NUMBER", score=0.5, needs=(ROW,), pattern=_NUMBER, accept=_likely),
    Rule(
        type="PHONE_NUMBER",
        score=0.6,
        needs=(ROW, _CUE),
        pattern=(
            rf"\b{_CALLED}"
            r"\b\.?(?:\s?(?:on|at|is|it's|no|nr|number|under|:|=|-)){0,3}"
            rf"\s?(?P<it>\+?\(?\d(?:{_SEPARATOR}{{0,2}}\d){{5,14}})(?!\d)"
        ),
        accept=_called,
    ),
    Rule(
        type="PHONE_NUMBER",
        score=0.6,
        needs=(frozenset(_VALUES), ),
        pattern=rf"\b{_PIECE}(?:[\s\-,.]{{1,3}}{_PIECE}){{3,20}}\b",
        accept=_spelt,
    ),
    Rule(
        type="PHONE_NUMBER",
        score=0.6,
        needs=(DIGIT,),
        # Figures and words for figures run together: "07700nine00123".
        pattern=rf"(?<!\w)\+?(?=\d{{0,7}}[a-z])(?:\d{{1,7}}|{either(' '.join(_VALUES))}){{3,16}}(?!\w)",
        accept=_run_together,
    ),
    Rule(
        type="PHONE_NUMBER",
        score=0.5,
        sides=NOT_IN_TITLES,
        needs=(DIGIT,),
        pattern=r"(?<!\w)\+?[o\d][\doil](?:[ \-.]?[\doil]){7,12}(?!\w)",
        accept=_disguised,
    ),
)  # fmt: skip
