"""The chain that one process writes: each batch carries the digest of the one before, and heads are signed.

A chain is that of one writer, which is a random name, for one day; then the process goes on under
another name. So hours never go back within a chain, and what is forgotten of one is its beginning.

Before a batch is written there is a head of the last minute. So whatever lies beyond the last head of
a writer was decided within a minute of it.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from genservice.domain.log_records import Anchor, Head
from genservice.errors import GenserviceError
from genservice.store import GENESIS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from genservice.domain import Decided
    from genservice.store import End

log = structlog.get_logger(__name__)

HEAD_SECONDS = 60.0
"""A head is signed at least so often while batches are written."""


class Batches(Protocol):
    """Where batches are kept."""

    async def add(
        self,
        *,
        hour: str,
        writer: str,
        position: int,
        policy: str,
        counts: Mapping[Decided, int],
        previous: bytes,
    ) -> bytes:
        """Add a batch, once however often it is called; its digest."""
        ...

    async def forget(
        self, *, before: str, anchored: Callable[[Sequence[End]], Awaitable[None]]
    ) -> int:
        """Take out all batches of the hours before `before`, each once `anchored` knows of it."""
        ...


class Heads(Protocol):
    """Where what is signed is kept."""

    async def append(self, *records: Head | Anchor) -> None:
        """Return once these are signed and on disk."""
        ...

    async def prune(self, *, before: str) -> None:
        """Take out what was signed of the days before one."""
        ...


class Chain:
    """The chain of this process. Used from one event loop; batches come one after the other."""

    def __init__(
        self,
        batches: Batches,
        heads: Heads,
        *,
        draw: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        """Write and sign nothing yet.

        Args:
            batches: Where batches are kept.
            heads: Where heads are kept.
            draw: A name that no writer has or had, each time it is asked.
            clock: The time now, in UTC.
        """
        self._batches = batches
        self._heads = heads
        self._draw = draw
        self._clock = clock
        self._signing = asyncio.Lock()
        self._failing = False
        self._due: list[Head] = []
        self._signed_requests = self._ended_requests = 0
        self._begin()

    def _begin(self) -> None:
        self._writer = self._draw()
        self._position = self._requests = 0
        self._digest = GENESIS
        self._day = self._hour = ""
        self._signed: Head | None = None

    @property
    def is_failing(self) -> bool:
        """Heads cannot be kept; batches are written all the same."""
        return self._failing

    @property
    def signed_requests(self) -> int:
        """Requests of this process that a head speaks for."""
        return self._signed_requests

    @property
    def is_unsigned(self) -> bool:
        """Something was written that no head speaks for."""
        covered = 0 if self._signed is None else self._signed.position
        return bool(self._due) or self._position > covered

    async def write(self, *, hour: str, policy: str, counts: Mapping[Decided, int]) -> None:
        """Return once the next batch is on disk. After a failure the same batch must come again.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        if self._position and (hour < self._hour or hour[:10] != self._day):
            self._due.append(self._head(closed=True))
            self._ended_requests += self._requests
            self._begin()
        if self._signed is None or not self._is_fresh(self._signed):
            await self.sign()
        digest = await self._batches.add(
            hour=hour,
            writer=self._writer,
            position=self._position + 1,
            policy=policy,
            counts=counts,
            previous=self._digest,
        )
        self._position += 1
        self._digest, self._hour = digest, hour
        self._day = self._day or hour[:10]
        self._requests += sum(counts.values())

    async def sign(self, *, closed: bool = False) -> None:
        """Keep a head of what is written so far. If that fails it is tried again, and `is_failing`.

        Args:
            closed: Nothing more will be written.
        """
        async with self._signing:
            heads = [*self._due, self._head(closed=closed)]
            requests = self._ended_requests + self._requests
            try:
                await self._heads.append(*heads)
            except GenserviceError as error:
                if not self._failing:
                    log.warning("heads of the decision log wait", cause=type(error).__name__)
                self._failing = True
                return
            self._failing = False
            del self._due[: len(heads) - 1]
            if heads[-1].writer == self._writer:
                self._signed = heads[-1]
            self._signed_requests = requests

    async def close(self, *, in_order: bool) -> None:
        """Sign the last head, if anything was written.

        Args:
            in_order: No batch may still be on its way to the database.
        """
        if self._signed is not None or self.is_unsigned:
            await self.sign(closed=in_order)

    async def forget(self, *, before: str, days: int) -> int:
        """Take out the hours before one, and sign up to where that was; the number of batches.

        Args:
            before: The first hour that stays.
            days: For how many days the log is kept.

        Raises:
            UnavailableError: The database does not answer, or heads cannot be kept.
        """

        async def anchored(ends: Sequence[End]) -> None:
            now = self._clock().replace(microsecond=0)
            anchors = (
                Anchor(
                    writer=end.writer,
                    position=end.position,
                    digest=end.digest.hex(),
                    before=before,
                    days=days,
                    at=now,
                )
                for end in ends
                if end.digest is not None
            )
            if records := tuple(anchors):
                await self._heads.append(*records)

        forgotten = await self._batches.forget(before=before, anchored=anchored)
        # Two days more: a day's chain may be signed on the next one, and clocks differ.
        last = self._clock() - timedelta(days=days + 2)
        await self._heads.prune(before=last.date().isoformat())
        return forgotten

    def _head(self, *, closed: bool = False) -> Head:
        return Head(
            writer=self._writer,
            position=self._position,
            digest=self._digest.hex(),
            requests=self._requests,
            hour=self._hour,
            at=self._clock().replace(microsecond=0),
            closed=closed,
        )

    def _is_fresh(self, head: Head) -> bool:
        age = (self._clock() - head.at).total_seconds()
        return 0 <= age < HEAD_SECONDS
