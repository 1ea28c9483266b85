"""The decision log: what was decided in which hour, in batches that are only ever added.

A batch is what one writer, a process, had to add at one time: requests of one hour under one policy
version, those that were decided alike as a count. Which came first within a batch is not kept. Each
carries the digest of the writer's batch before, and its own, which covers that and all else of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import and_, delete, select, tuple_
from sqlalchemy import func as sql

from genservice.canonical import canonical
from genservice.domain import Decided
from genservice.errors import UnavailableError
from genservice.store.tables import DecisionRow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence

    from sqlalchemy import Select

    from genservice.store.appending import Appender
    from genservice.store.database import Database

PAGE = 256
"""Batches read at once."""
GENESIS = bytes(32)
"""What a writer's first batch carries as the digest of the one before."""
_BATCH = b"genservice.log-batch/1\n"

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
    previous: bytes | None = None
    """The digest of the writer's batch before; none in batches written before there were chains."""
    digest: bytes | None = None
    """What `computed` gave when it was written."""

    def computed(self) -> bytes:
        """The digest of all of it and, through the one before, of all that its writer wrote."""
        told = canonical([self.hour, self.writer, self.position, self.policy, self.requests])
        link = self.previous or b""
        return hashlib.sha256(b"".join((_BATCH, link, told, b"\n", self.body))).digest()

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


def batch_of(
    *,
    hour: str,
    writer: str,
    position: int,
    policy: str,
    counts: Mapping[Decided, int],
    previous: bytes,
) -> DecisionBatch:
    """The next batch of a chain."""
    batch = DecisionBatch(
        hour=hour,
        writer=writer,
        position=position,
        policy=policy,
        requests=sum(counts.values()),
        body=pack(counts),
        previous=previous,
    )
    return msgspec.structs.replace(batch, digest=batch.computed())


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The last batch of a writer in an hour."""

    writer: str
    position: int
    digest: bytes | None


class Decisions:
    """Every decision that was logged and not yet forgotten."""

    def __init__(self, database: Database, appender: Appender) -> None:
        self._database = database
        self._appender = appender

    async def add(
        self,
        *,
        hour: str,
        writer: str,
        position: int,
        policy: str,
        counts: Mapping[Decided, int],
        previous: bytes,
    ) -> bytes:
        """Add a batch. One that is held already, after an answer that got lost, changes nothing.

        Returns:
            Its digest.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        batch = await asyncio.to_thread(
            batch_of,
            hour=hour,
            writer=writer,
            position=position,
            policy=policy,
            counts=counts,
            previous=previous,
        )
        row = msgspec.structs.asdict(batch)
        await self._appender.add(cast("Any", DecisionRow.__table__), row)
        return row["digest"]

    async def count(self, *, since: str, until: str | None) -> int:
        """The number of requests logged in the hours from `since` up to, and without, `until`; None: in all.

        Raises:
            UnavailableError: The database does not answer.
        """
        query = select(sql.sum(DecisionRow.requests)).where(DecisionRow.hour >= since)
        if until is not None:
            query = query.where(DecisionRow.hour < until)
        async with self._database.reading() as session:
            return (await session.execute(query)).scalar_one() or 0

    async def read(
        self, *, since: str, until: str | None, page: int = PAGE
    ) -> AsyncGenerator[tuple[DecisionBatch, ...]]:
        """The batches of the hours from `since` up to, and without, `until`, a page at a time, in order.

        Args:
            since: An hour.
            until: An hour; None for all that follow, whatever is written in place of an hour.
            page: Batches read at once.

        Raises:
            UnavailableError: The database does not answer.
        """
        key = tuple_(DecisionRow.hour, DecisionRow.writer, DecisionRow.position)
        query = (
            select(*DecisionRow.__table__.columns)
            .order_by(DecisionRow.hour, DecisionRow.writer, DecisionRow.position)
            .limit(page)
        )
        if until is not None:
            query = query.where(DecisionRow.hour < until)
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

    async def forget(
        self, *, before: str, anchored: Callable[[Sequence[End]], Awaitable[None]]
    ) -> int:
        """The number of batches taken out: all of the hours before `before`.

        Hour by hour, so that no other writer waits long.

        Args:
            before: The first hour that stays.
            anchored: Is told the last batch of each writer before it is taken out.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        oldest = select(sql.min(DecisionRow.hour)).where(DecisionRow.hour < before)
        forgotten = 0
        while True:
            async with self._database.reading() as session:
                hour = (await session.execute(oldest)).scalar_one_or_none()
                rows = () if hour is None else (await session.execute(_ends(hour))).mappings().all()
            if hour is None:
                return forgotten
            ends = tuple(End(**row) for row in rows)
            await anchored(ends)
            async with self._database.writing() as session:
                for end in ends:
                    # Not what came since: a writer that had to wait may still add to a past hour.
                    done = await session.execute(
                        delete(DecisionRow).where(
                            DecisionRow.hour == hour,
                            DecisionRow.writer == end.writer,
                            DecisionRow.position <= end.position,
                        )
                    )
                    forgotten += cast("Any", done).rowcount


def _ends(hour: str) -> Select[Any]:
    last = (
        select(DecisionRow.writer, sql.max(DecisionRow.position).label("position"))
        .where(DecisionRow.hour == hour)
        .group_by(DecisionRow.writer)
        .subquery()
    )
    same = and_(DecisionRow.writer == last.c.writer, DecisionRow.position == last.c.position)
    return (
        select(DecisionRow.writer, DecisionRow.position, DecisionRow.digest)
        .join(last, same)
        .where(DecisionRow.hour == hour)
        .order_by(DecisionRow.writer)
    )
