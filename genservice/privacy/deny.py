"""Words of free text that may not come back: found again however they are written.

Terms and texts are compared as skeletons: lower case, plain Latin, without marks, look-alikes made
one; in every reading of the text that `genservice.privacy.readings` knows. Numbers are compared digit
by digit, said in words or not.

Found: other case, diacritics, styles and invisible characters; letters that look alike in other scripts,
figures and signs for letters; letters or syllables with signs, markup, emoji, slots or spaces
between them; repeated letters, `rn` for m; words backwards, upside down or in rot13; escapes of
HTML, URLs and source code, hexadecimal, base64, braille; the romanisation of Cyrillic, Greek, kana
and Hangul; umlauts written out; long names inside other words; numbers in words, or spread over a text.

Not found, since any text may hold it by chance or no rule can tell: acrostics and every n-th word, initials,
nicknames ("Em" for Emma), rhymes and descriptions, respelling by ear, names in pieces that are
ordinary words ("I man" for Iman), romanisation of Han characters and of scripts that leave out vowels,
other ciphers and codes, numbers of one digit. What is left of these the checks of sources refuse: a
text may say nothing that no fact or phrase vouches for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.folding import blanks, clean, fold
from genservice.privacy.numerals import numerals
from genservice.privacy.readings import Reading, disguises, shown, with_digits
from genservice.privacy.skeletons import (
    SHORTEST_INSIDE,
    SHORTEST_NAME,
    SHORTEST_WORD,
    Common,
    Skeletons,
    any_of,
    common_words,
    skeleton,
)
from genservice.privacy.words import HONORIFICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SHORTEST_SPREAD = 7
"""Digits from which a number is found all over a text."""

_TOKEN = re.compile(r"[^\W_](?:[\w'\-.@$!|]*[\w$!@])?")
_PART = re.compile(r"[^\W\d_]+")
_EMAIL = re.compile(r"([\w.+\-]{1,64})@[\w.\-]+")
_FIGURE = re.compile(r"\d+['\-]?(?:s|st|nd|rd|th|am|pm|mm|min|k|m|h|d)", re.IGNORECASE)
_NUMBER = re.compile(r"\d(?:[\s.\-()/]{0,2}\d){1,30}")
_NOBODYS = re.compile(
    r"(?<![\d.,\-])(?:\d{1,4}(?=[ \-]?(?:char(?:acter)?|letter|word|line|sentence|min(?:ute)?|sec(?:ond)?)s?\b)"
    r"|(?:1[89]|20)\d0(?='?s\b)|\d{1,2}(?=(?:st|nd|rd|th)\b))",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"[^\W\d_][,;]? \Z")
_SELDOM_NAMES = frozenset({"guy", "hope", "mark", "may", "summer", "will"})
_SPELT_OUT = re.compile(r"(?<![^\W_])[^\W\d_](?:[\s_.\-]{1,3}[^\W\d_]){2,}(?![^\W_])")
_DIGITAL = re.compile(r"(?<![^\W_])[oOlLiIsSbB\d]*\d[oOlLiIsSbB\d]*(?![^\W_])")


class DenyTerms:
    """Terms to look for, compiled once.

    Args:
        words: Skeletons of words, and of names run together.
        numbers: Rows of digits.
        names: Ordinary words that name somebody: found with a capital only.
        ordinary: Words in lower case that anybody may say besides ordinary English.
    """

    def __init__(
        self,
        words: Iterable[str] = (),
        numbers: Iterable[str] = (),
        *,
        names: Iterable[str] = (),
        ordinary: frozenset[str] = frozenset(),
    ) -> None:
        self.words = tuple(sorted(set(words)))
        self.numbers = tuple(sorted(set(numbers)))
        self.names = tuple(sorted(set(names)))
        self._words = Skeletons(self.words, common_words(ordinary))
        spread = r"[\s.,\-()/]{0,2}"
        self._numbers = any_of(
            [spread.join(number) for number in self.numbers], before=r"(?<!\d)", after=r"(?!\d)"
        )
        self._names = any_of(
            [f"{name[0].upper()}(?i:{name[1:]})" for name in self.names],
            before=r"(?<![^\W\d_])",
            after=r"(?![^\W\d_])",
        )

    def __len__(self) -> int:
        return len(self.words) + len(self.numbers) + len(self.names)

    def found_in(self, text: str) -> int:
        """How many places of `text` hold a term, slots and place-holders aside."""
        return len(self.spans_in(text))

    def spans_in(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where terms stand in `text` as written: sorted, disjoint."""
        if not len(self):
            return ()
        spans: list[tuple[int, int]] = []
        for plain in shown(text):
            if self.words:
                for reading in disguises(plain):
                    spans.extend(self._words.spans_in(reading))
            if self._names is not None:
                spans.extend(
                    plain.span(*match.span()) for match in self._names.finditer(plain.text)
                )
            if self._numbers is not None:
                spans.extend(self._numbers_in(plain))
        return tuple(_disjoint(spans))

    def _numbers_in(self, plain: Reading) -> Iterator[tuple[int, int]]:
        if self._numbers is None:
            return
        figures = plain.mapped(_DIGITAL.sub(lambda match: with_digits(match.group()), plain.text))
        said = figures.rewritten(numerals(figures.text))
        for reading in (plain, figures, said):
            for match in self._numbers.finditer(reading.text):
                yield reading.span(*match.span())
        places = [at for at, character in enumerate(said.text) if character.isdigit()]
        row = "".join(said.text[at] for at in places)
        for number in self.numbers:
            if len(number) >= _SHORTEST_SPREAD and (at := row.find(number)) >= 0:
                for place in places[at : at + len(number)]:
                    yield said.span(place, place + 1)


def deny_terms(
    texts: Sequence[str],
    *,
    personal: Sequence[str] = (),
    ordinary: frozenset[str] = frozenset(),
) -> DenyTerms:
    """What of `texts`, the free text that entered a brief, may not come back.

    Names of three letters and more (full ones also run together), local parts of e-mail addresses,
    numbers of two digits and more, and words of four letters and more that are not ordinary. A name
    that is an ordinary word ("Rose") counts in a full name, and alone where it comes back with a capital.

    Args:
        texts: As they were sent: what screening removed may not come back either.
        personal: What of them names somebody, as far as that was found: its ordinary words, written
            with a capital or given names besides, count where they have a capital.
        ordinary: Words in lower case that anybody may say besides ordinary English, such as the
            vocabulary's and the house phrases'.
    """
    common = common_words(ordinary)
    words: set[str] = set()
    numbers: set[str] = set()
    names: set[str] = set()
    for text in texts:
        for reading in shown(_without_blanks(clean(text))):
            numbers.update(_numbers(reading))
            words.update(_terms(reading.text, common))
            names.update(_everyday_names(reading.text, common))
    for text in personal:
        names.update(_names(fold(_without_blanks(clean(text))).text, common))
    return DenyTerms(words, numbers, names=names, ordinary=ordinary)


def _numbers(reading: Reading) -> Iterator[str]:
    """Numbers of two digits and more, said in words or not; lengths, decades and ordinals are nobody's."""
    said = reading.rewritten(numerals(reading.text, lone=False))
    for text in (reading.text, said.text):
        for row in _NUMBER.findall(_NOBODYS.sub(" ", text)):
            yield re.sub(r"\D", "", row)
            yield from re.findall(r"\d{2,}", row)


def _terms(text: str, common: Common) -> Iterator[str]:
    for address in _EMAIL.findall(text):
        if address not in common and len(skeleton(address)) >= SHORTEST_NAME:
            yield skeleton(address)
    for row in _SPELT_OUT.findall(text):
        yield skeleton(row)
    before = ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        for part in () if token.rstrip("!") in common else (token, *_PART.findall(token)):
            shortest = SHORTEST_NAME if part[0].isupper() else SHORTEST_WORD
            bare = skeleton(part)
            if len(bare) >= shortest and part not in common and not _numeric(part):
                yield bare
                # What was said of several may come back of one.
                if len(bare) > SHORTEST_WORD and part[:-1] not in common:
                    yield bare.removesuffix("s")
        if token[0].isupper() and before[:1].isupper():
            whole = skeleton(before + token)
            if len(whole) >= SHORTEST_INSIDE and common.is_full_name(before, token):
                yield whole
        before = token


def _everyday_names(text: str, common: Common) -> Iterator[str]:
    """Given names that are ordinary words, those least often names where they have a capital within a sentence."""
    for match in _PART.finditer(text):
        word = match.group().lower()
        if not common.lexicon.may_name(word):
            continue
        within = match.group()[0].isupper() and _WITHIN.search(text, 0, match.start()) is not None
        if within or word not in _SELDOM_NAMES:
            yield word


def _names(text: str, common: Common) -> Iterator[str]:
    """The ordinary words of a name."""
    for part in _PART.findall(text):
        word = part.lower()
        if len(word) < SHORTEST_NAME or word not in common or word in HONORIFICS:
            continue
        if part[0].isupper() or common.lexicon.may_name(word):
            yield word


def _numeric(token: str) -> bool:
    return _PART.search(token) is None or _FIGURE.fullmatch(token) is not None


def _without_blanks(text: str) -> str:
    for start, end in reversed(blanks(text)):
        text = f"{text[:start]}\n{text[end:]}"
    return text


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
