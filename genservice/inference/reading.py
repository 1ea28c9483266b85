"""A text as inference rules compare it: folded words in clauses, each with its place."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

PieceKind = Literal["word", "name", "comma"]

_UNSEEN = "\u00ad\u200b-\u200f\u2060\ufeff"
_PIECE = re.compile(
    r"(?P<slot>\[[A-Z][A-Z0-9_]*\])"
    rf"|(?P<word>[^\W_](?:[^\W_]|[\u0300-\u036f]|[{_UNSEEN}'\u2019\u02bc]{{1,4}}(?=[^\W_]))*)"
    r"|(?P<stop>[.!?\u2026:;\n]+)"
    r"|(?P<comma>[,()/\u2013\u2014]|(?<=\s)-(?=\s))"
)
_DROPPED = re.compile(rf"[{_UNSEEN}]")
_ABBREVIATED = re.compile(r"(?<![^\W_])(?:mr|mrs|ms|dr|st|fr|prof)\Z", re.IGNORECASE)

_WHOLE: dict[str, tuple[str, ...]] = {
    "can't": ("can", "not"), "cannot": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not"),
    "youre": ("you", "are"), "youve": ("you", "have"), "youll": ("you", "will"), "ur": ("your",), "u": ("you",),
    "ya": ("you",), "yall": ("you",), "y'all": ("you",), "gonna": ("going", "to"), "wanna": ("want", "to"),
    "dont": ("do", "not"), "arent": ("are", "not"), "let's": ("let", "us"), "an": ("a",), "ye": ("you",),
}  # fmt: skip
"""Short forms, and spellings without their apostrophe."""
_ENDS: tuple[tuple[str, str], ...] = (
    ("n't", "not"), ("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'d", "would"), ("'m", "am"),
)  # fmt: skip


_COUNTRY = (("u.s", "u.s"),)


class Piece(NamedTuple):
    """A word, a name or a comma, with its place in the text."""

    start: int
    end: int
    kind: PieceKind
    norm: str
    stem: str


class Clause(NamedTuple):
    """Pieces between two stops, and whether it asks."""

    pieces: tuple[Piece, ...]
    asks: bool


def clauses(text: str, names: Sequence[tuple[int, int]] = ()) -> tuple[Clause, ...]:
    """The clauses of a text; full stops, colons and semicolons divide them, commas and dashes do not.

    Args:
        text: What is read; slots count as names.
        names: Places of names, in order: what a name says is said of nobody.
    """
    found: list[Clause] = []
    pieces: list[Piece] = []
    names = sorted(names)
    named, told = 0, -1
    shouted = text.isupper()
    for match in _PIECE.finditer(text):
        start, end, kind = match.start(), match.end(), match.lastgroup
        while named < len(names) and names[named][1] <= start:
            named += 1
        if named < len(names) and names[named][0] <= start:
            if told != named:
                pieces.append(Piece(*names[named], "name", "", ""))
            told = named
        elif kind == "slot":
            pieces.append(Piece(start, end, "name", "", ""))
        elif kind == "comma":
            pieces.append(Piece(start, end, "comma", ",", ","))
        elif kind == "word":
            word = match.group()
            # The country and "us" part by their capitals, where not everything is in capitals.
            pairs = _COUNTRY if word == "US" and not shouted else _words(word)
            pieces += (Piece(start, end, "word", *pair) for pair in pairs)
        elif not (match.group() == "." and _ABBREVIATED.search(text, max(0, start - 5), start)):
            found.append(Clause(tuple(pieces), "?" in match.group()))
            pieces = []
    found.append(Clause(tuple(pieces), asks=False))
    return tuple(clause for clause in found if clause.pieces)


def stems(phrase: str) -> tuple[str, ...]:
    """The stems of a phrase, as a text's words compare."""
    if phrase.isascii() and phrase.isalpha() and phrase.islower():
        # One plain word: most of what lists and frames hold.
        return tuple(stem for _, stem in _words(phrase))
    return tuple(piece.stem for clause in clauses(phrase) for piece in clause.pieces)


@lru_cache(maxsize=65_536)
def _words(word: str) -> tuple[tuple[str, str], ...]:
    """What a word is made of: norm and stem of each part of a contraction."""
    norm = fold(word)
    if (parts := _WHOLE.get(norm)) is not None:
        return tuple((part, stem(part)) for part in parts)
    for end, full in _ENDS:
        rest = norm.removesuffix(end)
        if rest != norm and rest:
            return ((rest, stem(rest)), (full, stem(full)))
    norm = norm.removesuffix("'s").replace("'", "")
    return ((norm, stem(norm)),) if norm else ()


def fold(word: str) -> str:
    """A word without case, diacritics and characters that are not seen; straight apostrophes."""
    seen = _DROPPED.sub("", word).replace("\u2019", "'").replace("\u02bc", "'")
    if seen.isascii():
        return seen.lower()
    split = unicodedata.normalize("NFKD", seen.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def stem(norm: str) -> str:
    """A word without -s, -es, -ies, -ed, -ing and a last -e: enough for forms of one word."""
    word = norm
    if len(word) <= 3:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ing", "ied", "ed"):
        rest = word.removesuffix(suffix)
        if rest != word and len(rest) >= 3 and any(vowel in rest for vowel in "aeiouy"):
            word = rest + "y" if suffix == "ied" else rest
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word.removesuffix("e") if len(word) > 3 else word
