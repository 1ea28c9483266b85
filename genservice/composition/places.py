"""Where a text has come to: which sorts of sentences it may still take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from genservice.composition.told import (
    MAY_REPEAT,
    NOTHING,
    TOLD_ONCE,
    is_named,
    is_something,
    role_of,
)

if TYPE_CHECKING:
    from genservice.composition.pieces import Piece
    from genservice.composition.told import Told

RANK = ("hook", "premise", "then", "story", "noun", "line", "angle", "cast", "close", "tag", "end")
"""Roles of sentences in the order in which they stand."""

_MOST = (
    (frozenset({"noun", "line"}), 1),
    (frozenset({"premise"}), 1),
    (frozenset({"tag", "end"}), 1),
    (frozenset({"angle"}), 2),
)
"""How many sentences of some roles a text may have."""
_COUNTED = NOTHING.union(*(group for group, _ in _MOST))
_GROUPS = {role: tuple(at for at, (group, _) in enumerate(_MOST) if role in group) for role in RANK}
_SAYING_NOTHING = frozenset({"close", "tag", "end"})
_RANKED = {role: rank for rank, role in enumerate(RANK)}


class Place(NamedTuple):
    """Which sorts of sentences a text may still take: each has its place, and some come once."""

    least: int
    """Rank of the last sentence; what opens a text may be anything, and counts for nothing."""
    left: tuple[int, ...]
    """How many sentences of each group of roles there is room for."""
    firsts: frozenset[str]
    """Words that began a sentence and may not begin another."""
    named: bool
    """Whether there is something that "it" can stand for."""
    parts: frozenset[str] = NOTHING
    """Parts of the story that were said."""
    something: bool = True
    """Whether more was told than the title, so that a title alone may close the text."""
    begun: bool = True
    """Whether there is any sentence yet."""

    def opening(self, piece: Piece) -> Place:
        """The place once a sentence begins with the piece."""
        role = role_of(piece)
        counted = self.counting(role, piece.words[0])
        return Place(
            _RANKED[role] if self.begun else 1,
            counted.left,
            counted.firsts,
            self.named or role == "noun" or "TITLE" in piece.slots,
            self.parts,
            # Clauses come to more than a name: "Watch a film" is no sentence.
            self.something or role == "noun" or is_something((piece,)),
            begun=True,
        )

    def tells(self, slots: frozenset[str]) -> bool:
        """Whether these slots may be said beside the parts of the story that were."""
        own, parts = slots & TOLD_ONCE, self.parts
        both = bool(own) and bool(parts) and ("LOGLINE" in own or "LOGLINE" in parts)
        return own.isdisjoint(parts) and not both

    def telling(self, slots: frozenset[str]) -> Place:
        """The place with these slots said."""
        own = slots & TOLD_ONCE
        return self._replace(parts=self.parts | own) if own else self

    def takes(self, role: str, first: str = "", *, back: bool = False) -> bool:
        """Whether a sentence of that role, beginning with that word, may still come.

        Args:
            role: Of the sentence.
            first: Its first word.
            back: Whether it points back.
        """
        if _RANKED[role] < self.least or (back and not self.named) or first in self.firsts:
            return False
        return 0 not in [self.left[at] for at in _GROUPS[role]]

    def counting(self, role: str, first: str) -> Place:
        """The place where such a sentence is reckoned with, before or after others."""
        # Places are made by the hundred for every brief: nothing is built that stays the same.
        left, firsts = self.left, self.firsts
        if role in _COUNTED:
            groups = _GROUPS[role]
            left = tuple([n - 1 if at in groups else n for at, n in enumerate(left)])
        if first not in MAY_REPEAT and first not in firsts:
            firsts = firsts | {first}
        return Place(
            self.least,
            left,
            firsts,
            self.named or role == "noun",
            self.parts,
            self.something or role not in _SAYING_NOTHING,
            self.begun,
        )


def place_after(told: Told) -> Place:
    """The place after the sentences of a text."""
    firsts = [sentence.pieces[0] for sentence in told.sentences]
    roles = [role_of(first) for first in firsts]
    return Place(
        # Nothing but the first sentence may be a hook.
        least=_RANKED[roles[-1]] if len(roles) > 1 else 1,
        left=tuple(most - sum(role in group for role in roles) for group, most in _MOST),
        firsts=frozenset(first.words[0] for first in firsts) - MAY_REPEAT,
        named=is_named(told),
        parts=told.used & TOLD_ONCE,
        something=any(is_something(sentence.pieces) for sentence in told.sentences),
        begun=bool(told.sentences),
    )
