"""Words of free text that may not come back: found again however they are written.

A name can return in capitals, with accents or without, spaced out, in Cyrillic letters or as
`3mm4`. Terms and texts are therefore compared as skeletons: lower case, plain Latin, without marks,
look-alikes made one. Numbers are compared digit by digit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from genservice.privacy.folding import BLANK, blanks, clean, fold
from genservice.privacy.lexicon import load_lexicon, ordinary_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SHORTEST_NAME = 3
_SHORTEST_WORD = 4
_SHORTEST_INSIDE = 6
"""Letters from which a term is found inside longer words, and in two pieces."""
_SHORTEST_PIECE = 3

# Capitals and small letters that pass for Latin ones; i, l and their like nobody can tell apart.
_LOOKS_LIKE = {
    "a": "аАαΑ", "b": "вВьβΒ", "c": "сСϲ", "d": "ԁδ", "e": "еЕэεΕ", "g": "ԍ", "h": "нНһΗ",
    "i": "іІιΙӏlLI|", "j": "јЈ", "k": "кКκΚ", "m": "мМΜμ", "n": "пиηΝ", "o": "оОοΟσ",
    "p": "рРρΡ", "q": "ԛ", "r": "г", "s": "ѕЅ", "t": "тТτΤ", "u": "υ", "v": "νѵ", "w": "ԝωш",
    "x": "хХχΧ", "y": "уУγΥ", "z": "Ζζ",
}  # fmt: skip
_STANDS_FOR = {"a": "4@", "b": "8", "e": "3€", "g": "9", "i": "1!", "o": "0", "s": "5$", "t": "7"}

_TOKEN = re.compile(r"[^\W_](?:[\w'\-.@$!|]*[\w$!@])?")
_PART = re.compile(r"[^\W\d_]+")
_EMAIL = re.compile(r"([\w.+\-]{1,64})@[\w.\-]+")
_NUMBER = re.compile(r"\d(?:[\s.\-()/]{0,2}\d){1,30}")
_SIGN = re.compile(rf"(?:[^\w\s{BLANK}]|_)+")
_SPELT_OUT = re.compile(r"(?<![^\W_])[^\W_](?:[\s_.\-]{1,3}[^\W_]){2,}(?![^\W_])")
_GAP = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")
_NOT_A_LETTER_BEFORE, _NOT_A_LETTER_AFTER = r"(?<![^\W\d_])", r"(?![^\W\d_])"


def _table(classes: Mapping[str, str]) -> dict[int, str]:
    return {ord(alike): letter for letter, every in classes.items() for alike in every}


_LETTERS, _SIGNS = _table(_LOOKS_LIKE), _table(_STANDS_FOR)


class DenyTerms:
    """Terms to look for, compiled once.

    Args:
        words: Skeletons of words, and of names run together.
        numbers: Rows of digits.
    """

    def __init__(self, words: Iterable[str] = (), numbers: Iterable[str] = ()) -> None:
        self.words = tuple(sorted(set(words)))
        self.numbers = tuple(sorted(set(numbers)))
        short = [word for word in self.words if len(word) < _SHORTEST_INSIDE]
        self._long = _any_of([word for word in self.words if len(word) >= _SHORTEST_INSIDE])
        self._short = _any_of(short, before=_NOT_A_LETTER_BEFORE, after=f"s?{_NOT_A_LETTER_AFTER}")
        spread = r"[\s.\-()/]{0,2}"
        self._numbers = _any_of(
            [spread.join(number) for number in self.numbers], before=r"(?<!\d)", after=r"(?!\d)"
        )

    def __len__(self) -> int:
        return len(self.words) + len(self.numbers)

    def found_in(self, text: str) -> int:
        """How many places of `text` hold a term, slots and place-holders aside."""
        return len(self.spans_in(text))

    def spans_in(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where terms stand in `text` as written: sorted, disjoint."""
        folded = fold(clean(text))
        spans: list[tuple[int, int]] = []
        if self.words:
            # Twice: "emma88" shows its name when digits stay digits, "3mm4" when they do not.
            letters = _letters(folded.text)
            for skeleton in (letters, letters.translate(_SIGNS)):
                spans.extend(self._word_spans(skeleton))
        if self._numbers is not None:
            spans.extend(match.span() for match in self._numbers.finditer(folded.text))
        return tuple(_disjoint(folded.written(start, end) for start, end in spans))

    def _word_spans(self, skeleton: str) -> Iterator[tuple[int, int]]:
        """Whole words; words with signs between their letters; words spelt out; words in two pieces."""
        plain = _View(skeleton, range(len(skeleton)))
        tight = plain.without(_SIGN.finditer(skeleton))
        spelt = plain.without(
            gap
            for row in _SPELT_OUT.finditer(skeleton)
            for gap in _GAP.finditer(skeleton, *row.span())
        )
        for view in (plain, tight, spelt):
            for pattern in (self._short, self._long):
                if pattern is not None:
                    for match in pattern.finditer(view.text):
                        yield view.span(match)
        if self._long is not None:
            joined = plain.without(_SPACE.finditer(skeleton))
            for match in self._long.finditer(joined.text):
                start, end = joined.span(match)
                if _in_pieces(skeleton, start, end):
                    yield start, end


class _View(msgspec.Struct, frozen=True):
    """A skeleton with something left out, and where each character stands in it."""

    text: str
    origin: Sequence[int]

    def without(self, gaps: Iterable[re.Match[str]]) -> _View:
        pieces: list[str] = []
        origin: list[int] = []
        end = 0
        for gap in gaps:
            pieces.append(self.text[end : gap.start()])
            origin.extend(self.origin[end : gap.start()])
            end = gap.end()
        pieces.append(self.text[end:])
        origin.extend(self.origin[end:])
        return _View("".join(pieces), origin)

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        return self.origin[match.start()], self.origin[match.end() - 1] + 1


def _in_pieces(skeleton: str, start: int, end: int) -> bool:
    """Whether a span is whole words, two at most, neither of them a scrap that any text holds."""
    pieces = _SPACE.split(skeleton[start:end])
    whole = not skeleton[start - 1 : start].isalnum() and not skeleton[end : end + 1].isalnum()
    return whole and len(pieces) == 2 and min(map(len, pieces)) >= _SHORTEST_PIECE


def deny_terms(texts: Sequence[str], *, ordinary: frozenset[str] = frozenset()) -> DenyTerms:
    """What of `texts`, the free text that entered a brief, may not come back.

    Names of three letters and more (full ones also run together), local parts of e-mail addresses,
    numbers of two digits and more, and words of four letters and more that are not ordinary. A name
    that cannot be told from an ordinary word ("Rose", or "Ali" beside "all") counts in a full name only.

    Args:
        texts: Screened or not.
        ordinary: Words in lower case that anybody may say besides ordinary English, such as the
            vocabulary's and the house phrases'.
    """
    if not texts:
        return DenyTerms()
    common = _common(ordinary)
    words: set[str] = set()
    numbers: set[str] = set()
    for text in texts:
        plain = fold(_without_blanks(clean(text))).text
        for row in _NUMBER.findall(plain):
            numbers.update(part for part in (re.sub(r"\D", "", row), *re.findall(r"\d{2,}", row)))
        words.update(_terms(plain, common))
    return DenyTerms(words, numbers)


class _Common:
    """What anybody may say, also as skeletons."""

    def __init__(self, ordinary: frozenset[str]) -> None:
        self._lexicon = load_lexicon(ordinary=ordinary, allowed=ordinary)
        self._skeletons = frozenset(_skeleton(word) for word in ordinary)

    def __contains__(self, word: str) -> bool:
        return self._lexicon.knows(word.lower()) or _skeleton(word) in self._skeletons

    def is_full_name(self, one: str, other: str) -> bool:
        """Whether two neighbouring capitals name somebody, unlike "Slow Burn"."""
        either = self._lexicon.may_name(one.lower()) or self._lexicon.may_name(other.lower())
        return either or one not in self or other not in self


@lru_cache(maxsize=4)
def _common(ordinary: frozenset[str]) -> _Common:
    return _Common(ordinary | ordinary_words())


def _terms(text: str, common: _Common) -> Iterator[str]:
    for address in _EMAIL.findall(text):
        if address not in common and len(_skeleton(address)) >= _SHORTEST_NAME:
            yield _skeleton(address)
    before = ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        for part in (token, *_PART.findall(token)):
            shortest = _SHORTEST_NAME if part[0].isupper() else _SHORTEST_WORD
            skeleton = _skeleton(part)
            if len(skeleton) >= shortest and part not in common and not _numeric(part):
                yield skeleton
        if token[0].isupper() and before[:1].isupper():
            whole = _skeleton(before + token)
            if len(whole) >= _SHORTEST_INSIDE and common.is_full_name(before, token):
                yield whole
        before = token


def _numeric(token: str) -> bool:
    return _PART.search(token) is None


def _without_blanks(text: str) -> str:
    for start, end in reversed(blanks(text)):
        text = f"{text[:start]}\n{text[end:]}"
    return text


def _skeleton(word: str) -> str:
    return re.sub(r"[\W_]", "", _letters(fold(word).text).translate(_SIGNS))


def _letters(folded: str) -> str:
    """A folded text in lower case with look-alikes made one; same length, so that places stay."""
    plain = folded.translate(_LETTERS)
    if len(lowered := plain.lower()) == len(plain):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in plain)


def _disjoint(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = end = -1
    for one, other in sorted(spans):
        if one < end:
            end = max(end, other)
            continue
        if end > 0:
            yield start, end
        start, end = one, other
    if end > 0:
        yield start, end


def _any_of(
    patterns: Sequence[str], *, before: str = "", after: str = ""
) -> re.Pattern[str] | None:
    if not patterns:
        return None
    longest_first = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
    return re.compile(f"{before}(?:{'|'.join(longest_first)}){after}")
