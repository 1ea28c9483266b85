"""Figures at growing sizes, and how steeply each of them grows."""

from __future__ import annotations

import math
import statistics
import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured at one size; units are in the names."""

    size: int
    figures: dict[str, float]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured at growing sizes of one thing."""

    of: str
    points: tuple[Point, ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of what was measured at every point."""
        return tuple(
            name
            for name in self.points[0].figures
            if all(name in point.figures for point in self.points)
        )

    def steepness(self, figure: str) -> float:
        """The exponent with which it grows over the last step: 0 not at all, 1 in proportion, more bends upward."""
        *_, before, last = self.points
        was, became = before.figures[figure], last.figures[figure]
        if was <= 0 or became <= 0:
            return 0.0
        return round(math.log(became / was) / math.log(last.size / before.size), 2)


def milliseconds(work: Callable[[], object], *, times: int) -> float:
    """The median of how long it takes, after one call that is not counted."""
    return milliseconds_each(lambda _: work(), range(times + 1))


def milliseconds_each(work: Callable[[int], object], over: Iterable[int]) -> float:
    """The median of how long it takes with each of these; the first is not counted."""
    took: list[float] = []
    for each in over:
        began = time.perf_counter()
        work(each)
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took[1:]), 3)


def show(curve: Curve) -> str:
    """A table: a line for each figure, a column for each size, then how steeply it grows at the end."""
    lines = [
        f"{curve.of:34}" + "".join(f"{point.size:>12,}" for point in curve.points) + "   steepness"
    ]
    for name in curve.figures:
        values = "".join(f"{point.figures[name]:>12,.2f}" for point in curve.points)
        steep = f"{curve.steepness(name):>12.2f}" if len(curve.points) > 1 else ""
        lines.append(f"{name:34}{values}{steep}")
    return "\n".join(lines)
