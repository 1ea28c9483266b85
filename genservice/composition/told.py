"""What the sentences of a text come to, and what it still has to say."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.composition.offers import Offer
    from genservice.composition.pieces import Piece

CLAUSES = frozenset({"lead", "noun", "tail", "stop", "closing"})
"""Roles that only together make a sentence."""

NOTHING = frozenset[str]()
BARE = frozenset({"TITLE", "KIND"})
"""Slots that tell of a title no more than what it is called and what it is."""
LOGLINE = frozenset({"LOGLINE"})
STORY_PARTS = frozenset({"WHO", "WHO_PL", "GOAL", "TURN", "WHERE"})
TOLD_ONCE = STORY_PARTS | LOGLINE
"""Slots that tell what others of them may tell too."""
TELLING = frozenset({"LOGLINE", "GOAL", "STORY_1"})
"""Slots any of which tells the story."""
MAY_REPEAT = frozenset({"A", "The", "[TITLE]"})
"""Words that may begin several sentences."""
STORY = "*story"
"""Stands among the slots that a text has to say, and is said with any slot that tells the story."""

_STORY = frozenset({STORY})
_ROOMY = 130
"""Characters from which on a promo has room for its story too."""
_POINTS_BACK = re.compile(r"\b([Ii]t|besides)\b|^(With|Behind|Also)\b")
_REMEMBERED = 16_384


class Sentence(NamedTuple):
    """A finished sentence, or a few that belong to one phrase."""

    pieces: tuple[Piece, ...]

    @property
    def role(self) -> str:
        """Of the phrase; `noun` for sentences made of clauses."""
        return role_of(self.pieces[0])

    @property
    def slots(self) -> frozenset[str]:
        """What it says."""
        return NOTHING.union(*[piece.slots for piece in self.pieces])


class Told(NamedTuple):
    """What the sentences so far come to."""

    sentences: tuple[Sentence, ...] = ()
    used: frozenset[str] = frozenset()
    """Slots said, those of the sentence that has begun among them."""
    words: frozenset[str] = frozenset()
    """Long words said in finished sentences."""
    colons: int = 0
    missing: frozenset[str] = frozenset()
    """What the text still has to say: slots, and perhaps its story."""
    implied: frozenset[str] = frozenset()
    """Slots that need not be said any more, for a phrase said as much in its own words."""


def is_promo(offer: Offer) -> bool:
    """Whether the text is to be a promo; a synopsis otherwise."""
    return offer.brief.purpose != "synopsis"


def needs(offer: Offer, angle: int, *, story: bool) -> frozenset[str]:
    """What a text has to say.

    Args:
        offer: What it is made of.
        angle: How many slots of the angle.
        story: Whether it has to tell of the story, if it has room for that.
    """
    wanted = {*offer.wanted[:angle]}
    # A synopsis that has no story to tell says at least of what it is one.
    if is_promo(offer) or TELLING.isdisjoint(offer.lengths):
        wanted |= {"TITLE"} & offer.lengths.keys()
    roomy = not is_promo(offer) or offer.brief.limit > _ROOMY
    if story and roomy and not TELLING.isdisjoint(offer.lengths):
        wanted.add(STORY)
    return frozenset(wanted)


def left(missing: frozenset[str], slots: frozenset[str]) -> frozenset[str]:
    """What still has to be said after these slots."""
    return missing - slots - (_STORY if slots & TELLING else NOTHING)


def said_alone(slots: frozenset[str], wanted: frozenset[str]) -> frozenset[str]:
    """What a sentence of these slots says of what is wanted; nothing if it says more."""
    tells = STORY in wanted and bool(slots & TELLING)
    more = slots - wanted - (TELLING | STORY_PARTS if tells else NOTHING)
    return NOTHING if more else (slots & wanted) | (_STORY if tells else NOTHING)


def role_of(piece: Piece) -> str:
    """The role of a sentence that begins with the piece, or ends with it."""
    return "noun" if piece.role in CLAUSES else piece.role


def is_something(pieces: Iterable[Piece]) -> bool:
    """Whether they tell of the title more than its name, if only what sort it is."""
    return any(piece.slots - BARE or piece.special for piece in pieces)


def is_named(told: Told) -> bool:
    """Whether there is something that "it" can stand for."""
    return any("TITLE" in one.slots or one.role == "noun" for one in told.sentences)


@lru_cache(maxsize=_REMEMBERED)
def points_back(piece: Piece) -> bool:
    """Whether the piece speaks of what was named before it."""
    return piece.role in {"angle", "cast"} and _POINTS_BACK.search(piece.text) is not None
