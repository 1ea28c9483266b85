"""Policy sets that were accepted, in order. The last one accepted is in force."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import func as sql
from sqlalchemy import select

from genservice.canonical import canonical
from genservice.errors import UnavailableError
from genservice.store.rows import put
from genservice.store.tables import PolicyRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genservice.store.database import Database

_decoder = msgspec.json.Decoder(dict[str, str])


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted set."""

    version: str
    """`sha256:<hex>` of its content."""
    files: dict[str, str]
    """Text by file name."""
    accepted_at: datetime
    """When it was last accepted."""


class _Rows(SQLAlchemyAsyncRepository[PolicyRow]):
    model_type = PolicyRow
    id_attribute = "version"


class Policies:
    """The history of policy sets."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def accept(self, version: str, files: Mapping[str, str]) -> PolicyVersion:
        """The set that is now in force. One that was accepted before comes back as the latest.

        Raises:
            ConflictError: Another set was accepted at the same moment.
            UnavailableError: The database does not answer, is locked or full.
        """
        now = self._clock()
        async with self._database.writing() as session:
            latest = await _latest(_Rows(session=session, wrap_exceptions=False))
            if latest is not None and latest.version == version:
                return _read(latest)
            highest = (await session.execute(select(sql.max(PolicyRow.position)))).scalar_one()
            row = {
                "version": version,
                "position": (highest or 0) + 1,
                "files": canonical(dict(files)),
                "accepted_at": now,
            }
            table = cast("Any", PolicyRow.__table__)
            await session.execute(put(self._database.dialect, table), [row])
        return PolicyVersion(version=version, files=dict(files), accepted_at=now)

    async def latest(self) -> PolicyVersion | None:
        """The set in force; None before the first was accepted.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            row = await _latest(_Rows(session=session, wrap_exceptions=False))
        return None if row is None else _read(row)

    async def get(self, version: str) -> PolicyVersion | None:
        """The set of that version, if it was ever accepted.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            rows = _Rows(session=session, wrap_exceptions=False)
            row = await rows.get_one_or_none(PolicyRow.version == version)
        return None if row is None else _read(row)


async def _latest(rows: _Rows) -> PolicyRow | None:
    query = rows.statement.order_by(PolicyRow.position.desc()).limit(1)
    return (await rows.session.execute(query)).scalar_one_or_none()


def _read(row: PolicyRow) -> PolicyVersion:
    try:
        files = _decoder.decode(row.files)
    except msgspec.DecodeError:
        raise UnavailableError("A stored policy set cannot be read.") from None
    return PolicyVersion(version=row.version, files=files, accepted_at=row.accepted_at)
