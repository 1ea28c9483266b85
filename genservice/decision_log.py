"""The decision log's writer: counts what is decided, and writes the counts where nobody waits for them.

What is logged of a request is the hour, the context as stated, the declared signals it carried with the
level each might be used at, and the policy version: no viewer, no value, no title, no receipt, and none
of the caller's own wording. Requests that are alike in all of it become a count.

An answer never waits for the log, and a log that cannot be written fails no request. Counts wait in
memory up to a bound; what comes beyond it is dropped, and counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
import structlog

from genservice.domain import Context, Decided, Decision, LoggedContext
from genservice.errors import GenserviceError
from genservice.log_chains import HEAD_SECONDS, Chain
from genservice.policy import PolicySet, level_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence

log = structlog.get_logger(__name__)

HOUR = "%Y-%m-%dT%H"
_MOST_KNOWN = 4096
"""Kinds of requests that are not put together anew each time: a megabyte or two."""
_HOUR_LETTERS = len("2026-11-26T09")


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait for what, in seconds, and how much may wait."""

    most: int = 500
    """Kinds of requests in one batch; when so many wait, they are written at once."""
    wait: float = 1.0
    """The longest that a request waits to be written while the database answers."""
    bound: int = 20_000
    """Kinds of requests that may wait in all; what would be more is dropped."""
    backoff: float = 1.0
    """The first pause after a failure; each further one is twice as long."""
    longest: float = 30.0
    """Most of one pause."""
    parting: float = 5.0
    """How long the last batches may take when the service stops."""
    tidy: float = 600.0
    """Between two looks for hours that are kept no longer."""
    head: float = HEAD_SECONDS
    """Between two looks for what no head speaks for."""


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """How the decision log is, in this process and since its start."""

    state: Literal["off", "writing", "waiting"]
    """`waiting`: the database does not take what is logged, and it will be tried again."""
    written: int = 0
    """Requests that were written."""
    waiting: int = 0
    """Requests that wait to be written."""
    dropped: int = 0
    """Requests that are missing from the log because too many waited, or none took them at the end."""
    signed: int = 0
    """Requests that a signed head speaks for; what is written is signed within a minute."""
    heads: Literal["kept", "failing"] = "kept"
    """`failing`: heads cannot be kept; what is written meanwhile cannot be proved complete."""


class _Batch(msgspec.Struct, frozen=True, kw_only=True):
    hour: str
    policy: str
    counts: dict[Decided, int]


_When = tuple[str, str]
"""An hour and the version of a policy set."""


class DecisionLog:
    """Logs decisions. Used from one event loop."""

    def __init__(
        self,
        chain: Chain,
        *,
        keep_days: int,
        clock: Callable[[], datetime],
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Write nothing yet.

        Args:
            chain: What is written to.
            keep_days: How long entries are kept; 0: nothing is logged, and nothing is kept.
            clock: The time now, in UTC.
            pace: How long to wait for what.
            sleep: What passes the time.
        """
        self._chain = chain
        self._keep_days = keep_days
        self._clock = clock
        self._pace = pace or Pace()
        self._sleep = sleep
        self._pending: dict[_When, Counter[Decided]] = {}
        self._due: list[tuple[_When, Counter[Decided]]] = []
        """What is being written; whatever is recorded meanwhile waits for its own turn."""
        self._kinds = 0
        self._known: dict[tuple[Context, tuple[int, ...]], Decided] = {}
        self._version = ""
        """Of the set that they were decided by."""
        self._batch: _Batch | None = None
        self._writing = asyncio.Lock()
        self._some, self._many = asyncio.Event(), asyncio.Event()
        self._failing = False
        self._written = self._dropped = 0

    @property
    def state(self) -> LogState:
        """How it is."""
        if not self._keep_days:
            return LogState(state="off")
        return LogState(
            state="waiting" if self._failing else "writing",
            written=self._written,
            waiting=self._waiting,
            dropped=self._dropped,
            signed=self._chain.signed_requests,
            heads="failing" if self._chain.is_failing else "kept",
        )

    def record(
        self,
        policies: PolicySet,
        context: Context,
        decisions: Sequence[Decision],
        sent: Collection[str],
    ) -> None:
        """Log one request; costs microseconds, and never fails.

        Args:
            policies: The set that decided.
            context: The context as stated.
            decisions: Of every declared signal, as the set decides in that context.
            sent: The names of the signals that were there: sent, or stored for the viewer, and not switched
                off. Undeclared ones are not logged.
        """
        if not self._keep_days:
            return
        places = tuple(policies.index.places_of(sent))
        decided = self._decided(policies, context, decisions, places)
        # As HOUR, and quicker.
        when = self._clock().isoformat()[:_HOUR_LETTERS], policies.version
        counts = self._pending.get(when)
        if counts is None or decided not in counts:
            if self._kinds >= self._pace.bound:
                self._dropped += 1
                return
            self._kinds += 1
            counts = self._pending.setdefault(when, Counter())
        counts[decided] += 1
        self._some.set()
        if self._kinds >= self._pace.most:
            self._many.set()

    def _decided(
        self,
        policies: PolicySet,
        context: Context,
        decisions: Sequence[Decision],
        places: tuple[int, ...],
    ) -> Decided:
        """What is logged of a request; of one that is like another before it the same.

        Signals go by their places: names that nobody declared are the caller's own, and not kept.
        """
        if policies.version != self._version or len(self._known) >= _MOST_KNOWN:
            self._version = policies.version
            self._known.clear()
        decided = self._known.get((context, places))
        if decided is None:
            decided = self._known[context, places] = Decided(
                LoggedContext.of(context),
                tuple(
                    (policies.signals[at].name, level_of(policies.signals[at], decisions[at]))
                    for at in places
                ),
            )
        return decided

    async def flush(self) -> bool:
        """Try to write all that waits, once; whether all of it is written.

        What is recorded in the meantime is not: under a steady load that would never come to an end.
        """
        async with self._writing:
            self._due += self._pending.items()
            self._pending = {}
            # The earliest hour first: within a chain hours do not go back.
            self._due.sort(key=lambda counted: counted[0][0])
            while (batch := self._next()) is not None:
                try:
                    await self._chain.write(
                        hour=batch.hour, policy=batch.policy, counts=batch.counts
                    )
                except GenserviceError as error:
                    self._fail(error)
                    return False
                self._batch = None
                self._kinds -= len(batch.counts)
                self._written += sum(batch.counts.values())
            self._failing = False
            return True

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """What is recorded in the block is written beside it, and the rest at its end."""
        tasks = [asyncio.create_task(work) for work in (self._write_on(), self._sign_on())]
        try:
            yield
        finally:
            for task in tasks:
                await _stop(task)
            await self._part()

    @asynccontextmanager
    async def tidied(self) -> AsyncGenerator[None]:
        """While the block runs, what was kept long enough is taken out of the log."""
        task = asyncio.create_task(self._tidy_on())
        try:
            yield
        finally:
            await _stop(task)

    async def tidy(self) -> int:
        """Take out the hours that are kept no longer; the number of batches that were.

        Raises:
            UnavailableError: The database does not answer.
        """
        before = self._clock() - timedelta(days=self._keep_days)
        if not self._keep_days:
            before += timedelta(hours=1)
        return await self._chain.forget(before=before.strftime(HOUR), days=self._keep_days)

    @property
    def _waiting(self) -> int:
        batch = 0 if self._batch is None else sum(self._batch.counts.values())
        due = sum(counts.total() for _, counts in self._due)
        return batch + due + sum(counts.total() for counts in self._pending.values())

    def _next(self) -> _Batch | None:
        """What is to be written next. A batch that failed comes again as it was: it may be on disk."""
        if self._batch is None and self._due:
            (hour, policy), due = self._due.pop(0)
            counts = dict(due.most_common(self._pace.most))
            if rest := Counter({kind: n for kind, n in due.items() if kind not in counts}):
                self._due.insert(0, ((hour, policy), rest))
            self._batch = _Batch(hour=hour, policy=policy, counts=counts)
        return self._batch

    async def _write_on(self) -> None:
        pause = self._pace.backoff
        while True:
            await self._some.wait()
            try:
                async with asyncio.timeout(self._pace.wait):
                    await self._many.wait()
            except TimeoutError:
                pass
            self._some.clear()
            self._many.clear()
            while not await self.flush():
                await self._sleep(pause)
                pause = min(2 * pause, self._pace.longest)
            pause = self._pace.backoff

    async def _sign_on(self) -> None:
        while True:
            await self._sleep(self._pace.head)
            if self._chain.is_unsigned:
                await self._chain.sign()

    async def _part(self) -> None:
        """Write what is left, count what cannot be, and sign the last head."""
        try:
            async with asyncio.timeout(self._pace.parting):
                await self.flush()
        except TimeoutError:
            self._failing = True
        try:
            async with asyncio.timeout(self._pace.parting):
                # A batch that was not answered may yet turn up: nothing is said of what follows then.
                await self._chain.close(in_order=self._batch is None)
        except TimeoutError:
            log.warning("the last head of the decision log was not signed")
        if lost := self._waiting:
            self._dropped += lost
            self._pending.clear()
            self._due.clear()
            self._batch, self._kinds = None, 0
        if self._dropped:
            log.warning("decisions are missing from the log", requests=self._dropped)

    async def _tidy_on(self) -> None:
        while True:
            try:
                await self.tidy()
            except GenserviceError as error:
                log.warning("the decision log was not tidied", cause=type(error).__name__)
            await self._sleep(self._pace.tidy)

    def _fail(self, error: GenserviceError) -> None:
        if not self._failing:
            log.warning("the decision log waits", cause=type(error).__name__)
        self._failing = True


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the decision log had stopped", error=type(error).__name__)
