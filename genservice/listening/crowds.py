"""How many connections each worker holds, in memory that they share."""

from __future__ import annotations

import mmap

_AWAY = 2**62
"""What stands for a worker that takes none."""


class Crowds:
    """A count for each worker. Made before they are forked; each writes its own, and all read.

    Nothing is locked: a count is one word of memory, and one that is late by a moment does no harm.

    Args:
        workers: How many there are.
    """

    def __init__(self, workers: int) -> None:
        self._counts = memoryview(mmap.mmap(-1, 8 * workers)).cast("q")
        for number in range(workers):
            self.leave(number)

    def put(self, number: int, count: int) -> None:
        """A worker holds so many."""
        self._counts[number] = count

    def leave(self, number: int) -> None:
        """A worker takes none."""
        self._counts[number] = _AWAY

    def fewer_than(self, count: int) -> bool:
        """Whether a worker that takes connections holds fewer than so many."""
        return min(self._counts) < count
