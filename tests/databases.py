"""The databases that every store is tested over: a new and empty one for each test."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from genservice.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.postgres import PostgresServer

SQLITE: dict[str, Callable[[Path], str | Path]] = {
    "sqlite-file": lambda folder: f"sqlite+aiosqlite:///{folder / 'store.db'}",
    "sqlite-path": lambda folder: folder / "why? #1, 100%41" / "store.db",
    "sqlite-memory": lambda _: "sqlite+aiosqlite://",
}
POSTGRESQL = "postgresql"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, started for the first test of this process that asks for it."""
    # Here, and not above: only those who ask need the driver.
    from tests.postgres import running_postgres

    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres: PostgresServer) -> str:
    """The name of a PostgreSQL database with our tables, to make others from: migrating takes longer."""
    name = postgres.new_database()
    asyncio.run(_migrate(postgres.url(name)))
    return name


@pytest.fixture
def postgres_url(postgres: PostgresServer, migrated_template: str) -> Iterator[str]:
    """A PostgreSQL database with our tables and without rows, gone after the test."""
    name = postgres.new_database(migrated_template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def empty_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database, gone after the test."""
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(params=[*SQLITE, POSTGRESQL])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a new database is, once for each kind: a test that asks for it runs over all.

    It may have its tables already; `Store.migrate` brings them, as it does for everybody.
    """
    if request.param == POSTGRESQL:
        return request.getfixturevalue("postgres_url")
    return SQLITE[request.param](tmp_path)


@pytest.fixture(params=["sqlite-file", POSTGRESQL])
def lasting_database(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """As `database`, once for each engine, for tests in which several processes share it."""
    if request.param == POSTGRESQL:
        return request.getfixturevalue("postgres_url")
    return SQLITE[request.param](tmp_path)


@pytest.fixture(params=["sqlite-file", POSTGRESQL])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a database is that nothing was ever done to, once for each engine."""
    if request.param == POSTGRESQL:
        return request.getfixturevalue("empty_postgres_url")
    return SQLITE[request.param](tmp_path)


async def _migrate(url: str) -> None:
    async with open_store(url, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
