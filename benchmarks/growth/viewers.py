"""By viewers, each with three signals, two acts of consent and controls, sealed as the service seals them."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.growth.curves import Curve, Point, milliseconds_each
from benchmarks.load import driven, promos, service
from benchmarks.viewers import fill, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (1000, 10_000, 100_000, 1_000_000)
TITLES = ("metropolis", "nosferatu", "casablanca", "city-lights")
ASKED = 400
CONNECTIONS, SECONDS = 16, 3.0


def by_viewers(sizes: Sequence[int] = SIZES) -> Curve:
    """The curve; viewers are written by rows in bulk, past what adds one."""
    return Curve(of="viewers", points=tuple(map(_point, sizes)))


async def _fill(folder: Path, size: int) -> None:
    async with opened(folder) as (_, store, keystore):
        await fill(
            store, keystore, [f"viewer-{number}" for number in range(size)], now=datetime.now(UTC)
        )


def _point(size: int) -> Point:
    chance = random.Random(size)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        asyncio.run(_fill(folder, size))
        filled = {
            name: sum(file.stat().st_size for file in (folder / name).iterdir()) / 1e6
            for name in ("data", "keystore")
        }
        began = time.perf_counter()
        with service(folder, role="app") as ours, ours.client() as client:
            client.get("/health/live").raise_for_status()
            found = {
                "start, s": time.perf_counter() - began,
                "memory at start, MB": ours.resident_megabytes(),
            }
            asked = chance.sample(range(size), min(ASKED, size))
            names = [f"viewer-{number}" for number in asked]
            bodies = [
                promos([TITLES[number % len(TITLES)]], viewers=[name])[0]
                for number, name in enumerate(names)
            ]
            ours.ask(bodies[: 2 * len(TITLES)])
            load, processor = driven(ours, bodies, connections=CONNECTIONS, seconds=SECONDS)
            few = chance.sample(range(size), 7)
            found |= {
                "warm promo p50, ms": load.p50_ms,
                "warm promo p99, ms": load.p99_ms,
                "warm promos each second": load.each_second,
                "warm promo, processor, µs": processor,
                "signals of one, ms": milliseconds_each(
                    lambda each: client.get(
                        f"/v1/viewers/viewer-{each}/signals"
                    ).raise_for_status(),
                    asked[:40],
                ),
                "change a signal, ms": milliseconds_each(
                    lambda each: client.patch(
                        f"/v1/viewers/viewer-{each}/signals",
                        json={"signals": {"genre_affinity": ["drama"]}},
                    ).raise_for_status(),
                    asked[:20],
                ),
                "memory after, MB": ours.resident_megabytes(),
            }
        with service(folder, role="privacy_officer") as ours, ours.client() as client:
            found["export of one, ms"] = milliseconds_each(
                lambda each: client.get(f"/v1/viewers/viewer-{each}/export").raise_for_status(), few
            )
            found["erasure of one, ms"] = milliseconds_each(
                lambda each: client.delete(f"/v1/viewers/viewer-{each}").raise_for_status(), few
            )
        found |= {f"{name}, MB": megabytes for name, megabytes in filled.items()}
    return Point(size=size, figures={name: round(value, 3) for name, value in found.items()})
