"""What only SQLite shows: locks, a full disk, a damaged file, processes that die."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path

import blockbuster
import pytest
from sqlalchemy import text

from genservice.domain import Title
from genservice.errors import SettingsError, UnavailableError
from genservice.store import open_store
from genservice.store.appending import Appender
from genservice.store.opened import Opened
from genservice.store.tables import TitleRow

CANARY = "xyzzy-canary"
ROOT = Path(__file__).parents[3]


def clock() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'store.db'}"


def title(title_id: str = "harbour-lights", name: str = "Harbour Lights", **fields) -> Title:
    return Title(id=title_id, kind="season", name=name, language="en", **fields)


@pytest.fixture
async def store(tmp_path):
    async with open_store(url(tmp_path), clock=clock, patience=0.05) as opened:
        await opened.migrate()
        yield opened


@contextlib.contextmanager
def plain(folder: Path):
    """The same file, seen by another program."""
    connection = sqlite3.connect(folder / "store.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def nothing_left_behind():
    """Every connection is a thread: one still there afterwards may answer a closed event loop."""
    before = _connections()
    yield
    assert _connections() == before


def _connections() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "_connection_worker" in thread.name}


class TestFailures:
    async def test_a_locked_database_is_unavailable_and_comes_back(self, store, tmp_path):
        with plain(tmp_path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UnavailableError, match=r"^The database is locked\.$"):
                await store.titles.put(title())
            # Whoever writes does not keep anybody from reading.
            assert await store.titles.count() == 0
            other.execute("ROLLBACK")

        assert (await store.titles.put(title())).revision == 1

    async def test_a_full_disk_is_unavailable_loses_nothing_and_comes_back(self, store):
        await store.titles.put(title())
        key = await store.keys.create("app", "app")
        await _limit_pages(store, 1)

        with pytest.raises(UnavailableError, match=r"^The disk of the database is full\.$"):
            await store.titles.put_all(
                title(f"t-{n}", description="Long. " * 800) for n in range(500)
            )

        assert await store.titles.count() == 1
        assert await store.keys.verify(key.key) is not None
        await _limit_pages(store, 1_000_000)
        assert (await store.titles.put_all([title("t-1")])).created == 1

    async def test_a_key_opens_even_if_its_use_cannot_be_noted(self, store, tmp_path):
        key = await store.keys.create("app", "app")

        with plain(tmp_path) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await store.keys.verify(key.key)).id == key.record.id
        assert (await store.keys.list())[0].last_used_at is None

    async def test_rows_added_together_all_fail_when_their_commit_does(self, store, tmp_path):
        rows = [{"id": f"t-{n}"} | _row() for n in range(20)]

        appender = Appender(store._database)
        with plain(tmp_path) as other:
            other.execute("BEGIN IMMEDIATE")
            results = await asyncio.gather(
                *(appender.add(TitleRow.__table__, row) for row in rows), return_exceptions=True
            )

        assert [type(result) for result in results] == [UnavailableError] * 20
        assert len(set(map(id, results))) == 20
        await appender.add(TitleRow.__table__, rows[0])
        assert await store.titles.count() == 1

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda file: file.mkdir(), "The database cannot be opened."),
            (lambda file: file.write_bytes(b"not a database " * 999), "The database is damaged."),
            (lambda file: file.touch(), "The database does not answer."),
        ],
        ids=["a folder", "something else", "without tables"],
    )
    async def test_a_file_that_is_no_database_of_ours_is_unavailable(self, tmp_path, make, message):
        make(tmp_path / "store.db")

        async with open_store(url(tmp_path), clock=clock) as store:
            with pytest.raises(UnavailableError) as caught:
                await store.titles.get("harbour-lights")
        assert str(caught.value) == message

    async def test_a_folder_that_cannot_be_made_is_unavailable(self, tmp_path):
        (tmp_path / "file").touch()

        with pytest.raises(UnavailableError):
            async with open_store(url(tmp_path / "file" / "sub"), clock=clock):
                pass

    @pytest.mark.parametrize(
        "bad",
        [
            "",
            "nonsense",
            f"nosuch://user:{CANARY}@host/db",
            f"postgresql+nosuch://user:{CANARY}@host/db",
            f"mysql+aiomysql://user:{CANARY}@host/db",
            f"sqlite+aiosqlite://user:{CANARY}@host:port/db",
        ],
    )
    async def test_a_url_that_cannot_be_used_is_named_without_its_password(self, bad):
        with pytest.raises(SettingsError) as caught:
            async with open_store(bad, clock=clock):
                pass
        assert CANARY not in "".join(traceback.format_exception(caught.value))

    async def test_errors_hold_no_values(self, store, tmp_path):
        with plain(tmp_path) as other:
            other.execute("DROP TABLE titles")
        with pytest.raises(UnavailableError) as caught:
            await store.titles.put(title(CANARY, name=CANARY))

        assert CANARY not in "".join(traceback.format_exception(caught.value))
        # Tools that look behind `from None` find none either.
        assert CANARY not in str(caught.value.__context__)
        assert caught.value.__suppress_context__
        assert caught.value.__cause__ is None

    async def test_a_record_that_cannot_be_read_is_unavailable(self, store, tmp_path):
        await store.titles.put(title())
        with plain(tmp_path) as other:
            other.execute("UPDATE titles SET record = ?", (f'{{"{CANARY}": 1}}'.encode(),))

        with pytest.raises(UnavailableError) as caught:
            await store.titles.get("harbour-lights")
        assert CANARY not in "".join(traceback.format_exception(caught.value))

    async def test_a_key_with_a_role_from_elsewhere_opens_nothing(self, store, tmp_path):
        new = await store.keys.create("app", "app")
        with plain(tmp_path) as other:
            other.execute("UPDATE api_keys SET role = 'root'")

        with pytest.raises(UnavailableError):
            await store.keys.verify(new.key)


class TestFiles:
    async def test_commits_wait_for_the_disk_and_readers_do_not_wait_for_writers(self, store):
        async with store._database.writing() as session:
            assert (await session.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
            assert (await session.execute(text("PRAGMA synchronous"))).scalar_one() == 2
            assert (await session.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1

    async def test_a_reader_cannot_write(self, store):
        with pytest.raises(UnavailableError):
            async with store._database.reading() as session:
                await session.execute(text("DELETE FROM titles"))

    async def test_the_folder_is_made_for_its_owner_only(self, tmp_path):
        async with open_store(url(tmp_path / "new" / "data"), clock=clock) as store:
            await store.migrate()

        assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700

    async def test_no_secret_of_a_key_is_in_any_file(self, store, tmp_path):
        new = await store.keys.create("app", "findable")
        await store.keys.verify(new.key)

        held = b"".join(path.read_bytes() for path in tmp_path.iterdir())

        assert b"findable" in held
        assert new.key[12:].encode() not in held

    async def test_what_is_written_is_there_for_the_next_process(self, tmp_path):
        async with open_store(url(tmp_path), clock=clock) as store:
            await store.migrate()
            await store.titles.put(title())

        async with open_store(url(tmp_path), clock=clock) as store:
            assert (await store.titles.get("harbour-lights")).revision == 1

    async def test_rows_added_at_the_same_time_share_commits(self, tmp_path):
        run = []
        async with open_store(url(tmp_path), clock=clock) as store:
            await store.migrate()
            async with store._database._writer.connect() as connection:
                raw = (await connection.get_raw_connection()).driver_connection
                await raw.set_trace_callback(run.append)

            await asyncio.gather(*(store.policies.accept(f"v{n}", {}) for n in range(10)))
            alone = sum(statement == "COMMIT" for statement in run)
            run.clear()
            add = store.receipts._appender.add
            await asyncio.gather(
                *(add(TitleRow.__table__, {"id": f"t-{n}"} | _row()) for n in range(400))
            )

        assert alone == 10
        # A statement by itself is a transaction by itself.
        assert [statement.split()[0] for statement in run] == ["INSERT"]

    async def test_callers_who_give_up_at_any_moment_leave_the_store_working(self, tmp_path):
        async with open_store(url(tmp_path), clock=clock) as store:
            await store.migrate()
            # Every step of the event loop is a moment at which a caller may go.
            for steps in range(0, 60, 2):
                calls = (store.titles.put(title(f"t-{steps}")), store.titles.count())
                tasks = [asyncio.create_task(call) for call in calls]
                for _ in range(steps):
                    await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

            await asyncio.gather(*(store.titles.put(title(f"u-{n}")) for n in range(5)))
            counts = await asyncio.gather(*(store.titles.count() for _ in range(10)))

        assert set(counts) == {counts[0]}
        assert counts[0] >= 5

    async def test_closing_waits_for_what_is_being_written(self, tmp_path):
        async with open_store(url(tmp_path), clock=clock) as store:
            await store.migrate()
            adding = asyncio.create_task(
                store.receipts._appender.add(TitleRow.__table__, {"id": "t-1"} | _row())
            )
            await asyncio.sleep(0)
        await adding

        async with open_store(url(tmp_path), clock=clock) as store:
            assert await store.titles.count() == 1

    async def test_nothing_is_left_of_a_connection_given_up_while_it_waits(self, tmp_path):
        with plain(tmp_path) as other, nothing_left_behind():
            # Until this ends, a connection that opens the file waits for it.
            other.execute("BEGIN EXCLUSIVE")
            async with open_store(url(tmp_path), clock=clock, patience=0.2) as store:
                task = asyncio.create_task(store.titles.put(title()))
                await asyncio.sleep(0.05)
                # At the second time the pool stops waiting for the connection to close, too.
                for _ in range(2):
                    task.cancel()
                    await asyncio.sleep(0.01)
                await asyncio.gather(task, return_exceptions=True)

    async def test_nothing_is_left_of_connections_that_cannot_be_opened(self, tmp_path):
        (tmp_path / "store.db").mkdir()
        with nothing_left_behind():
            for _ in range(20):
                async with open_store(url(tmp_path), clock=clock) as store:
                    with pytest.raises(UnavailableError):
                        await store.titles.count()

    @pytest.mark.parametrize("steps", range(12))
    async def test_nothing_is_left_of_a_connection_given_up_while_it_opens(self, tmp_path, steps):
        with nothing_left_behind():
            async with open_store(url(tmp_path), clock=clock) as store:
                task = asyncio.create_task(store.titles.count())
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def test_closing_closes_connections_in_use_too(self, tmp_path):
        opened = Opened()
        with nothing_left_behind():
            connection = await opened.connect(tmp_path / "store.db")
            await opened.close()
            with pytest.raises(ValueError, match="no active connection"):
                await connection.execute("SELECT 1")

    async def test_nothing_blocks_the_event_loop(self, tmp_path):
        with blockbuster.blockbuster_ctx("genservice"):
            async with open_store(url(tmp_path / "new"), clock=clock) as store:
                await store.migrate()
                await store.titles.put_all(title(f"t-{n}") for n in range(5))
                key = await store.keys.create("app", "app")
                await store.keys.verify(key.key)
                await store.titles.search("har")


DIES = """
import asyncio, sys
from datetime import UTC, datetime
from genservice.domain import Title
from genservice.store import open_store

async def main():
    async with open_store(sys.argv[1], clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)) as store:
        await store.migrate()
        for batch in range(10_000):
            titles = [Title(id=f"t-{batch}-{n}", kind="film", name="A", language="en")
                      for n in range(500)]
            await store.titles.put_all(titles)
            await store.policies.accept(f"v{batch}", {})
            print(batch, flush=True)

asyncio.run(main())
"""
STARTS = """
import asyncio, sys
from datetime import UTC, datetime
from genservice.store import open_store

async def main():
    async with open_store(sys.argv[1], clock=lambda: datetime(2026, 3, 1, tzinfo=UTC)) as store:
        input()
        await store.migrate()
        await store.policies.accept(sys.argv[2], {})

asyncio.run(main())
"""


def _python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
@pytest.mark.parametrize("after", [1, 3])
async def test_a_process_killed_while_writing_leaves_all_it_had_acknowledged(tmp_path, after):
    with _python(DIES, url(tmp_path)) as process:
        acknowledged = [process.stdout.readline() for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        acknowledged += process.stdout.readlines()
    last = int([line for line in acknowledged if line.endswith("\n")][-1])

    with plain(tmp_path) as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    async with open_store(url(tmp_path), clock=clock) as store:
        count = await store.titles.count()
        assert count % 500 == 0
        assert count >= 500 * (last + 1)
        assert await store.policies.get(f"v{last}") is not None
        assert (await store.titles.put(title())).revision == 1


async def test_processes_that_start_at_once_share_one_migrated_database(tmp_path):
    started = [_python(STARTS, url(tmp_path), f"v{number}") for number in range(3)]
    with contextlib.ExitStack() as stack:
        for process in started:
            stack.enter_context(process)
        for process in started:
            process.stdin.write("\n")
            process.stdin.close()
        assert [process.wait(timeout=60) for process in started] == [0, 0, 0]

    async with open_store(url(tmp_path), clock=clock) as store:
        assert all([await store.policies.get(f"v{number}") for number in range(3)])


def _row() -> dict:
    return {
        "revision": 1,
        "record": b"{}",
        "kind": "film",
        "year": None,
        "name_folded": "a",
        "names_folded": "a",
        "updated_at": clock(),
    }


async def _limit_pages(store, pages: int) -> None:
    # SQLite then answers as it does when the disk is full.
    async with store._database.writing() as session:
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))
