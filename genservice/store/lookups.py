"""Values by key, read together.

A statement costs many times what one more key in it does. Callers who ask while another statement is
under way share the next.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from genservice.errors import GenserviceError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

MOST = 500
"""Most keys of one statement."""

V = TypeVar("V")


class Lookups(Generic[V]):
    """Finds values by key, those of many callers at once. Used from one event loop at a time."""

    def __init__(self, read: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]) -> None:
        """Find nothing yet.

        Args:
            read: What there is under some keys, none of which comes twice.
        """
        self._read = read
        self._waiting: dict[str, list[asyncio.Future[V | None]]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def get(self, key: str) -> V | None:
        """What stands under a key, read after this was called; None if nothing does.

        Raises:
            UnavailableError: It could not be read.
        """
        found: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(found)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_all())
        return await found

    async def _read_all(self) -> None:
        asked: dict[str, list[asyncio.Future[V | None]]] = {}
        try:
            while self._waiting:
                keys = list(self._waiting)[:MOST]
                asked = {key: self._waiting.pop(key) for key in keys}
                await self._answer(asked)
        finally:
            # Also when this task is cancelled: nobody is left waiting for an answer.
            self._reader = None
            for callers in (*asked.values(), *self._waiting.values()):
                _fail(callers, UnavailableError("The database is closed."))
            self._waiting = {}

    async def _answer(self, asked: Mapping[str, Sequence[asyncio.Future[V | None]]]) -> None:
        try:
            values = await self._read(list(asked))
        except GenserviceError as error:
            for callers in asked.values():
                _fail(callers, error)
            return
        for key, callers in asked.items():
            for found in callers:
                if not found.done():
                    found.set_result(values.get(key))


def _fail(callers: Sequence[asyncio.Future[V | None]], error: GenserviceError) -> None:
    for found in callers:
        if not found.done():
            # One each: an exception that several tasks raise collects all their tracebacks.
            found.set_exception(UnavailableError(str(error)))
