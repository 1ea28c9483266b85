"""What only PostgreSQL shows: a server that goes, comes back, refuses, stands still, or is full."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from genservice.domain import Title
from genservice.errors import ContendedError, GenserviceError, SettingsError
from genservice.store import open_store
from genservice.store.database import open_database
from genservice.store.tables import ReceiptRow
from tests.postgres import PASSWORD, running_postgres

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "xyzzy-canary"


def clock() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


def title(title_id: str = "harbour-lights", name: str = "Harbour Lights", **fields) -> Title:
    return Title(id=title_id, kind="season", name=name, language="en", **fields)


@pytest.fixture
async def store(postgres_url):
    async with open_store(postgres_url, clock=clock, patience=0.2) as opened:
        yield opened


@pytest.fixture(scope="module")
def own_server():
    """A server that tests may stop."""
    with running_postgres() as server:
        yield server


@pytest.fixture
async def own(own_server):
    name = own_server.new_database()
    async with open_store(own_server.url(name), clock=clock, patience=1) as opened:
        await opened.migrate()
        yield opened


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to hold")


async def failing(work) -> str:
    """What a call that fails says; it may say no value."""
    with pytest.raises(GenserviceError) as caught:
        await work
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None
    return str(caught.value)


class TestAddresses:
    @pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
    async def test_an_address_as_people_type_it_takes_our_driver(
        self, postgres, postgres_url, scheme
    ):
        name = postgres_url.rpartition("/")[0] and postgres_url.split("?")[0].rpartition("/")[2]
        url = postgres.tcp_url(name).replace("postgresql", scheme, 1)

        async with open_store(url, clock=clock) as store:
            assert (await store.titles.put(title())).revision == 1

    async def test_parameters_of_libpq_stand_as_they_were_given(self, postgres_url):
        url = f"{postgres_url}&application_name=desk&options=-c%20work_mem%3D7MB"
        database = await open_database(url)

        async with database.reading() as session:
            found = (
                await session.execute(
                    text("SELECT current_setting('application_name'), current_setting('work_mem')")
                )
            ).one()
        await database.close()

        assert tuple(found) == ("desk", "7MB")

    async def test_a_driver_that_is_not_ours_is_refused(self):
        with pytest.raises(SettingsError, match="postgresql://user:password@host/database"):
            async with open_store("postgresql+asyncpg://u:p@host/db", clock=clock):
                pass


class TestLimits:
    async def test_there_are_never_more_connections_than_set(self, postgres, postgres_url):
        name = postgres_url.split("?")[0].rpartition("/")[2]
        async with open_store(postgres_url, clock=clock, connections=4) as store:
            await asyncio.gather(
                *(store.titles.count() for _ in range(40)),
                *(store.titles.put(title(f"t-{n}")) for n in range(40)),
            )
            open_now = len(postgres.backends(name))

        assert 1 < open_now <= 4
        await until(lambda: not postgres.backends(name))

    async def test_a_statement_that_takes_too_long_is_ended_at_the_server(self, postgres_url):
        database = await open_database(postgres_url, statement_timeout=0.05)

        async def sleep() -> None:
            async with database.reading() as session:
                await session.execute(text("SELECT pg_sleep(60)"))

        assert await failing(sleep()) == "The database took too long."
        await database.close()

    async def test_whoever_gives_up_leaves_no_statement_running(self, postgres, postgres_url):
        database = await open_database(postgres_url)

        async def sleep() -> None:
            async with database.reading() as session:
                await session.execute(text("SELECT pg_sleep(600), 'given up'"))

        def running() -> bool:
            found = postgres.run("SELECT query, state FROM pg_stat_activity")
            return any("given up" in (query or "") and state == "active" for query, state in found)

        task = asyncio.create_task(sleep())
        await until(running)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        assert task.cancelled()
        assert not running()
        await database.close()

    async def test_a_writer_waits_for_its_turn_no_longer_than_set(self, store, postgres_url):
        database = await open_database(postgres_url)
        async with database.writing("titles"):
            assert await failing(store.titles.put(title())) == "The database is locked."
            # Nobody else is kept from anything.
            assert await store.titles.count() == 0
            await store.policies.accept("v1", {})
        await database.close()

        assert (await store.titles.put(title())).revision == 1

    async def test_no_free_connection_is_a_clear_error(self, postgres_url):
        async with open_store(postgres_url, clock=clock, patience=0.1, connections=2) as store:
            async with store._database.writing() as session:
                await session.execute(text("SELECT 1"))
                assert await failing(store.titles.put(title())) == "The database is too busy."
            assert (await store.titles.put(title())).revision == 1

    async def test_a_reader_cannot_write(self, store):
        async def write() -> None:
            async with store._database.reading() as session:
                await session.execute(text("DELETE FROM titles"))

        assert await failing(write()) == "The database cannot be written."

    async def test_a_commit_waits_for_the_disk_whatever_the_server_is_set_to(self, own_server):
        name = own_server.new_database()
        own_server.run(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        database = await open_database(own_server.url(name))

        async with database.writing() as session:
            found = await session.execute(text("SHOW synchronous_commit"))
            assert found.scalar_one() == "on"
        await database.close()


class TestFailures:
    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("53100", "The disk of the database is full."),
            ("53200", "The database is short of memory."),
            ("53300", "The database has no connection left."),
            ("57P01", "The database is being stopped."),
            ("57P03", "The database is starting or being stopped."),
            ("25006", "The database cannot be written."),
            ("42501", "The database does not allow that."),
            ("58030", "The disk of the database fails."),
            ("XX001", "The database is damaged."),
            ("42P01", "The database does not answer."),
            ("99999", "The database does not answer."),
            ("40001", "The database is too busy."),
            ("40P01", "The database is too busy."),
            ("23505", "Another write came first."),
        ],
    )
    async def test_what_the_server_reports_is_said_in_our_words_without_its_values(
        self, store, caplog, code, message
    ):
        raised = f"DO $$ BEGIN RAISE EXCEPTION '{CANARY}' USING ERRCODE = '{code}'; END $$"

        async def fail() -> None:
            async with store._database.writing() as session:
                await session.execute(text(raised))

        with caplog.at_level(logging.DEBUG):
            assert await failing(fail()) == message
        assert CANARY not in "".join(
            record.getMessage() for record in caplog.records if record.name.startswith("genservice")
        )
        assert await store.titles.count() == 0

    async def test_rows_added_together_are_tried_again_after_a_deadlock(self, store):
        failures = iter([ContendedError("No."), ContendedError("No.")])
        add = store._database.add
        appender = store.receipts._appender

        class Contended:
            async def add(self, table, rows):
                if error := next(failures, None):
                    raise error
                return await add(table, rows)

        appender._database = Contended()
        row = {"id": "r-1", "statement": b"{}", "signature": "a", "key_id": "k"}
        await appender.add(ReceiptRow.__table__, {**row, "stored_at": clock()})

        async with store._database.reading() as session:
            assert (await session.execute(text("SELECT count(*) FROM receipts"))).scalar_one() == 1

    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("postgresql://nobody:{canary}@127.0.0.1:{port}/postgres", "The database refuses the login."),
            ("postgresql://{user}:{password}@127.0.0.1:{port}/{canary}", "There is no such database."),
            ("postgresql://{user}:{canary}@127.0.0.1:1/postgres", "The database does not answer."),
        ],
        ids=["login", "database", "nobody listens"],
    )  # fmt: skip
    async def test_a_server_that_lets_nobody_in_is_told_without_the_address(
        self, postgres, url, message
    ):
        words = {"user": "genservice", "password": PASSWORD.replace(" ", "%20"), "port": postgres.port}  # fmt: skip
        async with open_store(url.format(canary=CANARY, **words), clock=clock) as store:
            assert await failing(store.titles.count()) == message

    async def test_too_many_connections_are_told_and_pass(self, own_server, own):
        name = own_server.new_database()
        own_server.run("CREATE ROLE alone LOGIN CONNECTION LIMIT 1")
        url = own_server.url(name).replace("genservice@", "alone@")
        with psycopg.connect(url):
            async with open_store(url, clock=clock) as store:
                assert await failing(store.ping()) == "The database has no connection left."

    async def test_a_database_set_to_reading_only_is_told_and_still_reads(self, own_server):
        name = own_server.new_database()
        url = own_server.url(name)
        async with open_store(url, clock=clock) as store:
            await store.migrate()
            await store.titles.put(title())
        own_server.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')

        async with open_store(url, clock=clock) as store:
            assert (
                await failing(store.titles.put(title(year=2024)))
                == "The database cannot be written."
            )
            assert await store.titles.count() == 1


class TestGone:
    @pytest.mark.parametrize("how", ["SIGINT", "SIGQUIT"])
    async def test_a_server_started_anew_is_used_again_at_the_first_call(
        self, own_server, own, how
    ):
        await own.titles.put(title())
        own_server.stop(how)
        assert await failing(own.titles.count()) == "The database does not answer."
        assert await failing(own.titles.put(title(year=2024))) == "The database does not answer."
        own_server.start()

        assert await own.titles.count() == 1
        assert (await own.titles.put(title(year=2024))).revision == 2

    async def test_a_connection_that_is_cut_is_replaced(self, own_server, own):
        await own.titles.put(title())
        await asyncio.gather(*(own.titles.count() for _ in range(5)))
        own_server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'genservice'"
        )

        assert await asyncio.gather(*(own.titles.count() for _ in range(5))) == [1] * 5
        assert (await own.titles.put(title(year=2024))).revision == 2

    async def test_being_cut_off_in_a_transaction_undoes_it(self, own_server, own):
        async def cut() -> None:
            async with own._database.writing() as session:
                await session.execute(text("DELETE FROM titles"))
                found = await session.execute(text("SELECT pg_backend_pid()"))
                own_server.run(f"SELECT pg_terminate_backend({found.scalar_one()})")
                await session.execute(text("SELECT 1"))

        await own.titles.put(title())
        assert await failing(cut()) in {
            "The database is being stopped.",
            "The database does not answer.",
        }
        assert await own.titles.count() == 1

    async def test_what_was_answered_outlives_a_server_that_is_killed(self, own_server, own):
        put = [await own.titles.put(title(f"t-{n}")) for n in range(20)]
        own_server.kill()
        own_server.start()

        assert await own.titles.get_many(one.id for one in put) == {one.id: one for one in put}

    async def test_a_server_that_stands_still_is_given_up_on(self, own_server, monkeypatch):
        monkeypatch.setattr("genservice.store.database._BEYOND", 0.1)
        name = own_server.new_database()
        async with open_store(
            own_server.url(name), clock=clock, patience=0.1, statement_timeout=0.1
        ) as store:
            await store.migrate()
            assert await store.titles.count() == 0
            backends = own_server.backends(name)
            for pid in (own_server.pid, *backends):
                os.kill(pid, signal.SIGSTOP)
            try:
                assert (
                    await failing(store.titles.count()) == "The database does not answer in time."
                )
            finally:
                for pid in (own_server.pid, *backends):
                    os.kill(pid, signal.SIGCONT)
            assert await store.titles.count() == 0
