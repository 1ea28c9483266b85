"""How often somebody may ask: requests counted over a window that slides.

The count at a moment is that of the present window and, of the one before it, the share that still
lies within one window's length. Two numbers for everybody who asks, whatever the limit.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genservice.domain.access import RateLimit


class Counters(Protocol):
    """Where requests are counted: two methods of a storage of the library `limits`, whose Redis fits."""

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Whether `amount` more fit under a limit within `expiry` seconds; they are counted if so."""
        ...

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Count of the window before and seconds it still weighs; the same of the present one."""
        ...


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request left whoever made it."""

    name: str
    limit: RateLimit
    allowed: bool
    remaining: int
    reset: int
    """Seconds until there is more: for one more request, when none remains."""


class RateLimits:
    """Limits by name, and who came how near to them.

    Args:
        limits: None, or no entry, is no limit.
        counters: Where requests are counted.
    """

    def __init__(self, limits: Mapping[str, RateLimit | None], counters: Counters) -> None:
        self._limits = limits
        self._counters = counters

    async def count(self, name: str, who: str) -> Standing | None:
        """Count one request, unless it is one too many; None where there is no limit.

        Args:
            name: Which limit.
            who: Whose count; nothing that names a person.
        """
        limit = self._limits.get(name)
        if limit is None:
            return None
        key = f"{name}/{who}"
        fits = await self._counters.acquire_sliding_window_entry(key, limit.requests, limit.seconds)
        before, weighs, present, ends = await self._counters.get_sliding_window(key, limit.seconds)
        used = math.floor(before * weighs / limit.seconds + present)
        left = ends - limit.seconds
        # Until one more fits is said upwards: on the stroke of it the share still counts in full.
        wait = left if fits else _until_one_fits(limit, before, weighs, present, left)
        return Standing(
            name=name,
            limit=limit,
            allowed=fits,
            remaining=max(0, limit.requests - used) if fits else 0,
            reset=math.floor(wait) + 1,
        )


def _until_one_fits(
    limit: RateLimit, before: int, weighs: float, present: int, left: float
) -> float:
    """Seconds until the count has fallen below the limit, if nobody asks in the meantime."""
    if present < limit.requests:
        if not before:
            return 0
        return weighs - (limit.requests - present) * limit.seconds / before
    # Not in this window; in the next one, this one's share falls.
    return left + limit.seconds * (1 - limit.requests / present)


@dataclass
class _Windows:
    number: int
    present: Counter[str] = field(default_factory=Counter[str])
    before: Counter[str] = field(default_factory=Counter[str])


class InMemory:
    """Counters of one process.

    Counts are kept by window, and a window is dropped whole: what is held is bounded by who asked
    within two of them, and no request pays for looking through the others.

    Args:
        clock: Seconds, from any start; never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[int, _Windows] = {}

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Whether `amount` more fit; see `Counters`."""
        before, weighs, present, _ = self._counts(key, expiry)
        if math.floor(before * weighs / expiry + present) + amount > limit:
            return False
        self._windows[expiry].present[key] += amount
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The two counts; see `Counters`."""
        return self._counts(key, expiry)

    def _counts(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        number, passed = divmod(self._clock(), expiry)
        windows = self._at(int(number), expiry)
        left = expiry - passed
        return windows.before[key], left, windows.present[key], left + expiry

    def _at(self, number: int, expiry: int) -> _Windows:
        windows = self._windows.get(expiry)
        if windows is None:
            windows = self._windows[expiry] = _Windows(number)
        if windows.number != number:
            follows = windows.number == number - 1
            before = windows.present if follows else Counter[str]()
            windows = self._windows[expiry] = _Windows(number, before=before)
        return windows
