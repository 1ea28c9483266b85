"""How a sentence is made of clauses: `[lead] noun [tail [tail]] [": [TITLE]"] "."`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.composition.pieces import Piece

MOST_TAILS = 2
_FORMS = 1024
_ORDER = ("about", "set", "from", "with", "by", "alone")
"""Classes of tails, in the order in which they stand."""
_BARE = frozenset({"KIND"})
_TAKES_TAIL = re.compile(r"\[(GENRE|KIND)(_\d+)?\]$|^something \[MOOD(_\d+)?\]$")


class Form(msgspec.Struct, frozen=True, eq=False):
    """What matters of a phrase where clauses are put together; phrases alike in this share one."""

    tells: frozenset[str]
    """Classes of tails that it speaks for: two of one class are one too many."""
    rank: int
    """Of a tail: where it stands among others."""
    open: bool
    """Of a lead: any noun clause may follow, for it stands apart; of a noun: a tail needs no comma."""
    simple: bool
    """Of a noun: it can be an object. `Part a, part b` cannot stand after `Settle in for`."""
    close: bool
    """Of a tail: as the first it needs no comma whatever it follows."""


class Shape(NamedTuple):
    """What matters of a clause to the tails that may come next."""

    tells: frozenset[str]
    """Classes of tails that it has or speaks for."""
    tails: int
    rank: int
    """Where its last tail stands among others."""
    open: bool
    """Whether the next tail needs no comma."""

    def takes(self, tail: Piece) -> bool:
        """Whether a tail, with the mark before it, may be the next part."""
        form, tails = tail.form, self.tails
        if tails >= MOST_TAILS or not self.tells.isdisjoint(form.tells):
            return False
        if tails and ("alone" in form.tells or self.rank > form.rank):
            return False
        bare = self.open or (form.close and not tails)
        return (tail.words[0] == ",") != bare


class Clause(NamedTuple):
    """A sentence that has begun with a lead or a noun clause."""

    lead: Piece | None
    noun: Piece | None
    tails: tuple[Piece, ...] = ()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What stands there, in order."""
        return tuple(piece for piece in (self.lead, self.noun) if piece is not None) + self.tails

    @property
    def shape(self) -> Shape:
        """What matters of it once it has its noun."""
        return _shape(*[piece and piece.form for piece in (self.lead, self.noun, *self.tails)])


@lru_cache(maxsize=_FORMS)
def _shape(lead: Form | None, noun: Form | None, *tails: Form) -> Shape:
    stands = [form for form in (lead, noun, *tails) if form is not None]
    return Shape(
        tells=frozenset[str]().union(*[form.tells for form in stands]),
        tails=len(tails),
        rank=tails[-1].rank if tails else 0,
        open=not tails and noun is not None and noun.open,
    )


def form_of(role: str, text: str, bases: Sequence[str]) -> Form:
    """The form of a phrase of a role, from its words and its slots without their numbers."""
    kind = _kind(text, bases) if role == "tail" else "alone"
    tells = frozenset({kind}) if role == "tail" else _told(text, frozenset(bases))
    return _form(
        tells,
        _ORDER.index(kind),
        text.endswith((":", ",", " is")) if role == "lead" else bool(_TAKES_TAIL.search(text)),
        text.startswith(("a ", "something ")) and ", something" not in text,
        text.startswith("that "),
    )


@lru_cache(maxsize=_FORMS)
def _form(tells: frozenset[str], rank: int, *is_so: bool) -> Form:
    return Form(tells, rank, *is_so)


def may_follow(lead: Piece | None, noun: Piece) -> bool:
    """Whether a noun clause may stand after a lead: "Watch a film" tells nothing."""
    if lead is None:
        return True
    tells = "TITLE" in lead.slots or not noun.slots <= _BARE
    return tells and (lead.form.open or noun.form.simple)


def _kind(text: str, bases: Sequence[str]) -> str:
    """What a tail tells."""
    if {"OCCASION", "ACCESS", "MINUTES", "TIER"}.intersection(bases):
        return "alone"
    first = text.split()[0]
    if first in {"about", "of", "on", "in"} or "THEME" in bases:
        return "about"
    return {"set": "set", "from": "from", "with": "with"}.get(first, "by")


def _told(text: str, bases: frozenset[str]) -> frozenset[str]:
    """What a lead or a noun clause tells, as tails would."""
    said = {
        "about": "THEME" in bases,
        "set": not bases.isdisjoint({"WHERE", "PLACE", "PERIOD"}),
        "with": text.startswith("With ") or "plays" in text or "CHARACTER" in bases,
        "alone": not bases.isdisjoint({"OCCASION", "MINUTES"}),
        "by": not bases.isdisjoint({"DIRECTOR", "CREATOR"}),
    }
    return frozenset(kind for kind, tells in said.items() if tells)
