"""Rows that are only ever added: what is known of a database that takes none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from genservice.errors import UnavailableError
from genservice.store.appending import REFUSING_SECONDS, Appender

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = Table("rows", MetaData(), Column("id", Integer, primary_key=True))
OTHERS = Table("others", MetaData(), Column("id", Integer, primary_key=True))


class Disk:
    """A database whose disk may be full."""

    def __init__(self) -> None:
        self.full = False
        self.held = 0
        self.now = 0.0
        self.added: list[tuple[str, list[int]]] = []

    async def add(self, table: Table, rows: Sequence[dict[str, Any]]) -> int:
        if self.full:
            raise UnavailableError("The disk of the database is full.")
        self.added.append((table.name, [row["id"] for row in rows]))
        return len(rows) - self.held


async def test_a_database_that_took_no_row_is_told_for_a_moment_and_then_tried_again() -> None:
    disk: Any = Disk()
    appender = Appender(disk, ticks=lambda: disk.now)
    await appender.add(ROWS, {"id": 1})
    assert not appender.refuses
    disk.full = True
    with pytest.raises(UnavailableError):
        await appender.add(ROWS, {"id": 2})
    assert appender.refuses
    disk.now += REFUSING_SECONDS
    assert not appender.refuses


async def test_a_row_that_is_taken_ends_it_at_once() -> None:
    disk: Any = Disk()
    appender = Appender(disk, ticks=lambda: disk.now)
    disk.full = True
    with pytest.raises(UnavailableError):
        await appender.add(ROWS, {"id": 1})
    disk.full = False
    await appender.add(ROWS, {"id": 1})
    assert not appender.refuses


async def test_rows_of_a_table_are_written_together_and_in_one_order() -> None:
    disk: Any = Disk()
    appender = Appender(disk)
    adding = (appender.add(table, {"id": at}) for at in (3, 1, 2) for table in (ROWS, OTHERS))
    assert await asyncio.gather(*adding) == [True] * 6
    assert disk.added == [("others", [1, 2, 3]), ("rows", [1, 2, 3])]


async def test_no_row_is_told_to_be_new_where_one_of_them_was_there() -> None:
    disk: Any = Disk()
    disk.held = 1
    appender = Appender(disk)
    adding = (appender.add(ROWS, {"id": at}) for at in range(3))
    assert await asyncio.gather(*adding) == [False] * 3
