"""Numbers said in words, as digits: "double seven oh nine" is 7709, "thirty-four" is 34."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ONES = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1",
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9",
}  # fmt: skip
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6",
    "seventy": "7", "eighty": "8", "ninety": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3}

_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_WORD = (
    rf"(?:(?P<times>double|triple|treble)[ \-]+(?P<many>{_ONE})"
    rf"|(?P<tens>{'|'.join(_TENS)})(?:[ \-]+(?P<unit>one|two|three|four|five|six|seven|eight|nine))?"
    rf"|(?P<teen>{'|'.join(sorted(_TEENS, key=len, reverse=True))})|(?P<one>{_ONE}))"
)
_NUMERAL = re.compile(rf"(?<![^\W_]){_WORD}(?![^\W_])", re.IGNORECASE)


def numerals(folded: str, *, lone: bool = True) -> Iterator[tuple[int, int, str]]:
    """Spans of number words and their digits, in order.

    Args:
        folded: A folded text.
        lone: Also those of one word that stand alone. A lone "o" never counts.
    """
    found = list(_NUMERAL.finditer(folded))
    for at, match in enumerate(found):
        said = match.group().lower()
        several = not said.isalpha()
        if several or (lone and said not in {"o", "oh"}) or _beside(found, at, folded):
            yield match.start(), match.end(), _digits(match)


def _digits(match: re.Match[str]) -> str:
    said = {name: word.lower() for name, word in match.groupdict().items() if word}
    if "times" in said:
        return _ONES[said["many"]] * _TIMES[said["times"]]
    if "tens" in said:
        return _TENS[said["tens"]] + _ONES.get(said.get("unit", "zero"), "0")
    return _TEENS[said["teen"]] if "teen" in said else _ONES[said["one"]]


def _beside(found: list[re.Match[str]], at: int, text: str) -> bool:
    near = found[max(0, at - 1) : at] + found[at + 1 : at + 2]
    here = found[at]
    gaps = (
        text[other.end() : here.start()]
        if other.end() <= here.start()
        else text[here.end() : other.start()]
        for other in near
    )
    return any(re.fullmatch(r"[ ,.\-]{1,3}", gap) for gap in gaps)
