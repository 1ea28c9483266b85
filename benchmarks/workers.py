"""What several workers take: memory after real traffic, seconds from start to ready, and who gets the requests.

    python -m benchmarks.workers

Memory is the kernel's: PSS counts a page that n processes share as an n-th in each, USS only what is a
process's own. Each service is asked for the same promos by wrk, whose texts stand by then, over connections
that it keeps. The seconds of a start are by the clock, and say as much of the machine's other work.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.load import Listening, Load, drive, promos, service

if TYPE_CHECKING:
    import httpx

MOST_EXTRA_MB, MOST_START_SECONDS = 350.0, 6.0
"""Aims."""
_SHARES = re.compile(
    r'^http_server_request_duration_seconds_count\{.*?http_route="/v1/promos".*?worker="(\d+)"\} (\S+)',
    re.MULTILINE,
)


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """One start, from exec to the first 200 of /health/ready."""

    workers: int
    fresh: bool
    """Whether there was no data folder yet."""
    seconds: float
    processor_seconds: float
    """Of all processes, which neighbours on the machine change least."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a service holds after traffic."""

    workers: int
    pss_mb: float
    """Of all its processes."""
    uss_mb: tuple[float, ...]
    """Of each worker."""
    shares: tuple[float, ...]
    """Of the requests, by worker."""
    load: Load


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    starts: tuple[Start, ...]
    held: tuple[Held, ...]
    alone_mb: float
    """PSS of a service that is one process."""
    extra_mb: float
    """PSS that each worker adds to two."""

    @property
    def sound(self) -> bool:
        """Whether every request was answered, and well."""
        return all(each.load.sound for each in self.held)


def measure(*, most: int = 4, connections: int = 16, seconds: float = 4) -> Workers:
    """Measure one process, two workers, and `most`.

    Raises:
        RuntimeError: A service does not start.
        httpx.HTTPStatusError: A request was refused before anything was measured.
        WrkMissingError: The load generator is not installed.
    """
    starts: list[Start] = []
    held: list[Held] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, count in enumerate((1, 2, most)):
            fresh = number == 0
            with service(
                Path(folder), f"--workers={count}", role=None if fresh else "app"
            ) as listening:
                with listening.client() as client:
                    while client.get("/health/ready").status_code != 200:
                        time.sleep(0.02)
                starts.append(
                    Start(
                        workers=count,
                        fresh=fresh,
                        seconds=round(listening.seconds(), 2),
                        processor_seconds=round(listening.processor_seconds(), 2),
                    )
                )
                held.append(_held(listening, count, connections=connections, seconds=seconds))
    alone, two, many = (each.pss_mb for each in held)
    return Workers(
        starts=tuple(starts),
        held=tuple(held),
        alone_mb=alone,
        extra_mb=round((many - two) / (most - 2), 1),
    )


def _held(listening: Listening, count: int, *, connections: int, seconds: float) -> Held:
    with listening.client() as client:
        titles = [title["id"] for title in client.get("/v1/titles?limit=20").json()["items"]]
        bodies = promos(titles)
        listening.ask(bodies)
        before = _served(client)
        load = drive(
            listening.promos, bodies, key=listening.key, connections=connections, seconds=seconds
        )
        found = {each: by - before.get(each, 0) for each, by in _served(client).items()}
    total = sum(found.values())
    return Held(
        workers=count,
        pss_mb=round(listening.resident_megabytes(), 1),
        uss_mb=tuple(round(each, 1) for each in listening.own_megabytes()),
        shares=tuple(round(each / total, 2) for each in found.values()),
        load=load,
    )


def _served(client: httpx.Client) -> dict[str, float]:
    """Requests for promos so far, by worker."""
    found: dict[str, float] = {}
    # A line for each status.
    for number, count in _SHARES.findall(client.get("/metrics").text):
        found[number] = found.get(number, 0) + float(count)
    return found


def main() -> int:
    """Measure and print; 1 if a request was not answered well."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--most", type=int, default=4, help="workers of the largest service")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4, help="of load on each")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(most=given.most, connections=given.connections, seconds=given.seconds)
    if given.json:
        print(msgspec.json.encode(found).decode())  # noqa: T201 - what it is for
        return 0 if found.sound else 1
    for start in found.starts:
        folder = "a fresh folder" if start.fresh else "an existing one"
        print(  # noqa: T201
            f"{start.workers} on {folder}: ready after {start.seconds} s (aim: {MOST_START_SECONDS:g}),"
            f" {start.processor_seconds} s of the processor"
        )
    for held in found.held:
        print(  # noqa: T201
            f"{held.workers}: {held.pss_mb} MB in all, {held.uss_mb} of each alone, shares {held.shares},"
            f" {held.load.each_second} a second, p99 {held.load.p99_ms} ms"
        )
    print(f"each worker beyond two: {found.extra_mb} MB (aim: {MOST_EXTRA_MB:g})")  # noqa: T201
    return 0 if found.sound else 1


if __name__ == "__main__":
    sys.exit(main())
