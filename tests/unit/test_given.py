"""Answers kept: the same bytes again for what is alike in all that shapes an answer, and for nothing else."""

from __future__ import annotations

import msgspec
import pytest

from genservice.answers import order_of_twin
from genservice.briefing import Options
from genservice.domain import Answer, Released
from genservice.given import OVERHEAD, GivenAnswers, is_keepable
from tests.small_service import Small

CRIME = {"genre_affinity": ["crime"]}


def kept(small: Small) -> GivenAnswers:
    return small.blurbs._parts.given


def hits(small: Small) -> tuple[int, int]:
    return kept(small).tally.hits, kept(small).tally.misses


@pytest.fixture
def fresh(small: Small) -> Small:
    small.put_in()
    return small


def test_an_answer_is_given_again_as_it_was_without_model_or_signature(fresh: Small) -> None:
    first = fresh.ask("harbour-lights", CRIME)
    fresh.model.requests.clear()
    assert fresh.ask("harbour-lights", CRIME) == first
    assert hits(fresh) == (1, 1)
    assert not fresh.model.requests


@pytest.mark.parametrize(
    "place", [{"channel": "tile"}, {"tone": "warm"}, {"length": "short"}, {"purpose": "synopsis"}]
)
def test_another_place_is_another_answer(fresh: Small, place) -> None:
    fresh.ask("harbour-lights", CRIME)
    fresh.ask("harbour-lights", CRIME, **place)
    assert hits(fresh) == (0, 2)


def test_what_was_withheld_is_not_what_it_is_kept_under(fresh: Small) -> None:
    first = fresh.ask("harbour-lights", CRIME)
    told = fresh.ask("harbour-lights", {**CRIME, "location": {"country": "DE"}})
    assert hits(fresh) == (1, 1)
    assert told == first


def test_answers_to_editors_notes_are_kept_nowhere(fresh: Small) -> None:
    for _ in range(2):
        fresh.ask("harbour-lights", CRIME, note="Mention the harbour.")
    assert hits(fresh) == (0, 0)


@pytest.mark.parametrize(("level", "may"), [("text", False), ("terms", True), ("genres", True)])
def test_answers_to_viewers_own_words_are_kept_nowhere(fresh: Small, level: str, may: bool) -> None:
    order = order_of_twin(fresh.title("harbour-lights"), Options(purpose="promo"))
    item = Released(signal="stated_interests", level=level, value="rainy harbours")
    assert is_keepable(order, (item,)) is may
    assert not is_keepable(msgspec.structs.replace(order, stored=False), (item,))


def test_an_answer_that_is_what_it_is_because_something_failed_is_not_kept(fresh: Small) -> None:
    fresh.store("harbour-lights")
    fresh.model.fail()
    (failed,) = fresh.ask("harbour-lights", CRIME).blurbs
    assert failed.reason == "model_unavailable"
    fresh.model.recover()
    (well,) = fresh.ask("harbour-lights", CRIME).blurbs
    assert well.source == "written"
    assert kept(fresh).tally.hits == 0


def test_undeclared_names_are_told_to_whoever_sent_them(fresh: Small) -> None:
    plain = fresh.ask("harbour-lights", CRIME)
    told = fresh.ask("harbour-lights", {**CRIME, "shoe_size": 43})
    assert [notice.name for notice in told.notices] == ["shoe_size"]
    assert msgspec.structs.replace(told, notices=()) == plain
    assert fresh.ask("harbour-lights", CRIME) == plain
    assert hits(fresh) == (2, 1)


def test_the_least_recently_asked_for_goes_when_there_is_no_room(fresh: Small) -> None:
    fresh.ask("harbour-lights", CRIME)
    size = kept(fresh).tally.bytes
    assert size > OVERHEAD
    room = GivenAnswers(most_bytes=2 * size + 200, secret=bytes(32))
    fresh.put_in(given=room)
    for tone in ("plain", "warm", "plain", "playful", "plain", "warm"):
        fresh.ask("harbour-lights", CRIME, tone=tone)
    # warm had to go for playful, for plain was asked for since.
    assert (room.tally.hits, room.tally.misses) == (2, 4)
    assert room.tally.bytes <= 2 * size + 200


def test_none_is_kept_without_room(fresh: Small) -> None:
    fresh.put_in(given=GivenAnswers(most_bytes=0, secret=bytes(32)))
    one, other = (fresh.ask("harbour-lights", CRIME) for _ in range(2))
    assert isinstance(one, Answer)
    assert one == other
    assert hits(fresh) == (0, 0)
