"""Texts in memory: within their bytes and for their time, the least recently used let go first."""

from __future__ import annotations

import tracemalloc

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from genservice.cache import OVERHEAD, MemoryCache
from tests.unit.cache.entries import LIFETIMES, Clock, entry, key


def size_of(text) -> int:
    return len(msgspec.json.encode(text)) + OVERHEAD


def cache(most_bytes: int = 100_000, clock=None) -> MemoryCache:
    return MemoryCache(most_bytes=most_bytes, lifetimes=LIFETIMES, clock=clock or Clock())


async def test_what_was_put_is_found_whole_and_nothing_else_is() -> None:
    held = cache()
    await held.put(entry("one"))
    assert await held.get(key("one")) == entry("one")
    assert await held.get(key("two")) is None
    assert (held.tally.hits, held.tally.misses, held.tally.errors) == (1, 1, 0)


async def test_a_text_stays_for_the_time_of_its_channel_and_no_longer() -> None:
    clock = Clock()
    held = cache(clock=clock)
    for channel in LIFETIMES:
        await held.put(entry(channel, channel=channel))
    clock.now += LIFETIMES["push"]
    assert await held.get(key("push")) is None
    assert await held.get(key("email")) is not None
    clock.now += LIFETIMES["detail"] - LIFETIMES["push"]
    for channel in LIFETIMES:
        assert await held.get(key(channel)) is None
    assert held.tally.bytes == 0


async def test_the_one_not_asked_for_the_longest_goes_first() -> None:
    one = size_of(entry("a"))
    held = cache(3 * one)
    for name in "abc":
        await held.put(entry(name))
    await held.get(key("a"))
    await held.put(entry("d"))
    assert [name for name in "abcd" if await held.get(key(name))] == ["a", "c", "d"]


async def test_a_text_larger_than_all_the_room_is_not_held_and_lets_nothing_go() -> None:
    held = cache(size_of(entry("a")) + 10)
    await held.put(entry("a"))
    await held.put(entry("b", text="long " * 1000))
    assert await held.get(key("b")) is None
    assert await held.get(key("a")) is not None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4000)), max_size=40))
async def test_whatever_is_put_the_bytes_held_are_those_counted_and_never_too_many(puts) -> None:
    held = cache(10_000)
    for name, length in puts:
        await held.put(entry(str(name), text="x" * length))
        counted = held.tally.bytes
        assert counted is not None
        assert counted <= 10_000
        assert counted == sum(len(value) + OVERHEAD for value, _ in held._held.values())


async def test_what_is_counted_is_no_less_than_what_memory_is_taken() -> None:
    texts = [entry(str(number), text="x" * 90) for number in range(2000)]
    held = cache(10**9)
    tracemalloc.start()
    try:
        for text in texts:
            await held.put(text)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    counted = held.tally.bytes
    assert counted is not None
    assert taken <= counted
