"""A policy set in shadow: every request is decided under it too, and the differences are counted.

Answers know nothing of it. A request leaves its context, no value and no viewer, in a queue; a thread
decides it later, and the database adds up what all processes count.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import msgspec
import structlog

from genservice.errors import GenserviceError
from genservice.policy import PolicySet, decide
from genservice.store import Count

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from genservice.domain import Context, Decision

log = structlog.get_logger(__name__)

MOST = 20_000
"""Most requests that wait to be decided; further ones are counted as missed."""
SEEN, DIFFERING = Count(counted="seen"), Count(counted="differing")
MISSED, FAILED = Count(counted="missed"), Count(counted="failed")
_Key = tuple[int, str]
_UNUSED = frozenset({"withheld", "undeclared"})


class Counts(Protocol):
    """Where all processes count together."""

    async def add(self, act: int, against: str, counts: Mapping[Count, int]) -> None:
        """Add to the counts of a shadow beside a version."""
        ...


class _Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One request, as it was decided under the set in force, and the set that was in shadow then."""

    against: str
    decisions: Sequence[Decision]
    under: Callable[[PolicySet], Context]
    policies: PolicySet
    act: int


class Shadow:
    """Decides what was decided once more, under the set in shadow."""

    def __init__(self, counts: Counts, *, every: float = 0.25) -> None:
        """Decide nothing yet.

        Args:
            counts: Where counts are kept.
            every: Seconds between two times that what waits is decided and counted.
        """
        self._counts = counts
        self._every = every
        self._policies: PolicySet | None = None
        self._waiting: list[_Waiting] = []
        self._uncounted: dict[_Key, Counter[Count]] = {}
        self._working = asyncio.Lock()
        self._ending = asyncio.Event()
        self.act = 0
        """The act that began the shadow; 0 without one."""
        self.totals: Counter[Count] = Counter()
        """What this process counted since the start, whatever was in shadow."""

    @property
    def version(self) -> str | None:
        """The version in shadow."""
        return None if self._policies is None else self._policies.version

    def put_in(self, policies: PolicySet, *, act: int) -> None:
        """Decide what comes from now on under this set."""
        self._policies, self.act = policies, act

    def put_out(self) -> None:
        """Decide what comes from now on under no other set."""
        self._policies, self.act = None, 0

    def saw(
        self,
        policies: PolicySet,
        decisions: Sequence[Decision],
        under: Callable[[PolicySet], Context],
    ) -> None:
        """Take note of a request. Takes no time to speak of, and raises nothing.

        Args:
            policies: The set in force for it.
            decisions: What that set said.
            under: The request's context, as another set can tell it from others.
        """
        if self._policies is None:
            return
        if len(self._waiting) >= MOST:
            self._add((self.act, policies.version), {MISSED: 1})
            return
        self._waiting.append(
            _Waiting(
                against=policies.version,
                decisions=decisions,
                under=under,
                policies=self._policies,
                act=self.act,
            )
        )

    async def flush(self) -> None:
        """Decide what waits, and add it to the counts.

        Raises:
            GenserviceError: They cannot be written. They are kept, and added the next time.
        """
        # Also for a caller who gives up: half done, it would lose counts or add them twice.
        await asyncio.shield(asyncio.ensure_future(self._flush()))

    async def _flush(self) -> None:
        async with self._working:
            batch, self._waiting = self._waiting, []
            if batch:
                for key, counted in (await asyncio.to_thread(_counted, batch)).items():
                    self._add(key, counted)
            for key in list(self._uncounted):
                written = self._uncounted[key].copy()
                await self._counts.add(*key, written)
                self._uncounted[key] -= written
                if not self._uncounted[key]:
                    del self._uncounted[key]

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """What waits is decided and counted now and then until the block ends, and once more then."""
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            self._ending.set()
            await task
            with contextlib.suppress(GenserviceError):
                await self.flush()

    async def _keep(self) -> None:
        silent = False
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self._every)
            try:
                await self.flush()
            except GenserviceError as error:
                if not silent:
                    log.warning("what the set in shadow changes is not written", cause=str(error))
                silent = True
            else:
                silent = False

    def _add(self, key: _Key, counted: Mapping[Count, int]) -> None:
        self._uncounted.setdefault(key, Counter()).update(counted)
        self.totals.update(counted)


def _counted(batch: Sequence[_Waiting]) -> dict[_Key, Counter[Count]]:
    found: dict[_Key, Counter[Count]] = {}
    for waiting in batch:
        counter = found.setdefault((waiting.act, waiting.against), Counter())
        counter[SEEN] += 1
        try:
            context = waiting.under(waiting.policies)
            changes = differences(waiting.decisions, decide(waiting.policies, context))
        except Exception:  # noqa: BLE001 - nothing of a draft may reach what is served
            counter[FAILED] += 1
            continue
        counter[DIFFERING] += bool(changes)
        counter.update(changes)
    return {key: +counter for key, counter in found.items()}


def differences(was: Sequence[Decision], becomes: Sequence[Decision]) -> tuple[Count, ...]:
    """One change for each signal that comes to something else.

    A signal that one of the sets does not declare comes to what a withheld one does: nothing.
    """
    before = {decision.signal: _said(decision) for decision in was}
    after = {decision.signal: _said(decision) for decision in becomes}
    found: list[Count] = []
    for signal in sorted(before.keys() | after.keys()):
        old, new = before.get(signal, "undeclared"), after.get(signal, "undeclared")
        if old != new and not {old, new} <= _UNUSED:
            found.append(Count(counted="change", signal=signal, was=old, becomes=new))
    return tuple(found)


def _said(decision: Decision) -> str:
    if decision.level is None:
        return decision.outcome
    return f"{decision.outcome} to {decision.level}"
