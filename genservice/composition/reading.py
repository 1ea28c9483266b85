"""A text word by word: at each place, the words after which it can still become a lawful one."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from genservice.composition.composition import Composition
from genservice.composition.frames import WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genservice.composition.composition import Draft
    from genservice.composition.frames import Frame
    from genservice.composition.pieces import Piece
    from genservice.domain import Brief, Slot


class _Way(NamedTuple):
    """What was read since a draft: the beginning of pieces, one of which is being said."""

    draft: Draft
    pieces: tuple[Piece, ...] = ()
    """Those that begin so; they are not asked for before a word of them was read."""
    read: int = 0
    """Words of them that were read."""


class Reading(msgspec.Struct, frozen=True):
    """How far a text has been read, and every way in which it can be meant."""

    composition: Composition
    ways: tuple[_Way, ...]

    def words(self) -> frozenset[str]:
        """The words, slots and marks that may come next."""
        said = (
            [piece.words[way.read] for piece in way.pieces]
            if way.read
            else self.composition.words(way.draft)
            for way in self.ways
        )
        return frozenset(chain.from_iterable(said))

    def after(self, word: str) -> Self | None:
        """The reading with one word more; None if no lawful text goes on so."""
        composition = self.composition
        ways: list[_Way] = []
        for draft, pieces, read in self.ways:
            if read:
                going = [piece for piece in pieces if piece.words[read] == word]
            else:
                going = composition.beginning(draft, word)
            longer = tuple([piece for piece in going if len(piece.words) > read + 1])
            if longer:
                ways.append(_Way(draft, longer, read + 1))
            ways += [
                _Way(composition.after(draft, piece))
                for piece in going
                if len(piece.words) == read + 1
            ]
        return type(self)(self.composition, tuple(ways)) if ways else None

    def may_end(self) -> bool:
        """Whether the text may end here."""
        return any(way.read == 0 and self.composition.may_end(way.draft) for way in self.ways)


class House:
    """The texts that the house phrases make for one brief, for a writer of whole words."""

    def __init__(
        self, brief: Brief, frames: Iterable[Frame], measure: Callable[[Slot, Brief], int]
    ) -> None:
        """Prepare them; nothing is laid out before it is asked for. See `Composition`."""
        self._parts = (brief, frames, measure)

    def begin(self, words: frozenset[str]) -> Reading:
        """An empty text, to be made of these words alone."""
        return begin(Composition(*self._parts, words))


def begin(composition: Composition) -> Reading:
    """The reading of an empty text."""
    return Reading(composition, (_Way(composition.start),))


def meant(composition: Composition, raw: str) -> Draft | None:
    """The draft that `raw`, with its slots in it, is; None if it is no text of the composition."""
    reading: Reading | None = begin(composition)
    for word in WORD.findall(raw):
        reading = reading.after(word) if reading is not None else None
    ways = reading.ways if reading is not None else ()
    whole = (way.draft for way in ways if way.read == 0 and composition.may_end(way.draft))
    return next(whole, None)


def makes(composition: Composition, raw: str) -> bool:
    """Whether `raw`, with its slots in it, is one of the texts of the composition."""
    return meant(composition, raw) is not None
