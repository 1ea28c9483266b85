"""Caches, leases and counters, put together from what is set."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from genservice.cache.cached import Cached, TextCache
from genservice.cache.counters import SharedCounters
from genservice.cache.leases import Leases
from genservice.cache.memory import MemoryCache
from genservice.cache.shared import ValkeyCache
from genservice.rates import Counters, InMemory
from genservice.valkey import open_valkey

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from genservice.domain import Channel
    from genservice.store import Blurbs


class Caches(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before the database, and what processes share."""

    texts: Cached
    turns: Leases | None
    """None: processes do not wait for one another."""
    counters: Counters
    """Where requests are counted for rate limits."""


@asynccontextmanager
async def open_caches(
    texts: Blurbs,
    *,
    most_bytes: int,
    lifetimes: Mapping[Channel, int],
    url: str,
    deadline: float,
    secret: Callable[[], bytes],
) -> AsyncGenerator[Caches]:
    """Caches before `texts`, until the block ends.

    Args:
        texts: The database.
        most_bytes: Of texts in memory; 0: none.
        lifetimes: Seconds by channel.
        url: Of Valkey; empty: there is none.
        deadline: Seconds that Valkey may take for one answer.
        secret: Gives what texts in Valkey are sealed under; asked only if there is a URL.

    Raises:
        SettingsError: The URL is not one, a library is not installed, or the secret cannot be read.
    """
    caches: list[TextCache] = []
    if most_bytes:
        caches.append(MemoryCache(most_bytes=most_bytes, lifetimes=lifetimes))
    async with AsyncExitStack() as stack:
        turns, counters = None, InMemory()
        if url:
            opening = open_valkey(url, secret=secret(), deadline=deadline)
            valkey = await stack.enter_async_context(opening)
            caches.append(ValkeyCache(valkey, lifetimes=lifetimes))
            turns, counters = Leases(valkey), SharedCounters(valkey, alone=counters)
        yield Caches(texts=Cached(texts, caches), turns=turns, counters=counters)
