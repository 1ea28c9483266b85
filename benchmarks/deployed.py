"""The service as it is deployed, a worker for each core, asked over HTTP for promos nobody wrote before."""

from __future__ import annotations

import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from benchmarks.load import Listening, Load, driven, service
from benchmarks.orders import body_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from genservice.answers import Order

MOST_EACH_SECOND = 400
"""Bodies laid ready for a second of load: more than it answers."""
_BUSY, _LOOK, _LOOKS = 0.02, 0.25, 80
"""Seconds of processor time in so many seconds, above which it is at work; how often to look."""


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; medians of the turns."""

    workers: int
    each_second: float
    """Blurbs."""
    processor_ms: float
    """Of all its processes, a blurb."""
    p50_ms: float
    p99_ms: float
    blurbs: int
    """In all turns."""
    failed: int
    """Requests refused, broken or not answered in time."""


class Deployed:
    """A service that listens, with a worker for each core; no body is sent twice."""

    def __init__(self, listening: Listening, workers: int, orders: Iterator[Order]) -> None:
        """Drive one.

        Args:
            listening: It, at work on nothing.
            workers: How many it has.
            orders: What to ask for.
        """
        self._listening = listening
        self._workers = workers
        self._bodies = map(body_of, orders)
        self._unsent: list[bytes] = []
        self._turns: list[tuple[Load, float]] = []

    def know(self, orders: Sequence[Order]) -> None:
        """Have every worker answer these: what it has to learn once, of a title above all, it knows then."""
        bodies = [body_of(order) for order in orders]
        # Connections are dealt out evenly, and each is kept until all are answered.
        with ThreadPoolExecutor(self._workers) as pool:
            for answers in pool.map(self._listening.ask, [bodies] * self._workers):
                del answers
        self._rest()

    def turn(self, *, connections: int, seconds: float) -> float:
        """Drive it for a while, so many at once, and wait until it is at rest; blurbs a second.

        A second passes before it counts: what a server that nobody asked for a while has to do first is no
        part of how it goes on.
        """
        self._driven(connections, 1)
        load, microseconds = self._driven(connections, seconds)
        self._turns.append((load, microseconds / 1000))
        self._rest()
        return load.each_second

    def served(self) -> Served:
        """What came of all turns."""
        loads = [load for load, _ in self._turns]
        return Served(
            workers=self._workers,
            each_second=round(statistics.median(load.each_second for load in loads), 1),
            processor_ms=round(statistics.median(taken for _, taken in self._turns), 2),
            p50_ms=round(statistics.median(load.p50_ms for load in loads), 1),
            p99_ms=round(statistics.median(load.p99_ms for load in loads), 1),
            blurbs=sum(load.requests for load in loads),
            failed=sum(load.refused + load.failed for load in loads),
        )

    def _driven(self, connections: int, seconds: float) -> tuple[Load, float]:
        needed = round(MOST_EACH_SECOND * seconds) + connections
        self._unsent += islice(self._bodies, max(0, needed - len(self._unsent)))
        found = driven(self._listening, self._unsent, connections=connections, seconds=seconds)
        sent = found[0].requests + connections  # those under way when it ended were sent as well
        if sent > len(self._unsent):
            raise ValueError("it answered so many that some were asked for twice")
        del self._unsent[:sent]
        return found

    def _rest(self) -> None:
        """Wait until it does nothing more: what it goes on with would take time from others."""
        before = self._listening.processor_seconds()
        for _ in range(_LOOKS):
            time.sleep(_LOOK)
            now = self._listening.processor_seconds()
            if now - before < _BUSY:
                return
            before = now
        raise RuntimeError("the service does not come to rest")


@contextmanager
def deployed(orders: Iterator[Order]) -> Generator[Deployed]:
    """One with a folder of its own, a worker for each core of this machine, and the shipped catalogue.

    Raises:
        RuntimeError: It does not start.
    """
    workers = len(os.sched_getaffinity(0))
    with service(None, f"--workers={workers}") as listening:
        yield Deployed(listening, workers, orders)
