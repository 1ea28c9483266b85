"""Which sentence may stand where in a text, and when the text says enough."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from genservice.composition.places import RANK, place_after
from genservice.composition.told import (
    BARE,
    MAY_REPEAT,
    NOTHING,
    STORY_PARTS,
    TELLING,
    Told,
    is_named,
    is_promo,
    is_something,
    points_back,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genservice.composition.clauses import Clause
    from genservice.composition.pieces import Offer, Piece

_OPENERS = {
    "promo": frozenset({"lead", "noun", "hook", "premise", "line", "angle", "story", "tag"}),
    "synopsis": frozenset({"lead", "noun", "premise", "line", "angle", "story"}),
}
_MOST_COLONS = 2
_TIGHT = 110
_ROOM_TO_TELL = 25
"""Characters that a text needs beside its story, or its title."""

_PREMISES = frozenset({"LOGLINE", "GOAL", "WHO", "WHO_PL"})
_PEOPLE = frozenset({"WHO", "WHO_PL"})
_GENRES = frozenset({"GENRE", "GENRE_2", "GENRE_3"})
_WITH = frozenset({"with", "With"})
_CAST = ("LEAD", "CAST")
_AFTER_STORY = ("So begins", "The rest is", "For the rest")
_NOTHING_TOLD = Told()


def sayable(offer: Offer, told: Told, pieces: Iterable[Piece]) -> list[Piece]:
    """Those whose slots and words may stand in this text, wherever in a sentence."""
    # What does not depend on the piece is worked out once: a hundred pieces are asked about.
    said = told.used | told.implied
    coming = said | told.missing
    words, colons = told.words, _MOST_COLONS - told.colons
    story_told, logline_told = not told.used.isdisjoint(STORY_PARTS), "LOGLINE" in told.used
    genres_stand = _genres_stand(told)
    people_stand = _people_stand(offer, told.used)
    echoes = offer.echoes

    @cache
    def may_stand(slots: frozenset[str]) -> bool:
        return (
            slots.isdisjoint(said)
            and not (story_told and "LOGLINE" in slots)
            and not (logline_told and not slots.isdisjoint(STORY_PARTS))
            and (slots.isdisjoint(_GENRES) or genres_stand(slots & _GENRES))
            and people_stand(slots)
            and (not echoes or slots.isdisjoint(echoes) or _named_once(offer, told, slots))
        )

    return [
        piece
        for piece in pieces
        if may_stand(piece.slots)
        and words.isdisjoint(piece.long_words)
        and piece.colons <= colons
        and piece.implies.isdisjoint(coming)
    ]


def counted_on(offer: Offer, pieces: Iterable[Piece]) -> list[Piece]:
    """Those that tell what they tell by themselves, so that they can be counted on later."""
    stands = _stands(offer, _NOTHING_TOLD)
    return [
        piece
        for piece in sayable(offer, _NOTHING_TOLD, pieces)
        if piece.role not in {"then", "story"} or stands(piece)
    ]


def roles_next(offer: Offer, told: Told) -> frozenset[str]:
    """Roles of pieces with which the next sentence may begin."""
    if not told.sentences:
        openers = _OPENERS["promo" if is_promo(offer) else "synopsis"]
        return openers | {"close"} if _fills(offer) else openers
    place = place_after(told)
    free = frozenset(role for role in RANK if place.takes(role))
    return free | {"lead"} if "noun" in free else free


def _fills(offer: Offer) -> bool:
    """Whether the title leaves hardly room for anything else: then it may stand alone."""
    return offer.lengths.get("TITLE", 0) + _ROOM_TO_TELL > offer.brief.limit


def beginning(offer: Offer, told: Told, pieces: Iterable[Piece]) -> list[Piece]:
    """Those, of roles that may come next, that may begin the next sentence."""
    firsts = [sentence.pieces[0] for sentence in told.sentences]
    taken = {one.words[0] for one in firsts} - MAY_REPEAT
    told_to = sum(one.imperative for one in firsts) > (len(firsts) > 1)
    with_somebody = _ends_with_somebody(told)
    stands = _stands(offer, told)

    def may(piece: Piece) -> bool:
        first = piece.words[0]
        if first in taken or (told_to and piece.imperative):
            return False
        if first == "With" and with_somebody and told.missing.isdisjoint(piece.slots):
            return False
        return stands(piece)

    return list(filter(may, pieces))


def may_stop(offer: Offer, told: Told, clause: Clause) -> bool:
    """Whether a sentence of clauses may end without a title: no text trails off with "A drama."."""
    said = NOTHING.union(*(piece.slots for piece in clause.pieces))
    asked = not said.isdisjoint(offer.wanted)
    more = len(said) > 1 or any(piece.special for piece in clause.pieces)
    return not told.sentences or len(clause.pieces) > 1 or more or asked


def says_something(offer: Offer, told: Told) -> bool:
    """Whether the text tells of its title more than the name, if there is more to tell."""
    more = any(is_something(sentence.pieces) for sentence in told.sentences)
    return more or may_say_nothing(offer)


def may_say_nothing(offer: Offer) -> bool:
    """Whether the title may stand alone: nothing else is known, or it leaves no room."""
    return offer.lengths.keys() <= BARE or _fills(offer)


def says_enough(offer: Offer, told: Told) -> bool:
    """Whether the text may end: it has said what it has to, and something."""
    weight = sum(2 if name in TELLING | STORY_PARTS else 1 for name in told.used - BARE)
    least = 2 if offer.brief.limit <= _TIGHT else 3
    return not told.missing and weight >= min(least, len(offer.lengths) - 2)


def _genres_stand(told: Told) -> Callable[[frozenset[str]], bool]:
    """Genres stand in one sentence of a text, and the one asked for among them."""
    asked = told.missing & _GENRES
    if any(sentence.slots & _GENRES for sentence in told.sentences):
        return lambda genres: genres <= asked
    return lambda genres: not asked or not genres.isdisjoint(asked)


def _named_once(offer: Offer, told: Told, slots: frozenset[str]) -> bool:
    """No name twice, under two slots, unless the angle asks for it."""
    said = told.used | told.missing
    return not any(
        offer.echoes[name] & (said | slots)
        for name in slots & offer.echoes.keys()
        if name not in told.missing
    )


def _people_stand(offer: Offer, used: frozenset[str]) -> Callable[[frozenset[str]], bool]:
    """No one of the cast before the lead; in a synopsis nobody's goal without whose it is."""
    lead_first = "LEAD" in offer.lengths and "LEAD" not in used
    cast = frozenset(name for name in offer.lengths if name.startswith("CAST"))
    led = {"LEAD"} | cast.intersection(offer.wanted)
    someone = not is_promo(offer) and not _PEOPLE.isdisjoint(offer.lengths)
    someone_first = someone and used.isdisjoint(_PEOPLE)

    def stand(slots: frozenset[str]) -> bool:
        if lead_first and not slots.isdisjoint(cast) and slots.isdisjoint(led):
            return False
        return not (someone_first and "GOAL" in slots and slots.isdisjoint(_PEOPLE))

    return stand


def _stands(offer: Offer, told: Told) -> Callable[[Piece], bool]:
    before, named = told.sentences, is_named(told)
    last = before[-1] if before else None

    def stand(piece: Piece) -> bool:
        role = piece.role
        if not named and points_back(piece):
            return False
        if role == "noun" and piece.slots <= BARE:
            return False  # "A film." tells nothing
        if role == "end" and not before:
            return False
        if role == "tag" and before and not piece.special:
            return False
        if role == "close" and piece.slots <= BARE and not says_something(offer, told):
            return False
        if role == "then":
            return last is not None and "GOAL" in last.slots and last.pieces[-1].words[-1] != "?"
        if role == "story":
            return _story_stands(offer, told, piece)
        if piece.text.startswith(_AFTER_STORY):
            return last is not None and last.role in {"hook", "premise", "then", "story"}
        return True

    return stand


def _ends_with_somebody(told: Told) -> bool:
    """Whether the last sentence says with whom, so that no "With ..." can follow it well."""
    last = told.sentences[-1].pieces if told.sentences else ()
    return any(
        not _WITH.isdisjoint(piece.words) and any(name.startswith(_CAST) for name in piece.slots)
        for piece in last
    )


def _story_stands(offer: Offer, told: Told, piece: Piece) -> bool:
    """Sentences of the story come from the first on, after a premise where there is one."""
    begun = [name for name in offer.story if name in told.used]
    if piece.slots != frozenset({offer.story[len(begun)]}):
        return False
    could = any(name in offer.lengths for name in _PREMISES - {"GOAL"})
    return bool(begun) or not could or bool(told.used & _PREMISES)
