"""The job that runs beside a listening service."""

from __future__ import annotations

import asyncio

from genservice.app import open_service
from genservice.domain.viewers import Exported
from genservice.generation import Scripted
from genservice.viewers import Viewers
from tests.small_service import PILOT, small_settings
from tests.viewer_files import ADA, NOTHING, Clock, fill, found, in_files


class Pauses:
    """Passes no time, but says when it should, and waits to be told to go on."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.over = asyncio.Event()

    async def __call__(self, _: float) -> None:
        self.begun.set()
        await self.over.wait()
        self.over.clear()

    async def next(self) -> None:
        self.begun.clear()
        self.over.set()
        await self.begun.wait()


async def test_it_takes_out_what_expires_and_ends_erasures_round_by_round(tmp_path):
    clock, pauses = Clock(), Pauses()
    async with in_files(tmp_path, clock) as opened:
        viewers = Viewers(opened.keystore, opened.store.viewers, clock=clock, sleep=pauses)
        await fill(viewers)
        await fill(viewers, "bob")
        async with viewers.kept():
            await pauses.begun.wait()
            assert (await opened.rows())["viewer_signals"] == 4
            clock.pass_by(days=1, hours=1)
            await pauses.next()
            assert (await opened.rows())["viewer_signals"] == 2
            await opened.keystore.begin_erasure(ADA)
            await opened.keystore.begin_erasure("bob")
            await pauses.next()
            assert await opened.rows() == NOTHING


async def test_it_goes_on_after_a_failure(tmp_path):
    clock, pauses = Clock(), Pauses()
    async with in_files(tmp_path, clock) as opened:
        viewers = Viewers(opened.keystore, opened.store.viewers, clock=clock, sleep=pauses)
        await fill(viewers)
        await _sql(opened, "ALTER TABLE viewer_signals RENAME TO away")
        async with viewers.kept():
            await pauses.begun.wait()
            await _sql(opened, "ALTER TABLE away RENAME TO viewer_signals")
            clock.pass_by(days=1, hours=1)
            await pauses.next()
            assert (await opened.rows())["viewer_signals"] == 1


async def _sql(opened, statement: str) -> None:
    from sqlalchemy import text

    async with opened.store._database.writing() as session:
        await session.execute(text(statement))


async def test_a_service_ends_at_its_start_what_was_begun_before_and_holds_nothing_in_clear(
    tmp_path,
):
    settings = small_settings(tmp_path)
    place = settings.keystore.parent
    async with open_service(
        settings, model=Scripted([PILOT]), reserve=Scripted([PILOT])
    ) as service:
        await fill(service.viewers)
    async with in_files(place, Clock()) as opened:
        traces = await opened.traces(ADA)
        await opened.keystore.begin_erasure(ADA)
    assert found(place, [ADA.encode()]) == []

    async with open_service(
        settings, model=Scripted([PILOT]), reserve=Scripted([PILOT])
    ) as service:
        assert await service.viewers.export(ADA) == Exported()
    assert found(place, [ADA.encode(), *traces]) == []
