"""Rows of what is held of viewers. Everything in them is sealed: nothing here has a key, or a viewer's id."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from sqlalchemy import Integer, LargeBinary, String, bindparam, delete, exists, select, union_all
from sqlalchemy import func as sql
from sqlalchemy import literal_column as word

from genservice.domain.viewers import Erased
from genservice.store.rows import add_once, put
from genservice.store.tables import (
    ServingRow,
    ViewerConsentRow,
    ViewerControlsRow,
    ViewerRow,
    ViewerSignalRow,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from genservice.store.database import Database

PAGE = 1000
"""Viewers or rows looked at in one go; bounds how long other writers wait."""

Kind = Literal["signal", "consent", "controls", "serving"]
KINDS: tuple[Kind, ...] = ("signal", "consent", "controls", "serving")
_TABLES: dict[Kind, Any] = {
    "signal": ViewerSignalRow,
    "consent": ViewerConsentRow,
    "controls": ViewerControlsRow,
    "serving": ServingRow,
}


class SealedRow(msgspec.Struct, frozen=True):
    """One row of a viewer, as it is stored."""

    kind: Kind
    name: str
    """Of a signal."""
    number: int
    """Of a consent or a serving; of controls, their revision."""
    sealed: bytes


class Change:
    """One transaction on the rows of one viewer, of whom no other writer changes anything meanwhile."""

    def __init__(self, session: AsyncSession, dialect: str, subject: bytes) -> None:
        self._session = session
        self._dialect = dialect
        self._subject = subject

    async def rows(self, *kinds: Kind) -> list[SealedRow]:
        """What is stored, as it stands in this transaction."""
        found = await self._session.execute(_query(kinds), {"subject": self._subject})
        return [SealedRow(*row) for row in found]

    async def last(self, kind: Literal["consent", "serving"]) -> int:
        """The highest number of that kind; 0: there is none."""
        table = _TABLES[kind]
        query = select(sql.max(table.number)).where(table.subject == self._subject)
        return (await self._session.execute(query)).scalar_one() or 0

    async def put_signals(self, rows: Sequence[tuple[str, str, bytes]]) -> None:
        """Set or replace signals: name, hour of expiry, sealed."""
        await self._put(
            ViewerSignalRow,
            [{"name": name, "expires": hour, "sealed": sealed} for name, hour, sealed in rows],
        )

    async def remove_signals(self, names: Collection[str]) -> None:
        """Take signals out; those that are not there as well."""
        await self._session.execute(
            delete(ViewerSignalRow).where(
                ViewerSignalRow.subject == self._subject, ViewerSignalRow.name.in_(names)
            )
        )

    async def add_consents(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Add acts of consent: number, sealed."""
        values = [
            {"subject": self._subject, "number": number, "sealed": sealed}
            for number, sealed in rows
        ]
        if values:
            await self._session.execute(_table(ViewerConsentRow).insert(), values)

    async def put_controls(self, revision: int, sealed: bytes) -> None:
        """Set or replace the controls."""
        await self._put(ViewerControlsRow, [{"revision": revision, "sealed": sealed}])

    async def add_serving(self, number: int, expires: str, sealed: bytes) -> None:
        """Add a serving."""
        values = {"subject": self._subject, "number": number, "expires": expires, "sealed": sealed}
        await self._session.execute(_table(ServingRow).insert(), values)

    async def _put(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            values = [{"subject": self._subject} | row for row in rows]
            await self._session.execute(put(self._dialect, _table(table)), values)


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
            insert = add_once(self._database.dialect, _table(ViewerRow))
            await session.execute(insert, {"subject": subject, "since": since})

    async def read(self, subject: bytes, *kinds: Kind) -> list[SealedRow]:
        """What is stored of these kinds, all of the same moment: it is one statement.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            found = await session.execute(_query(kinds), {"subject": subject})
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
        table = _TABLES[kind]
        key = (table.subject, table.name if kind == "signal" else table.number)
        oldest = select(*key).where(table.expires <= hour).order_by(*key).limit(PAGE)
        forgotten = 0
        while True:
            async with self._database.writing() as session:
                found = (await session.execute(oldest)).all()
                for subject, other in found:
                    await session.execute(
                        delete(table).where(
                            key[0] == subject, key[1] == other, table.expires <= hour
                        )
                    )
            forgotten += len(found)
            if len(found) < PAGE:
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


def _table(row: Any) -> Any:
    return row.__table__


@cache
def _query(kinds: tuple[Kind, ...]) -> Any:
    # Typed, for PostgreSQL takes the types of a union from its first part.
    subject = bindparam("subject", type_=LargeBinary)
    parts: list[Any] = []
    for kind in kinds or KINDS:
        table = _TABLES[kind]
        name = getattr(table, "name", None)
        number = getattr(table, "number", None) or getattr(table, "revision", None)
        parts.append(
            select(
                word(f"'{kind}'", String).label("kind"),
                (word("''", String) if name is None else name).label("name"),
                (word("0", Integer) if number is None else number).label("number"),
                table.sealed,
            ).where(table.subject == subject)
        )
    return union_all(*parts).order_by("kind", "name", "number")


def _nothing_below() -> list[Any]:
    return [~exists().where(table.subject == ViewerRow.subject) for table in _TABLES.values()]


async def _counted(session: AsyncSession, subject: bytes) -> Erased:
    numbers = [
        select(sql.count()).select_from(table).where(table.subject == subject).scalar_subquery()
        for table in _TABLES.values()
    ]
    row = (await session.execute(select(*numbers))).one()
    return Erased(**dict(zip(Erased.__struct_fields__, row, strict=True)))
