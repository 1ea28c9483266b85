"""Taking connections from a socket that several processes listen on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sized

    from genservice.listening.crowds import Crowds

log = structlog.get_logger(__name__)

_STEP = 0.002
"""Seconds that a connection is first left to those who hold fewer; each further time twice as long."""
_STEPS = 5
"""How often, 62 ms in all, before it is taken by who holds more: the others may be busy, or hang."""
_PAUSE = 0.5
"""Seconds until the next try where the process can open no more connections."""


class Door:
    """Takes connections one at a time, and leaves them to whoever holds fewer.

    Where several processes listen, all are woken by a connection. asyncio's own server takes all that
    wait at once, so that the first to wake would have them, for as long as they are kept alive; and to
    have the kernel deal them out, by a socket each (`SO_REUSEPORT`), loses those that wait at one that is
    closed. A proxy keeps few connections for long: dealt out by chance, they are not dealt out evenly.

    Args:
        listening: The socket.
        connection: Makes what handles one.
        held: Those that are open.
        number: Whose door it is.
        crowds: How many each worker holds.
    """

    def __init__(
        self,
        listening: socket.socket,
        connection: Callable[[], asyncio.Protocol],
        *,
        held: Sized,
        number: int,
        crowds: Crowds,
    ) -> None:
        # All are woken, and all but one find nothing: none may wait there.
        listening.setblocking(False)
        self._listening = listening
        self._connection = connection
        self._held = held
        self._number = number
        self._crowds = crowds
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[None]] = set()
        self._again: asyncio.TimerHandle | None = None
        self._left = 0
        self._open = False

    def open(self) -> None:
        """Take connections from now on."""
        self._open = True
        self.count()
        self._look()

    def count(self) -> None:
        """Let the others know how many are held by now."""
        if self._open:
            self._crowds.put(self._number, self._count())

    async def close(self) -> None:
        """Take no more; returns once those that were taken are handled."""
        self._open = False
        self._crowds.leave(self._number)
        # Not a task that is cancelled: it might have taken one, and let it fall.
        self._stop_looking()
        if self._coming:
            await asyncio.wait(set(self._coming))

    def _count(self) -> int:
        return len(self._held) + len(self._coming)

    def _look(self) -> None:
        self._again = None
        self._loop.add_reader(self._listening.fileno(), self._knocked)

    def _look_later(self, seconds: float) -> None:
        self._stop_looking()
        self._again = self._loop.call_later(seconds, self._look)

    def _stop_looking(self) -> None:
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._listening.fileno())

    def _knocked(self) -> None:
        if self._left < _STEPS and self._crowds.fewer_than(self._count()):
            self._look_later(_STEP * 2**self._left)
            self._left += 1
            return
        self._left = 0
        try:
            taken, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionError):
            return  # another process has it, or whoever it was has gone
        except OSError as error:
            log.error("no connection can be taken", error=type(error).__name__)  # noqa: TRY400 - where is known
            self._look_later(_PAUSE)
            return
        taken.setblocking(False)
        task = self._loop.create_task(self._handle(taken))
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)
        self.count()

    async def _handle(self, taken: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._connection, taken)
        except OSError:
            taken.close()
