"""The decision log: what was decided in which hour, in batches that are only ever added.

A batch is what one writer, a process, had to add at one time: requests of one hour under one policy
version, those that were decided alike as a count. Which came first within a batch is not kept.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import delete, select, tuple_
from sqlalchemy import func as sql

from genservice.canonical import canonical
from genservice.domain import Decided
from genservice.errors import UnavailableError
from genservice.store.tables import DecisionRow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from genservice.store.appending import Appender
    from genservice.store.database import Database

PAGE = 256
"""Batches read at once."""

_decoder = msgspec.json.Decoder(list[tuple[int, Decided]])


class DecisionBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Some requests of one hour, decided under one version, as one writer counted them."""

    hour: str
    """UTC, as in `2026-11-25T22`."""
    writer: str
    """Which process wrote it, by a random name."""
    position: int
    """From 1, in the order in which the writer made its batches."""
    policy: str
    """The version that decided."""
    requests: int
    """How many are counted in it."""
    body: bytes
    """Compressed canonical JSON; see `counted`."""

    def counted(self) -> list[tuple[int, Decided]]:
        """What was decided, each with the number of requests.

        Raises:
            UnavailableError: It is damaged.
        """
        try:
            return _decoder.decode(zlib.decompress(self.body))
        except (zlib.error, msgspec.DecodeError):
            raise UnavailableError("A stored batch of decisions cannot be read.") from None


def pack(counts: Mapping[Decided, int]) -> bytes:
    """The body of a batch: the same for the same counts, whatever their order."""
    pairs = sorted(((count, decided) for decided, count in counts.items()), key=canonical)
    return zlib.compress(canonical(pairs))


class Decisions:
    """Every decision that was logged and not yet forgotten."""

    def __init__(self, database: Database, appender: Appender) -> None:
        self._database = database
        self._appender = appender

    async def add(
        self, *, hour: str, writer: str, position: int, policy: str, counts: Mapping[Decided, int]
    ) -> None:
        """Add a batch. One that is held already, after an answer that got lost, changes nothing.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        row = {
            "hour": hour,
            "writer": writer,
            "position": position,
            "policy": policy,
            "requests": sum(counts.values()),
            "body": await asyncio.to_thread(pack, counts),
        }
        await self._appender.add(cast("Any", DecisionRow.__table__), row)

    async def count(self, *, since: str, until: str) -> int:
        """The number of requests logged in the hours from `since` up to, and without, `until`.

        Raises:
            UnavailableError: The database does not answer.
        """
        query = select(sql.sum(DecisionRow.requests)).where(
            DecisionRow.hour >= since, DecisionRow.hour < until
        )
        async with self._database.reading() as session:
            return (await session.execute(query)).scalar_one() or 0

    async def read(
        self, *, since: str, until: str, page: int = PAGE
    ) -> AsyncGenerator[tuple[DecisionBatch, ...]]:
        """The batches of the hours from `since` up to, and without, `until`, a page at a time, in order.

        Raises:
            UnavailableError: The database does not answer.
        """
        key = tuple_(DecisionRow.hour, DecisionRow.writer, DecisionRow.position)
        query = (
            select(*DecisionRow.__table__.columns)
            .where(DecisionRow.hour < until)
            .order_by(DecisionRow.hour, DecisionRow.writer, DecisionRow.position)
            .limit(page)
        )
        # One lower bound at a time: with two, SQLite begins at the lesser and reads all pages again.
        after = query.where(DecisionRow.hour >= since)
        while True:
            # A session for each page: a reader that stays keeps SQLite from clearing its journal.
            async with self._database.reading() as session:
                rows = (await session.execute(after)).mappings().all()
            found = tuple(DecisionBatch(**row) for row in rows)
            if not found:
                return
            yield found
            last = found[-1]
            after = query.where(key > (last.hour, last.writer, last.position))

    async def forget(self, *, before: str) -> int:
        """The number of batches taken out: all of the hours before `before`.

        Hour by hour, so that no other writer waits long.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        oldest = select(sql.min(DecisionRow.hour)).where(DecisionRow.hour < before)
        forgotten = 0
        while True:
            async with self._database.reading() as session:
                hour = (await session.execute(oldest)).scalar_one_or_none()
            if hour is None:
                return forgotten
            async with self._database.writing() as session:
                done = await session.execute(delete(DecisionRow).where(DecisionRow.hour == hour))
            forgotten += cast("Any", done).rowcount
