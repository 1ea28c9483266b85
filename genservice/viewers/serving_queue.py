"""Servings of many viewers, written together: a commit costs one wait for the disk however many it holds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from tenacity import (
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from genservice.domain.viewers import Serving
from genservice.errors import ContendedError, GenserviceError, UnavailableError
from genservice.store import KeystoreEntry, NewServing, ViewerRows
from genservice.viewers.seals import Seals

MOST = 500
"""Most servings of one commit; bounds how long other writers wait."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    serving: NewServing
    done: asyncio.Future[bool]


class ServingQueue:
    """Adds servings; each caller has the answer only when its own is on disk."""

    def __init__(self, rows: ViewerRows) -> None:
        self._rows = rows
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, entry: KeystoreEntry, serving: Serving, *, expires: str) -> bool:
        """Whether it is on disk; False: there is no such viewer, or no longer.

        Raises:
            UnavailableError: It could not be written.
        """
        seal = partial(Seals(entry).seal, "serving", value=serving)
        new = NewServing(entry.subject, expires, seal)
        waiting = _Waiting(new, asyncio.get_running_loop().create_future())
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
            left = [*batch, *self._waiting]
            self._waiting = []
            _fail(left, "The database is closed.")

    async def _write(self, batch: list[_Waiting]) -> None:
        try:
            gone = await self._add([waiting.serving for waiting in batch])
        except GenserviceError as error:
            _fail(batch, str(error))
            return
        for waiting in batch:
            if not waiting.done.done():
                waiting.done.set_result(waiting.serving.subject not in gone)

    # Nothing was written where another transaction got in the way.
    @retry(
        retry=retry_if_exception_type(ContendedError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        reraise=True,
    )
    async def _add(self, servings: list[NewServing]) -> set[bytes]:
        return await self._rows.add_servings(servings)


def _fail(batch: list[_Waiting], message: str) -> None:
    for waiting in batch:
        if not waiting.done.done():
            # One each: an exception that several tasks raise collects all their tracebacks.
            waiting.done.set_exception(UnavailableError(message))
