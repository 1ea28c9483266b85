"""Where a text has come to: which sorts of sentences it may still take.

A place is a number of which every bit bars some sentences: those of a role whose turn is over, those that
begin with a word that another begins with, those that say again what was told. So to ask whether a sentence
may come, and what the place is after it, takes an operation or two; a text asks some thousands of times.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from genservice.composition.told import BARE, TOLD_ONCE, is_named, is_something

if TYPE_CHECKING:
    from genservice.composition.told import Told

RANK = ("hook", "premise", "then", "story", "noun", "line", "angle", "cast", "close", "tag", "end")
"""Roles of sentences in the order in which they stand."""

_ONCE = (frozenset({"noun", "line"}), frozenset({"premise"}), frozenset({"tag", "end"}))
"""Roles of which a text has one sentence at most. Of angles it may have two."""
_SAYING_NOTHING = frozenset({"close", "tag", "end"})
_ROLE = {role: 1 << rank for rank, role in enumerate(RANK)}
_EARLIER = {role: _ROLE[role] - 1 for role in RANK}
_ONE_ANGLE = 1 << len(RANK)
_TWO_ANGLES = _ONE_ANGLE << 1
_UNNAMED = _ONE_ANGLE << 2
"""Nothing was said that "it" can stand for."""
UNTOLD = _ONE_ANGLE << 3
"""No more was told than the title, so that a title alone may not close the text."""
_PARTS = {name: _ONE_ANGLE << at for at, name in enumerate(sorted(TOLD_ONCE), 4)}
PARTS = sum(_PARTS.values())
"""What tells the story was told."""
FIRST = _ONE_ANGLE << 4 + len(_PARTS)
"""The lowest of the bits for words that begin sentences, and may not begin another."""

_SLOTS = 4_096
"""Sets of slots that are remembered: pieces of a catalogue have some hundred."""


class Turn(NamedTuple):
    """A sentence among others: which places bar it, and what it makes of a place."""

    barred: int
    """The bits any of which bars it."""
    keeps: int
    """Of the bits before it, those that stay."""
    adds: int
    """Those that are set."""
    counts: int
    """What is added to the number: angles are counted."""

    def after(self, place: int) -> int:
        """The place once it has come."""
        return (place & self.keeps | self.adds) + self.counts


FREELY = Turn(barred=0, keeps=~0, adds=0, counts=0)


@lru_cache(maxsize=_SLOTS)
def telling(slots: frozenset[str]) -> Turn:
    """The turn of a piece with these slots, for what it tells of the story."""
    if slots.isdisjoint(TOLD_ONCE):
        return FREELY
    own = sum(_PARTS[name] for name in slots & TOLD_ONCE)
    # The logline tells what all others do.
    return FREELY._replace(
        barred=own, adds=PARTS if "LOGLINE" in slots else own | _PARTS["LOGLINE"]
    )


def turn(role: str, first: int, parts: frozenset[str], *, back: bool, bare: bool) -> Turn:
    """The turn of a sentence that is reckoned with.

    Args:
        role: Of the sentence.
        first: The bit of its first word.
        parts: Its slots, if it tells of the story.
        back: Whether it points back.
        bare: Whether it is a title and no more.
    """
    usual, story = _TURNS[role], telling(parts)
    return Turn(
        barred=usual.barred
        | first
        | story.barred
        | (_UNNAMED if back else 0)
        | (UNTOLD if bare else 0),
        keeps=usual.keeps,
        adds=usual.adds | first | story.adds,
        counts=usual.counts,
    )


def _usual(role: str) -> Turn:
    """The turn of sentences of a role, whatever they say."""
    return Turn(
        barred=_ROLE[role] | (_TWO_ANGLES if role == "angle" else 0),
        keeps=~((_UNNAMED if role == "noun" else 0) | (0 if role in _SAYING_NOTHING else UNTOLD)),
        adds=sum(_ROLE[other] for roles in _ONCE if role in roles for other in roles),
        counts=_ONE_ANGLE if role == "angle" else 0,
    )


_TURNS = {role: _usual(role) for role in RANK}


def opened(place: int, role: str, *, begun: bool) -> int:
    """The place once a sentence has begun.

    Args:
        place: Before it.
        role: Of the sentence.
        begun: Whether one stands before it; what opens a text may be anything, and counts for nothing.
    """
    return _TURNS[role].after(place) | (_EARLIER[role] if begun else 0)


@lru_cache(maxsize=_SLOTS)
def naming(slots: frozenset[str]) -> int:
    """The bits that stay once a sentence has begun with these slots."""
    return ~((_UNNAMED if "TITLE" in slots else 0) | (0 if slots <= BARE else UNTOLD))


def place_after(told: Told) -> int:
    """The place after the sentences of a text, whatever they begin with."""
    roles = [sentence.role for sentence in told.sentences]
    # Nothing but the first sentence may be a hook.
    place = _EARLIER[roles[-1] if len(roles) > 1 else "premise"]
    for role in roles:
        place = _TURNS[role].after(place)
    place |= telling(told.used).adds
    place |= 0 if is_named(told) else _UNNAMED
    return place | (0 if any(is_something(one.pieces) for one in told.sentences) else UNTOLD)


def roles_at(place: int) -> frozenset[str]:
    """The roles of the sentences that may come."""
    return frozenset(role for role in RANK if not place & _TURNS[role].barred)
