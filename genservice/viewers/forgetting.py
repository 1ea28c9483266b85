"""What is held of viewers no longer: erasures, and what is kept no longer than allowed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import structlog

from genservice.domain.viewers import Erased, Tidied
from genservice.errors import GenserviceError
from genservice.viewers.ways import HOUR, nobody

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from genservice.store import Keystore, ViewerRows

log = structlog.get_logger(__name__)

TIDY_SECONDS = 600.0
"""Between two looks for what is kept no longer."""
_FRESH = timedelta(hours=2)
"""How long a viewer may be without anything below: its first write may be under way."""
SCRUBBED_ROWS = 1 << 25
SCRUBBED_KEYS = 1 << 28
"""Bytes of a database that is written anew after an erasure. Writers wait for that, receipts among them
where it is the data, so a larger one is left to `genservice viewer tidy`, run when it suits."""


class Shared:
    """Work that whoever asks for before it begins has in common: an answer is never of work begun before."""

    def __init__(self, work: Callable[[], Awaitable[bool]]) -> None:
        self._work = work
        self._turn = asyncio.Lock()
        self._asked = self._done = 0
        self._last = False

    async def run(self) -> bool:
        """What the work came to."""
        self._asked += 1
        mine = self._asked
        async with self._turn:
            if self._done < mine:
                asked = self._asked
                self._last = await self._work()
                self._done = asked
            return self._last


class Forgetting:
    """Erases, and takes out what is kept no longer."""

    def __init__(
        self,
        keystore: Keystore,
        rows: ViewerRows,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._keystore = keystore
        self._rows = rows
        self._clock = clock
        self._sleep = sleep
        self._scrub_rows = Shared(lambda: rows.scrub(most=SCRUBBED_ROWS))
        self._scrub_keystore = Shared(lambda: keystore.scrub(most=SCRUBBED_KEYS))

    async def erase(self, viewer: str) -> Erased:
        """Destroy the viewer's key and take out everything; how much there was.

        If it raises, the erasure goes on at the next start, at the latest; once it has begun, nothing
        of the viewer can be read any more.
        """
        entry = await self._keystore.find(viewer)
        before = await self._rows.counts(nobody() if entry is None else entry.subject)
        subject = await self._keystore.begin_erasure(viewer)
        if subject is None:
            # An erasure that failed half-way may be this viewer's: nobody can tell any more.
            await self.resume_erasures()
            return Erased()
        erased = await self._end_erasure(subject)
        # Whoever goes on with erasures may have been first: then nothing was left to count.
        return max(before, erased, key=lambda counts: sum(msgspec.structs.astuple(counts)))

    async def resume_erasures(self) -> int:
        """End every erasure that was begun and not ended; how many."""
        begun = await self._keystore.erasing()
        for subject in begun:
            await self._end_erasure(subject)
        return len(begun)

    async def tidy(self, *, thorough: bool = False) -> Tidied:
        """Take out what is kept no longer; how much it was. See `Viewers.tidy`."""
        now = self._clock()
        await self.resume_erasures()
        hour = now.strftime(HOUR)
        tidied = Tidied(
            signals=await self._rows.forget("signal", hour=hour),
            servings=await self._rows.forget("serving", hour=hour),
            restored=await self._erase_restored(),
            viewers=await self._forget_empty((now - _FRESH).strftime(HOUR)),
        )
        if thorough:
            await self._rows.scrub(most=sys.maxsize)
            await self._keystore.scrub(most=sys.maxsize)
        elif tidied != Tidied():
            await self._scrub_rows.run()
            await self._scrub_keystore.run()
        return tidied

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """While the block runs, what is kept no longer is taken out, and erasures are ended."""
        task = asyncio.create_task(self._tidy_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _tidy_on(self) -> None:
        while True:
            try:
                await self.tidy()
            except GenserviceError as error:
                log.warning("viewers were not tidied", cause=type(error).__name__)
            await self._sleep(TIDY_SECONDS)

    async def _end_erasure(self, subject: bytes) -> Erased:
        erased = await self._rows.erase(subject)
        # Where somebody still reads what was there before, the journal stays: it will be tried again.
        if await self._scrub_rows.run() and await self._scrub_keystore.run():
            await self._keystore.end_erasure(subject)
            # What led to the subject is gone from the files already; now the subject is.
            await self._keystore.scrub(most=0)
        return erased

    async def _erase_restored(self) -> int:
        """Take out erased viewers whom a backup of the data brought back."""
        restored = 0
        async for subjects in self._rows.subjects():
            for subject in await self._keystore.gone(subjects):
                await self._rows.erase(subject)
                restored += 1
        return restored

    async def _forget_empty(self, before: str) -> int:
        """Destroy the keys of viewers of whom nothing is stored any more."""
        forgotten = 0
        while empty := await self._rows.empty(before=before):
            for subject in empty:
                # The row first: a write that has the key meanwhile then finds no place for it.
                if await self._rows.erase_if_empty(subject):
                    await self._keystore.forget(subject)
                    forgotten += 1
        return forgotten
