"""How much room a text must keep to say what it still has to."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from genservice.composition.clauses import Clause, may_follow
from genservice.composition.pieces import Piece
from genservice.composition.places import (
    FREELY,
    PARTS,
    RANK,
    UNTOLD,
    Turn,
    naming,
    opened,
    place_after,
    telling,
    turn,
)
from genservice.composition.texts import counted_on, may_say_nothing
from genservice.composition.told import NOTHING, STORY, left, points_back, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from genservice.composition.clauses import Form
    from genservice.composition.layout import Layout
    from genservice.composition.offers import Offer
    from genservice.composition.told import Told

_NEVER = 1_000_000
"""Longer than any limit."""
_LENGTH = itemgetter(0)
_TITLE = frozenset({"TITLE"})


class _Way(NamedTuple):
    """Something with which a text may go on."""

    length: int
    turn: Turn
    then: _Fork


class _Fork:
    """Where a text goes on: after a lead, within a clause or after a sentence, with something left to say."""

    __slots__ = ("after", "least", "matters", "wanted", "ways")

    def __init__(self, after: Piece | Clause | None, wanted: frozenset[str]) -> None:
        """Lead nowhere yet.

        Args:
            after: The lead, or the clause; None after a sentence.
            wanted: What is left to say.
        """
        self.after = after
        self.wanted = wanted
        self.ways: Sequence[_Way] | None = None
        """Those on, the short ones first; None before they are laid out."""
        self.matters = 0
        """The bits of a place that matter to them."""
        self.least: dict[int, int] = {}
        """Characters until all is said, by place."""


class _Rest(NamedTuple):
    """What a piece with certain slots leaves."""

    wanted: frozenset[str]
    then: _Fork
    """Where a text goes on if the piece is a sentence, or ends one."""
    keeps: int
    adds: int
    """What it makes of the place, whatever its role."""


class _Counted(NamedTuple):
    """Sentences that say some of what is wanted and nothing else."""

    shortest: Mapping[tuple[frozenset[str], Turn], int]
    """By what they say of it and when: characters at least, with the space before."""
    matters: int
    """The bits of a place that matter to any of them."""


class Reserve:
    """The least characters that follow a piece, worked out once for each thing left to say.

    It reckons with sentences that say what is left and nothing else, and so may keep a little more
    room than needed. Of their words it looks at the first alone: now and then a sentence that it
    counts on echoes an earlier one, and the text comes to a place from which it cannot go on.
    """

    def __init__(self, layout: Layout) -> None:
        """Reckon with the pieces of a layout."""
        self._layout = layout
        self._lengths = layout.lengths
        self._counts = counted_on(layout.stock)
        self._forks: dict[tuple[object, ...], _Fork] = {}
        self._rests: dict[frozenset[str], dict[frozenset[str], _Rest]] = {}
        self._saying: dict[frozenset[str], Iterable[tuple[Sequence[Piece], Turn, _Fork]]] = {}
        self._known_turns: dict[tuple[object, ...], Mapping[Turn, int]] = {}
        self._counted: dict[frozenset[str], _Counted] = {}
        self._leaving: dict[frozenset[str], Iterable[tuple[frozenset[str], Sequence[Piece]]]] = {}

    def following(self, offer: Offer, told: Told, clause: Clause | None) -> Callable[[Piece], int]:
        """Asks of a piece: least characters after it until the text has said what it has to.

        Args:
            offer: What the text is made of.
            told: The text before the piece.
            clause: Its open sentence.
        """
        missing = told.missing
        before, begun = self._place(offer, told), bool(told.sentences)
        firsts, shared, least = self._layout.firsts, self._layout.shared, self._least
        rests = self._rests.setdefault(missing, {})
        # Many pieces are alike to the reckoning.
        forks: dict[tuple[object, ...], _Fork] = {}

        def fork(piece: Piece, wanted: frozenset[str]) -> _Fork:
            key = (piece.form, wanted, piece.slots & shared if piece.role == "lead" else None)
            if key not in forks:
                forks[key] = self._within(clause, piece, wanted)
            return forks[key]

        def begins(piece: Piece) -> int:
            rest = rests.get(piece.slots) or self._rest(rests, missing, piece.slots)
            role = role_of(piece)
            place = at[role] & rest.keeps | rest.adds | firsts.get(piece.words[0], 0)
            if piece.special:
                place &= ~UNTOLD
            return least(fork(piece, rest.wanted) if role == "noun" else rest.then, place)

        def goes_on(piece: Piece) -> int:
            rest = rests.get(piece.slots) or self._rest(rests, missing, piece.slots)
            inside = piece.role in {"noun", "tail"}
            return least(fork(piece, rest.wanted) if inside else rest.then, place | rest.adds)

        if clause is None:
            at = {role: opened(before, role, begun=begun) for role in RANK}
            return begins
        first = clause.pieces[0]
        place = opened(before, "noun", begun=begun) & naming(first.slots)
        place |= firsts.get(first.words[0], 0)
        return goes_on

    def _place(self, offer: Offer, told: Told) -> int:
        place = place_after(told)
        for sentence in told.sentences:
            place |= self._layout.firsts.get(sentence.pieces[0].words[0], 0)
        return place & ~UNTOLD if may_say_nothing(offer) else place

    def _rest(
        self,
        rests: dict[frozenset[str], _Rest],
        missing: frozenset[str],
        slots: frozenset[str],
    ) -> _Rest:
        wanted = left(missing, slots)
        rest = _Rest(wanted, self._fork(None, wanted), naming(slots), telling(slots).adds)
        rests[slots] = rest
        return rest

    def _within(self, clause: Clause | None, piece: Piece, wanted: frozenset[str]) -> _Fork:
        """Where a text goes on after a part of a clause that leaves `wanted` to say."""
        if piece.role == "lead":
            return self._fork(piece, wanted)
        if clause is None or piece.role == "noun":
            return self._fork(Clause(clause.lead if clause else None, piece), wanted)
        return self._fork(clause._replace(tails=(*clause.tails, piece)), wanted)

    def _fork(self, after: Piece | Clause | None, wanted: frozenset[str]) -> _Fork:
        """The one for all that is alike to the reckoning."""
        if isinstance(after, Piece):
            key = (after.form, after.slots & self._layout.shared, wanted)
        elif after is not None:
            key = (after.lead is None, after.shape, wanted)
        elif wanted:
            key = (wanted,)
        else:
            return _ALL_SAID
        fork = self._forks.get(key)
        if fork is None:
            fork = self._forks[key] = _Fork(after, wanted)
        return fork

    def _least(self, fork: _Fork, place: int) -> int:
        ways = fork.ways
        if ways is None:
            ways = self._lay_out(fork)
        place &= fork.matters
        least = fork.least.get(place)
        if least is None:
            least = _NEVER
            for length, (barred, keeps, adds, counts), then in ways:
                if length >= least:
                    break  # all others are as long
                if not place & barred:
                    after = self._least(then, (place & keeps | adds) + counts)
                    least = min(least, length + after)
            fork.least[place] = least
        return least

    def _lay_out(self, fork: _Fork) -> Sequence[_Way]:
        after, wanted = fork.after, fork.wanted
        if isinstance(after, Piece):
            ways = self._after_lead(after, wanted)
        elif after is not None:
            ways = self._after_noun(after, wanted)
        else:
            ways = self._after_sentence(wanted)
        found = sorted(ways, key=_LENGTH)
        fork.matters = self._counted_on(wanted).matters
        fork.ways = found
        return found

    def _after_lead(self, lead: Piece, wanted: frozenset[str]) -> Iterator[_Way]:
        """Noun clauses."""
        for rest, nouns in self._nouns_leaving(wanted):
            for noun in nouns:
                if may_follow(lead, noun) and noun.slots.isdisjoint(lead.slots):
                    then = self._fork(Clause(lead, noun), rest)
                    yield _Way(self._lengths[noun], FREELY, then)
                    break  # all others are as long, and followed by the same

    def _nouns_leaving(
        self, wanted: frozenset[str]
    ) -> Iterable[tuple[frozenset[str], Sequence[Piece]]]:
        """Noun clauses, the short ones first, by their form and what they leave of `wanted`."""
        if wanted not in self._leaving:
            rests: dict[frozenset[str], frozenset[str]] = {}
            alike: dict[tuple[frozenset[str], Form], list[Piece]] = {}
            for noun in self._layout.short_nouns:
                slots = noun.slots
                rest = rests.get(slots)
                if rest is None:
                    rest = rests[slots] = left(wanted, slots)
                alike.setdefault((rest, noun.form), []).append(noun)
            self._leaving[wanted] = [(rest, nouns) for (rest, _), nouns in alike.items()]
        return self._leaving[wanted]

    def _after_noun(self, clause: Clause, wanted: frozenset[str]) -> Iterator[_Way]:
        """A full stop, the title, or a tail and a full stop."""
        yield _Way(1, FREELY, self._fork(None, wanted))
        if clause.lead is None and "TITLE" in wanted:
            titled = self._fork(None, wanted - {"TITLE"})
            for end in self._layout.closing:
                yield _Way(self._lengths[end], FREELY, titled)
        shape = clause.shape
        for tails, told, then in self._tails_saying(wanted):
            for tail in filter(shape.takes, tails):
                yield _Way(self._lengths[tail] + 1, told, then)

    def _tails_saying(
        self, wanted: frozenset[str]
    ) -> Iterable[tuple[Sequence[Piece], Turn, _Fork]]:
        """Tails that say some of `wanted` and nothing else, by slots, and what they come to."""
        if wanted not in self._saying:
            self._saying[wanted] = [
                (tails, telling(tails[0].slots), self._fork(None, left(wanted, tails[0].slots)))
                for tails, _ in self._layout.endings.saying(wanted)
            ]
        return self._saying[wanted]

    def _after_sentence(self, wanted: frozenset[str]) -> Iterator[_Way]:
        """Sentences that say the first of it, and perhaps more."""
        one = min(wanted)
        for (said, its), length in self._counted_on(wanted).shortest.items():
            if one in said:
                yield _Way(length, its, self._fork(None, wanted - said))

    def _counted_on(self, wanted: frozenset[str]) -> _Counted:
        """The sentences that say some of `wanted`."""
        if wanted not in self._counted:
            matters = UNTOLD | (PARTS if STORY in wanted else 0)
            shortest: dict[tuple[frozenset[str], Turn], int] = {}
            for pieces, said in self._layout.sentences.saying(wanted):
                for its, length in self._turns(pieces, said).items():
                    shortest[said, its] = min(length, shortest.get((said, its), _NEVER))
                    matters |= its.barred | its.counts
            self._counted[wanted] = _Counted(shortest, matters)
        return self._counted[wanted]

    def _turns(self, pieces: Sequence[Piece], said: frozenset[str]) -> Mapping[Turn, int]:
        """The turns of pieces with the same slots that say this of what is wanted, and their least length."""
        slots, story, bare = pieces[0].slots, STORY in said, said <= _TITLE
        key = (slots, story, bare)
        if key not in self._known_turns:
            parts = slots if story else NOTHING
            shortest: dict[Turn, int] = {}
            for piece in filter(self._counts, pieces):
                role, first = role_of(piece), self._layout.firsts.get(piece.words[0], 0)
                alone = bare and role == "close"
                its = turn(role, first, parts, back=points_back(piece), bare=alone)
                length = self._lengths[piece] + (2 if role == "noun" else 1)
                shortest[its] = min(length, shortest.get(its, _NEVER))
            self._known_turns[key] = shortest
        return self._known_turns[key]


def _all_said() -> _Fork:
    fork = _Fork(None, NOTHING)
    fork.ways, fork.least = (), {0: 0}
    return fork


_ALL_SAID = _all_said()
"""Where nothing has to follow."""
