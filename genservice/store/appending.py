"""Rows that are only ever added, written together.

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
from genservice.store.rows import add_once

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
    done: asyncio.Future[None]


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

    async def add(self, table: Table, row: dict[str, Any]) -> None:
        """Return once a row of that primary key is on disk.

        Raises:
            UnavailableError: It could not be written.
        """
        waiting = _Waiting(table, row, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        await waiting.done

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
            _answer([*batch, *self._waiting], UnavailableError("The database is closed."))
            self._waiting = []

    async def _write(self, batch: list[_Waiting]) -> None:
        rows: dict[Table, list[dict[str, Any]]] = {}
        # In one order, so that two processes never wait for each other's rows.
        for waiting in sorted(batch, key=_place):
            rows.setdefault(waiting.table, []).append(waiting.row)
        try:
            await self._add(rows)
        except GenserviceError as error:
            self._failed_at = self._ticks()
            _answer(batch, error)
        else:
            self._failed_at = None
            _answer(batch, None)

    # Adding once is the same as adding twice.
    @retry(
        retry=retry_if_exception_type(ContendedError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        reraise=True,
    )
    async def _add(self, rows: dict[Table, list[dict[str, Any]]]) -> None:
        async with self._database.writing() as session:
            for table, values in rows.items():
                await session.execute(add_once(self._database.dialect, table), values)


def _place(waiting: _Waiting) -> tuple[str, ...]:
    # As text: all that is asked of it is that every process finds the same order.
    keys = (str(waiting.row[column.name]) for column in waiting.table.primary_key)
    return (waiting.table.name, *keys)


def _answer(batch: list[_Waiting], error: GenserviceError | None) -> None:
    for waiting in batch:
        if waiting.done.done():
            continue
        if error is None:
            waiting.done.set_result(None)
        else:
            # One each: an exception that several tasks raise collects all their tracebacks.
            waiting.done.set_exception(UnavailableError(str(error)))
