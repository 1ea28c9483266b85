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
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec

from genservice.privacy.folding import blanks, clean, fold
from genservice.privacy.lexicon import load_lexicon, ordinary_words
from genservice.privacy.numerals import numerals
from genservice.privacy.readings import (
    Reading,
    disguises,
    look_alike,
    shown,
    with_digits,
    with_signs,
)
from genservice.privacy.words import HONORIFICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genservice.privacy.lexicon import Lexicon

_SHORTEST_NAME = 3
_SHORTEST_WORD = 4
_SHORTEST_INSIDE = 6
"""Letters from which a term is found inside longer words, and in two pieces that are ordinary words."""
_SHORTEST_PIECE = 3
_SHORTEST_SPREAD = 7
"""Digits from which a number is found all over a text."""
_LONGEST_GAP = 12
"""Characters between two pieces of a term."""

_TOKEN = re.compile(r"[^\W_](?:[\w'\-.@$!|]*[\w$!@])?")
_PART = re.compile(r"[^\W\d_]+")
_EMAIL = re.compile(r"([\w.+\-]{1,64})@[\w.\-]+")
_NUMBER = re.compile(r"\d(?:[\s.\-()/]{0,2}\d){1,30}")
_SPELT_OUT = re.compile(r"(?<![^\W_])[^\W\d_](?:[\s_.\-]{1,3}[^\W\d_]){2,}(?![^\W_])")
_DIGITAL = re.compile(r"(?<![^\W_])[oOlLiIsSbB\d]*\d[oOlLiIsSbB\d]*(?![^\W_])")
# A word, or what stands between the capitals of "EmmaThornbury".
_LETTERS = re.compile(r"[^\W\d_](?:(?![^\W\d_a-z](?<=[a-z].))[^\W\d_])*")
_SENTENCE_MARK = re.compile(r"[.,;:!?\u2026()\"]")
_ONE_CLASS = str.maketrans("lyw", "iiv")
_LOOSE = (("rn", "m"), ("ci", "d"))
_DOUBLED = re.compile(r"(.)\1+")


class _Common:
    """What anybody may say."""

    def __init__(self, ordinary: frozenset[str]) -> None:
        self.lexicon: Lexicon = load_lexicon(ordinary=ordinary, allowed=ordinary)

    def __contains__(self, word: str) -> bool:
        return self.lexicon.knows(word.lower())

    @cached_property
    def _skeletons(self) -> frozenset[str]:
        return frozenset(map(_one_class, self.lexicon.ordinary))

    def knows_skeleton(self, skeleton: str) -> bool:
        """Whether an ordinary word, as it is listed, looks like this."""
        return skeleton in self._skeletons

    def is_full_name(self, one: str, other: str) -> bool:
        """Whether two neighbouring capitals name somebody, unlike "Slow Burn"."""
        either = self.lexicon.may_name(one.lower()) or self.lexicon.may_name(other.lower())
        return either or one not in self or other not in self


@lru_cache(maxsize=4)
def _common(ordinary: frozenset[str]) -> _Common:
    return _Common(ordinary | ordinary_words())


class _Piece(msgspec.Struct, frozen=True):
    """A row of letters of a reading, and what stands before it."""

    letters: str
    """As a skeleton."""
    word: str
    start: int
    end: int
    gap: str

    def is_said_by_anybody(self, common: _Common) -> bool:
        """Whether it is an ordinary word, or a letter that stands alone."""
        if len(self.word) == 1:
            return self.word in "aAiIoO" or self.gap.endswith("'")
        return self.word in common


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
        self._common = _common(ordinary)
        self._exact = _Rows(self.words, loosened=False)
        loosened = map(_loosened, self.words)
        self._loose = _Rows(
            [word for word in loosened if len(word) >= _SHORTEST_NAME], loosened=True
        )
        spread = r"[\s.,\-()/]{0,2}"
        self._numbers = _any_of(
            [spread.join(number) for number in self.numbers], before=r"(?<!\d)", after=r"(?!\d)"
        )
        self._names = _any_of(
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
                    spans.extend(self._words_in(reading))
            if self._names is not None:
                spans.extend(
                    plain.span(*match.span()) for match in self._names.finditer(plain.text)
                )
            if self._numbers is not None:
                spans.extend(self._numbers_in(plain))
        return tuple(_disjoint(spans))

    def _words_in(self, reading: Reading) -> Iterator[tuple[int, int]]:
        pieces = _pieces(reading)
        for at in range(len(pieces)):
            for rows in (self._exact, self._loose):
                for count in rows.begun_at(pieces, at):
                    if _counts(pieces[at : at + count], self._common):
                        yield reading.span(pieces[at].start, pieces[at + count - 1].end)
        for run in _runs(pieces):
            yield from (reading.span(*span) for span in self._inside(run))

    def _inside(self, run: Sequence[_Piece]) -> Iterator[tuple[int, int]]:
        """Terms within a row of letters, signs between them aside: long ones, or beside an ordinary word."""
        letters = "".join(piece.letters for piece in run)
        if len(letters) < _SHORTEST_INSIDE:
            return
        places = [place for piece in run for place in range(piece.start, piece.end)]
        for first, last in self._exact.within(letters, self._common):
            start, end = places[first], places[last - 1] + 1
            held = [piece for piece in run if piece.start < end and start < piece.end]
            if not all(piece.is_said_by_anybody(self._common) for piece in held):
                yield start, end

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


def _pieces(reading: Reading) -> list[_Piece]:
    pieces: list[_Piece] = []
    end = 0
    for match in _LETTERS.finditer(reading.text):
        word = match.group()
        gap = reading.text[end : match.start()]
        pieces.append(_Piece(_one_class(word), word, *match.span(), gap))
        end = match.end()
    return pieces


class _Rows:
    """Terms, found as rows of pieces that are put together, and inside words.

    Args:
        words: Skeletons, loosened if so said.
        loosened: Whether pieces are to be loosened before they are compared.
    """

    def __init__(self, words: Iterable[str], *, loosened: bool) -> None:
        self._loosened = loosened
        self._words = frozenset(words)
        self._begun = frozenset(
            word[:end] for word in self._words for end in range(1, len(word) + 1)
        )
        self._any = _any_of([word for word in self._words if len(word) >= _SHORTEST_WORD])

    def begun_at(self, pieces: Sequence[_Piece], at: int) -> Iterator[int]:
        """How many pieces from `at` on make up a term, or its plural."""
        letters = ""
        for count in range(1, len(pieces) - at + 1):
            piece = pieces[at + count - 1]
            if count > 1 and len(piece.gap) > _LONGEST_GAP:
                return
            letters += piece.letters
            whole = _loosened(letters) if self._loosened else letters
            if whole in self._words or whole.removesuffix("s") in self._words:
                yield count
            # The end of a loosened row may still change with the letter that follows.
            if len(whole) > 1 and whole[: -1 if self._loosened else None] not in self._begun:
                return

    def within(self, letters: str, common: _Common) -> Iterator[tuple[int, int]]:
        """Where terms stand in a row of letters: long ones anywhere, others where an ordinary word is left."""
        if self._any is None:
            return
        for match in self._any.finditer(letters):
            start, end = match.span()
            rest = letters[:start] or letters[end:]
            alone = (start == 0 or end == len(letters)) and len(rest) >= _SHORTEST_NAME
            if end - start >= _SHORTEST_INSIDE or (alone and common.knows_skeleton(rest)):
                yield start, end


def _counts(pieces: Sequence[_Piece], common: _Common) -> bool:
    """Whether pieces that make up a term do so on purpose, and are not what any text holds."""
    gaps = [piece.gap for piece in pieces[1:]]
    if len(pieces) > 1 and not any(map(_is_apart, gaps)):
        return True
    if len(pieces) >= _SHORTEST_NAME and all(len(piece.letters) == 1 for piece in pieces):
        return True
    ordinary = [piece.is_said_by_anybody(common) for piece in pieces]
    if any(map(_SENTENCE_MARK.search, gaps)):
        return not any(ordinary)
    if not all(ordinary):
        return True
    shortest = min(len(piece.letters) for piece in pieces)
    whole = sum(len(piece.letters) for piece in pieces)
    return len(pieces) == 2 and whole >= _SHORTEST_INSIDE and shortest >= _SHORTEST_PIECE


def _is_apart(gap: str) -> bool:
    return any(character.isspace() for character in gap)


def _runs(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    """Pieces with no space between them."""
    first = 0
    for at in range(1, len(pieces) + 1):
        if at == len(pieces) or _is_apart(pieces[at].gap):
            if first < at:
                yield pieces[first:at]
            first = at


def deny_terms(
    texts: Sequence[str],
    *,
    personal: Sequence[str] = (),
    ordinary: frozenset[str] = frozenset(),
) -> DenyTerms:
    """What of `texts`, the free text that entered a brief, may not come back.

    Names of three letters and more (full ones also run together), local parts of e-mail addresses,
    numbers of two digits and more, and words of four letters and more that are not ordinary. A name
    that is an ordinary word ("Rose") counts in a full name, and alone where it has a capital.

    Args:
        texts: As they were sent: what screening removed may not come back either.
        personal: What of them names somebody, as far as that was found: its ordinary words count
            where they have a capital.
        ordinary: Words in lower case that anybody may say besides ordinary English, such as the
            vocabulary's and the house phrases'.
    """
    common = _common(ordinary)
    words: set[str] = set()
    numbers: set[str] = set()
    names: set[str] = set()
    for text in texts:
        for reading in shown(_without_blanks(clean(text))):
            numbers.update(_numbers(reading))
            words.update(_terms(reading.text, common))
            names.update(_everyday_names(reading.text, common))
    for text in personal:
        names.update(
            word
            for word in _PART.findall(fold(_without_blanks(clean(text))).text.lower())
            if len(word) >= _SHORTEST_NAME and word in common and word not in HONORIFICS
        )
    return DenyTerms(words, numbers, names=names, ordinary=ordinary)


def _numbers(reading: Reading) -> Iterator[str]:
    said = reading.rewritten(numerals(reading.text)).text
    for row in {*_NUMBER.findall(reading.text), *_NUMBER.findall(said)}:
        yield re.sub(r"\D", "", row)
        yield from re.findall(r"\d{2,}", row)


def _terms(text: str, common: _Common) -> Iterator[str]:
    for address in _EMAIL.findall(text):
        if address not in common and len(_skeleton(address)) >= _SHORTEST_NAME:
            yield _skeleton(address)
    for row in _SPELT_OUT.findall(text):
        yield _skeleton(row)
    before = ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        for part in (token, *_PART.findall(token)):
            shortest = _SHORTEST_NAME if part[0].isupper() else _SHORTEST_WORD
            skeleton = _skeleton(part)
            if len(skeleton) >= shortest and part not in common and not _numeric(part):
                yield skeleton
                # What was said of several may come back of one.
                if len(skeleton) > _SHORTEST_WORD and part[:-1] not in common:
                    yield skeleton.removesuffix("s")
        if token[0].isupper() and before[:1].isupper():
            whole = _skeleton(before + token)
            if len(whole) >= _SHORTEST_INSIDE and common.is_full_name(before, token):
                yield whole
        before = token


def _everyday_names(text: str, common: _Common) -> Iterator[str]:
    """Given names that are ordinary words, where they stand with a capital within a sentence."""
    for match in re.finditer(r"(?<=[^\W\d_,;] )[A-Z][a-z]{2,}\b", text):
        word = match.group().lower()
        if common.lexicon.may_name(word) and word not in HONORIFICS:
            yield word


def _numeric(token: str) -> bool:
    return _PART.search(token) is None


def _without_blanks(text: str) -> str:
    for start, end in reversed(blanks(text)):
        text = f"{text[:start]}\n{text[end:]}"
    return text


def _skeleton(word: str) -> str:
    """The letters of a word as they look, signs that stand for letters among them."""
    looks = look_alike(with_signs(fold(word).text))
    return _one_class(re.sub(r"[\W_]", "", looks))


def _one_class(letters: str) -> str:
    """In lower case, with letters made one that look alike (l, i) or are written for one another (y, w)."""
    lowered = letters.lower()
    if len(lowered) != len(letters):
        lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in letters)
    return lowered.translate(_ONE_CLASS)


def _loosened(skeleton: str) -> str:
    """Without repeated letters, and with pairs of letters that look like one as that one."""
    for pair, letter in _LOOSE:
        skeleton = skeleton.replace(pair, letter)
    return _DOUBLED.sub(r"\1", skeleton)


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
