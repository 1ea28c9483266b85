"""By requests at once: promos that stand, and promos that are written, while somebody else asks for little."""

from __future__ import annotations

import statistics
import threading
import time
from typing import TYPE_CHECKING

import msgspec

from benchmarks.growth.curves import Curve, Point
from benchmarks.load import Load, driven, promos, service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load import Listening

SIZES = (1, 4, 16, 64, 256)
TITLES = ("metropolis", "nosferatu", "casablanca", "city-lights", "the-general")
SECONDS = 4.0
PROBE_SECONDS = 0.05
EACH_SECOND = 16
"""About so many promos are written each second."""


def by_requests(sizes: Sequence[int] = SIZES, *, seconds: float = SECONDS) -> Curve:
    """The curve; one service for all sizes."""
    with service(role="app") as ours:
        warm = promos(TITLES)
        ours.ask(warm)
        seeds = iter(range(1, 2**53))
        points: list[Point] = []
        for size in sizes:
            # Where many wait for each other, answers take seconds: some must come before it ends.
            longer = max(seconds, size / EACH_SECOND)
            stand, waited = _probed(ours, warm, size, seconds)
            # Other seeds are other texts: none of these was ever written.
            asked = [_with_seed(body, next(seeds)) for body in warm for _ in range(400)]
            written, waited_written = _probed(ours, asked, size, longer)
            figures = {
                "warm promos each second": stand.each_second,
                "warm promo p50, ms": stand.p50_ms,
                "warm promo p99, ms": stand.p99_ms,
                "warm promo, processor, µs": waited[0],
                "warm: failed or refused": float(stand.failed + stand.refused),
                "warm: another's small request, p50 ms": waited[1],
                "warm: another's small request, p99 ms": waited[2],
                "fresh promos each second": written.each_second,
                "fresh promo p50, ms": written.p50_ms,
                "fresh promo p99, ms": written.p99_ms,
                "fresh promo, processor, µs": waited_written[0],
                "fresh: failed or refused": float(written.failed + written.refused),
                "fresh: another's small request, p50 ms": waited_written[1],
                "fresh: another's small request, p99 ms": waited_written[2],
                "memory after, MB": ours.resident_megabytes(),
            }
            points.append(
                Point(size=size, figures={name: round(each, 3) for name, each in figures.items()})
            )
    return Curve(of="requests at once", points=tuple(points))


def _with_seed(body: bytes, seed: int) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(body), "seed": seed})


def _probed(
    ours: Listening, bodies: Sequence[bytes], size: int, seconds: float
) -> tuple[Load, tuple[float, float, float]]:
    """What came of the load, what a request took of the processor, and how long `/health/live` took meanwhile: what holds up the loop holds up that."""
    over, took = threading.Event(), list[float]()

    def probe() -> None:
        with ours.client() as client:
            while not over.wait(PROBE_SECONDS):
                began = time.perf_counter()
                client.get("/health/live").raise_for_status()
                took.append((time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=probe)
    thread.start()
    try:
        load, processor = driven(ours, bodies, connections=size, seconds=seconds)
    finally:
        over.set()
        thread.join()
    return load, (processor, statistics.median(took), statistics.quantiles(took, n=100)[98])
