"""One process at a time writes under a key: a lease in Valkey, with an end and a fencing token.

A lease spares work; it guards nothing. The database keeps the first text under a key, whoever held a
lease and for how long, so a lease that is lost, doubled or not to be had costs a text written twice.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from genservice.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from genservice.valkey import Valkey

# Tokens only grow, also when the server comes back with nothing: they are no lower than its clock.
_ACQUIRE = """
if redis.call('PTTL', KEYS[1]) > 0 then return 0 end
local now = redis.call('TIME')
local token = math.max((tonumber(redis.call('GET', KEYS[2])) or 0) + 1, now[1] * 1000000 + now[2])
redis.call('SET', KEYS[2], string.format('%.0f', token))
redis.call('SET', KEYS[1], string.format('%.0f', token), 'PX', ARGV[1])
return string.format('%.0f', token)
"""
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long what takes, in seconds."""

    lasts: float = 5.0
    """A lease that is not renewed; after this the text of a process that died is written by another."""
    renewed: float = 1.5
    """Between two renewals."""
    look: float = 0.01
    """Before the first look whether another's lease has ended; each further pause is half as long again."""
    longest_look: float = 0.1
    """Most of one pause."""
    patience: float = 20.0
    """Most of waiting for another process; then it is written here as well."""


class Leases:
    """Turns at writing, among all processes that share a server.

    Args:
        valkey: Where leases are held.
        pace: How long what takes.
        clock: Seconds that only grow.
        sleep: What passes the time.
    """

    def __init__(
        self,
        valkey: Valkey,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._valkey = valkey
        self._pace = pace or Pace()
        self._clock = clock
        self._sleep = sleep
        self._acquire, self._renew, self._release = (
            valkey.client.register_script(script) for script in (_ACQUIRE, _RENEW, _RELEASE)
        )

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncGenerator[int | None]:
        """A block that other processes wait for before they write under `key`.

        It is entered at once if nobody writes there, and else once whoever does has ended, was lost, or
        took too long. It waits for one other process, not for a row of them: if that one failed, each of
        those who waited tries by itself. Without the server it is entered at once.

        Yields:
            The fencing token, larger than that of any lease before; None without a lease.
        """
        taken = await self._taken(key)
        if taken == "held":
            await self._until_free(key)
            taken = await self._taken(key)
        if not isinstance(taken, int):
            yield None
            return
        token = taken
        renewing = asyncio.create_task(self._kept(key, token))
        try:
            yield token
        finally:
            renewing.cancel()
            await self._told(self._release, key, token)

    async def _taken(self, key: str) -> int | Literal["held", "away"]:
        names = [self._valkey.name("lease", key), self._valkey.name("fence")]
        ends = round(self._pace.lasts * 1000)
        try:
            answer = await self._valkey.ask(lambda _: self._acquire(keys=names, args=[ends]))
            return int(answer) or "held"
        except (UnavailableError, ValueError, TypeError):
            return "away"

    async def _until_free(self, key: str) -> None:
        name = self._valkey.name("lease", key)
        until, pause = self._clock() + self._pace.patience, self._pace.look
        while self._clock() < until:
            await self._sleep(pause)
            pause = min(pause * 1.5, self._pace.longest_look)
            try:
                left = await self._valkey.ask(lambda client: client.execute_command("PTTL", name))
            except UnavailableError:
                return
            if left <= 0:
                return

    async def _kept(self, key: str, token: int) -> None:
        while True:
            await self._sleep(self._pace.renewed)
            await self._told(self._renew, key, token, round(self._pace.lasts * 1000))

    async def _told(self, script: Any, key: str, *args: int) -> None:
        name = self._valkey.name("lease", key)
        try:
            await self._valkey.ask(lambda _: script(keys=[name], args=list(args)))
        except UnavailableError:
            return  # It ends by itself.
