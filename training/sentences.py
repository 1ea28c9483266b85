"""Whole sentences, built from the house phrases that a brief allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from training.offers import Piece

if TYPE_CHECKING:
    from random import Random

    from training.offers import Offers

CLAUSES = frozenset({"lead", "noun", "tail"})
"""Roles that only together make a sentence."""

_DRAWS = 4
_TIGHT = 110
"""Up to this limit a sentence has hardly room for tails."""


class Sentence(NamedTuple):
    """One sentence, or a few that belong to one phrase."""

    role: str
    """Of the phrase; `noun` for those built of clauses."""
    text: str
    slots: frozenset[str]
    phrases: tuple[str, ...]
    length: int


def sentence(
    offers: Offers, piece: Piece, rng: Random, *, used: frozenset[str], want: str | None = None
) -> Sentence | None:
    """The sentence that a phrase makes, alone or with others around it.

    Args:
        offers: What the brief allows.
        piece: The phrase to begin from; a clause is completed.
        rng: Chooses the rest.
        used: Slots that the text already says.
        want: A slot to bring in on the way, if it is not in the piece.
    """
    if piece.role not in CLAUSES:
        text = _capital(piece.text)
        return Sentence(piece.role, text, piece.slots, (piece.phrase,), piece.length)
    return _built(offers, piece, rng, used | piece.slots, want)


def _built(
    offers: Offers, piece: Piece, rng: Random, used: frozenset[str], want: str | None
) -> Sentence | None:
    lead = piece if piece.role == "lead" else None
    noun = piece if piece.role == "noun" else None
    tails = [piece] if piece.role == "tail" else []
    if noun is None:
        noun = _noun(offers, lead, rng, used)
        if noun is None:
            return None
        used |= noun.slots
    if lead is None and piece.role == "tail" and rng.random() < 0.7:
        lead = offers.choose(rng, ["lead"], used=used)
        lead = lead if lead is not None and _may_follow(lead, noun) else None
        used |= lead.slots if lead else frozenset()
    open_want = want if want is not None and want not in used else None
    closing = lead is None and _title_closes(offers, rng, used)
    if closing:
        used |= {"TITLE"}
    tails = _tails(offers, rng, [lead, noun], tails, used, open_want)
    return _joined(offers, lead, noun, tails, closing=closing)


def _noun(offers: Offers, lead: Piece | None, rng: Random, used: frozenset[str]) -> Piece | None:
    """A noun clause that may stand after the lead; of a few, the one that says most of the angle."""
    drawn = [offers.choose(rng, ["noun"], used=used) for _ in range(_DRAWS)]
    lawful = [noun for noun in drawn if noun is not None and _may_follow(lead, noun)]
    return max(lawful, key=lambda noun: len(noun.slots.intersection(offers.wanted)), default=None)


def _may_follow(lead: Piece | None, noun: Piece) -> bool:
    """`part a, part b` is no object: it cannot stand after `Settle in for`."""
    simple = noun.text.startswith(("a ", "something ")) and ", something" not in noun.text
    return lead is None or simple or lead.text.endswith((":", ",", " is"))


def _title_closes(offers: Offers, rng: Random, used: frozenset[str]) -> bool:
    often = 0.3 if offers.brief.purpose == "synopsis" else 0.7
    return offers.has("TITLE") and "TITLE" not in used and rng.random() < often


def _tails(
    offers: Offers,
    rng: Random,
    before: list[Piece | None],
    tails: list[Piece],
    used: frozenset[str],
    want: str | None,
) -> list[Piece]:
    """Tails in their order, at most one of a class; `want` among them if one can bring it."""
    classes = {cls for piece in before if piece is not None for cls in _classes(piece)}
    classes |= {_class(tail) for tail in tails}
    tight = offers.brief.limit <= _TIGHT
    count = rng.choices([0, 1, 2], [45, 45, 10] if tight else [15, 45, 40])[0] - len(tails)
    if want is not None:
        tail = offers.choose(rng, ["tail"], used=used, want=want)
        if tail is not None and _class(tail) not in classes:
            tails, used, count = [*tails, tail], used | tail.slots, count - 1
            classes.add(_class(tail))
    for _ in range(max(0, count)):
        tail = offers.choose(rng, ["tail"], used=used)
        if tail is None or _class(tail) in classes or (_class(tail) == "alone" and tails):
            continue
        if any(_class(other) == "alone" for other in tails):
            break
        tails, used = [*tails, tail], used | tail.slots
        classes.add(_class(tail))
    return sorted(tails, key=lambda tail: _ORDER.index(_class(tail)))


_ORDER = ("about", "set", "from", "with", "by", "alone")


def _class(tail: Piece) -> str:
    if tail.slots & {"OCCASION", "ACCESS", "MINUTES"}:
        return "alone"
    first = tail.text.split()[0]
    if first in {"about", "of", "on", "in"} or any(name.startswith("THEME") for name in tail.slots):
        return "about"
    return {"set": "set", "from": "from", "with": "with"}.get(first, "by")


def _classes(piece: Piece) -> set[str]:
    """Classes of tails that a lead or noun already speaks for."""
    taken: set[str] = set()
    if any(name.startswith("THEME") for name in piece.slots):
        taken.add("about")
    if piece.slots & {"WHERE", "PLACE", "PERIOD"}:
        taken.add("set")
    if piece.text.startswith("With ") or "plays" in piece.text or "[CHARACTER" in piece.text:
        taken.add("with")
    if piece.slots & {"OCCASION", "MINUTES"}:
        taken.add("alone")
    if piece.slots & {"DIRECTOR", "CREATOR"}:
        taken.add("by")
    return taken


_TAKES_TAIL = re.compile(r"\[(GENRE|KIND)(_\d+)?\]$|^something \[MOOD(_\d+)?\]$")


def _joined(
    offers: Offers, lead: Piece | None, noun: Piece, tails: list[Piece], *, closing: bool
) -> Sentence:
    text = noun.text
    for index, tail in enumerate(tails):
        plain = index == 0 and (_TAKES_TAIL.search(noun.text) or tail.text.startswith("that "))
        text += f" {tail.text}" if plain else f", {tail.text}"
    text = f"{lead.text} {text}" if lead else _capital(text)
    text += ": [TITLE]." if closing else "."
    pieces = [piece for piece in (lead, noun, *tails) if piece is not None]
    slots = frozenset[str]().union(*(piece.slots for piece in pieces))
    if closing:
        slots |= {"TITLE"}
    ids = tuple(piece.phrase for piece in pieces)
    # The article may take a letter more once the label is known.
    return Sentence("noun", _capital(text), slots, ids, offers.measure(text) + 1)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
