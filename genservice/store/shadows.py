"""What a set in shadow would have changed, counted by all processes together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
from sqlalchemy import select

from genservice.store.rows import add_to
from genservice.store.tables import ShadowCountRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.store.database import Database

Counted = Literal["seen", "differing", "missed", "failed", "change"]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted. Of a `change`: a signal, and what it came to under either set."""

    counted: Counted
    signal: str = ""
    was: str = ""
    becomes: str = ""


class ShadowCounts:
    """Counts by the act that began a shadow and the version in force beside it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, act: int, against: str, counts: Mapping[Count, int]) -> None:
        """Add to the counts: all of them, or none if it fails.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        rows = [
            {"act": act, "against": against, "requests": requests, **msgspec.structs.asdict(count)}
            for count, requests in counts.items()
        ]
        if not rows:
            return
        table = cast("Any", ShadowCountRow.__table__)
        async with self._database.writing() as session:
            await session.execute(add_to(self._database.dialect, table, "requests"), rows)

    async def of(self, act: int, against: str) -> dict[Count, int]:
        """The counts of a shadow beside a version.

        Raises:
            UnavailableError: The database does not answer.
        """
        query = select(ShadowCountRow).where(
            ShadowCountRow.act == act, ShadowCountRow.against == against
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).scalars().all()
        return {
            Count(
                counted=cast("Counted", row.counted),
                signal=row.signal,
                was=row.was,
                becomes=row.becomes,
            ): row.requests
            for row in rows
        }
