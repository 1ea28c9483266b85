"""SQLite connections and the threads that they are, until the last of them has ended."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import aiosqlite

if TYPE_CHECKING:
    from threading import Thread


class Opened:
    """Every connection opened to one SQLite database.

    Each is a thread that answers on the event loop. The driver and the pool only tell a connection
    to stop whose caller was cancelled, or whose file could not be opened: they do not wait, and the
    thread may answer a loop that is closed by then. So all are kept here, to be waited for.
    """

    def __init__(self) -> None:
        self._connections: dict[Thread, _Connection] = {}
        self._opening: set[asyncio.Task[_Connection]] = set()

    async def connect(self, database: str, **options: Any) -> aiosqlite.Connection:
        """An open connection; the arguments are those of `sqlite3.connect`.

        Raises:
            sqlite3.Error: The database cannot be opened.
        """
        connection = _Connection(partial(sqlite3.connect, database, **options))
        opening = asyncio.create_task(self._open(connection))
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        try:
            # The driver forgets a connection that it is cancelled over, and leaves it open.
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_give_up)
            raise

    async def close(self) -> None:
        """Return once every thread has ended; whoever still uses a connection finds it closed."""
        if self._opening:
            await asyncio.wait(self._opening)
        connections, self._connections = self._connections, {}
        for thread, connection in connections.items():
            if thread.is_alive():
                connection.stop()
                # It ends in time: SQLite waits for a lock no longer than the busy timeout.
                await asyncio.to_thread(thread.join)

    async def _open(self, connection: _Connection) -> _Connection:
        ended = [thread for thread in self._connections if not thread.is_alive()]
        for thread in ended:
            del self._connections[thread]
        self._connections[connection.thread] = connection
        await connection
        return connection


class _Connection(aiosqlite.Connection):
    """A connection that may be told to stop more than once."""

    def __init__(self, connector: partial[sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._stopping = False
        # The driver has no public name for it; SQLAlchemy's own dialect reaches for it as well.
        self.thread: Thread = self._thread
        # A process that never closes its store must not wait for connections at its end.
        self.thread.daemon = True

    def stop(self) -> asyncio.Future[Any] | None:
        """Tell the thread to close the connection and end; what to wait for, at the first time."""
        # The thread answers the first and ends: whoever waited for a second would wait for ever.
        if self._stopping:
            return None
        self._stopping = True
        return cast("asyncio.Future[Any] | None", super().stop())


def _give_up(opening: asyncio.Task[_Connection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().stop()
