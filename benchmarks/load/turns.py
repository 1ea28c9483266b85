"""Two or more that listen, driven in turns in one run, so that noise is as noisy for each."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import msgspec

from benchmarks.load.driving import Load, drive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.load.listening import Listening


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of those that were driven: medians of its rounds."""

    each_second: float
    p50_ms: float
    p99_ms: float
    processor_us: float
    """Processor time of the server for a request, which neighbours on the machine change least."""
    rounds: tuple[Load, ...]

    @property
    def sound(self) -> bool:
        """Whether every request was answered, and well."""
        return all(load.sound for load in self.rounds)


def in_turns(
    sides: Mapping[str, Listening],
    bodies: Mapping[str, Sequence[bytes]],
    *,
    connections: int,
    seconds: float,
    rounds: int,
) -> dict[str, Side]:
    """Drive each for a while, and all of them so many times, every other time backwards.

    Each turn begins with a second that counts for nothing: what a server that nobody asked for a while
    has to do first is no part of how it goes on.
    """
    names = list(sides)
    loads: dict[str, list[tuple[Load, float]]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names[:: -1 if number % 2 else 1]:
            side, asked = sides[name], bodies[name]
            driven(side, asked, connections=connections, seconds=1)
            loads[name].append(driven(side, asked, connections=connections, seconds=seconds))
    return {name: _side(each) for name, each in loads.items()}


def driven(
    listening: Listening, bodies: Sequence[bytes], *, connections: int, seconds: float
) -> tuple[Load, float]:
    """What came of driving one for promos, and the microseconds of processor time a request took there."""
    before = listening.processor_seconds()
    load = drive(
        listening.promos, bodies, key=listening.key, connections=connections, seconds=seconds
    )
    taken = listening.processor_seconds() - before
    return load, round(taken / max(1, load.requests) * 1e6, 1)


def _side(loads: Sequence[tuple[Load, float]]) -> Side:
    def median(*figures: float) -> float:
        return round(statistics.median(figures), 3)

    return Side(
        each_second=median(*(load.each_second for load, _ in loads)),
        p50_ms=median(*(load.p50_ms for load, _ in loads)),
        p99_ms=median(*(load.p99_ms for load, _ in loads)),
        processor_us=median(*(taken for _, taken in loads)),
        rounds=tuple(load for load, _ in loads),
    )
