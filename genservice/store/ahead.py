"""Reading again what is kept before it has to be, so that nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from genservice.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Ahead:
    """Work beside the requests that came upon it: one piece of it at a time under each name.

    When what is kept is too old, all requests of that moment would read it anew, one behind the other.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def begin(self, name: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Begin a piece of work, unless it is under way; what it comes to is its own matter."""
        if name not in self._under_way:
            task = asyncio.get_running_loop().create_task(_quietly(work))
            self._under_way[name] = task
            task.add_done_callback(lambda _: self._under_way.pop(name, None))

    async def close(self) -> None:
        """Begin nothing more of what is under way, and wait for its end."""
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def _quietly(work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    # Whoever asks when it is too old reads it themselves, and hears why it cannot be read.
    with contextlib.suppress(UnavailableError):
        await work()
