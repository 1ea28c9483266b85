"""One process at a time writes under a key; whoever holds a lease, and however it ends."""

from __future__ import annotations

import asyncio

import pytest

from genservice.cache import Leases, Pace
from tests.unit.cache.entries import key

QUICK = Pace(lasts=0.3, renewed=0.1, patience=10)


async def test_of_two_processes_one_waits_until_the_other_has_ended(opened) -> None:
    order: list[str] = []

    async def work(valkey, name) -> None:
        async with Leases(valkey).turn(key("one")):
            order.append(f"{name} begins")
            await asyncio.sleep(0.05)
            order.append(f"{name} ends")

    async with opened() as one, opened() as other:
        await asyncio.gather(work(one, "a"), work(other, "b"))
    assert sorted(order[:2]) in (["a begins", "a ends"], ["b begins", "b ends"])
    assert len(order) == 4


async def test_under_different_keys_nobody_waits(opened) -> None:
    async with (
        opened() as one,
        opened() as other,
        Leases(one).turn(key("one")) as first,
        Leases(other).turn(key("two")) as second,
    ):
        assert first
        assert second
        assert second > first


async def test_tokens_grow_also_when_the_server_has_forgotten_them(opened, server) -> None:
    tokens = []
    async with opened() as valkey:
        for number in range(6):
            async with Leases(valkey).turn(key("one")) as token:
                tokens.append(token)
            if number == 2:
                server.client.flushall()
    assert None not in tokens
    assert tokens == sorted(set(tokens))


async def test_a_lease_is_renewed_for_as_long_as_the_writing_takes(opened) -> None:
    async with opened() as one, opened() as other:
        async with Leases(one, pace=QUICK).turn(key("one")):
            waiting = asyncio.create_task(enter(other))
            await asyncio.sleep(1.0)
            assert not waiting.done()
        await waiting


async def enter(valkey) -> int | None:
    async with Leases(valkey, pace=QUICK).turn(key("one")) as token:
        return token


async def test_the_lease_of_a_process_that_died_ends_by_itself(opened, server) -> None:
    async with opened() as one, opened() as other:
        turn = Leases(one, pace=Pace(lasts=0.3, renewed=600)).turn(key("one"))
        await turn.__aenter__()
        assert await enter(other)
        await turn.__aexit__(None, None, None)


async def test_whoever_held_a_lease_that_ended_does_not_end_that_of_another(opened, server) -> None:
    async with opened() as one, opened() as other:
        late = Leases(one, pace=Pace(lasts=0.1, renewed=600)).turn(key("one"))
        await late.__aenter__()
        async with Leases(other).turn(key("one")) as token:
            assert token
            await late.__aexit__(None, None, None)
            assert server.client.get(other.name("lease", key("one"))) == str(token).encode()
        assert server.client.get(other.name("lease", key("one"))) is None


async def test_whoever_waited_long_enough_writes_as_well(opened) -> None:
    async with opened() as one, opened() as other, Leases(one).turn(key("one")):
        hurried = Leases(other, pace=Pace(patience=0.2))
        async with hurried.turn(key("one")) as token:
            assert token is None


async def test_a_lease_without_an_end_which_we_never_make_holds_nobody_up(opened, server) -> None:
    async with opened() as valkey:
        server.client.set(valkey.name("lease", key("one")), "for ever")
        assert await enter(valkey)


@pytest.mark.parametrize("poison", [b"text", b"nan", b"9" * 400])
async def test_a_counter_of_tokens_that_somebody_spoilt_stops_nobody(
    opened, server, poison
) -> None:
    async with opened() as valkey:
        server.client.set(valkey.name("fence"), poison)
        async with Leases(valkey).turn(key("one")):
            pass


async def test_a_turn_that_is_cancelled_leaves_no_lease(opened, server) -> None:
    async with opened() as valkey:
        entered = asyncio.Event()

        async def work() -> None:
            async with Leases(valkey).turn(key("one")):
                entered.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(work())
        await entered.wait()
        task.cancel()
        await asyncio.wait({task})
        assert server.client.get(valkey.name("lease", key("one"))) is None
