"""Connections to one database, and the two ways to use them: reading and writing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, AsyncAdaptedQueuePool, event, make_url
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from genservice.errors import ConflictError, GenserviceError, SettingsError, UnavailableError
from genservice.store.opened import Opened

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

READERS = 4
"""SQLite connections that read at once. Each is a thread; more of them than cores only take turns."""


class Database:
    """One database, open.

    SQLite has one writer at a time whatever one does. One connection of our own writes, so that
    writers of this process queue in order rather than poll for a lock, and readers never wait.
    """

    def __init__(
        self, *, reader: AsyncEngine, writer: AsyncEngine, opened: Opened | None = None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._opened = opened

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session that reads.

        Raises:
            UnavailableError: The database does not answer.
        """
        with _translated():
            async with AsyncSession(self._reader, expire_on_commit=False) as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncSession]:
        """A session in one transaction: all of it is on disk at the end, or none ever is.

        Raises:
            ConflictError: Another writer was first.
            UnavailableError: The database does not answer, is locked or full.
        """
        with _translated():
            async with (
                AsyncSession(self._writer, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    async def close(self) -> None:
        """Close every connection. Nothing of them is left when this returns, threads included."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        if self._opened is not None:
            await self._opened.close()


async def open_database(url: str | Path, *, patience: float) -> Database:
    """The database at a SQLAlchemy URL or in a file. Nothing is read or written yet.

    Args:
        url: `sqlite+aiosqlite:///FILE`, `sqlite+aiosqlite://` (in memory), or another database's.
            A path is the file of an SQLite one: its name may hold what a URL has other uses for.
        patience: Seconds to wait for a lock or a free connection.

    Raises:
        SettingsError: The URL is not one, or its driver is not installed.
        UnavailableError: The folder of the database file cannot be made.
    """
    # Drivers are imported and paths looked up: the disk is read, so not on the event loop.
    return await asyncio.to_thread(_open, url, patience)


def _open(url: str | Path, patience: float) -> Database:
    try:
        parsed = _url_of(url) if isinstance(url, Path) else make_url(url)
        parsed.get_dialect()
        if parsed.get_backend_name() != "sqlite":
            engine = create_async_engine(parsed, pool_pre_ping=True, hide_parameters=True)
            return Database(reader=engine, writer=engine)
        opened = Opened()
        if parsed.database in {None, "", ":memory:"}:
            # One connection is the whole database: a second one would open an empty other one.
            engine = _sqlite(parsed, opened, size=1, patience=patience, writes=True)
            return Database(reader=engine, writer=engine, opened=opened)
        _make_folder(parsed)
        return Database(
            reader=_sqlite(parsed, opened, size=READERS, patience=patience, writes=False),
            writer=_sqlite(parsed, opened, size=1, patience=patience, writes=True),
            opened=opened,
        )
    except (SQLAlchemyError, ModuleNotFoundError, ValueError):
        # The URL may hold a password: it is not shown.
        raise SettingsError(
            "GENSERVICE_DATABASE_URL: not a database URL that can be used"
        ) from None


def _url_of(file: Path) -> URL:
    # Absolute, for a relative name that begins with `file:` would be taken for a URI.
    return URL.create("sqlite+aiosqlite", database=str(file.absolute()))


def _make_folder(url: URL) -> None:
    database = url.database or ""
    if database.startswith("file:"):
        return
    try:
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        folder, detail = Path(database).parent, error.strerror or "an error of the disk"
        raise UnavailableError(
            f"The folder of the database cannot be made: {folder}: {detail}"
        ) from None


def _sqlite(url: URL, opened: Opened, *, size: int, patience: float, writes: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        # As `async_creator`, but with the arguments that the dialect makes of the URL.
        connect_args={"async_creator_fn": opened.connect},
        # Also in memory, where the default has all tasks share one transaction.
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        # Values must not reach a message or a log.
        hide_parameters=True,
        # The driver's own transactions begin late and lock late: `begun` begins ours, below. A
        # reader's statement is one by itself, so there is nothing to roll back after it either.
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=not writes,
    )
    pragmas = [
        f"busy_timeout = {int(patience * 1000)}",
        # FULL, not NORMAL: with NORMAL a power cut may undo commits, and a receipt that a caller
        # holds, or a key that was revoked, must still be so afterwards.
        *(["journal_mode = WAL", "synchronous = FULL"] if writes else ["query_only = ON"]),
        "foreign_keys = ON",
    ]

    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Any) -> None:
        # Takes the write lock first: a transaction that reads, then writes, cannot find itself
        # behind another writer and fail half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine.sync_engine, "connect", connected)
    if writes:
        event.listen(engine.sync_engine, "begin", begun)
    return engine


@contextmanager
def _translated() -> Generator[None]:
    """Raises our own errors for the database's, without cause: drivers put values into theirs."""
    try:
        yield
    except IntegrityError:
        raise ConflictError("Another write came first.") from None
    except NoConnectionError:
        raise UnavailableError("The database is too busy.") from None
    except DBAPIError as error:
        raise UnavailableError(_detail(error.orig)) from None
    except SQLAlchemyError:
        raise GenserviceError("The store failed.") from None
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(_detail(error)) from None


_DETAILS = {
    sqlite3.SQLITE_BUSY: "The database is locked.",
    sqlite3.SQLITE_LOCKED: "The database is locked.",
    sqlite3.SQLITE_FULL: "The disk of the database is full.",
    sqlite3.SQLITE_READONLY: "The database cannot be written.",
    sqlite3.SQLITE_CANTOPEN: "The database cannot be opened.",
    sqlite3.SQLITE_IOERR: "The disk of the database fails.",
    sqlite3.SQLITE_CORRUPT: "The database is damaged.",
    sqlite3.SQLITE_NOTADB: "The database is damaged.",
}


def _detail(error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the primary code; the rest tells the kind.
    return _DETAILS.get(code & 0xFF if code else 0, "The database does not answer.")
