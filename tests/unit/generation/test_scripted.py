"""The fake does what tests tell it to, and writes lawful texts when told nothing."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.errors import ModelUnavailableError
from genservice.generation import Scripted
from genservice.generation.scripted import plain_text
from tests.unit.generation.asking import request
from tests.unit.generation.test_slot_spelling import lawful

NAMES = (
    "TITLE", "LEAD", "CAST_2", "DIRECTOR", "GENRE", "GENRE_2", "MOOD", "MOOD_2", "THEME", "PACE",
    "COUNTRY", "OCCASION", "MINUTES", "LOGLINE", "WHERE", "STORY_1", "WHO", "ACCESS",
)  # fmt: skip
offered = st.lists(st.sampled_from(NAMES), unique=True)


@given(offered, st.integers(), st.data())
def test_its_own_texts_are_lawful_and_say_what_they_must(slots, seed, data):
    must = data.draw(st.lists(st.sampled_from(slots), max_size=2, unique=True)) if slots else []
    text = plain_text(request(seed, slots=slots, must=must), seed)
    assert lawful(text, set(slots))
    assert all(f"[{slot}]" in text for slot in must)
    assert bool(text) == bool(slots)
    assert not re.search(r"\s{2}|^\s|\s$", text)


def test_its_own_texts_differ_by_seed():
    asked = request(slots=NAMES)
    assert len({plain_text(asked, seed) for seed in range(30)}) > 5


async def test_it_answers_from_a_function_of_request_and_seed():
    model = Scripted(lambda asked, seed: f"[{asked.slots[0]}] {seed}.")
    assert await model.write(request(1, 2)) == ("[TITLE] 1.", "[TITLE] 2.")


async def test_it_gives_out_listed_texts_once_each():
    model = Scripted(["One.", "Two.", "Three."])
    assert await model.write(request(0, 1)) == ("One.", "Two.")
    assert await model.write(request(0)) == ("Three.",)
    with pytest.raises(ModelUnavailableError):
        await model.write(request(0))


async def test_it_remembers_what_it_was_asked_even_when_it_fails():
    model = Scripted()
    model.fail()
    with pytest.raises(ModelUnavailableError):
        await model.write(request(1))
    model.recover()
    await model.write(request(2))
    assert model.requests == [request(1), request(2)]


async def test_it_hangs_until_it_recovers():
    model = Scripted(["Late."])
    model.hang()
    writing = asyncio.ensure_future(model.write(request()))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not writing.done()
    model.recover()
    assert await writing == ("Late.",)


async def test_it_gives_up_at_its_deadline():
    model = Scripted(deadline=0.01)
    model.hang()
    with pytest.raises(ModelUnavailableError, match="in time"):
        await model.write(request())
