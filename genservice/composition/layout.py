"""The pieces of a brief by where they may stand, and how long each of them is there."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from genservice.composition.clauses import form_of
from genservice.composition.offers import Stock
from genservice.composition.pieces import Piece
from genservice.composition.places import FIRST
from genservice.composition.told import MAY_REPEAT, STORY, TELLING, said_alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from genservice.composition.frames import Frame
    from genservice.composition.offers import Given

_FORM = form_of("stop", ".", ())
STOP = Piece(role="stop", text=".", words=(".",), slots=frozenset(), literal=1, form=_FORM)
_CLOSING = Piece(
    role="closing",
    text=": [TITLE].",
    words=(":", "[TITLE]", "."),
    slots=frozenset({"TITLE"}),
    literal=3,
    form=_FORM,
    names=("TITLE",),
    colons=1,
)
_LAYOUTS = 256
"""How many are kept, at some 60 kB each: a title has one or two for all its channels and angles."""


class Layout:
    """What texts are put together from. It is the same for briefs that differ in limit or angle, and never changes.

    Attributes:
        stock: What these are made of.
        starts: What sentences begin with, by role.
        nouns: Noun clauses inside sentences.
        tails: Tails, with the mark before them.
        closing: What ends a sentence with the title, if anything does.
        lengths: Characters of each of these, and of the full stop.
        firsts: A bit for each word that begins sentences, and may not begin two of a text.
        sentences: What sentences begin with by what it says, leads left out.
        endings: The tails by what they say.
        short_nouns: The shortest noun clause of each form with the same slots, the short ones first.
        shared: The slots of a lead that matter to which of them may follow it.
    """

    def __init__(self, stock: Stock, frames: Iterable[Frame]) -> None:
        """Lay out the phrases that the stock allows."""
        starts: dict[str, list[Piece]] = {}
        nouns: list[Piece] = []
        tails: list[Piece] = []
        for begun, joined in stock.phrases(frames):
            if begun is None:
                tails += joined
            else:
                starts.setdefault(begun.role, []).append(begun)
                nouns += joined
        self.stock = stock
        self.starts: Mapping[str, Sequence[Piece]] = starts
        self.nouns: Sequence[Piece] = nouns
        self.tails: Sequence[Piece] = tails
        self.closing = (_CLOSING,) if "TITLE" in stock.lengths else ()
        inside = (*nouns, *tails, *self.closing, STOP)
        self.lengths = stock.measured(chain(*starts.values(), inside))
        words = {piece.words[0]: None for pieces in starts.values() for piece in pieces}
        self.firsts: Mapping[str, int] = {
            word: FIRST << at for at, word in enumerate(words) if word not in MAY_REPEAT
        }
        whole = (pieces for role, pieces in starts.items() if role != "lead")
        self.sentences = BySlots(chain(*whole))
        self.endings = BySlots(tails)
        by_length = sorted(nouns, key=self.lengths.__getitem__, reverse=True)
        shortest = {(noun.form, noun.slots): noun for noun in by_length}
        self.short_nouns = sorted(shortest.values(), key=self.lengths.__getitem__)
        self.shared = frozenset({"TITLE"}).union(*[noun.slots for noun in self.short_nouns])


@lru_cache(maxsize=_LAYOUTS)
def laid_out(given: Given, frames: tuple[Frame, ...]) -> Layout:
    """The layout of briefs to which the same is given."""
    return Layout(Stock(given), frames)


class BySlots:
    """Pieces by what they say."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        """Arrange them."""
        self._pieces: dict[frozenset[str], list[Piece]] = {}
        for piece in pieces:
            self._pieces.setdefault(piece.slots, []).append(piece)
        self._naming: dict[str, list[frozenset[str]]] = {}
        for slots in self._pieces:
            for name in slots if slots.isdisjoint(TELLING) else (*slots, STORY):
                self._naming.setdefault(name, []).append(slots)

    def saying(self, wanted: frozenset[str]) -> Iterator[tuple[Sequence[Piece], frozenset[str]]]:
        """Those that say some of `wanted` and nothing else, by slots; each with what it says of it."""
        for slots in {slots for name in wanted for slots in self._naming.get(name, ())}:
            if said := said_alone(slots, wanted):
                yield self._pieces[slots], said
