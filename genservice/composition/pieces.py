"""House phrases with slots in them: what texts are put together from."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from genservice.checking import Needs

if TYPE_CHECKING:
    from genservice.composition.clauses import Form
    from genservice.composition.frames import Frame

_IMPERATIVES = frozenset(
    re.findall(
        r"\w+",
        """
        Ask Begin Bring Call Carry Check Clear Come Consider Do Draw Drop Enter Find Follow Gather
        Give Go Hold Join Keep Leave Let Lock Look Make Meet Mind Never Pencil Picture Press Pull Put
        Roll Save Say See Set Settle Sit Sneak Spare Spend Spot Start Stay Stop Take Tread Try Watch
        """,
    )
)


_PIECES = 16_384
"""How many are remembered between briefs: the same phrases and slots come again and again."""
_MARKS = {"noun": ("",), "tail": ("", ",")}
"""Where a phrase may stand inside a sentence, the marks one of which is before it."""


class Piece(msgspec.Struct, frozen=True, eq=False):
    """A phrase as it stands in a text, or a mark between phrases; compared by identity.

    It holds for every brief that has its slots; how long it is there says `Stock.length`.
    """

    role: str
    """Of the phrase; `stop` and `closing` end a sentence made of clauses."""
    text: str
    words: tuple[str, ...]
    slots: frozenset[str]
    literal: int
    """Characters besides its slots, at most, with the space before it inside a sentence."""
    form: Form
    names: tuple[str, ...] = ()
    """The slots, in the order of the phrase's own."""
    phrase: str = ""
    """The id of the phrase; empty for marks."""
    special: bool = False
    """Whether the phrase was made for certain titles alone."""
    toned: bool = False
    """Whether it was made for certain tones alone."""
    long_words: frozenset[str] = frozenset()
    """Words that are noticed when they come again."""
    colons: int = 0
    implies: frozenset[str] = frozenset()
    """Slots that it says in words of its own: "No rush." leaves no need for [PACE]."""

    @property
    def imperative(self) -> bool:
        """Whether it tells the reader to do something."""
        return self.words[0] in _IMPERATIVES


class Standing(NamedTuple):
    """A phrase with its slots as it may stand in a sentence."""

    begun: Piece | None
    """At the beginning; None if it never stands there."""
    joined: tuple[Piece, ...]
    """Inside, after the marks or the space that may come before it."""


@lru_cache(maxsize=_PIECES)
def standing(frame: Frame, names: tuple[str, ...]) -> Standing:
    """A phrase with these slots."""
    piece = _piece(frame, names)
    marks = _MARKS.get(piece.role, ())
    begun = None if piece.role == "tail" else _begun(piece)
    return Standing(begun, tuple(_joined(piece, mark) for mark in marks))


def _piece(frame: Frame, chosen: tuple[str, ...]) -> Piece:
    """A phrase with these slots."""
    phrase, words, parts = frame.phrase, frame.words, list(frame.parts)
    if chosen != frame.names:
        parts[1::2] = [f"[{name}]" for name in chosen]
        named = iter(parts[1::2])
        words = tuple(next(named) if word[0] == "[" else word for word in words)
    return Piece(
        role=phrase.role,
        text="".join(parts),
        words=words,
        slots=frozenset(chosen),
        literal=frame.literal,
        form=frame.form,
        names=chosen,
        phrase=phrase.id,
        special=phrase.needs != _NO_NEEDS,
        toned=bool(phrase.tones),
        long_words=frame.long_words,
        colons=frame.colons,
        implies=_PACE if phrase.needs.pace and "PACE" not in chosen else _NONE,
    )


def _begun(piece: Piece) -> Piece:
    """The piece as it stands at the beginning of a sentence."""
    first, *others = piece.words
    raised = first[0].upper() + first[1:]
    if raised == first:
        return piece
    return _changed(
        piece,
        text=piece.text[0].upper() + piece.text[1:],
        words=(raised, *others),
        long_words=piece.long_words - {first},
    )


def _joined(piece: Piece, mark: str) -> Piece:
    """The piece as it stands inside a sentence, after a mark or a space alone."""
    before = (mark,) if mark else ()
    return _changed(
        piece,
        text=f"{mark} {piece.text}",
        words=(*before, *piece.words),
        literal=piece.literal + len(mark) + 1,
    )


_changed = msgspec.structs.replace
_NO_NEEDS = Needs()
_PACE = frozenset({"PACE"})
_NONE = frozenset[str]()
