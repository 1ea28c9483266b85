"""Connections on one socket are dealt out evenly, wait for nobody who hangs, and none is let fall."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from genservice.listening.crowds import Crowds
from genservice.listening.door import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Naming(asyncio.Protocol):
    """Says whose connection it is, and is held until it ends."""

    def __init__(self, name: str, held: set[Naming]) -> None:
        self._name = name
        self._held = held

    def connection_made(self, transport) -> None:
        self._held.add(self)
        transport.write(self._name.encode())

    def connection_lost(self, exc) -> None:
        self._held.discard(self)


@asynccontextmanager
async def doors(
    count: int, *, open_: int | None = None
) -> AsyncIterator[tuple[Clients, Crowds, list[Door]]]:
    """A port with so many doors, the first of which are open."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        crowds = Crowds(count)
        made = []
        for number in range(count):
            held: set[Naming] = set()
            made.append(
                Door(
                    listening.dup(),
                    lambda number=number, held=held: Naming(str(number), held),
                    held=held,
                    number=number,
                    crowds=crowds,
                )
            )
        for door in made[:open_]:
            door.open()
        clients = Clients(listening.getsockname()[1])
        yield clients, crowds, made
        await clients.go()
        for door in made:
            await door.close()
            door._listening.close()


class Clients:
    """Connections that are kept until the end."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.kept: list[tuple[str, asyncio.StreamWriter]] = []

    async def come(self, count: int) -> list[str]:
        """Whose the next connections are, made one after the other."""
        return [await self.one() for _ in range(count)]

    async def one(self) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        name = (await reader.read(8)).decode()
        self.kept.append((name, writer))
        return name

    async def go(self, name: str | None = None) -> None:
        """Those of one, or all, go."""
        for whose, writer in self.kept:
            if name in (whose, None):
                writer.close()
                await writer.wait_closed()


@pytest.mark.parametrize("at_once", [True, False])
async def test_connections_that_are_kept_are_dealt_out_evenly(at_once: bool) -> None:
    async with doors(3) as (clients, _, _):
        if at_once:
            names = await asyncio.gather(*(clients.one() for _ in range(12)))
        else:
            names = await clients.come(12)
        assert {name: names.count(name) for name in names} == {"0": 4, "1": 4, "2": 4}


async def test_what_has_ended_makes_room_once_it_was_counted() -> None:
    async with doors(2) as (clients, _, made):
        await clients.come(4)
        await clients.go("0")
        while made[0]._count():  # noqa: ASYNC110 - the other side has no event
            await asyncio.sleep(0.01)
        made[0].count()
        assert await clients.come(2) == ["0", "0"]


async def test_one_that_holds_fewer_and_hangs_keeps_nobody_waiting_for_long() -> None:
    async with doors(2, open_=1) as (clients, crowds, _):
        crowds.put(1, 0)
        assert await clients.come(3) == ["0"] * 3


async def test_one_that_is_closed_takes_none_and_is_not_waited_for() -> None:
    async with doors(2) as (clients, crowds, made):
        await made[1].close()
        assert not crowds.fewer_than(0)
        assert await clients.come(4) == ["0"] * 4


async def test_where_another_one_was_faster_nobody_waits() -> None:
    async with doors(1, open_=0) as (_, _, (door,)):
        # As when it was woken, and the connection is gone.
        door._knocked()
        assert door._count() == 0


async def test_a_connection_that_was_taken_is_handled_though_the_door_is_closed() -> None:
    async with doors(1, open_=0) as (clients, _, (door,)):
        connecting = asyncio.create_task(clients.one())
        while not door._count():
            await asyncio.sleep(0.01)
            door._knocked()
        await door.close()
        assert await connecting == "0"
