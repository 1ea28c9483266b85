"""Texts in Valkey, a real one: found whole, for their time, and only if they are what was put there."""

from __future__ import annotations

import msgspec
import pytest

from genservice.cache import MOST_BYTES, ValkeyCache
from tests.unit.cache.entries import LIFETIMES, entry, key


def cache(valkey) -> ValkeyCache:
    return ValkeyCache(valkey, lifetimes=LIFETIMES)


def names(server) -> list[bytes]:
    return sorted(server.everything())


async def test_what_one_process_put_another_finds_whole(opened) -> None:
    async with opened() as one, opened() as other:
        await cache(one).put(entry("one"))
        found = cache(other)
        assert await found.get(key("one")) == entry("one")
        assert await found.get(key("two")) is None
        assert (found.tally.hits, found.tally.misses, found.tally.errors) == (1, 1, 0)


@pytest.mark.parametrize("channel", sorted(LIFETIMES))
async def test_a_text_lives_for_the_time_of_its_channel(opened, server, channel) -> None:
    async with opened() as valkey:
        await cache(valkey).put(entry("one", channel=channel))
    (name,) = names(server)
    assert LIFETIMES[channel] - 60 < server.client.ttl(name) <= LIFETIMES[channel]


async def test_a_text_too_large_is_not_put(opened, server) -> None:
    async with opened() as valkey:
        await cache(valkey).put(entry("one", text="x" * MOST_BYTES))
    assert not names(server)


async def poisoned(opened, server, change) -> None:
    """After `change` to what is held under the first of two keys, neither it nor an error is served."""
    async with opened() as valkey:
        held = cache(valkey)
        await held.put(entry("one"))
        first = valkey.name(held._kind, key("one"))
        await held.put(entry("two", text="Quite another text."))
        second = valkey.name(held._kind, key("two"))
        change(server.client, first, second)
        assert await held.get(key("one")) is None
        assert held.tally.refused + held.tally.errors == 1
        assert await held.get(key("two")) == entry("two", text="Quite another text.")


POISON = {
    "another text under the key": lambda client, first, second: client.copy(
        second, first, replace=True
    ),
    "a text without a seal": lambda client, first, _: client.set(
        first, b"\x01" + bytes(32) + msgspec.json.encode(entry("one"))
    ),
    "one letter changed": lambda client, first, _: client.setrange(first, 60, b"Z"),
    "a text cut short": lambda client, first, _: client.set(first, client.get(first)[:-3]),
    "a text that goes on": lambda client, first, _: client.append(first, b" "),
    "another form": lambda client, first, _: client.setrange(first, 0, b"\x02"),
    "nothing like it": lambda client, first, _: client.set(first, b"pwned"),
    "far too much": lambda client, first, _: client.set(first, b"\x01" * 5_000_000),
    "a list": lambda client, first, _: (client.delete(first), client.lpush(first, b"x")),
}


@pytest.mark.parametrize("change", POISON.values(), ids=POISON)
async def test_whatever_somebody_writes_to_the_server_is_not_shown(opened, server, change) -> None:
    await poisoned(opened, server, change)


async def test_every_byte_of_a_value_is_bound_to_its_key(opened, server) -> None:
    async with opened() as valkey:
        held = cache(valkey)
        await held.put(entry("one"))
        name = valkey.name(held._kind, key("one"))
        value = server.client.get(name)
        for at in range(len(value)):
            server.client.setrange(name, at, bytes([value[at] ^ 1]))
            assert await held.get(key("one")) is None, at
            server.client.setrange(name, at, bytes([value[at]]))
        assert await held.get(key("one")) == entry("one")


async def test_whoever_has_another_secret_neither_finds_nor_disturbs_it(opened) -> None:
    async with opened() as ours, opened(secret=b"t" * 32) as theirs:
        await cache(ours).put(entry("one"))
        other = cache(theirs)
        assert await other.get(key("one")) is None
        await other.put(entry("one", text="Theirs."))
        assert await cache(ours).get(key("one")) == entry("one")
