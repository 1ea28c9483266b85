"""Skeletons: words as they compare when nobody can tell their letters apart, and how terms are found by them.

Lower case, Latin, look-alikes made one. A term stands in a reading where whole pieces of it, put
together, make up its skeleton on purpose: apart by signs, slots or markup; or by spaces, unless any text
could hold these very words.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec

from genservice.privacy.folding import fold
from genservice.privacy.lexicon import editing_words, load_lexicon, ordinary_words
from genservice.privacy.readings import look_alike, with_signs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genservice.privacy.lexicon import Lexicon
    from genservice.privacy.readings import Reading

SHORTEST_NAME = 3
"""Letters of the shortest term."""
SHORTEST_WORD = 4
"""Letters from which a term is found beside an ordinary word with nothing between them."""
SHORTEST_INSIDE = 6
"""Letters from which a term is found inside longer words, and in two pieces that are ordinary words."""

_SHORTEST_PIECE = 3
_LONGEST_GAP = 12
"""Characters between two pieces of a term."""

# A word, or what stands between the capitals of "EmmaThornbury".
_LETTERS = re.compile(r"[^\W\d_](?:(?![^\W\d_a-z](?<=[a-z].))[^\W\d_])*")
_SENTENCE_MARK = re.compile(r"[.,;:!?\u2026()\"]")
_ONE_CLASS = str.maketrans("lyw", "iiv")
_LOOSE = (("rn", "m"), ("ci", "d"))
_DOUBLED = re.compile(r"(.)\1+")


class Common:
    """What anybody may say."""

    def __init__(self, ordinary: frozenset[str]) -> None:
        self.lexicon: Lexicon = load_lexicon(ordinary=ordinary, allowed=ordinary)

    def __contains__(self, word: str) -> bool:
        return self.lexicon.knows(word.lower())

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(map(_one_class, self.lexicon.ordinary))

    def knows_skeleton(self, skeleton: str) -> bool:
        """Whether an ordinary word, as it is listed, looks like this."""
        return skeleton in self._listed

    def is_full_name(self, one: str, other: str) -> bool:
        """Whether two neighbouring capitals name somebody, unlike "Slow Burn"."""
        either = self.lexicon.may_name(one.lower()) or self.lexicon.may_name(other.lower())
        return either or one not in self or other not in self


@lru_cache(maxsize=4)
def common_words(ordinary: frozenset[str]) -> Common:
    """What anybody may say, `ordinary` words in lower case among it."""
    return Common(ordinary | ordinary_words() | editing_words())


class _Piece(msgspec.Struct, frozen=True):
    """A row of letters of a reading, and what stands before it."""

    letters: str
    """As a skeleton."""
    word: str
    start: int
    end: int
    gap: str

    def is_said_by_anybody(self, common: Common) -> bool:
        """Whether it is an ordinary word, or a letter that stands alone."""
        if len(self.word) == 1:
            return self.word in "aAiIoO" or self.gap.endswith("'")
        return self.word in common


class Skeletons:
    """Terms, found in readings.

    Args:
        words: Their skeletons.
        common: What anybody may say.
    """

    def __init__(self, words: Iterable[str], common: Common) -> None:
        self._common = common
        self._exact = _Rows(words, loosened=False)
        loosened = map(_loosened, words)
        self._loose = _Rows(
            [word for word in loosened if len(word) >= SHORTEST_NAME], loosened=True
        )

    def spans_in(self, reading: Reading) -> Iterator[tuple[int, int]]:
        """Where they stand, as written; in no order, overlapping."""
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
        if len(letters) < SHORTEST_INSIDE:
            return
        places = [place for piece in run for place in range(piece.start, piece.end)]
        for first, last in self._exact.within(letters, self._common):
            start, end = places[first], places[last - 1] + 1
            held = [piece for piece in run if piece.start < end and start < piece.end]
            if not all(piece.is_said_by_anybody(self._common) for piece in held):
                yield start, end


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
        self._any = any_of([word for word in self._words if len(word) >= SHORTEST_WORD])

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

    def within(self, letters: str, common: Common) -> Iterator[tuple[int, int]]:
        """Where terms stand in a row of letters: long ones anywhere, others where an ordinary word is left."""
        if self._any is None:
            return
        for match in self._any.finditer(letters):
            start, end = match.span()
            rest = letters[:start] or letters[end:]
            alone = (start == 0 or end == len(letters)) and len(rest) >= SHORTEST_NAME
            if end - start >= SHORTEST_INSIDE or (alone and common.knows_skeleton(rest)):
                yield start, end


def _counts(pieces: Sequence[_Piece], common: Common) -> bool:
    """Whether pieces that make up a term do so on purpose, and are not what any text holds."""
    gaps = [piece.gap for piece in pieces[1:]]
    if len(pieces) > 1 and not any(map(_is_apart, gaps)):
        return True
    if len(pieces) >= SHORTEST_NAME and all(len(piece.letters) == 1 for piece in pieces):
        return True
    ordinary = [piece.is_said_by_anybody(common) for piece in pieces]
    if any(map(_SENTENCE_MARK.search, gaps)):
        return not any(ordinary)
    if not all(ordinary):
        return True
    shortest = min(len(piece.letters) for piece in pieces)
    whole = sum(len(piece.letters) for piece in pieces)
    return len(pieces) == 2 and whole >= SHORTEST_INSIDE and shortest >= _SHORTEST_PIECE


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


def skeleton(word: str) -> str:
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
    skeleton = _DOUBLED.sub(r"\1", skeleton)
    for pair, letter in _LOOSE:
        skeleton = skeleton.replace(pair, letter)
    return _DOUBLED.sub(r"\1", skeleton)


def any_of(patterns: Sequence[str], *, before: str = "", after: str = "") -> re.Pattern[str] | None:
    """An expression for any of `patterns`, the longest first; None for none."""
    if not patterns:
        return None
    longest_first = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
    return re.compile(f"{before}(?:{'|'.join(longest_first)}){after}")
