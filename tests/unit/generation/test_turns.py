"""Whose turn it is."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from genservice.generation.turns import PRIORITIES, Turns
from tests.unit.generation.asking import request


class Waiting:
    def __init__(self, number, priority="app", caller="", texts=1):
        self.number = number
        asked = request(seeds=tuple(range(texts)))
        self.request = msgspec.structs.replace(asked, priority=priority, caller=caller)


def lined_up(*works):
    turns = Turns()
    for work in works:
        turns.add(work)
    return turns


def numbers(works):
    return [work.number for work in works]


def test_of_one_caller_the_first_comes_first() -> None:
    assert numbers(lined_up(*map(Waiting, range(5))).take(9)) == [0, 1, 2, 3, 4]


def test_viewers_come_before_editors_and_these_before_what_nobody_waits_for() -> None:
    turns = lined_up(Waiting(0, "background"), Waiting(1, "editor"), Waiting(2, "app"))
    assert numbers(turns.take(9)) == [2, 1, 0]


def test_who_asks_for_much_waits_behind_its_own() -> None:
    much = [Waiting(number, caller="much") for number in range(50)]
    turns = lined_up(*much, Waiting(50, caller="little"), Waiting(51, caller="other"))
    assert numbers(turns.take(4)) == [0, 50, 51, 1]


def test_as_many_are_taken_as_fit_and_one_too_large_where_it_would_never_come() -> None:
    turns = lined_up(Waiting(0, texts=2), Waiting(1, texts=2), Waiting(2, texts=1))
    assert numbers(turns.take(3)) == [0]
    assert numbers(turns.take(1)) == []
    assert numbers(turns.take(1, least=1)) == [1]
    assert len(turns) == 1


works = st.lists(
    st.builds(
        Waiting,
        st.integers(),
        st.sampled_from(PRIORITIES),
        st.sampled_from(["", "a", "b"]),
        st.integers(0, 3),
    ),
    max_size=12,
)


@given(works, st.lists(st.integers(0, 11)), st.integers(0, 4))
def test_everything_that_stays_is_taken_once_and_nothing_else(given_works, removed, room) -> None:
    turns = lined_up(*given_works)
    left = list(given_works)
    for at in removed:
        if at < len(given_works):
            work = given_works[at]
            assert turns.remove(work) == (work in left)
            left = [each for each in left if each is not work]
    assert len(turns) == len(left)
    taken = []
    while batch := turns.take(room, least=1):
        assert len(batch) == 1 or sum(len(work.request.seeds) for work in batch) <= room
        taken += batch
    assert sorted(map(id, taken)) == sorted(map(id, left))
    assert len(turns) == 0
    ranks = [PRIORITIES.index(work.request.priority) for work in taken]
    assert ranks == sorted(ranks)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30))
def test_while_two_callers_wait_neither_is_served_twice_in_a_row(callers) -> None:
    turns = lined_up(*(Waiting(at, caller=caller) for at, caller in enumerate(callers)))
    before = None
    while len(turns):
        others = {c for c in callers if c != before}
        (work,) = turns.take(1)
        caller = work.request.caller
        callers = list(callers)
        callers.remove(caller)
        assert caller != before or not others
        before = caller
