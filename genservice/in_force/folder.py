"""That files of a folder changed: told by the system where it can, and looked up where it cannot."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from watchfiles import watch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

log = structlog.get_logger(__name__)

_STEP = 50
"""Milliseconds without a change after which changes are told."""
_GROUPED = 200
"""Most milliseconds for which changes are held back to be told together."""

Signature = tuple[tuple[str, int, int, int, int], ...]


def signature(directory: Path) -> Signature:
    """What a folder of YAML files looks like from outside: it differs after any change to one of them.

    Files are not opened. One that cannot be looked at has a mark of its own, and a folder that is not
    there has no files. This takes a moment: call it on a thread.
    """
    try:
        return tuple(
            _look(path)
            for path in sorted(directory.rglob("*"))
            if path.name.lower().endswith((".yaml", ".yml"))
        )
    except OSError:
        # The folder went away while it was read: the next look tells.
        return ()


def _look(path: Path) -> tuple[str, int, int, int, int]:
    try:
        # Of what a link leads to: in a mounted volume the links stay and their aims change.
        held = path.stat()
    except OSError:
        return (str(path), -1, -1, -1, -1)
    return (str(path), held.st_ino, held.st_size, held.st_mtime_ns, held.st_ctime_ns)


class FolderChanges:
    """Tells that a folder may have changed.

    The system's word is quick, but not to be relied on: network file systems give none, and the folder
    itself may be taken away and put back. So whoever waits looks anyway after a while.

    Args:
        directory: The folder; it need not be there.
        poll: Seconds after which to look anyway.
    """

    def __init__(self, directory: Path, *, poll: float) -> None:
        self._directory = directory
        self._poll = poll
        self._told = asyncio.Event()
        self._stop = threading.Event()

    async def next(self) -> None:
        """Return when something may have changed, or when it is time to look anyway."""
        try:
            async with asyncio.timeout(self._poll):
                await self._told.wait()
        except TimeoutError:
            return
        self._told.clear()

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """The system is asked to tell of changes until the block ends."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            loop.call_soon_threadsafe(self._told.set)

        watching = threading.Thread(
            target=self._watch, args=(tell,), name="policy-folder", daemon=True
        )
        watching.start()
        try:
            yield
        finally:
            self._stop.set()
            # The loop must outlive whoever calls it. It ends within a step.
            await asyncio.to_thread(watching.join)

    def _watch(self, tell: Callable[[], None]) -> None:
        refused = False
        while not self._stop.is_set():
            try:
                self._watch_one(tell)
                refused = False
            except (OSError, RuntimeError) as error:
                # No such folder, or no more of what the system watches with. Looking goes on anyway.
                if not refused:
                    log.info("the policy folder is looked up only", cause=type(error).__name__)
                refused = True
            self._stop.wait(self._poll)

    def _watch_one(self, tell: Callable[[], None]) -> None:
        """Tell of changes until the folder is another one, of the same name or of none.

        Raises:
            OSError, RuntimeError: It cannot be watched.
        """
        watched = self._identity()
        for changes in watch(
            self._directory,
            watch_filter=None,
            debounce=_GROUPED,
            step=_STEP,
            rust_timeout=int(self._poll * 1000),
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
        ):
            if changes:
                tell()
            if self._identity() != watched:
                return

    def _identity(self) -> tuple[int, int] | None:
        try:
            held = self._directory.stat()
        except OSError:
            return None
        return (held.st_dev, held.st_ino)
