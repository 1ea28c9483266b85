"""What is held of viewers, over every database: written, read, forgotten and erased."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from genservice.domain.viewers import (
    Controls,
    Erased,
    Exported,
    Held,
    HeldSignal,
    Serving,
    ServingPage,
    Tidied,
)
from genservice.errors import ConflictError, PreconditionFailedError, UnavailableError
from tests import viewer_files
from tests.viewer_files import ADA, KEEP, NOTHING, Clock, act, fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from genservice.viewers import Viewers
    from tests.viewer_files import Opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def opened(database, keystore_database, tmp_path, clock) -> AsyncIterator[Opened]:
    async with viewer_files.opened(database, keystore_database, tmp_path, clock) as found:
        yield found


@pytest.fixture
def viewers(opened) -> Viewers:
    return opened.viewers


@pytest.fixture
def keystore_database(database, request, tmp_path) -> str | Path:
    """A database of the same kind as the data's, but another one."""
    if isinstance(database, str) and database.startswith("postgresql"):
        return request.getfixturevalue("empty_postgres_url")
    in_memory = database == "sqlite+aiosqlite://"
    return database if in_memory else tmp_path / "keystore" / "viewers.db"


class TestWhatIsHeld:
    async def test_of_an_unknown_viewer_nothing_is_held_in_every_answer(self, viewers):
        assert await viewers.held(ADA) == Held()
        assert await viewers.signals(ADA) == ()
        assert await viewers.consents(ADA) == ()
        assert await viewers.controls(ADA) == (Controls(), 0)
        assert await viewers.servings(ADA, limit=5) == ServingPage()
        assert await viewers.find_serving(ADA, "b-1") is None
        assert await viewers.export(ADA) == Exported()
        assert await viewers.erase(ADA) == Erased()
        assert await viewers.remove_signals(ADA, ["location"]) is None

    async def test_signals_come_back_by_name_with_their_source_and_times(self, viewers, clock):
        put = await viewers.put_signals(
            ADA, {"watch_history": ["a", "b"], "location": {"x": 1}}, source="app", keep_days=KEEP
        )

        assert put == (
            HeldSignal(
                name="location",
                value={"x": 1},
                source="app",
                at=clock.now,
                expires_at=clock.now + timedelta(days=1),
            ),
            HeldSignal(
                name="watch_history",
                value=["a", "b"],
                source="app",
                at=clock.now,
                expires_at=clock.now + timedelta(days=90),
            ),
        )
        assert await viewers.signals(ADA) == put
        assert (await viewers.held(ADA)).signals == put

    async def test_putting_replaces_what_is_named_and_nothing_else(self, viewers):
        await fill(viewers)
        await viewers.put_signals(ADA, {"location": "AT"}, source="viewer", keep_days=KEEP)

        assert [(s.name, s.value, s.source) for s in await viewers.signals(ADA)] == [
            ("location", "AT", "viewer"),
            ("watch_history", ["cold-quay"], "app"),
        ]

    async def test_a_signal_that_is_not_to_be_kept_is_not_and_replaces_what_was(self, viewers):
        await viewers.put_signals(ADA, {"mood": "tense"}, source="app", keep_days={"mood": 3})

        assert await viewers.put_signals(ADA, {"mood": "x"}, source="app", keep_days=KEEP) == ()
        assert await viewers.signals(ADA) == ()

    async def test_removed_signals_are_gone_and_others_stay(self, viewers):
        await fill(viewers)

        await viewers.remove_signals(ADA, ["location", "never_there"])

        assert [signal.name for signal in await viewers.signals(ADA)] == ["watch_history"]

    async def test_a_withdrawal_counts_at_once_and_both_acts_stay_on_record(self, viewers, clock):
        await viewers.record_consents(ADA, [act("b"), act("a")])
        clock.pass_by(hours=1)
        (record,) = await viewers.record_consents(ADA, [act("b", "withdrawn", language="de")])

        assert (record.number, record.at, record.language) == (3, clock.now, "de")
        assert (await viewers.held(ADA)).consents == ("a",)
        acts = [(r.number, r.consent, r.action) for r in await viewers.consents(ADA)]
        assert acts == [(1, "b", "given"), (2, "a", "given"), (3, "b", "withdrawn")]

    async def test_controls_are_set_only_over_the_revision_that_was_seen(self, viewers):
        assert await viewers.set_controls(ADA, Controls(level="off"), if_revision=0) == 1
        with pytest.raises(PreconditionFailedError):
            await viewers.set_controls(ADA, Controls(level="full"), if_revision=0)
        changed = Controls(level="full", titles_left_out=("cold-quay",))
        assert await viewers.set_controls(ADA, changed, if_revision=1) == 2
        assert await viewers.set_controls(ADA, changed, if_revision=None) == 3
        assert await viewers.controls(ADA) == (changed, 3)
        assert (await viewers.held(ADA)).controls == changed

    async def test_servings_are_paged_newest_first_and_found_by_blurb(self, viewers, clock):
        for number in range(5):
            await viewers.record_serving(ADA, f"r-{number}", [f"b-{number}", "b-twice"])
            clock.pass_by(minutes=1)
        found, before = [], None
        while True:
            page = await viewers.servings(ADA, limit=2, before=before)
            found += [serving.receipt for serving in page.items]
            before = page.next
            if before is None:
                break

        assert found == ["r-4", "r-3", "r-2", "r-1", "r-0"]
        assert (await viewers.find_serving(ADA, "b-twice")).receipt == "r-4"
        assert await viewers.find_serving(ADA, "b-1") == Serving(
            receipt="r-1", blurbs=("b-1", "b-twice"), at=clock.now - timedelta(minutes=4)
        )
        assert await viewers.find_serving(ADA, "b-9") is None

    async def test_viewers_know_nothing_of_each_other(self, viewers):
        await fill(viewers)

        assert await viewers.held("ada") == Held()
        assert await viewers.find_serving("ada", "b-1") is None


class TestErasure:
    async def test_it_takes_out_everything_of_one_viewer_and_counts_it(self, viewers):
        await fill(viewers)
        await fill(viewers, "bob")
        bob = await viewers.export("bob")

        assert await viewers.erase(ADA) == Erased(signals=2, consents=2, controls=1, servings=1)
        assert await viewers.export(ADA) == Exported()
        assert await viewers.erase(ADA) == Erased()
        assert await viewers.export("bob") == bob

    async def test_who_comes_back_after_it_begins_anew(self, viewers):
        await fill(viewers)
        await viewers.erase(ADA)

        (record,) = await viewers.record_consents(ADA, [act()])

        assert record.number == 1
        assert await viewers.set_controls(ADA, Controls(), if_revision=0) == 1


class TestKeeping:
    async def test_an_expired_signal_is_left_out_at_once_and_taken_out_by_the_job(
        self, viewers, clock, opened
    ):
        await fill(viewers)
        clock.pass_by(days=1)

        assert [signal.name for signal in await viewers.signals(ADA)] == ["watch_history"]
        assert [signal.name for signal in (await viewers.export(ADA)).signals] == ["watch_history"]
        clock.pass_by(hours=1)
        assert await viewers.tidy() == Tidied(signals=1)
        assert (await opened.rows())["viewer_signals"] == 1

    async def test_servings_are_kept_for_their_days(self, viewers, clock):
        await viewers.record_serving(ADA, "r-1", ["b-1"])
        await viewers.record_consents(ADA, [act()])
        clock.pass_by(days=90)

        assert await viewers.servings(ADA, limit=5) == ServingPage()
        assert await viewers.find_serving(ADA, "b-1") is None
        assert (await viewers.export(ADA)).servings == ()
        clock.pass_by(hours=1)
        assert await viewers.tidy() == Tidied(servings=1)

    async def test_more_than_goes_into_one_transaction_goes_in_several(
        self, viewers, clock, opened, monkeypatch
    ):
        monkeypatch.setattr("genservice.store.viewers.FORGOTTEN_AT_ONCE", 3)
        for number in range(4):
            await viewers.record_serving(ADA, f"r-{number}", ["b-1"])
            await viewers.record_serving("bob", f"r-{number}", ["b-1"])
        clock.pass_by(days=1)
        await viewers.record_serving(ADA, "r-kept", ["b-1"])
        clock.pass_by(days=89, hours=1)

        assert await viewers.tidy() == Tidied(servings=8, viewers=1)
        assert [serving.receipt for serving in (await viewers.export(ADA)).servings] == ["r-kept"]

    async def test_a_viewer_of_whom_nothing_is_left_is_forgotten_with_the_key(
        self, viewers, clock, opened
    ):
        await viewers.put_signals(ADA, {"location": "DE"}, source="app", keep_days=KEEP)
        clock.pass_by(days=2)

        assert await viewers.tidy() == Tidied(signals=1, viewers=1)
        assert await opened.keystore.find(ADA) is None
        assert await opened.rows() == NOTHING
        await fill(viewers)
        assert len(await viewers.signals(ADA)) == 2

    async def test_a_viewer_who_is_being_made_is_not_forgotten(self, viewers, clock, opened):
        await opened.store.viewers.add(b"s" * 16, since="2026-03-01T12")

        assert await viewers.tidy() == Tidied()
        clock.pass_by(hours=3)
        assert await viewers.tidy() == Tidied(viewers=1)


class TestConsentsStay:
    @pytest.mark.parametrize(
        "statement",
        ["UPDATE viewer_consents SET number = 7", "DELETE FROM viewer_consents"],
        ids=["update", "delete"],
    )
    async def test_the_database_itself_refuses_to_change_them(self, opened, statement):
        await opened.viewers.record_consents(ADA, [act()])

        with pytest.raises((UnavailableError, ConflictError)):
            async with opened.store._database.writing() as session:
                await session.execute(text(statement))
        assert len(await opened.viewers.consents(ADA)) == 1

    async def test_their_numbers_have_no_gap_however_many_write(self, viewers):
        await asyncio.gather(*(viewers.record_consents(ADA, [act(), act()]) for _ in range(12)))

        assert [record.number for record in await viewers.consents(ADA)] == list(range(1, 25))
