"""SQLite: one writer, some readers, and a disk that is waited for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, AsyncAdaptedQueuePool, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from genservice.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Executable

    from genservice.store.opened import Opened

READERS = 4
"""Connections that read at once. Each is a thread; more of them than cores only take turns."""


def url_of(file: Path) -> URL:
    """The URL of a file, whatever its name holds."""
    # Absolute, for a relative name that begins with `file:` would be taken for a URI.
    return URL.create("sqlite+aiosqlite", database=str(file.absolute()))


def engines(url: URL, opened: Opened, *, patience: float) -> tuple[AsyncEngine, AsyncEngine]:
    """What reads and what writes.

    Raises:
        UnavailableError: The folder of the file cannot be made.
    """
    if url.database in {None, "", ":memory:"}:
        # One connection is the whole database: a second one would open an empty other one.
        engine = _engine(url, opened, size=1, patience=patience, writes=True)
        return engine, engine
    _make_folder(url)
    return (
        _engine(url, opened, size=READERS, patience=patience, writes=False),
        _engine(url, opened, size=1, patience=patience, writes=True),
    )


async def fetch(reader: AsyncEngine, query: Query, values: Mapping[str, Any]) -> list[Any]:
    """The rows of a query, in one step of the connection's thread.

    A session takes four, and where others keep the cores busy each of them waits for its turn.
    """
    async with reader.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        written, names = query.for_sqlite
        return await raw.execute_fetchall(written, [values[name] for name in names])


class Query:
    """A statement that is asked often: its columns and values are text, whole numbers and bytes."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement

    @cached_property
    def for_sqlite(self) -> tuple[str, Sequence[str]]:
        """As SQLite takes it, and the names of its values in their order."""
        compiled: Any = cast("Any", self.statement).compile(dialect=sqlite.dialect())
        return compiled.string, compiled.positiontup or ()


SIZE = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
"""Asks for the bytes of a database, its journal left out."""


async def scrub(writer: AsyncEngine, *, whole: bool) -> bool:
    """Clear the journal, after writing the database anew if `whole`; whether it could be cleared."""
    async with writer.connect() as connection:
        # The driver's own connection: neither statement may stand in a transaction.
        raw: Any = (await connection.get_raw_connection()).driver_connection
        if whole:
            await raw.execute_fetchall("VACUUM")
        ((busy, _, _),) = await raw.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        return not busy


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


def _engine(url: URL, opened: Opened, *, size: int, patience: float, writes: bool) -> AsyncEngine:
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
        # What is deleted is overwritten, not only left out.
        "secure_delete = ON",
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
