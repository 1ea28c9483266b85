"""The history of policy sets, page by page: which there are, and what was done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from genservice.errors import InvalidInputError, Problem
from genservice.store import acts
from genservice.store.acts import Act, Standing
from genservice.store.policies import PolicyVersion, read_version
from genservice.store.tables import ActRow, PolicyRow

if TYPE_CHECKING:
    from genservice.store.database import Database

MOST = 500
"""Most items of a page."""


class VersionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some versions, the last stored first, each with the last act that concerned it."""

    items: tuple[tuple[PolicyVersion, Act | None], ...]
    next: str | None
    standing: Standing


class ActPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some acts, the last one first."""

    items: tuple[Act, ...]
    next: str | None


class PolicyHistory:
    """Every version and every act that the store holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def versions(self, *, limit: int = 50, cursor: str | None = None) -> VersionPage:
        """Versions, the last stored first.

        Raises:
            InvalidInputError: The limit is out of bounds, or the cursor is none of ours.
            UnavailableError: The database does not answer.
        """
        query = select(PolicyRow).order_by(PolicyRow.position.desc()).limit(_page(limit) + 1)
        if cursor is not None:
            query = query.where(PolicyRow.position < _place(cursor))
        async with self._database.reading() as session:
            rows = (await session.execute(query)).scalars().all()
            last = await acts.about(session, {row.version for row in rows[:limit]})
            held = await acts.standing(session)
        return VersionPage(
            items=tuple((read_version(row), last.get(row.version)) for row in rows[:limit]),
            next=str(rows[limit - 1].position) if len(rows) > limit else None,
            standing=held,
        )

    async def acts(self, *, limit: int = 50, cursor: str | None = None) -> ActPage:
        """What was done, the last act first.

        Raises:
            InvalidInputError: The limit is out of bounds, or the cursor is none of ours.
            UnavailableError: The database does not answer.
        """
        query = select(ActRow).order_by(ActRow.number.desc()).limit(_page(limit) + 1)
        if cursor is not None:
            query = query.where(ActRow.number < _place(cursor))
        async with self._database.reading() as session:
            found = await acts.read(session, query)
        more = str(found[limit - 1].number) if len(found) > limit else None
        return ActPage(items=found[:limit], next=more)


def _page(limit: int) -> int:
    if not 1 <= limit <= MOST:
        raise InvalidInputError(Problem(pointer="#/limit", detail=f"not from 1 to {MOST}"))
    return limit


def _place(cursor: str) -> int:
    # A number of ours has few digits; a longer one is more than a database column takes.
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
        raise InvalidInputError(Problem(pointer="#/cursor", detail="not a cursor of ours"))
    return int(cursor)
