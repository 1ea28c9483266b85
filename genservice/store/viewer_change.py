"""One viewer's rows as they are read, and a transaction on them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import Integer, LargeBinary, String, bindparam, delete, select, union_all
from sqlalchemy import func as sql
from sqlalchemy import literal_column as word

from genservice.store.rows import put
from genservice.store.sqlite import Query
from genservice.store.tables import (
    ServingRow,
    ViewerConsentRow,
    ViewerControlsRow,
    ViewerSignalRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

Kind = Literal["signal", "consent", "controls", "serving"]
KINDS: tuple[Kind, ...] = ("signal", "consent", "controls", "serving")
TABLES: dict[Kind, Any] = {
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
        statement = sealed_rows(kinds).statement
        found = await self._session.execute(statement, {"subject": self._subject})
        return [SealedRow(*row) for row in found]

    async def last_consent(self) -> int:
        """The highest number of an act of consent; 0: there is none."""
        query = select(sql.max(ViewerConsentRow.number)).where(
            ViewerConsentRow.subject == self._subject
        )
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
            await self._session.execute(table_of(ViewerConsentRow).insert(), values)

    async def put_controls(self, revision: int, sealed: bytes) -> None:
        """Set or replace the controls."""
        await self._put(ViewerControlsRow, [{"revision": revision, "sealed": sealed}])

    async def _put(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            values = [{"subject": self._subject} | row for row in rows]
            await self._session.execute(put(self._dialect, table_of(table)), values)


def table_of(row: Any) -> Any:
    """The table of a mapped class."""
    return row.__table__


@cache
def sealed_rows(kinds: tuple[Kind, ...]) -> Query:
    """One statement that reads what is stored of `:subject`, of these kinds or of all, in order."""
    # Typed, for PostgreSQL takes the types of a union from its first part.
    subject = bindparam("subject", type_=LargeBinary)
    parts: list[Any] = []
    for kind in kinds or KINDS:
        table = TABLES[kind]
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
    return Query(union_all(*parts).order_by("kind", "name", "number"))
