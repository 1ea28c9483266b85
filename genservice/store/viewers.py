"""Rows of what is held of viewers. Everything in them is sealed: nothing here has a key, or a viewer's id."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy import func as sql

from genservice.domain.viewers import Erased
from genservice.store.rows import add_once
from genservice.store.tables import ServingRow, ViewerRow
from genservice.store.viewer_change import (
    TABLES,
    Change,
    Kind,
    SealedRow,
    sealed_rows,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from genservice.store.database import Database

PAGE = 1000
"""Viewers looked at in one go."""
FORGOTTEN_AT_ONCE = 500
"""Rows of one transaction that forgets; bounds how long other writers wait."""


class NewServing(msgspec.Struct, frozen=True):
    """A serving that is to be added."""

    subject: bytes
    expires: str
    seal: Callable[[int], bytes]
    """What it is sealed as under a number."""


class ViewerRows:
    """What is held of viewers, by subject."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subject: bytes, *, since: str) -> None:
        """Make room for a new viewer, whose subject was never in use.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            insert = add_once(self._database.dialect, table_of(ViewerRow))
            await session.execute(insert, {"subject": subject, "since": since})

    async def read(self, subject: bytes, *kinds: Kind) -> list[SealedRow]:
        """What is stored of these kinds, all of the same moment: it is one statement.

        Raises:
            UnavailableError: The database does not answer.
        """
        found = await self._database.fetch(sealed_rows(kinds), subject=subject)
        return [SealedRow(*row) for row in found]

    async def servings(
        self, subject: bytes, *, limit: int, before: int | None
    ) -> list[tuple[int, bytes]]:
        """Number and sealed record of servings, the newest first.

        Raises:
            UnavailableError: The database does not answer.
        """
        query = (
            select(ServingRow.number, ServingRow.sealed)
            .where(ServingRow.subject == subject)
            .order_by(ServingRow.number.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(ServingRow.number < before)
        async with self._database.reading() as session:
            return [(number, sealed) for number, sealed in await session.execute(query)]

    async def add_servings(self, servings: Sequence[NewServing]) -> set[bytes]:
        """Add servings of any viewers in one transaction; the subjects that there are not, or no longer.

        Raises:
            ConflictError, ContendedError: Another write got in the way; nothing was added.
            UnavailableError: The database does not answer, is locked or full.
        """
        subjects = sorted({serving.subject for serving in servings})
        # Locked in one order, so that two processes never wait for each other.
        held = (
            select(ViewerRow.subject)
            .where(ViewerRow.subject.in_(subjects))
            .order_by(ViewerRow.subject)
            .with_for_update(key_share=True)
        )
        last = (
            select(ServingRow.subject, sql.max(ServingRow.number))
            .where(ServingRow.subject.in_(subjects))
            .group_by(ServingRow.subject)
        )
        async with self._database.writing() as session:
            there = set((await session.execute(held)).scalars())
            numbers = dict((await session.execute(last)).tuples().all())
            rows: list[dict[str, Any]] = []
            for serving in servings:
                if serving.subject in there:
                    number = numbers.get(serving.subject, 0) + 1
                    numbers[serving.subject] = number
                    rows.append(
                        {
                            "subject": serving.subject,
                            "number": number,
                            "expires": serving.expires,
                            "sealed": serving.seal(number),
                        }
                    )
            if rows:
                await session.execute(table_of(ServingRow).insert(), rows)
        return set(subjects) - there

    @asynccontextmanager
    async def changing(self, subject: bytes) -> AsyncGenerator[Change | None]:
        """A transaction on one viewer's rows; None: there is no such subject, or no longer.

        Raises:
            ConflictError: Another write came first.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            # On PostgreSQL: an erasure waits for this transaction, or this one finds nothing.
            query = (
                select(ViewerRow.subject)
                .where(ViewerRow.subject == subject)
                .with_for_update(key_share=True)
            )
            held = (await session.execute(query)).scalar_one_or_none() is not None
            yield Change(session, self._database.dialect, subject) if held else None

    async def counts(self, subject: bytes) -> Erased:
        """How much there is of one viewer.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            return await _counted(session, subject)

    async def erase(self, subject: bytes) -> Erased:
        """Take out everything of one viewer; how much it was.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            # Locked before counted, so that what is counted is what goes.
            lock = select(ViewerRow.subject).where(ViewerRow.subject == subject).with_for_update()
            await session.execute(lock)
            counts = await _counted(session, subject)
            await session.execute(delete(ViewerRow).where(ViewerRow.subject == subject))
        return counts

    async def erase_if_empty(self, subject: bytes) -> bool:
        """Take out a viewer of whom nothing is stored; whether it was so.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            lock = select(ViewerRow.subject).where(ViewerRow.subject == subject).with_for_update()
            await session.execute(lock)
            done = await session.execute(
                delete(ViewerRow).where(ViewerRow.subject == subject, *_nothing_below())
            )
            return bool(cast("Any", done).rowcount)

    async def empty(self, *, before: str) -> list[bytes]:
        """Some viewers of whom nothing is stored, and who were not made in or after that hour.

        Raises:
            UnavailableError: The database does not answer.
        """
        query = (
            select(ViewerRow.subject)
            .where(ViewerRow.since < before, *_nothing_below())
            .order_by(ViewerRow.subject)
            .limit(PAGE)
        )
        async with self._database.reading() as session:
            return list((await session.execute(query)).scalars())

    async def forget(self, kind: Literal["signal", "serving"], *, hour: str) -> int:
        """Delete what expired in or before an hour; how many.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        table = TABLES[kind]
        key = (table.subject, table.name if kind == "signal" else table.number)
        # In the order of an index: else each page would sort all that expired. And in one order, so
        # that two processes never wait for each other.
        oldest = (
            select(*key)
            .where(table.expires <= hour)
            .order_by(table.expires, *key)
            .limit(FORGOTTEN_AT_ONCE)
        )
        each = delete(table_of(table)).where(
            *(column == bindparam(f"at_{column.key}") for column in key), table.expires <= hour
        )
        forgotten = 0
        while True:
            async with self._database.writing() as session:
                found = (await session.execute(oldest)).all()
                if found:
                    rows = [
                        {f"at_{column.key}": value for column, value in zip(key, row, strict=True)}
                        for row in found
                    ]
                    connection = await session.connection()
                    await connection.execute(each, rows)
            forgotten += len(found)
            if len(found) < FORGOTTEN_AT_ONCE:
                return forgotten

    async def subjects(self) -> AsyncGenerator[list[bytes]]:
        """Every subject, a page at a time.

        Raises:
            UnavailableError: The database does not answer.
        """
        after = b""
        query = select(ViewerRow.subject).order_by(ViewerRow.subject).limit(PAGE)
        while True:
            async with self._database.reading() as session:
                rows = await session.execute(query.where(ViewerRow.subject > after))
                found = list(rows.scalars())
            if not found:
                return
            yield found
            after = found[-1]

    async def scrub(self, *, most: int) -> bool:
        """Leave nothing of deleted rows in the files, as far as that is done here; whether it was.

        Args:
            most: The bytes of a database that is written anew for it.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        return await self._database.scrub(whole=await self._database.size() <= most)


def _nothing_below() -> list[Any]:
    return [~exists().where(table.subject == ViewerRow.subject) for table in TABLES.values()]


async def _counted(session: AsyncSession, subject: bytes) -> Erased:
    numbers = [
        select(sql.count()).select_from(table).where(table.subject == subject).scalar_subquery()
        for table in TABLES.values()
    ]
    row = (await session.execute(select(*numbers))).one()
    return Erased(**dict(zip(Erased.__struct_fields__, row, strict=True)))
