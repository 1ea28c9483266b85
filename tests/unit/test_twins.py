"""Twins written beforehand: what is missing is written, in its order, whatever fails meanwhile."""

from __future__ import annotations

import asyncio

import msgspec

from genservice.answers import order_of_twin
from genservice.briefing import Options
from genservice.domain import Place
from genservice.errors import ModelUnavailableError
from genservice.generation import Scripted
from genservice.settings import Settings
from genservice.twins import Pace, Twins
from tests.small_service import LOCKED, PLACES, WRITTEN

TILE = Place(purpose="promo", channel="tile", length="short")
DETAIL = Place(purpose="promo", channel="detail", length="medium")


class Slept(list):
    """Passes no time and remembers how much should have passed; may do something meanwhile."""

    def __init__(self, *meanwhile) -> None:
        super().__init__()
        self._meanwhile = list(meanwhile)

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        if self._meanwhile:
            self._meanwhile.pop(0)()
        await asyncio.sleep(0)


def twins_of(small, places=(DETAIL, TILE), **changes) -> Twins:
    return Twins(
        places, blurbs=small.blurbs, titles=small.service.titles, texts=small.texts, **changes
    )


async def until(met) -> None:
    while True:
        if met():
            return
        await asyncio.sleep(0.001)


async def until_done(twins: Twins) -> None:
    """Keep twins until all are written, as a service that listens does."""
    async with twins.kept():
        await until(lambda: twins.progress.state == "done")


def lacking(small) -> set[tuple[str, str]]:
    found = small.run(small.texts.lacking((DETAIL, TILE)))
    return {(each.title.id, str(place)) for each in found for place in each.places}


def test_every_title_gets_a_text_for_every_place_that_is_not_the_editors(small) -> None:
    progress = small.run(twins_of(small).write_missing())
    assert (progress.state, progress.written, progress.missing) == ("done", WRITTEN, 0)
    assert (progress.locked, progress.failed) == (LOCKED, 0)
    assert lacking(small) == {
        ("kept-by-editors", str(DETAIL)),
        ("kept-by-editors", str(TILE)),
        ("pinned-in-part", str(TILE)),
    }


def test_the_settings_name_the_places() -> None:
    assert Settings(twins=PLACES).places() == (DETAIL, TILE)


def test_a_twin_written_beforehand_is_what_a_request_for_it_gets(small) -> None:
    small.run(twins_of(small).write_missing())
    asked = len(small.model.requests)
    (blurb,) = small.ask("cold-quay", channel="tile", length="short").blurbs
    assert (blurb.source, blurb.reason) == ("twin", "nothing_released")
    assert len(small.model.requests) == asked


def test_the_first_place_is_served_for_all_titles_before_the_second(small) -> None:
    small.run(twins_of(small).write_missing())
    limits = [request.limit for request in small.model.requests]
    assert limits == sorted(limits, reverse=True)
    assert len(set(limits)) == 2


def test_what_is_stored_is_not_written_again(small) -> None:
    small.run(twins_of(small).write_missing())
    small.model.requests.clear()
    small.put_in()
    assert small.run(twins_of(small).write_missing()).written == 0
    assert small.model.requests == []


def test_a_new_revision_gets_new_twins_and_the_others_keep_theirs(small) -> None:
    twins = twins_of(small)
    small.run(twins.write_missing())
    changed = msgspec.structs.replace(small.title("cold-quay"), genres=("comedy",))
    small.run(small.service.titles.put(changed))
    assert small.run(twins.write_missing()).written == WRITTEN + 2
    sent = order_of_twin(small.title("cold-quay"), Options(purpose="promo"))
    (blurb,) = small.run(small.blurbs.write(sent)).blurbs
    assert "crime" not in blurb.text


def test_at_most_one_request_is_under_way_at_the_model(small) -> None:
    under_way, most = 0, 0

    class Counting(Scripted):
        async def write(self, request):
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            try:
                return await super().write(request)
            finally:
                under_way -= 1

    small.put_in(model=Counting())
    small.run(until_done(twins_of(small)))
    assert most == 1


def test_a_model_that_does_not_answer_is_waited_for_longer_each_time(small) -> None:
    small.model.fail()
    slept = Slept(*[lambda: None] * 4, small.model.recover)
    pace = Pace(backoff=6.0, longest=40.0)
    twins = twins_of(small, sleep=slept, pace=pace)
    small.run(until_done(twins))
    assert slept == [6.0, 12.0, 24.0, 40.0, 40.0]
    assert twins.progress.missing == 0
    assert len(lacking(small)) == LOCKED


def test_while_it_waits_it_says_so(small) -> None:
    small.model.fail()
    states = []
    slept = Slept(lambda: states.append(twins.progress), small.model.recover)
    twins = twins_of(small, sleep=slept)
    small.run(until_done(twins))
    assert (states[0].state, states[0].missing) == ("waiting", WRITTEN + LOCKED)


def test_a_guard_that_is_down_is_waited_for(small) -> None:
    small.guard.down = True
    slept = Slept(lambda: None, lambda: setattr(small.guard, "down", False))
    small.run(until_done(twins_of(small, sleep=slept)))
    assert len(slept) == 2
    assert len(lacking(small)) == LOCKED


def test_one_text_that_the_model_cannot_write_does_not_keep_the_others_waiting(small) -> None:
    class Choosy(Scripted):
        async def write(self, request):
            if "YEAR" not in request.slots:
                raise ModelUnavailableError("The prompt is too long.")
            return await super().write(request)

    small.put_in(model=Choosy())
    patience = 8
    enough = asyncio.Event()
    slept = Slept(*[lambda: None] * patience, enough.set)
    twins = twins_of(small, sleep=slept)

    async def kept() -> None:
        async with twins.kept():
            await enough.wait()

    small.run(kept())
    assert twins.progress.written == 4
    assert twins.progress.state == "waiting"
    assert ("pinned-in-part", str(DETAIL)) in lacking(small)


def test_where_no_text_passes_it_is_counted_and_not_tried_again(small) -> None:
    nonsense = Scripted(lambda request, seed: "Seventeen pirates of the Spanish main.")
    small.put_in(model=nonsense)
    twins = twins_of(small)
    assert small.run(twins.write_missing()).failed == WRITTEN
    asked = len(nonsense.requests)
    assert asked == WRITTEN * small.blurbs._parts.attempts
    assert small.run(twins.write_missing()).failed == WRITTEN
    assert len(nonsense.requests) == asked


def test_a_defect_met_in_one_title_leaves_the_others_their_twins(small) -> None:
    class Broken(Scripted):
        async def write(self, request):
            if "YEAR" not in request.slots:
                raise RuntimeError
            return await super().write(request)

    small.put_in(model=Broken())
    progress = small.run(twins_of(small).write_missing())
    assert (progress.written, progress.failed) == (4, 1)


def test_a_title_changed_meanwhile_is_left_to_the_next_look(small) -> None:
    """As when an editor stores a title between the look and the writing."""

    class Changing:
        async def get(self, title_id):
            title = await small.service.titles.get(title_id)
            if title_id == "cold-quay":
                title = await small.service.titles.put(msgspec.structs.replace(title, year=1999))
            return None if title_id == "harbour-lights" else title

    twins = Twins((DETAIL,), blurbs=small.blurbs, titles=Changing(), texts=small.texts)
    progress = small.run(twins.write_missing())
    assert (progress.written, progress.missing, progress.failed) == (1, 0, 0)
    assert {title for title, place in lacking(small) if place == str(DETAIL)} == {
        "cold-quay",
        "harbour-lights",
        "kept-by-editors",
    }


def test_between_texts_it_waits_for_a_lull_of_requests(small) -> None:
    def request() -> None:
        small.blurbs._begun += 1

    request()
    slept = Slept(request, request)
    small.run(until_done(twins_of(small, (TILE,), sleep=slept, pace=Pace(lull=0.5))))
    assert slept == [0.5, 0.5, 0.5]


def test_a_service_that_is_never_idle_gets_its_twins_all_the_same(small) -> None:
    def request() -> None:
        small.blurbs._begun += 1

    request()
    slept = Slept(*[request] * 1000)
    pace = Pace(lulls=3)
    small.run(until_done(twins_of(small, (TILE,), sleep=slept, pace=pace)))
    assert len(slept) == 3 * 4
    assert ("cold-quay", str(TILE)) not in lacking(small)


def test_stopping_while_a_text_is_written_ends_it_and_leaves_nothing_behind(small) -> None:
    small.model.hang()

    async def stopped() -> set:
        before = asyncio.all_tasks()
        async with twins_of(small).kept():
            await until(lambda: small.model.requests)
        return asyncio.all_tasks() - before

    assert small.run(stopped()) == set()
    small.model.recover()
    assert len(lacking(small)) == WRITTEN + LOCKED


def test_with_no_places_nothing_is_done(small) -> None:
    twins = twins_of(small, ())

    async def kept() -> None:
        before = asyncio.all_tasks()
        async with twins.kept():
            assert asyncio.all_tasks() == before

    small.run(kept())
    assert small.run(twins.write_missing()).state == "off"
    assert small.model.requests == []


def test_titles_that_came_in_are_looked_for_at_once(small) -> None:
    async def came_in() -> None:
        twins = twins_of(small, (TILE,), pace=Pace(look=3600))
        async with twins.kept():
            await until(lambda: twins.progress.state == "done")
            written = twins.progress.written
            title = await small.service.titles.get("cold-quay")
            await small.service.titles.put(msgspec.structs.replace(title, year=2022))
            twins.look_again()
            await until(lambda: twins.progress.written > written)

    small.run(came_in())


def test_titles_that_another_process_brought_are_found_after_a_while(small) -> None:
    async def came_in() -> None:
        twins = twins_of(small, (TILE,), pace=Pace(look=0.01))
        async with twins.kept():
            await until(lambda: twins.progress.state == "done")
            written = twins.progress.written
            title = await small.service.titles.get("cold-quay")
            await small.service.titles.put(msgspec.structs.replace(title, year=2022))
            await until(lambda: twins.progress.written > written)

    small.run(came_in())
