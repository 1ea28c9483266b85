"""Texts as a tree of pieces: from every place in a text, the pieces that may come next.

    text     = sentence (" " sentence)*
    sentence = a whole phrase
             | [lead " "] noun ((" " | ", ") tail)* [": [TITLE]"] "."

A piece is on offer only if, after it, the text can still say within its limit what it has to say. So
whoever goes from piece to piece arrives: training composes what the model learns by drawing pieces,
and the model writes by choosing among their words.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from genservice.composition.clauses import Clause, may_follow
from genservice.composition.layout import STOP, laid_out
from genservice.composition.offers import Offer, given_by
from genservice.composition.reserve import Reserve
from genservice.composition.texts import (
    may_begin,
    may_say,
    may_stop,
    roles_next,
    says_enough,
    says_something,
)
from genservice.composition.told import Sentence, Told, left, needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from genservice.composition.frames import Frame
    from genservice.composition.pieces import Piece
    from genservice.domain import Brief, Slot

RULES = 3
"""Version of the rules of this package; raise it when they change, so that texts are written anew."""

_MOST_SENTENCES = 12
_ENOUGH = 8
"""With fewer ways to begin, a short text that tells both story and angle is hardly ever found."""


class Draft(NamedTuple):
    """A text as far as it has come."""

    told: Told
    clause: Clause | None = None
    """The sentence that has begun; None between sentences."""
    length: int = 0
    """Characters once filled, at most."""
    path: tuple[Piece, ...] = ()
    """Every piece, in order."""


class Composition:
    """Every text that the house phrases make for one brief."""

    def __init__(
        self,
        brief: Brief,
        frames: Iterable[Frame],
        measure: Callable[[Slot, Brief], int],
        words: frozenset[str] | None = None,
    ) -> None:
        """Lay out the pieces.

        Args:
            brief: What the texts answer.
            frames: The phrases that hold for its title.
            measure: How many characters to count for a slot.
            words: The words and slots that texts may be made of; by default any.
        """
        self._layout = laid_out(given_by(brief, measure, words), tuple(frames))
        self._reserve = Reserve(self._layout)
        self.offer = Offer(brief, self._layout.stock)
        self._known: dict[tuple[Piece, ...], Choice] = {}
        self.start = self._begin()

    def _begin(self) -> Draft:
        """The empty draft. What the limit is too tight for need not be said."""
        for angle in range(len(self.offer.wanted), -1, -1):
            for story in (True, False):
                draft = Draft(Told(missing=needs(self.offer, angle, story=story)))
                self._known.clear()
                if self._choice(draft).holds(_ENOUGH if story and angle else 1):
                    return draft
        return Draft(Told())

    def next(self, draft: Draft) -> tuple[Piece, ...]:
        """The pieces that may come next; none if the text is as long as it can get."""
        return tuple(self._choice(draft))

    def words(self, draft: Draft) -> frozenset[str]:
        """With which words the pieces begin that may come next."""
        return self._choice(draft).words

    def beginning(self, draft: Draft, word: str) -> list[Piece]:
        """Those of them that begin with this word."""
        return self._choice(draft).beginning(word)

    def after(self, draft: Draft, piece: Piece) -> Draft:
        """The draft with one of its next pieces."""
        told, clause = draft.told, draft.clause
        space = 1 if clause is None and told.sentences else 0
        told = told._replace(
            used=told.used | piece.slots,
            missing=left(told.missing, piece.slots),
            implied=told.implied | piece.implies,
        )
        if piece.role == "lead":
            clause = Clause(piece, None)
        elif piece.role == "noun":
            clause = Clause(clause.lead if clause else None, piece)
        elif piece.role == "tail" and clause is not None:
            clause = clause._replace(tails=(*clause.tails, piece))
        else:
            told = _ended(told, (*(clause.pieces if clause else ()), piece))
            clause = None
        return Draft(
            told, clause, draft.length + space + self._layout.lengths[piece], (*draft.path, piece)
        )

    def may_end(self, draft: Draft) -> bool:
        """Whether the text may end here: it says what it has to, and enough or all it can."""
        told = draft.told
        if draft.clause is not None or not told.sentences:
            return False
        if not self.words(draft):
            return says_something(self.offer, told)
        return says_enough(self.offer, told)

    def _choice(self, draft: Draft) -> Choice:
        if draft.path not in self._known:
            self._known[draft.path] = self._choice_at(draft)
        return self._known[draft.path]

    def _choice_at(self, draft: Draft) -> Choice:
        offer, told, clause, layout = self.offer, draft.told, draft.clause, self._layout
        room = offer.brief.limit - draft.length
        begins: Callable[[Piece], bool] | None = None
        if clause is None:
            if len(told.sentences) >= _MOST_SENTENCES:
                return Choice((), lambda _: False)
            room -= 1 if told.sentences else 0
            roles = sorted(roles_next(offer, told))
            pieces = chain(*[layout.starts.get(role, ()) for role in roles])
            begins = may_begin(offer, told)
        else:
            pieces = self._going_on(told, clause)
        lengths, may = layout.lengths, may_say(offer, told)
        after = self._reserve.following(offer, told, clause)

        def may_come(piece: Piece) -> bool:
            return (
                may(piece)
                and (begins is None or begins(piece))
                and lengths[piece] + after(piece) <= room
            )

        return Choice([piece for piece in pieces if lengths[piece] <= room], may_come)

    def _going_on(self, told: Told, clause: Clause) -> list[Piece]:
        """What may follow in the sentence that has begun, whatever the text has said."""
        layout = self._layout
        if clause.noun is None:
            return [noun for noun in layout.nouns if may_follow(clause.lead, noun)]
        stop = (STOP,) if may_stop(self.offer, told, clause) else ()
        closing = layout.closing if clause.lead is None else ()
        return [*stop, *closing, *filter(clause.shape.takes, layout.tails)]


class Choice:
    """The pieces that may come next, looked at only as far as somebody asks.

    Most pieces begin with a word that another may begin with too, and then are never asked about.
    """

    def __init__(self, pieces: Sequence[Piece], may_come: Callable[[Piece], bool]) -> None:
        self._pieces = pieces
        self._may_come = may_come

    def __iter__(self) -> Iterator[Piece]:
        return filter(self._may_come, self._pieces)

    def holds(self, count: int) -> bool:
        """Whether there are so many of them."""
        return len(list(islice(self, count))) == count

    @cached_property
    def words(self) -> frozenset[str]:
        """With which words they begin."""
        may_come, found = self._may_come, set[str]()
        for piece in self._pieces:
            word = piece.words[0]
            if word not in found and may_come(piece):
                found.add(word)
        return frozenset(found)

    def beginning(self, word: str) -> list[Piece]:
        """Those that begin with this word."""
        may_come = self._may_come
        return [piece for piece in self._pieces if piece.words[0] == word and may_come(piece)]


def _ended(told: Told, pieces: tuple[Piece, ...]) -> Told:
    return told._replace(
        sentences=(*told.sentences, Sentence(pieces)),
        words=told.words.union(*(piece.long_words for piece in pieces)),
        colons=told.colons + sum(piece.colons for piece in pieces),
    )
