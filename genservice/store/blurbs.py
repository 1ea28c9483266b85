"""Texts as they were written, by the key of their brief. The first text of a key stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import CursorResult, bindparam, delete, exists, or_, select

from genservice.canonical import canonical
from genservice.domain import (
    Channel,
    Length,
    Place,
    Processor,
    Purpose,
    Screened,
    Span,
    TitleRef,
    Tone,
)
from genservice.errors import UnavailableError
from genservice.store.lookups import Lookups
from genservice.store.sqlite import Query
from genservice.store.tables import BlurbRow, TitleRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.schema import Table

    from genservice.store.appending import Appender
    from genservice.store.database import Database


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One text and what a receipt says of how it was written.

    Texts stay for years: fields may be added with a default, which is not stored, and never renamed or
    taken away.
    """

    candidate: str
    """What the model wrote, screened, its slots not yet filled."""
    text: str
    """What is shown."""
    spans: tuple[Span, ...]
    attempts: int
    screened: Screened
    model: str
    prompt: str
    sentences: tuple[int, ...] = ()
    """Where its sentences end, in code points, if it was released sentence by sentence."""
    processor: Processor | None = None
    """Whose machine the model ran on."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A text under the key of its brief. Briefs are about nobody, and so is this."""

    key: str
    """SHA-256 of brief, prompt, model, rules and seed, in lower-case hex."""
    title: TitleRef
    purpose: Purpose
    channel: Channel
    length: Length
    tone: Tone
    language: str
    seed: int
    """From -2**63 to 2**63 - 1."""
    neutral: bool
    """Written from the title alone, and so the twin of what is not."""
    written: Written


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """A title, and the places that it holds no neutral text for."""

    title: TitleRef
    places: tuple[Place, ...]


_CANDIDATES = 100
"""Most texts looked at for one that fits: callers choose seeds, and so how many there are."""

_decoder = msgspec.json.Decoder(Written)

_TABLE = cast("Table", BlurbRow.__table__)


class _Columns(NamedTuple):
    """What an entry is kept in, column by column."""

    key: str
    title_id: str
    title_revision: int
    purpose: str
    channel: str
    length: str
    tone: str
    language: str
    seed: int
    neutral: bool
    """In SQLite a number."""
    value: bytes


_STANDING = Query(
    select(*(_TABLE.c[name] for name in _Columns._fields)).where(
        _TABLE.c.key.in_(bindparam("keys", expanding=True))
    )
)


class _Rows(SQLAlchemyAsyncRepository[BlurbRow]):
    model_type = BlurbRow
    id_attribute = "key"


class Blurbs:
    """Every text that was written."""

    def __init__(
        self, database: Database, appender: Appender, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._appender = appender
        self._clock = clock
        self._rows = Lookups(self._read)

    async def get(self, key: str) -> Entry | None:
        """The text that stands for a key.

        Raises:
            UnavailableError: The database does not answer.
        """
        row = await self._rows.get(key)
        return None if row is None else _entry(row)

    async def _read(self, keys: Sequence[str]) -> dict[str, _Columns]:
        found = await self._database.fetch(_STANDING, keys=list(keys))
        return {row[0]: _Columns(*row) for row in found}

    async def add(self, entry: Entry) -> Entry:
        """The entry that stands for the key: this one, or the one that came first.

        It is on disk when this returns.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        if await self._appender.add(_TABLE, _row(entry, self._clock())):
            return entry
        return await self.get(entry.key) or entry

    async def twin(
        self,
        title: TitleRef,
        *,
        purpose: Purpose,
        channel: Channel,
        length: Length,
        language: str,
        tone: Tone | None = None,
    ) -> Entry | None:
        """The neutral text of a title for such a place, if one is held.

        Args:
            title: In exactly this revision.
            purpose: What it is for.
            channel: Where it is shown.
            length: How long it may be.
            language: As the entry has it, letter by letter.
            tone: Preferred, if there is one in this tone; else the first that was stored.

        Raises:
            UnavailableError: The database does not answer.
        """
        order: list[Any] = [BlurbRow.stored_at, BlurbRow.key]
        if tone is not None:
            order.insert(0, BlurbRow.tone != tone)
        async with self._database.reading() as session:
            query = (
                _repository(session)
                .statement.where(
                    BlurbRow.title_id == title.id,
                    BlurbRow.title_revision == title.revision,
                    BlurbRow.purpose == purpose,
                    BlurbRow.channel == channel,
                    BlurbRow.length == length,
                    BlurbRow.language == language,
                    BlurbRow.neutral.is_(True),
                )
                .order_by(*order)
                .limit(1)
            )
            row = (await session.execute(query)).scalar_one_or_none()
        return None if row is None else _entry(row)

    async def fitting(
        self, title: TitleRef, *, purpose: Purpose, language: str, limit: int, tone: Tone
    ) -> Entry | None:
        """The neutral text of a title that suits best, whatever place it was written for.

        That is the longest in the tone asked for, or, if there is none, in any.

        Args:
            title: In exactly this revision.
            purpose: What it is for.
            language: As the entry has it, letter by letter.
            limit: Most characters it may have.
            tone: Preferred.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            query = (
                _repository(session)
                .statement.where(
                    BlurbRow.title_id == title.id,
                    BlurbRow.title_revision == title.revision,
                    BlurbRow.purpose == purpose,
                    BlurbRow.language == language,
                    BlurbRow.neutral.is_(True),
                )
                .order_by(BlurbRow.tone != tone, BlurbRow.stored_at, BlurbRow.key)
                .limit(_CANDIDATES)
            )
            rows = (await session.execute(query)).scalars().all()
        # A text's length stands in no column. Of equals, max keeps the one stored first.
        entries = [entry for row in rows if len((entry := _entry(row)).written.text) <= limit]
        return max(
            entries, key=lambda entry: (entry.tone == tone, len(entry.written.text)), default=None
        )

    async def lacking(
        self, places: Sequence[Place], *, after: str = "", limit: int = 500
    ) -> tuple[Lacking, ...]:
        """Titles, by id, that hold no neutral text for one of the places in their present revision.

        Args:
            places: At least one.
            after: Only titles whose ids come later than this one.
            limit: Most titles.

        Raises:
            UnavailableError: The database does not answer.
        """
        held = [
            exists().where(
                BlurbRow.title_id == TitleRow.id,
                BlurbRow.title_revision == TitleRow.revision,
                BlurbRow.purpose == place.purpose,
                BlurbRow.channel == place.channel,
                BlurbRow.length == place.length,
                BlurbRow.neutral.is_(True),
            )
            for place in places
        ]
        query = (
            select(TitleRow.id, TitleRow.revision, *held)
            .where(TitleRow.record.is_not(None), TitleRow.id > after, or_(*(~one for one in held)))
            .order_by(TitleRow.id)
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return tuple(
            Lacking(
                title=TitleRef(id=row[0], revision=row[1]),
                places=tuple(
                    place for place, there in zip(places, row[2:], strict=True) if not there
                ),
            )
            for row in rows
        )

    async def forget_title(self, title_id: str) -> int:
        """How many texts of a title were deleted: all, of every revision.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            result = await session.execute(delete(BlurbRow).where(BlurbRow.title_id == title_id))
            return cast("CursorResult[Any]", result).rowcount


def _repository(session: AsyncSession) -> _Rows:
    return _Rows(session=session, wrap_exceptions=False)


def _row(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "key": entry.key,
        "title_id": entry.title.id,
        "title_revision": entry.title.revision,
        "purpose": entry.purpose,
        "channel": entry.channel,
        "length": entry.length,
        "tone": entry.tone,
        "language": entry.language,
        "seed": entry.seed,
        "neutral": entry.neutral,
        "value": canonical(entry.written),
        "stored_at": now,
    }


def _entry(row: Any) -> Entry:
    values = {
        "key": row.key,
        "title": {"id": row.title_id, "revision": row.title_revision},
        "purpose": row.purpose,
        "channel": row.channel,
        "length": row.length,
        "tone": row.tone,
        "language": row.language,
        "seed": row.seed,
        "neutral": bool(row.neutral),
    }
    try:
        return msgspec.convert({**values, "written": _decoder.decode(row.value)}, Entry)
    except msgspec.DecodeError:
        raise UnavailableError("A stored text cannot be read.") from None
