"""Which sentence may stand where in a text, and when the text says enough."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from genservice.composition.places import place_after, roles_at
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
    from collections.abc import Callable

    from genservice.composition.clauses import Clause
    from genservice.composition.offers import Offer, Stock
    from genservice.composition.pieces import Piece

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


def may_say(offer: Offer, told: Told) -> Callable[[Piece], bool]:
    """Asks of a piece whether its slots and words may stand in this text, wherever in a sentence."""
    # What does not depend on the piece is worked out once: a hundred pieces are asked about.
    said = told.used | told.implied
    coming = said | told.missing
    words, colons = told.words, _MOST_COLONS - told.colons
    story_told, logline_told = not told.used.isdisjoint(STORY_PARTS), "LOGLINE" in told.used
    genres_stand = _genres_stand(told)
    cast_stands = _cast_stands(offer, told.used)
    goals_stand = _goals_stand(offer.stock, told.used)
    echoes = offer.stock.echoes

    @cache
    def may_stand(slots: frozenset[str]) -> bool:
        return (
            slots.isdisjoint(said)
            and not (story_told and "LOGLINE" in slots)
            and not (logline_told and not slots.isdisjoint(STORY_PARTS))
            and (slots.isdisjoint(_GENRES) or genres_stand(slots & _GENRES))
            and cast_stands(slots)
            and goals_stand(slots)
            and (not echoes or slots.isdisjoint(echoes) or _named_once(offer.stock, told, slots))
        )

    def may(piece: Piece) -> bool:
        return (
            may_stand(piece.slots)
            and words.isdisjoint(piece.long_words)
            and piece.colons <= colons
            and piece.implies.isdisjoint(coming)
        )

    return may


def counted_on(stock: Stock) -> Callable[[Piece], bool]:
    """Asks of a piece whether it tells what it tells by itself, so that it can be counted on where that is wanted.

    Whom of the cast the angle asks for may be named before the lead, so no piece is left out for that.
    """
    nothing = Told()
    goals_stand = _goals_stand(stock, nothing.used)

    def counts(piece: Piece) -> bool:
        return (
            piece.role != "then"
            and piece.colons <= _MOST_COLONS
            and goals_stand(piece.slots)
            and (not stock.echoes or _named_once(stock, nothing, piece.slots))
            and (piece.role != "story" or _story_stands(stock, nothing, piece))
        )

    return counts


def roles_next(offer: Offer, told: Told) -> frozenset[str]:
    """Roles of pieces with which the next sentence may begin."""
    if not told.sentences:
        openers = _OPENERS["promo" if is_promo(offer) else "synopsis"]
        return openers | {"close"} if _fills(offer) else openers
    free = roles_at(place_after(told))
    return free | {"lead"} if "noun" in free else free


def _fills(offer: Offer) -> bool:
    """Whether the title leaves hardly room for anything else: then it may stand alone."""
    return offer.lengths.get("TITLE", 0) + _ROOM_TO_TELL > offer.brief.limit


def may_begin(offer: Offer, told: Told) -> Callable[[Piece], bool]:
    """Asks of a piece, of a role that may come next, whether it may begin the next sentence."""
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

    return may


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


def _named_once(stock: Stock, told: Told, slots: frozenset[str]) -> bool:
    """No name twice, under two slots, unless the angle asks for it."""
    said = told.used | told.missing
    return not any(
        stock.echoes[name] & (said | slots)
        for name in slots & stock.echoes.keys()
        if name not in told.missing
    )


def _cast_stands(offer: Offer, used: frozenset[str]) -> Callable[[frozenset[str]], bool]:
    """No one of the cast before the lead, unless the angle asks for them."""
    if "LEAD" not in offer.lengths or "LEAD" in used:
        return lambda _: True
    cast = frozenset(name for name in offer.lengths if name.startswith("CAST"))
    led = {"LEAD"} | cast.intersection(offer.wanted)
    return lambda slots: slots.isdisjoint(cast) or not slots.isdisjoint(led)


def _goals_stand(stock: Stock, used: frozenset[str]) -> Callable[[frozenset[str]], bool]:
    """In a synopsis nobody's goal without whose it is."""
    known = stock.synopsis and not _PEOPLE.isdisjoint(stock.lengths)
    if not known or not used.isdisjoint(_PEOPLE):
        return lambda _: True
    return lambda slots: "GOAL" not in slots or not slots.isdisjoint(_PEOPLE)


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
            return _story_stands(offer.stock, told, piece)
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


def _story_stands(stock: Stock, told: Told, piece: Piece) -> bool:
    """Sentences of the story come from the first on, after a premise where there is one."""
    begun = [name for name in stock.story if name in told.used]
    if piece.slots != frozenset({stock.story[len(begun)]}):
        return False
    could = any(name in stock.lengths for name in _PREMISES - {"GOAL"})
    return bool(begun) or not could or bool(told.used & _PREMISES)
