"""Connections to one database, and the two ways to use them: reading and writing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from genservice.errors import SettingsError
from genservice.store import postgresql, sqlite
from genservice.store.failures import translated
from genservice.store.opened import Opened
from genservice.store.rows import add_once

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from sqlalchemy import AsyncAdaptedQueuePool, CursorResult
    from sqlalchemy.sql.schema import Table

Turn = Literal["titles", "policies", "migrations"]
"""What one writer at a time looks at before it writes."""

_BEYOND = 5.0
"""Seconds past its own limits after which a server is not waited for any longer."""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """Connections of one kind, at this moment."""

    name: Literal["reader", "writer"]
    """`writer` alone where one pool does both."""
    used: int
    idle: int
    most: int


class Database:
    """One database, open.

    SQLite has one writer at a time whatever one does. One connection of our own writes, so that
    writers of this process queue in order rather than poll for a lock, and readers never wait.

    PostgreSQL has many. Those who read before they write name a turn, and so see what the writer
    before them left, as with SQLite.
    """

    def __init__(
        self,
        *,
        reader: AsyncEngine,
        writer: AsyncEngine,
        opened: Opened | None = None,
        deadline: float | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._opened = opened
        self._deadline = deadline

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session that reads, each statement by itself.

        Raises:
            UnavailableError: The database does not answer.
        """
        with translated():
            async with (
                asyncio.timeout(self._deadline),
                AsyncSession(self._reader, expire_on_commit=False) as session,
            ):
                yield session

    async def fetch(self, query: sqlite.Query, **values: Any) -> list[Any]:
        """The rows of a query that is asked often, quicker than by a session.

        Raises:
            UnavailableError: The database does not answer.
        """
        if self.dialect == "sqlite":
            with translated():
                return await sqlite.fetch(self._reader, query, values)
        async with self.reading() as session:
            return list((await session.execute(query.statement, values)).all())

    async def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """How many of the rows are new: one whose primary key is there already changes nothing.

        All of them are on disk when this returns, or none ever is.

        Args:
            table: Where to.
            rows: At least one, all with the same columns.

        Raises:
            ContendedError: Another transaction got in the way; trying again is safe.
            UnavailableError: The database does not answer, is locked or full.
        """
        if self.dialect == "sqlite":
            with translated():
                return await sqlite.add(self._writer, table, rows)
        async with self.writing() as session:
            added = await session.execute(
                add_once(self.dialect, table),
                rows,
                execution_options={"preserve_rowcount": True},
            )
            return cast("CursorResult[Any]", added).rowcount

    @asynccontextmanager
    async def writing(
        self, turn: Turn | None = None, *, unlimited: bool = False
    ) -> AsyncGenerator[AsyncSession]:
        """A session in one transaction: all of it is on disk at the end, or none ever is.

        Args:
            turn: Nobody else writes in this turn meanwhile, whatever process they are in.
            unlimited: Statements take as long as they take.

        Raises:
            ConflictError: Another writer was first.
            ContendedError: Another transaction got in the way; trying again is safe.
            UnavailableError: The database does not answer, is locked or full.
        """
        with translated():
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(
                    asyncio.timeout(None if unlimited else self._deadline)
                )
                session = AsyncSession(self._writer, expire_on_commit=False)
                await stack.enter_async_context(session)
                await stack.enter_async_context(session.begin())
                if self.dialect == "postgresql":
                    if unlimited:
                        await postgresql.lift_limits(session)
                    if turn is not None:
                        await postgresql.take_turn(session, turn)
                yield session

    async def scrub(self, *, whole: bool) -> bool:
        """Leave nothing of deleted rows in the files of an SQLite database; whether that was done.

        Deleting overwrites a row where it lies, but not in the journal, and not where it lay before
        its page was split or merged. Other databases have means of their own: nothing is done there.

        Args:
            whole: Write the database anew, which takes as long as copying it; else clear the journal.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        if self.dialect != "sqlite":
            return True
        with translated():
            return await sqlite.scrub(self._writer, whole=whole)

    async def size(self) -> int:
        """Bytes of an SQLite database, its journal left out; 0 of any other.

        Raises:
            UnavailableError: The database does not answer.
        """
        if self.dialect != "sqlite":
            return 0
        async with self.reading() as session:
            return (await session.execute(sqlite.SIZE)).scalar_one()

    def pools(self) -> tuple[Pool, ...]:
        """How the connections are used at this moment."""
        if self._reader is self._writer:
            return (_pool("writer", self._writer),)
        return (_pool("reader", self._reader), _pool("writer", self._writer))

    async def close(self) -> None:
        """Close every connection. Nothing of them is left when this returns, threads included."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        if self._opened is not None:
            await self._opened.close()


def _pool(name: Literal["reader", "writer"], engine: AsyncEngine) -> Pool:
    # Every engine of ours has such a pool, and none may overflow.
    pool = cast("AsyncAdaptedQueuePool", engine.pool)
    return Pool(name=name, used=pool.checkedout(), idle=pool.checkedin(), most=pool.size())


async def open_database(
    url: str | Path,
    *,
    patience: float = 5.0,
    statement_timeout: float = 30.0,
    connections: int = 10,
    setting: str = "GENSERVICE_DATABASE_URL",
) -> Database:
    """The database at a SQLAlchemy URL or in a file. Nothing is read or written yet.

    Args:
        url: `sqlite+aiosqlite:///FILE`, `sqlite+aiosqlite://` (in memory), or `postgresql://...`.
            A path is the file of an SQLite one: its name may hold what a URL has other uses for.
        patience: Seconds to wait for a lock, or for a free or a new connection.
        statement_timeout: Seconds that one statement may take; SQLite knows no such limit.
        connections: Most connections to a PostgreSQL server, half of which write.
        setting: Where the URL was set, for errors.

    Raises:
        SettingsError: The URL is not one, or its driver is not installed.
        UnavailableError: The folder of the database file cannot be made.
    """
    # Drivers are imported and paths looked up: the disk is read, so not on the event loop.
    try:
        return await asyncio.to_thread(_open, url, patience, statement_timeout, connections)
    except SettingsError as error:
        raise SettingsError(f"{setting}: {error}") from None


def _open(url: str | Path, patience: float, statement_timeout: float, connections: int) -> Database:
    try:
        parsed = sqlite.url_of(url) if isinstance(url, Path) else make_url(url)
        if parsed.drivername in postgresql.NAMES:
            return _of_server(parsed, patience, statement_timeout, connections)
        if parsed.drivername in {"sqlite", "sqlite+aiosqlite"}:
            opened = Opened()
            parsed = parsed.set(drivername="sqlite+aiosqlite")
            reader, writer = sqlite.engines(parsed, opened, patience=patience)
            return Database(reader=reader, writer=writer, opened=opened)
    except (SQLAlchemyError, ValueError):
        # The URL may hold a password: neither it nor what the error says of it is shown.
        pass
    raise SettingsError(
        "not the URL of an SQLite or PostgreSQL database, as in "
        "postgresql://user:password@host/database"
    )


def _of_server(url: URL, patience: float, statement_timeout: float, connections: int) -> Database:
    try:
        reader, writer = postgresql.engines(
            url, patience=patience, statement_timeout=statement_timeout, connections=connections
        )
    except ImportError:
        raise SettingsError(
            "the driver for PostgreSQL is not installed (pip install 'genservice[postgresql]')"
        ) from None
    deadline = patience * 2 + statement_timeout + _BEYOND
    return Database(reader=reader, writer=writer, deadline=deadline)
