"""Which sentence may stand where in a text, and when the text says enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.composition.clauses import Clause
    from genservice.composition.pieces import Offer, Piece

CLAUSES = frozenset({"lead", "noun", "tail", "stop", "closing"})
"""Roles that only together make a sentence."""

_RANK = ("hook", "premise", "then", "story", "noun", "line", "angle", "cast", "close", "tag", "end")
_OPENERS = {
    "promo": frozenset({"lead", "noun", "hook", "premise", "line", "angle", "story", "tag"}),
    "synopsis": frozenset({"lead", "noun", "premise", "line", "angle", "story"}),
}
_MOST = (
    (frozenset({"noun", "line"}), 1),
    (frozenset({"premise"}), 1),
    (frozenset({"tag", "end"}), 1),
    (frozenset({"angle"}), 2),
)
"""How many sentences of some roles a text may have."""
_COUNTED = frozenset[str]().union(*(group for group, _ in _MOST))
_SAYING_NOTHING = frozenset({"close", "tag", "end"})
_MOST_COLONS = 2
_TIGHT = 110
_ROOMY = 130
"""Characters from which on a promo has room for its story too."""
_ROOM_TO_TELL = 25
"""Characters that a text needs beside its story, or its title."""

_STORY_PARTS = frozenset({"WHO", "WHO_PL", "GOAL", "TURN", "WHERE"})
_LOGLINE = frozenset({"LOGLINE"})
_TELLING = frozenset({"LOGLINE", "GOAL", "STORY_1"})
_PREMISES = frozenset({"LOGLINE", "GOAL", "WHO", "WHO_PL"})
_PEOPLE = frozenset({"WHO", "WHO_PL"})
_GENRES = frozenset({"GENRE", "GENRE_2", "GENRE_3"})
_BARE = frozenset({"TITLE", "KIND"})
_WITH = frozenset({"with", "With"})
_CAST = ("LEAD", "CAST")
_MAY_REPEAT = frozenset({"A", "The", "[TITLE]"})
_POINTS_BACK = re.compile(r"\b([Ii]t|besides)\b|^(With|Behind|Also)\b")
_AFTER_STORY = ("So begins", "The rest is", "For the rest")


STORY = "*story"
"""Stands among the slots that a text has to say, and is said with any slot that tells the story."""
_STORY = frozenset({STORY})
_NOTHING = frozenset[str]()


class Sentence(NamedTuple):
    """A finished sentence, or a few that belong to one phrase."""

    pieces: tuple[Piece, ...]

    @property
    def role(self) -> str:
        """Of the phrase; `noun` for sentences made of clauses."""
        role = self.pieces[0].role
        return "noun" if role in CLAUSES else role

    @property
    def slots(self) -> frozenset[str]:
        """What it says."""
        return frozenset[str]().union(*(piece.slots for piece in self.pieces))


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
    if is_promo(offer) or _TELLING.isdisjoint(offer.lengths):
        wanted |= {"TITLE"} & offer.lengths.keys()
    roomy = not is_promo(offer) or offer.brief.limit > _ROOMY
    if story and roomy and not _TELLING.isdisjoint(offer.lengths):
        wanted.add(STORY)
    return frozenset(wanted)


def left(missing: frozenset[str], slots: frozenset[str]) -> frozenset[str]:
    """What still has to be said after these slots."""
    return missing - slots - (_STORY if slots & _TELLING else _NOTHING)


def said_alone(slots: frozenset[str], wanted: frozenset[str]) -> frozenset[str]:
    """What a sentence of these slots says of what is wanted; nothing if it says more."""
    tells = STORY in wanted and bool(slots & _TELLING)
    more = slots - wanted - (_TELLING | _STORY_PARTS if tells else _NOTHING)
    return _NOTHING if more else (slots & wanted) | (_STORY if tells else _NOTHING)


def may_say(offer: Offer, told: Told, piece: Piece) -> bool:
    """Whether the piece's slots and words may stand in this text, wherever in a sentence."""
    slots, used = piece.slots, told.used
    return (
        slots.isdisjoint(used | told.implied)
        and piece.implies.isdisjoint(used | told.implied | told.missing)
        and told.words.isdisjoint(piece.long_words)
        and told.colons + piece.colons <= _MOST_COLONS
        and not ("LOGLINE" in slots and used & _STORY_PARTS)
        and not ("LOGLINE" in used and slots & _STORY_PARTS)
        and _genres_stand(told, slots)
        and _people_stand(offer, used, slots)
        and (slots.isdisjoint(offer.echoes) or _named_once(offer, told, slots))
    )


def stands_alone(offer: Offer, piece: Piece) -> bool:
    """Whether the piece tells what it tells by itself, so that it can be counted on later."""
    leans = piece.role in {"then", "story"} and not _stands(offer, Told(), piece)
    return may_say(offer, Told(), piece) and not leans


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
    parts: frozenset[str] = _NOTHING
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
            _RANK.index(role) if self.begun else 1,
            counted.left,
            counted.firsts,
            self.named or role == "noun" or "TITLE" in piece.slots,
            self.parts,
            # Clauses come to more than a name: "Watch a film" is no sentence.
            self.something or role == "noun" or _is_something((piece,)),
            begun=True,
        )

    def tells(self, slots: frozenset[str]) -> bool:
        """Whether these slots may be said beside the parts of the story that were."""
        own = slots & (_STORY_PARTS | _LOGLINE)
        both = "LOGLINE" in own | self.parts and bool(own) and bool(self.parts)
        return own.isdisjoint(self.parts) and not both

    def telling(self, slots: frozenset[str]) -> Place:
        """The place with these slots said."""
        own = slots & (_STORY_PARTS | _LOGLINE)
        return self._replace(parts=self.parts | own) if own else self

    def takes(self, role: str, first: str = "", *, back: bool = False) -> bool:
        """Whether a sentence of that role, beginning with that word, may still come.

        Args:
            role: Of the sentence.
            first: Its first word.
            back: Whether it points back.
        """
        full = (
            role in group and not left for (group, _), left in zip(_MOST, self.left, strict=True)
        )
        lost = (back and not self.named) or first in self.firsts
        return _RANK.index(role) >= self.least and not lost and not any(full)

    def counting(self, role: str, first: str) -> Place:
        """The place where such a sentence is reckoned with, before or after others."""
        # Places are made by the ten thousand for every brief: nothing is built that stays the same.
        left, firsts = self.left, self.firsts
        if role in _COUNTED:
            left = tuple(
                left - (role in group) for (group, _), left in zip(_MOST, left, strict=True)
            )
        if first not in _MAY_REPEAT and first not in firsts:
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


def role_of(piece: Piece) -> str:
    """The role of a sentence that begins with the piece, or ends with it."""
    return "noun" if piece.role in CLAUSES else piece.role


def place_after(told: Told) -> Place:
    """The place after the sentences of a text."""
    firsts = [sentence.pieces[0] for sentence in told.sentences]
    roles = [role_of(first) for first in firsts]
    return Place(
        # Nothing but the first sentence may be a hook.
        least=_RANK.index(roles[-1]) if len(roles) > 1 else 1,
        left=tuple(most - sum(role in group for role in roles) for group, most in _MOST),
        firsts=frozenset(first.words[0] for first in firsts) - _MAY_REPEAT,
        named=_named(told),
        parts=told.used & (_STORY_PARTS | _LOGLINE),
        something=any(_is_something(sentence.pieces) for sentence in told.sentences),
        begun=bool(told.sentences),
    )


def roles_next(offer: Offer, told: Told) -> frozenset[str]:
    """Roles of pieces with which the next sentence may begin."""
    if not told.sentences:
        openers = _OPENERS["promo" if is_promo(offer) else "synopsis"]
        return openers | {"close"} if _fills(offer) else openers
    place = place_after(told)
    free = frozenset(role for role in _RANK if place.takes(role))
    return free | {"lead"} if "noun" in free else free


def _fills(offer: Offer) -> bool:
    """Whether the title leaves hardly room for anything else: then it may stand alone."""
    return offer.lengths.get("TITLE", 0) + _ROOM_TO_TELL > offer.brief.limit


def may_begin(offer: Offer, told: Told, piece: Piece) -> bool:
    """Whether the piece, of a role that may come next, may begin the next sentence."""
    firsts = [sentence.pieces[0] for sentence in told.sentences]
    if piece.words[0] in {one.words[0] for one in firsts} - _MAY_REPEAT:
        return False
    if piece.imperative and sum(one.imperative for one in firsts) > (len(firsts) > 1):
        return False
    if (
        piece.words[0] == "With"
        and _ends_with_somebody(told)
        and told.missing.isdisjoint(piece.slots)
    ):
        return False
    return _stands(offer, told, piece)


def may_stop(offer: Offer, told: Told, clause: Clause) -> bool:
    """Whether a sentence of clauses may end without a title: no text trails off with "A drama."."""
    said = frozenset[str]().union(*(piece.slots for piece in clause.pieces))
    asked = not said.isdisjoint(offer.wanted)
    more = len(said) > 1 or any(piece.special for piece in clause.pieces)
    return not told.sentences or len(clause.pieces) > 1 or more or asked


def says_something(offer: Offer, told: Told) -> bool:
    """Whether the text tells of its title more than the name, if there is more to tell."""
    more = any(_is_something(sentence.pieces) for sentence in told.sentences)
    return more or may_say_nothing(offer)


def may_say_nothing(offer: Offer) -> bool:
    """Whether the title may stand alone: nothing else is known, or it leaves no room."""
    return offer.lengths.keys() <= _BARE or _fills(offer)


def says_enough(offer: Offer, told: Told) -> bool:
    """Whether the text may end: it has said what it has to, and something."""
    weight = sum(2 if name in _TELLING | _STORY_PARTS else 1 for name in told.used - _BARE)
    least = 2 if offer.brief.limit <= _TIGHT else 3
    return not told.missing and weight >= min(least, len(offer.lengths) - 2)


def _genres_stand(told: Told, slots: frozenset[str]) -> bool:
    """Genres stand in one sentence of a text, and the one asked for among them."""
    genres = slots & _GENRES
    if not genres:
        return True
    asked = told.missing & _GENRES
    if any(sentence.slots & _GENRES for sentence in told.sentences):
        return genres <= asked
    return not asked or bool(genres & asked)


def _named_once(offer: Offer, told: Told, slots: frozenset[str]) -> bool:
    """No name twice, under two slots, unless the angle asks for it."""
    said = told.used | told.missing
    return not any(
        offer.echoes[name] & (said | slots)
        for name in slots & offer.echoes.keys()
        if name not in told.missing
    )


def _people_stand(offer: Offer, used: frozenset[str], slots: frozenset[str]) -> bool:
    """No one of the cast before the lead; in a synopsis nobody's goal without whose it is."""
    said = used | slots
    cast = {name for name in slots if name.startswith("CAST")}
    if cast and "LEAD" in offer.lengths and "LEAD" not in said and not cast & {*offer.wanted}:
        return False
    someone = any(name in offer.lengths for name in _PEOPLE)
    lost = not is_promo(offer) and "GOAL" in slots and someone
    return not (lost and not said & _PEOPLE)


def _stands(offer: Offer, told: Told, piece: Piece) -> bool:
    before = told.sentences
    if points_back(piece) and not _named(told):
        return False
    if piece.role == "noun" and piece.slots <= _BARE:
        return False  # "A film." tells nothing
    if piece.role == "end" and not before:
        return False
    if piece.role == "tag" and before and not piece.special:
        return False
    if piece.role == "close" and piece.slots <= _BARE and not says_something(offer, told):
        return False
    if piece.role == "then":
        last = before[-1] if before else None
        return last is not None and "GOAL" in last.slots and last.pieces[-1].words[-1] != "?"
    if piece.role == "story":
        return _story_stands(offer, told, piece)
    if piece.text.startswith(_AFTER_STORY):
        return bool(before) and before[-1].role in {"hook", "premise", "then", "story"}
    return True


def _is_something(pieces: Iterable[Piece]) -> bool:
    """Whether they tell of the title more than its name, if only what sort it is."""
    return any(piece.slots - _BARE or piece.special for piece in pieces)


def _ends_with_somebody(told: Told) -> bool:
    """Whether the last sentence says with whom, so that no "With ..." can follow it well."""
    last = told.sentences[-1].pieces if told.sentences else ()
    return any(
        not _WITH.isdisjoint(piece.words) and any(name.startswith(_CAST) for name in piece.slots)
        for piece in last
    )


def points_back(piece: Piece) -> bool:
    """Whether the piece speaks of what was named before it."""
    return piece.role in {"angle", "cast"} and _POINTS_BACK.search(piece.text) is not None


def _named(told: Told) -> bool:
    return any("TITLE" in one.slots or one.role == "noun" for one in told.sentences)


def _story_stands(offer: Offer, told: Told, piece: Piece) -> bool:
    """Sentences of the story come from the first on, after a premise where there is one."""
    begun = [name for name in offer.story if name in told.used]
    if piece.slots != frozenset({offer.story[len(begun)]}):
        return False
    could = any(name in offer.lengths for name in _PREMISES - {"GOAL"})
    return bool(begun) or not could or bool(told.used & _PREMISES)
