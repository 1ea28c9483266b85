"""Texts in this process: bounded by bytes, the least recently used go first, each for its channel's time."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec

from genservice.cache.cached import Tally
from genservice.store import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genservice.domain import Channel

OVERHEAD = 512
"""Bytes reckoned for one text beside its own: key, times and the places that hold them."""

_decoder = msgspec.json.Decoder(Entry)


class MemoryCache:
    """A `TextCache` of one process.

    Texts are held encoded: what they take is then known to the byte, and decoding one costs some
    microseconds.

    Args:
        most_bytes: Of all texts together.
        lifetimes: Seconds by channel.
        clock: Seconds that only grow.
    """

    name = "memory"

    def __init__(
        self,
        *,
        most_bytes: int,
        lifetimes: Mapping[Channel, int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most_bytes
        self._lifetimes = lifetimes
        self._clock = clock
        self._held: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._tally = Tally()
        self._bytes = 0

    @property
    def tally(self) -> Tally:
        """What became of lookups."""
        self._tally.bytes = self._bytes
        return self._tally

    async def get(self, key: str) -> Entry | None:
        """The text that was put under `key`, if it is still held."""
        held = self._held.get(key)
        if held is not None and held[1] <= self._clock():
            self._drop(key)
            held = None
        if held is None:
            self._tally.misses += 1
            return None
        self._held.move_to_end(key)
        self._tally.hits += 1
        return _decoder.decode(held[0])

    async def put(self, entry: Entry) -> None:
        """Hold a text, in place of those that were not asked for the longest."""
        value = msgspec.json.encode(entry)
        if entry.key in self._held:
            self._drop(entry.key)
        size = len(value) + OVERHEAD
        if size > self._most:
            return
        while self._bytes + size > self._most:
            self._drop(next(iter(self._held)))
        self._held[entry.key] = value, self._clock() + self._lifetimes[entry.channel]
        self._bytes += size

    def _drop(self, key: str) -> None:
        value, _ = self._held.pop(key)
        self._bytes -= len(value) + OVERHEAD
