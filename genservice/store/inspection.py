"""Rows as they lie in the database, for whoever checks that they are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Table, select, text, tuple_
from sqlalchemy import func as sql

from genservice.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from genservice.store.database import Database

PAGE = 500
"""Rows read at once."""
MOST = 100
"""Most faults that the engine is asked for."""


class Inspection:
    """Every row of every table, unread and undecoded."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """The names of all tables, each with those of its key."""
        # As plain text: SQLAlchemy's names are of a kind of their own.
        return {
            str(table.name): tuple(str(column.name) for column in table.primary_key)
            for table in metadata().sorted_tables
        }

    async def faults(self) -> tuple[str, ...]:
        """What the engine itself finds wrong with its files; PostgreSQL is not asked.

        Raises:
            UnavailableError: The database does not answer.
        """
        if self._database.dialect != "sqlite":
            return ()
        async with self._database.reading() as session:
            found = await session.execute(text(f"PRAGMA integrity_check({MOST})"))
            faults = [row[0] for row in found if row[0] != "ok"]
            lost = await session.execute(text("PRAGMA foreign_key_check"))
            # Table, row number, table referred to, which reference.
            faults += [
                f"a row of {row[0]} refers to none of {row[2]}" for row in lost.fetchmany(MOST)
            ]
        return tuple(faults)

    async def count(self, table: str) -> int:
        """How many rows a table has.

        Raises:
            UnavailableError: The database does not answer.
        """
        query = select(sql.count()).select_from(_table(table))
        async with self._database.reading() as session:
            return (await session.execute(query)).scalar_one()

    async def rows(self, table: str) -> AsyncGenerator[tuple[Mapping[str, Any], ...]]:
        """The rows of a table in the order of their keys, a page at a time.

        Raises:
            UnavailableError: The database does not answer.
        """
        columns = _table(table)
        keys = list(columns.primary_key)
        query = select(columns).order_by(*keys).limit(PAGE)
        after = query
        while True:
            # A session for each page: a reader that stays keeps SQLite from clearing its journal.
            async with self._database.reading() as session:
                rows = (await session.execute(after)).mappings().all()
            if not rows:
                return
            yield tuple(cast("Mapping[str, Any]", row) for row in rows)
            last = tuple(rows[-1][key.name] for key in keys)
            after = query.where(tuple_(*keys) > last)


def _table(name: str) -> Table:
    return metadata().tables[name]
