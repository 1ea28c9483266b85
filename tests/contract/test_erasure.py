"""Erasure, over every database that outlives a process: while others write, killed, restored."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from genservice.domain.viewers import Controls, Erased, Exported, Held, Tidied
from genservice.errors import ConflictError, ContendedError
from genservice.store import Keystore, ViewerRows
from genservice.viewers import Viewers
from tests import viewer_files
from tests.viewer_files import ADA, KEEP, NOTHING, Clock, act, fill, found, in_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.viewer_files import Opened

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request, tmp_path) -> tuple[str | Path, str | Path]:
    """Where data and keystore are."""
    if request.param == "postgresql":
        urls = ("postgres_url", "empty_postgres_url")
        return tuple(map(request.getfixturevalue, urls))
    return tmp_path / "data" / "genservice.db", tmp_path / "keystore" / "viewers.db"


@pytest.fixture
async def two(places, tmp_path) -> AsyncIterator[tuple[Opened, Opened]]:
    """As two processes have it: two sets of connections to the same databases."""
    async with AsyncExitStack() as stack:
        clock = Clock()
        yield tuple(
            [
                await stack.enter_async_context(viewer_files.opened(*places, tmp_path, clock))
                for _ in range(2)
            ]
        )


async def write_on(viewers: Viewers, viewer: str, rounds: int) -> int:
    """Write everything again and again; how many writes met an erasure and were refused."""
    refused = 0
    for number in range(rounds):
        for write in (
            viewers.put_signals(viewer, {"location": number}, source="app", keep_days=KEEP),
            viewers.record_consents(viewer, [act()]),
            viewers.set_controls(viewer, Controls(level="off"), if_revision=None),
            viewers.record_serving(viewer, f"r-{number}", ["b"]),
        ):
            try:
                await write
            except (ConflictError, ContendedError):
                refused += 1
    return refused


class TestWhileOthersWrite:
    async def test_nothing_is_left_of_viewers_erased_while_two_processes_write(
        self, two, places, tmp_path
    ):
        names = ["ada", "bob", "cy"]
        writers = [
            asyncio.create_task(write_on(opened.viewers, name, 8))
            for opened in two
            for name in names
            for _ in range(2)
        ]
        traces: list[bytes] = []
        while not all(writer.done() for writer in writers):
            for name in names:
                traces += await two[1].traces(name)
                await two[0].viewers.erase(name)
        await asyncio.gather(*writers)
        for name in names:
            await two[1].viewers.erase(name)

        assert await two[0].rows() == NOTHING
        assert len(traces) > 10
        assert found(tmp_path, traces) == []

    async def test_a_write_that_began_before_an_erasure_leaves_nothing_after_it(self, two):
        first, second = two
        await fill(first.viewers)
        held_up = HeldUp(first.keystore)
        slow = Viewers(held_up, first.store.viewers, clock=Clock())  # pyright: ignore[reportArgumentType] - stands for one
        writes = [
            asyncio.create_task(work)
            for work in (
                slow.put_signals(ADA, {"location": 1}, source="app", keep_days=KEEP),
                slow.record_consents(ADA, [act()]),
                slow.set_controls(ADA, Controls(), if_revision=None),
                slow.record_serving(ADA, "r-9", ["b-9"]),
            )
        ]
        await held_up.waited_for(4)

        assert await second.viewers.erase(ADA) == Erased(
            signals=2, consents=2, controls=1, servings=1
        )
        held_up.go_on.set()
        results = await asyncio.gather(*writes, return_exceptions=True)

        assert [type(result) for result in results] == [ConflictError] * 4
        assert await first.rows() == NOTHING

    async def test_an_export_is_of_one_moment_while_others_write(self, two):
        first, second = two

        async def write() -> None:
            for number in range(1, 25):
                values = {"location": number, "watch_history": number}
                await first.viewers.put_signals(ADA, values, source="app", keep_days=KEEP)
                await first.viewers.record_consents(ADA, [act()])

        writing = asyncio.create_task(write())
        exports: list[Exported] = []
        while not writing.done():
            exports.append(await second.viewers.export(ADA))
        await writing

        for exported in exports:
            values = [signal.value for signal in exported.signals] or [0]
            assert len(set(values)) == 1
            # Read one after the other, acts of later writes would stand beside earlier signals.
            assert values[0] - len(exported.consents) in {0, 1}

    async def test_two_who_come_at_once_are_one_viewer(self, two):
        await asyncio.gather(
            *(opened.viewers.record_consents(ADA, [act()]) for opened in two for _ in range(8))
        )

        numbers = [record.number for record in await two[0].viewers.consents(ADA)]
        assert numbers == list(range(1, 17))
        rows = await two[0].rows()
        assert (rows["viewers"], rows["viewer_keys"]) == (1, 1)


class HeldUp:
    """A keystore whose finds are answered, but not before they may go on."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore
        self._waiting = 0
        self._more = asyncio.Event()
        self.go_on = asyncio.Event()

    async def find(self, viewer: str) -> Any:
        found = await self._keystore.find(viewer)
        self._waiting += 1
        self._more.set()
        await self.go_on.wait()
        return found

    async def waited_for(self, count: int) -> None:
        while self._waiting < count:
            self._more.clear()
            await self._more.wait()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keystore, name)


class TestKilled:
    STEPS = 9
    """One more than an erasure takes: the last is not killed."""

    @pytest.mark.parametrize("step", range(1, STEPS + 1))
    async def test_an_erasure_killed_before_any_step_is_either_not_begun_or_ended_at_the_next_start(
        self, places, tmp_path, step
    ):
        async with viewer_files.opened(*places, tmp_path, Clock()) as opened:
            await fill(opened.viewers)
            traces = await opened.traces(ADA)
            before = await opened.viewers.export(ADA)

        killed = _erase_until(step, *places, tmp_path)

        async with viewer_files.opened(*places, tmp_path, Clock()) as opened:
            at_once = await opened.viewers.export(ADA)
            if step <= KILLED_BEFORE_IT_BEGINS:
                assert at_once == before
                assert killed
                return
            assert at_once == Exported()
            await opened.viewers.resume_erasures()
            assert await opened.rows() == NOTHING
            assert killed == (step < self.STEPS)
        assert found(tmp_path, traces) == []


KILLED_BEFORE_IT_BEGINS = 3
"""Finding, counting, and destroying the key: killed before these, nothing has happened."""

ERASE = """
import asyncio, os, signal, sys
from pathlib import Path
from genservice.viewers import Viewers
from tests import viewer_files

step, data, keystore, folder = int(sys.argv[1]), *sys.argv[2:5]
steps = 0

class Dying:
    def __init__(self, inner): self.inner = inner
    def __getattr__(self, name):
        def call(*args, **options):
            global steps
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return getattr(self.inner, name)(*args, **options)
        return call

def place(text): return text if "://" in text else Path(text)

async def main():
    async with viewer_files.opened(place(data), place(keystore), Path(folder), viewer_files.Clock()) as o:
        viewers = Viewers(Dying(o.keystore), Dying(o.store.viewers), clock=viewer_files.Clock())
        await viewers.erase(viewer_files.ADA)

asyncio.run(main())
"""


def _erase_until(step: int, data: str | Path, keystore: str | Path, folder: Path) -> bool:
    """Whether it was killed before that step; else it had come to its end."""
    arguments = [str(step), str(data), str(keystore), str(folder)]
    done = subprocess.run([sys.executable, "-c", ERASE, *arguments], cwd=ROOT, check=False)
    assert done.returncode in {0, -signal.SIGKILL}
    return done.returncode != 0


class TestBackups:
    async def test_of_an_erased_viewer_nothing_in_a_backup_of_the_data_can_be_read_or_linked(
        self, tmp_path
    ):
        folder = tmp_path / "service"
        async with in_files(folder, Clock()) as opened:
            await fill(opened.viewers)
            await fill(opened.viewers, "bob")
            bob = await opened.viewers.export("bob")
            entry = await opened.keystore.find(ADA)
            traces = await opened.traces(ADA)
        backup = tmp_path / "backup"
        shutil.copytree(folder / "data", backup)
        async with in_files(folder, Clock()) as opened:
            await opened.viewers.erase(ADA)
        shutil.rmtree(folder / "data")
        shutil.copytree(backup, folder / "data")

        async with in_files(folder, Clock()) as opened:
            # What came back lies there, under a subject that nothing leads to any more.
            assert (await opened.store.viewers.counts(entry.subject)).signals == 2
            assert await opened.viewers.held(ADA) == Held()
            assert await opened.viewers.export(ADA) == Exported()
            assert found(folder / "keystore", [ADA.encode(), *traces]) == []
            assert await opened.viewers.export("bob") == bob
            assert await opened.viewers.tidy() == Tidied(restored=1)
            assert (await opened.rows())["viewers"] == 1
        assert found(folder, [ADA.encode(), *traces]) == []

    async def test_who_comes_back_after_a_restored_backup_begins_anew(self, tmp_path):
        async with in_files(tmp_path / "service", Clock()) as opened:
            await opened.viewers.record_consents("bob", [act()])
        shutil.copytree(tmp_path / "service" / "data", tmp_path / "backup")
        async with in_files(tmp_path / "service", Clock()) as opened:
            await fill(opened.viewers)
        shutil.rmtree(tmp_path / "service" / "data")
        shutil.copytree(tmp_path / "backup", tmp_path / "service" / "data")

        async with in_files(tmp_path / "service", Clock()) as opened:
            # The keystore knows a viewer whom the restored data does not.
            assert await opened.viewers.held(ADA) == Held()
            await fill(opened.viewers)
            assert len(await opened.viewers.signals(ADA)) == 2


async def test_erasing_where_only_the_rows_fail_says_so_and_is_ended_by_the_next_try(tmp_path):
    async with in_files(tmp_path, Clock()) as opened:
        await fill(opened.viewers)
        failing = Failing(opened.store.viewers)
        viewers = Viewers(opened.keystore, failing, clock=Clock())  # pyright: ignore[reportArgumentType] - stands for one

        with pytest.raises(ConflictError):
            await viewers.erase(ADA)
        assert (await opened.rows())["viewers"] == 1
        # Nobody can tell any more whose the rows are, so whoever asks next has all of them ended.
        assert await opened.viewers.erase(ADA) == Erased()
        assert await opened.rows() == NOTHING


class Failing:
    """Rows that cannot be erased."""

    def __init__(self, rows: ViewerRows) -> None:
        self._rows = rows

    async def erase(self, subject: bytes) -> Erased:
        raise ConflictError("The disk is full.")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)
