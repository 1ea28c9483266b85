"""SQLite: one writer, some readers, and a disk that is waited for."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, AsyncAdaptedQueuePool, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from genservice.errors import UnavailableError
from genservice.store.rows import add_once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Executable
    from sqlalchemy.sql.schema import Table

    from genservice.store.opened import Opened

READERS = 4
"""Connections that read at once. Each is a thread; more of them than cores only take turns."""

_DIALECT = sqlite.dialect()


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
        return await raw.execute_fetchall(*query.for_sqlite(values))


async def add(writer: AsyncEngine, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """How many of the rows are new: all of them together are one statement, and so one transaction.

    A session takes eleven steps of the connection's thread for it, this takes two.
    """
    insert = _insert(table, tuple(rows[0]))
    async with writer.connect() as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        # It gives no rows, so nothing of the cursor is left to be closed.
        return (await raw.execute(insert.of(len(rows)), insert.values(rows))).rowcount


class Query:
    """A statement that is asked often: its columns and values are text, whole numbers and bytes.

    A value may be a list where the statement takes one that expands.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement

    def for_sqlite(self, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """As SQLite takes it with these values, and the values in their order."""
        written, names = self._compiled
        given: list[Any] = []
        for name in names:
            value = values[name]
            if isinstance(value, list):
                each = cast("list[Any]", value)
                written = written.replace(f"__[POSTCOMPILE_{name}]", ", ".join("?" * len(each)))
                given += each
            else:
                given.append(value)
        return written, given

    @cached_property
    def _compiled(self) -> tuple[str, Sequence[str]]:
        compiled: Any = cast("Any", self.statement).compile(dialect=_DIALECT)
        return compiled.string, compiled.positiontup or ()


class _Insert:
    """An insert that leaves rows which are already there as they are. SQLAlchemy would compile it every time."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        statement: Any = add_once("sqlite", table)
        compiled: Any = statement.compile(dialect=_DIALECT, column_keys=names)
        self._names: Sequence[str] = compiled.positiontup
        self._row = f"({', '.join('?' * len(names))})"
        self._head, self._tail = compiled.string.split(self._row)
        self._bind = [
            table.c[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            for name in self._names
        ]

    def of(self, count: int) -> str:
        """The statement for so many rows."""
        return f"{self._head}{', '.join([self._row] * count)}{self._tail}"

    def values(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What the statement takes, row after row."""
        bound = tuple(zip(self._names, self._bind, strict=True))
        return [bind(row[name]) if bind else row[name] for row in rows for name, bind in bound]


@lru_cache(maxsize=16)
def _insert(table: Table, names: tuple[str, ...]) -> _Insert:
    """One for each of the few tables to which rows are only ever added."""
    return _Insert(table, names)


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
