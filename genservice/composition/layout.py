"""The pieces of a brief by where they may stand, and how long each of them is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.composition.clauses import form_of
from genservice.composition.pieces import Piece, begun, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.composition.frames import Frame
    from genservice.composition.pieces import Offer

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


class Layout:
    """What texts are put together from.

    Attributes:
        starts: What sentences begin with, by role.
        nouns: Noun clauses inside sentences.
        tails: Tails, with the mark before them.
        closing: What ends a sentence with the title, if anything does.
        lengths: Characters of each of these, and of the full stop.
    """

    def __init__(self, offer: Offer, frames: Iterable[Frame]) -> None:
        """Lay out the phrases that the offer allows."""
        starts: dict[str, list[Piece]] = {}
        nouns: list[Piece] = []
        tails: list[Piece] = []
        for piece in offer.pieces(frames):
            if piece.role == "tail":
                tails += (joined(piece), joined(piece, ","))
                continue
            starts.setdefault(piece.role, []).append(begun(piece))
            if piece.role == "noun":
                nouns.append(joined(piece))
        self.starts: Mapping[str, Sequence[Piece]] = starts
        self.nouns: Sequence[Piece] = nouns
        self.tails: Sequence[Piece] = tails
        self.closing = (_CLOSING,) if "TITLE" in offer.lengths else ()
        inside = (*nouns, *tails, *self.closing, STOP)
        self.lengths = {
            piece: offer.length(piece) for pieces in (*starts.values(), inside) for piece in pieces
        }
