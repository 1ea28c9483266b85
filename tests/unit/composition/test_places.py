"""Places: after every sentence, which roles may still come."""

from __future__ import annotations

import pytest

from genservice.composition.places import (
    FIRST,
    RANK,
    UNTOLD,
    opened,
    place_after,
    roles_at,
    telling,
    turn,
)
from genservice.composition.told import NOTHING, Told

BEGINNING = place_after(Told())
PLAIN = {"parts": NOTHING, "back": False, "bare": False}


def after(*roles: str) -> int:
    """The place after sentences of these roles."""
    place = BEGINNING
    for at, role in enumerate(roles):
        place = opened(place, role, begun=bool(at))
    return place


@pytest.mark.parametrize(
    ("said", "free"),
    [
        ("hook", RANK[1:]),
        ("end", RANK[1:9]),
        ("noun", ("premise", "then", "story", *RANK[6:])),
        ("hook premise", RANK[2:]),
        ("hook line", RANK[6:]),
        ("hook angle", RANK[6:]),
        ("hook angle angle", RANK[7:]),
        ("tag close", ("close",)),
        ("hook end", ()),
    ],
)
def test_roles_have_their_turns(said: str, free: tuple[str, ...]):
    assert roles_at(after(*said.split())) == frozenset(free)


def test_sentences_reckoned_with_come_in_any_order():
    place = turn("end", 0, **PLAIN).after(after("hook"))
    assert roles_at(place) == frozenset(RANK[1:9])


def test_two_angles_may_be_reckoned_with_and_no_third():
    angle, place = turn("angle", 0, **PLAIN), after("hook")
    for _ in range(2):
        assert not place & angle.barred
        place = angle.after(place)
    assert place & angle.barred


def test_a_word_begins_one_sentence():
    first = turn("cast", FIRST, **PLAIN)
    place = first.after(after("hook"))
    assert place & first.barred
    assert not place & turn("cast", FIRST << 1, **PLAIN).barred


def test_it_stands_for_something_named():
    back = turn("cast", 0, NOTHING, back=True, bare=False)
    assert after("hook") & back.barred
    assert not after("noun") & back.barred


def test_a_title_alone_closes_what_has_told_something():
    bare = turn("close", 0, NOTHING, back=False, bare=True)
    assert BEGINNING & UNTOLD
    assert BEGINNING & bare.barred
    assert not after("hook") & bare.barred


@pytest.mark.parametrize(
    ("told", "then", "barred"),
    [
        ("WHO", "WHO", True),
        ("WHO", "GOAL", False),
        ("WHO GOAL", "GOAL TURN", True),
        ("WHO", "LOGLINE", True),
        ("LOGLINE", "WHERE", True),
        ("GENRE", "LOGLINE", False),
    ],
)
def test_no_part_of_the_story_is_told_twice(told: str, then: str, *, barred: bool):
    place = telling(frozenset(told.split())).after(0)
    assert bool(place & telling(frozenset(then.split())).barred) == barred
