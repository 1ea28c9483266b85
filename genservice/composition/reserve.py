"""How much room a text must keep to say what it still has to."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from genservice.composition.clauses import Clause, may_follow, may_tail
from genservice.composition.places import Place, place_after
from genservice.composition.texts import counted_on, may_say_nothing
from genservice.composition.told import (
    BARE,
    CLAUSES,
    NOTHING,
    STORY,
    TOLD_ONCE,
    left,
    points_back,
    role_of,
    said_alone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from genservice.composition.clauses import Form
    from genservice.composition.layout import Layout
    from genservice.composition.pieces import Offer, Piece
    from genservice.composition.told import Told

_NEVER = 1_000_000
"""Longer than any limit."""

_ANYWHERE = Place(least=0, left=(), firsts=frozenset(), named=True)
"""For texts that have nothing left to say: where they have come to does not matter."""


class _Rest(msgspec.Struct, frozen=True, eq=False):
    """What is left to say after a piece; pieces that leave the same of it share one."""

    wanted: frozenset[str]
    firsts: frozenset[str]
    """The words with which sentences begin that say some of it."""


_NO_REST = _Rest(NOTHING, NOTHING)


class _Unit(NamedTuple):
    """The shortest way to say some of what is wanted in a sentence of a role."""

    role: str
    first: str
    back: bool
    """Whether it speaks of what was named before it."""
    said: frozenset[str]
    parts: frozenset[str]
    """Every slot of it, if it tells of the story."""
    length: int

    @property
    def bare(self) -> bool:
        """Whether it is a title and no more."""
        return self.role == "close" and self.said <= {"TITLE"}


class Reserve:
    """The least characters that follow a piece, worked out once for each thing left to say.

    It reckons with sentences that say what is left and nothing else, and so may keep a little more
    room than needed. Of their words it looks at the first alone: now and then a sentence that it
    counts on echoes an earlier one, and the text comes to a place from which it cannot go on.
    """

    def __init__(self, layout: Layout, offer: Offer) -> None:
        """Reckon with the pieces of a layout.

        Args:
            layout: What texts are put together from.
            offer: What it was made of.
        """
        self._lengths = lengths = layout.lengths
        self._starts = _by_slots(counted_on(offer, chain(*layout.starts.values())))
        # Of what is alike to the reckoning, the shortest is all that is reckoned with.
        self._nouns = _shortest(layout.nouns, lengths)
        self._tails = _shortest(layout.tails, lengths)
        self._closing = layout.closing
        self._bare = may_say_nothing(offer)
        self._least: dict[tuple[object, ...], int] = {}
        self._rests: dict[tuple[object, ...], _Rest] = {}
        self._after_nouns: dict[
            frozenset[str], Sequence[tuple[frozenset[str], Sequence[tuple[int, Piece]]]]
        ] = {}
        self._saying: dict[frozenset[str], tuple[Piece, ...]] = {}
        self._units: dict[frozenset[str], tuple[tuple[_Unit, ...], frozenset[str]]] = {}

    def following(self, told: Told, clause: Clause | None) -> Callable[[Piece], int]:
        """Asks of a piece: least characters after it until the text has said what it has to.

        Args:
            told: The text before the piece.
            clause: Its open sentence.
        """
        missing = told.missing
        before = place_after(told) if missing else _ANYWHERE
        opened = before.opening(clause.pieces[0]) if missing and clause is not None else None
        known: dict[tuple[object, ...], int] = {}
        rests: dict[frozenset[str], _Rest] = {}

        def after(piece: Piece) -> int:
            role, slots = piece.role, piece.slots
            rest = rests.get(slots)
            if rest is None:
                rest = rests[slots] = self._rest(missing, slots)
            if not rest.wanted and role != "lead":
                return 1 if role in {"noun", "tail"} else 0
            first = piece.words[0]
            # Many pieces are alike to the reckoning.
            key = (
                rest,
                role,
                first if first in rest.firsts else "",
                piece.special,
                piece.form if role in CLAUSES else None,
                slots if role == "lead" else None,
            )
            if key not in known:
                place = (opened or before.opening(piece)) if rest.wanted else _ANYWHERE
                place = self._reckoned(place.telling(slots), rest.wanted)
                known[key] = self._after(clause, piece, rest.wanted, place)
            return known[key]

        return after

    def _rest(self, missing: frozenset[str], slots: frozenset[str]) -> _Rest:
        """What is left of `missing` after these slots."""
        wanted = left(missing, slots)
        if not wanted:
            return _NO_REST
        told = slots & TOLD_ONCE if STORY in wanted else NOTHING
        key = (wanted, "TITLE" in slots, slots <= BARE, told)
        if key not in self._rests:
            self._rests[key] = _Rest(wanted, self._units_of(wanted)[1])
        return self._rests[key]

    def _after(
        self, clause: Clause | None, piece: Piece, wanted: frozenset[str], place: Place
    ) -> int:
        if piece.role == "lead":
            return self._after_lead(piece, wanted, place)
        if piece.role == "noun":
            lead = clause.lead if clause is not None else None
            return self._after_noun(Clause(lead, piece), wanted, place)
        if piece.role == "tail" and clause is not None:
            grown = clause._replace(tails=(*clause.tails, piece))
            return self._after_noun(grown, wanted, place)
        return self._sentences(wanted, place)

    def _after_lead(self, lead: Piece, wanted: frozenset[str], place: Place) -> int:
        key = (lead.form, lead.slots, wanted, place)
        if key not in self._least:
            least = _NEVER
            for rest, nouns in self._nouns_of(wanted):
                for length, noun in nouns:
                    if length + 1 >= least:
                        break  # a full stop at least follows, and all others are as long
                    if may_follow(lead, noun) and noun.slots.isdisjoint(lead.slots):
                        after = self._after_noun(Clause(lead, noun), rest, place)
                        least = min(least, length + after)
                        break  # all others are as long, and followed by the same
            self._least[key] = least
        return self._least[key]

    def _nouns_of(
        self, wanted: frozenset[str]
    ) -> Sequence[tuple[frozenset[str], Sequence[tuple[int, Piece]]]]:
        """The nouns and their lengths, short ones first, by form and what they leave of `wanted`."""
        if wanted not in self._after_nouns:
            alike: dict[tuple[Form, frozenset[str]], list[tuple[int, Piece]]] = {}
            for noun in self._nouns:
                key = (noun.form, left(wanted, noun.slots))
                alike.setdefault(key, []).append((self._lengths[noun], noun))
            self._after_nouns[wanted] = [(rest, nouns) for (_, rest), nouns in alike.items()]
        return self._after_nouns[wanted]

    def _after_noun(self, clause: Clause, wanted: frozenset[str], place: Place) -> int:
        if not wanted:
            return 1
        key = (clause.lead is None, *[piece.form for piece in clause.pieces], wanted, place)
        if key not in self._least:
            self._least[key] = min(self._ways_on(clause, wanted, place))
        return self._least[key]

    def _ways_on(self, clause: Clause, wanted: frozenset[str], place: Place) -> list[int]:
        ways = [1 + self._sentences(wanted, place)]
        lengths = self._lengths
        if clause.lead is None and "TITLE" in wanted:
            titled = wanted - {"TITLE"}
            ways.extend(lengths[end] + self._sentences(titled, place) for end in self._closing)
        ways.extend(
            lengths[tail] + 1 + self._sentences(left(wanted, tail.slots), place.telling(tail.slots))
            for tail in self._tails_of(wanted)
            if may_tail(clause, tail) and place.tells(tail.slots)
        )
        return ways

    def _tails_of(self, wanted: frozenset[str]) -> tuple[Piece, ...]:
        """Tails that say some of `wanted` and nothing else."""
        if wanted not in self._saying:
            self._saying[wanted] = tuple(
                tail for tail in self._tails if said_alone(tail.slots, wanted)
            )
        return self._saying[wanted]

    def _sentences(self, wanted: frozenset[str], place: Place) -> int:
        """Least characters of sentences that say all of `wanted`, with the spaces before them."""
        if not wanted:
            return 0
        place = self._reckoned(place, wanted)
        key = (wanted, place)
        if key not in self._least:
            least = _NEVER
            units, _ = self._units_of(wanted)
            for unit in units:
                length = unit.length + 1
                if length >= least:
                    break  # all others are as long
                if (
                    place.takes(unit.role, unit.first, back=unit.back)
                    and place.tells(unit.parts)
                    and (place.something or self._bare or not unit.bare)
                ):
                    after = place.counting(unit.role, unit.first).telling(unit.parts)
                    rest = wanted - unit.said
                    least = min(least, length + self._sentences(rest, after))
            self._least[key] = least
        return self._least[key]

    def _reckoned(self, place: Place, wanted: frozenset[str]) -> Place:
        """The place with what alone matters to sentences that are reckoned with."""
        if not wanted:
            return place
        firsts = place.firsts and place.firsts & self._units_of(wanted)[1]
        parts = place.parts if STORY in wanted else NOTHING
        return Place(
            place.least, place.left, firsts, place.named, parts, place.something, place.begun
        )

    def _units_of(self, wanted: frozenset[str]) -> tuple[tuple[_Unit, ...], frozenset[str]]:
        """The shortest sentences that say some of `wanted` and nothing else, by role.

        Returns:
            Those of them that say the first of it, the short ones first; and with which words any begin.
        """
        if wanted not in self._units:
            one = min(wanted, default="")
            shortest: dict[tuple[object, ...], _Unit] = {}
            firsts = set[str]()
            for slots, pieces in self._starts.items():
                said = said_alone(slots, wanted)
                if not said:
                    continue
                firsts.update([piece.words[0] for piece in pieces])
                if one not in said:
                    continue
                parts = slots if STORY in said else NOTHING
                for piece in pieces:
                    role, first, back = role_of(piece), piece.words[0], points_back(piece)
                    length = self._lengths[piece] + (role == "noun")
                    held = shortest.get((role, first, back, said, parts))
                    if held is None or length < held.length:
                        unit = _Unit(role, first, back, said, parts, length)
                        shortest[role, first, back, said, parts] = unit
            units = sorted(shortest.values(), key=lambda unit: unit.length)
            self._units[wanted] = tuple(units), frozenset(firsts)
        return self._units[wanted]


def _by_slots(starts: Iterable[Piece]) -> Mapping[frozenset[str], Sequence[Piece]]:
    """What sentences begin with by its slots; leads need a noun clause, and are not counted on."""
    found: dict[frozenset[str], list[Piece]] = {}
    for piece in starts:
        if piece.role != "lead":
            found.setdefault(piece.slots, []).append(piece)
    return found


def _shortest(pieces: Sequence[Piece], lengths: Mapping[Piece, int]) -> tuple[Piece, ...]:
    """Of the pieces that are alike to the reckoning the shortest; the short ones first."""
    alike: dict[tuple[object, ...], Piece] = {}
    for piece in sorted(pieces, key=lengths.__getitem__):
        alike.setdefault((piece.form, piece.slots, piece.words[0] == ","), piece)
    return tuple(alike.values())
