"""Rows that are only ever added, those of a table written together.

A commit costs one wait for the disk however many rows it holds. Callers who add at the same time
share one, and each still gets its answer only when its row is on disk.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenacity import (
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from genservice.errors import ContendedError, GenserviceError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.sql.schema import Table

    from genservice.store.database import Database

MOST = 500
"""Most rows of one commit; bounds how long other writers wait."""

REFUSING_SECONDS = 10.0
"""For how long a failed write tells of a database that takes none."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    table: Table
    row: dict[str, Any]
    done: asyncio.Future[bool]


class Appender:
    """Adds rows, once each: a row whose primary key is there already changes nothing."""

    def __init__(self, database: Database, *, ticks: Callable[[], float] = time.monotonic) -> None:
        """Add to a database.

        Args:
            database: Where to.
            ticks: Seconds that only grow.
        """
        self._database = database
        self._ticks = ticks
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._failed_at: float | None = None

    @property
    def refuses(self) -> bool:
        """Whether the last rows could not be written, a moment ago.

        After that moment it is worth trying again: nobody would, were it told for ever.
        """
        if self._failed_at is None:
            return False
        return self._ticks() - self._failed_at < REFUSING_SECONDS

    async def add(self, table: Table, row: dict[str, Any]) -> bool:
        """Whether the row is known to be new, once one of that primary key is on disk.

        Where another of those written with it was there already, nobody knows which.

        Raises:
            UnavailableError: It could not be written.
        """
        waiting = _Waiting(table, row, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        return await waiting.done

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._writer is not None:
            await self._writer

    async def _write_all(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._write(batch)
        finally:
            # Also when this task is cancelled: nobody is left waiting for an answer.
            self._writer = None
            _fail([*batch, *self._waiting], UnavailableError("The database is closed."))
            self._waiting = []

    async def _write(self, batch: list[_Waiting]) -> None:
        together: dict[Table, list[_Waiting]] = {}
        # In one order, so that two processes never wait for each other's rows.
        for waiting in sorted(batch, key=_place):
            together.setdefault(waiting.table, []).append(waiting)
        for table, rows in together.items():
            try:
                new = await self._add(table, [waiting.row for waiting in rows])
            except GenserviceError as error:
                self._failed_at = self._ticks()
                _fail(rows, error)
            else:
                self._failed_at = None
                _answer(rows, new=new == len(rows))

    # Adding once is the same as adding twice.
    @retry(
        retry=retry_if_exception_type(ContendedError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        reraise=True,
    )
    async def _add(self, table: Table, rows: list[dict[str, Any]]) -> int:
        return await self._database.add(table, rows)


def _place(waiting: _Waiting) -> tuple[str, ...]:
    # As text: all that is asked of it is that every process finds the same order.
    keys = (str(waiting.row[column.name]) for column in waiting.table.primary_key)
    return (waiting.table.name, *keys)


def _answer(batch: list[_Waiting], *, new: bool) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_result(new)


def _fail(batch: list[_Waiting], error: GenserviceError) -> None:
    for waiting in batch:
        if not waiting.done.done():
            # One each: an exception that several tasks raise collects all their tracebacks.
            waiting.done.set_exception(UnavailableError(str(error)))
