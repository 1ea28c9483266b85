"""Rows that are only ever added: what is known of a database that takes none."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from genservice.errors import UnavailableError
from genservice.store.appending import REFUSING_SECONDS, Appender

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ROWS = Table("rows", MetaData(), Column("id", Integer, primary_key=True))


class Disk:
    """A database whose disk may be full."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self.full = False
        self.now = 0.0

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Any]:
        if self.full:
            raise UnavailableError("The disk of the database is full.")
        yield self

    async def execute(self, *_: object) -> None: ...


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
