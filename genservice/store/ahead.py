"""Reading what is kept: once for all who want it at a moment, and again before it has to be."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from genservice.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class Ahead:
    """Work that several requests come upon: one piece of it at a time under each name.

    When what is kept is too old, all requests of that moment would read it anew, one behind the other,
    and hundreds at once would wait for seconds.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[Any]] = {}

    def begin(self, name: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Begin a piece of work, unless it is under way; nobody waits for it.

        If it fails, whoever asks when what is kept is too old does it again, and hears why.
        """
        self._task(name, work)

    async def once(self, name: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What a piece of work comes to, begun by whoever came first. Who gives up does not end it.

        Raises:
            UnavailableError: It failed so.
        """
        try:
            return await asyncio.shield(self._task(name, work))
        except UnavailableError as error:
            # One each: an exception that several tasks raise collects all their tracebacks.
            raise UnavailableError(str(error)) from None

    async def close(self) -> None:
        """End what is under way."""
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _task(self, name: str, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.get_running_loop().create_task(_begun(work))
            self._under_way[name] = task
            task.add_done_callback(lambda ended: self._end(name, ended))
        return task

    def _end(self, name: str, ended: asyncio.Task[Any]) -> None:
        self._under_way.pop(name, None)
        if not ended.cancelled():
            ended.exception()  # seen, so that asyncio does not log what nobody awaited


async def _begun(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    # Called no sooner than it runs: a task that is cancelled before would leave it never awaited.
    return await work()
