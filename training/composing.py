"""Texts drawn from a composition: what the embedded model learns to write.

Which texts are lawful `genservice.composition` says; here is how often each sort of piece is drawn, and
so the house's taste: what opens a promo, how long it goes on, when it comes to its title.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from training.taste import stiff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from genservice.composition import Composition, Draft, Piece
    from training.written import Joins

_OPENERS = {
    "promo": {
        "lead": 26, "noun": 9, "hook": 30, "premise": 13, "line": 9, "angle": 5, "story": 20, "tag": 8,
    },
    "synopsis": {"premise": 50, "lead": 22, "noun": 10, "line": 12, "angle": 1, "story": 45},
}  # fmt: skip
"""Weights of what begins a text; a story begins one only where there is no premise to begin with."""
_LATER = {
    "premise": 9, "then": 4, "story": 8, "lead": 6, "noun": 2, "line": 1, "angle": 2, "cast": 2,
    "close": 3, "tag": 2, "end": 1,
}  # fmt: skip
_TIGHT = 110
_ROOMY = 200
_TELLING = frozenset({"LOGLINE", "GOAL"})
_SOMEBODY = frozenset({"WHO", "WHO_PL"})
_SAME_FIRST = frozenset({"[WHO]", "[WHO_PL]", "[WHERE]", "[TITLE]", "[LEAD]", "In", "Meet"})
"""What many phrases begin with: so that twenty texts of a title do not."""
_TRIES = 8


class Composed(NamedTuple):
    """A raw text and the phrases it is made of."""

    text: str
    phrases: tuple[str, ...]


class Plan(NamedTuple):
    """How long a text is meant to become."""

    sentences: int
    """Beside those of the story."""
    story: int
    """Sentences of the story at most."""


def compose(composition: Composition, joins: Joins, rng: Random) -> Composed | None:
    """A text that follows the brief, or None if no phrase allows one.

    Stiff ones are drawn again, as often as patience lasts: a brief of labels alone allows no others.
    """
    for patience in range(_TRIES, 0, -1):
        plan = _plan(composition, rng)
        draft = composition.start
        while not _is_over(composition, draft, plan, rng):
            pieces = composition.next(draft)
            if not pieces:
                break
            draft = composition.after(draft, _drawn(composition, draft, pieces, plan, joins, rng))
        if not composition.may_end(draft) or draft.told.missing:
            continue
        if patience == 1 or not stiff(draft, composition.offer):
            text = "".join(_spaced(draft))
            return Composed(text, tuple(piece.phrase for piece in draft.path if piece.phrase))
    return None


def _plan(composition: Composition, rng: Random) -> Plan:
    limit = composition.offer.brief.limit
    if limit <= _TIGHT:
        return Plan(rng.choices([1, 2, 3], [40, 45, 15])[0], 1)
    if limit <= 140:
        return Plan(rng.choices([1, 2, 3], [20, 50, 30])[0], 1)
    if limit <= _ROOMY:
        return Plan(rng.choices([1, 2, 3, 4], [10, 40, 40, 10])[0], 1)
    return Plan(rng.randint(2, 4), rng.choice((2, 3, 4, 5, 6, 8)))


def _is_over(composition: Composition, draft: Draft, plan: Plan, rng: Random) -> bool:
    if not composition.may_end(draft):
        return False
    roles = Counter(sentence.role for sentence in draft.told.sentences)
    return roles.total() - roles["story"] >= plan.sentences and (
        roles["story"] >= plan.story or not _tells_more(composition, draft) or rng.random() < 0.2
    )


def _tells_more(composition: Composition, draft: Draft) -> bool:
    roomy = composition.offer.brief.limit > _ROOMY
    return roomy and any(piece.role == "story" for piece in composition.next(draft))


def _drawn(
    composition: Composition,
    draft: Draft,
    pieces: Sequence[Piece],
    plan: Plan,
    joins: Joins,
    rng: Random,
) -> Piece:
    """One of the pieces: a sort first, then one of that sort."""
    by_role: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_role.setdefault(piece.role, []).append(piece)
    weights = {
        role: _role_weight(composition, draft, plan, role, by_role[role]) for role in by_role
    }
    if not any(weights.values()):
        weights = dict.fromkeys(by_role, 1.0)
    (role,) = rng.choices(list(weights), list(weights.values()))
    found = by_role[role]
    missing = draft.told.missing - {"TITLE"}
    if missing and rng.random() < 0.8:
        found = [piece for piece in found if piece.slots & missing] or found
    last = next((piece for piece in reversed(draft.path) if piece.phrase), None)
    return rng.choices(found, [_piece_weight(composition, piece, last, joins) for piece in found])[
        0
    ]


def _role_weight(
    composition: Composition, draft: Draft, plan: Plan, role: str, pieces: Sequence[Piece]
) -> float:
    brief, told = composition.offer.brief, draft.told
    promo = brief.purpose != "synopsis"
    if draft.clause is not None:
        tight = brief.limit <= _TIGHT
        wanted = any(piece.slots & (told.missing - {"TITLE"}) for piece in pieces)
        tails = len(draft.clause.tails)
        return {
            "stop": 45.0 if tight else 15 + 40 * tails,
            "closing": (70.0 if promo else 25.0) * ("TITLE" not in told.used),
            "tail": 400.0 if wanted else 25 if tight else 45 - 20 * tails,
        }.get(role, 1.0)
    if not told.sentences:
        tells = any(piece.slots & _TELLING for piece in pieces)
        weight = float(_OPENERS["promo" if promo else "synopsis"].get(role, 0))
        # A tile with room for the story is better off with it.
        return weight * 2.5 if tells and brief.limit <= _TIGHT else weight
    weight = float(_LATER.get(role, 0))
    tells = bool(told.used & _TELLING)
    if any(piece.slots & (told.missing - {"TITLE"}) for piece in pieces):
        weight += 12
    if role == "premise" and (tells or any(s.role == "story" for s in told.sentences)):
        weight = 0
    if role == "story":
        said = sum(sentence.role == "story" for sentence in told.sentences)
        weight = 0 if said >= plan.story else 60 if brief.limit > _ROOMY else 8 * (not tells)
    if role == "close":
        late = len(told.sentences) >= plan.sentences - 1
        weight = (30 if late else 1) if "TITLE" in told.missing else 1
    return weight


def _piece_weight(
    composition: Composition, piece: Piece, last: Piece | None, joins: Joins
) -> float:
    """How often a phrase comes among others of its role.

    Phrases made for a tone or for this sort of title come more often than those for all, and so do
    those that somebody writing by hand has put in such a place.
    """
    made_for = piece.toned and composition.offer.brief.tone != "plain"
    weight = float(1 + 2 * made_for + 6 * piece.special)
    if piece.words[0] in _SAME_FIRST and last is None:
        weight *= 0.08
    # What may open a text does: preferred openings would make twenty texts of a title alike.
    if last is not None and (last.role, piece.phrase) in joins.roles:
        weight *= 2
    if last is not None and (last.phrase, piece.phrase) in joins.phrases:
        weight *= 3
    weight *= _told_whole(composition, piece, last)
    wanted = composition.offer.wanted
    for slot in sorted(piece.slots):
        base, _, number = slot.rpartition("_")
        # Later labels and people come up less, unless they are asked for.
        if number.isdigit() and slot not in wanted:
            weight *= 0.15 if base == "CAST" and number != "2" else 0.3
    return weight


def _told_whole(composition: Composition, piece: Piece, last: Piece | None) -> float:
    """Less for a goal without whose it is, and for "a film" where the sort of film is known."""
    offered = composition.offer.lengths.keys()
    met = last is not None and not _SOMEBODY.isdisjoint(last.slots)
    lost = piece.role == "premise" and "GOAL" in piece.slots and piece.slots.isdisjoint(_SOMEBODY)
    if lost and not met and not _SOMEBODY.isdisjoint(offered):
        return 0.2
    if piece.role == "noun" and "KIND" in piece.slots and "GENRE" in offered:
        return 0.08
    return 1.0


def _spaced(draft: Draft) -> list[str]:
    said: list[str] = []
    for piece in draft.path:
        fresh = piece.role not in {"noun", "tail", "stop", "closing"} or piece.text[0].isupper()
        said.append(f" {piece.text}" if fresh and said else piece.text)
    return said
