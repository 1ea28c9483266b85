"""Titles as they are held: one record each, with a revision that names its state."""

from __future__ import annotations

import base64
import binascii
import time
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import Row, delete, func, literal, select, tuple_

from genservice.canonical import canonical
from genservice.domain import Title
from genservice.errors import InvalidInputError, PreconditionFailedError, Problem, UnavailableError
from genservice.store.ahead import Ahead
from genservice.store.read_titles import ReadTitles
from genservice.store.rows import put
from genservice.store.tables import BlurbRow, TitleRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from genservice.store.database import Database

CHUNK = 500
"""Titles of one transaction when many are put: bounds how long other writers wait."""
MOST = 500
"""Most titles of a page."""

_decoder = msgspec.json.Decoder(Title)
_cursor = msgspec.json.Decoder(tuple[str, str])


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the titles found."""

    items: tuple[Title, ...]
    next: str | None
    """What to ask for the following ones with; None at the end."""


class ImportResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the titles of one import."""

    created: int
    changed: int
    unchanged: int


class _State(msgspec.Struct, frozen=True):
    """What is held under an id. A deleted title keeps its revision, so that no number comes twice."""

    revision: int = 0
    record: bytes | None = None
    change: int = 0


class _Rows(SQLAlchemyAsyncRepository[TitleRow]):
    model_type = TitleRow


class Titles:
    """The catalogue as stored.

    Titles asked for lately are kept as they were read. What this process changes shows at once, what
    others change after `LOOK_SECONDS` at most.

    Attributes:
        lately: Those that are kept.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        ahead: Ahead | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read nothing yet.

        Args:
            database: Where they lie.
            clock: The time now.
            ahead: Reads once for all who ask, and looks for what others changed before it has to be.
            ticks: Seconds that only grow.
        """
        self._database = database
        self._clock = clock
        self._ahead = ahead or Ahead()
        self.lately = ReadTitles(database, ahead=self._ahead, ticks=ticks)

    async def get(self, title_id: str) -> Title | None:
        """The title in its present state.

        Raises:
            UnavailableError: The database does not answer.
        """
        read = await self.lately.at_present()
        if (held := read.get(title_id)) is not None:
            return held
        # What was begun before a change of ours may tell of the time before it.
        name = f"title {title_id} {self.lately.changes}"
        found = await self._ahead.once(name, lambda: self.get_many((title_id,)))
        return found.get(title_id)

    async def get_many(self, title_ids: Iterable[str]) -> dict[str, Title]:
        """Those of the titles that are held, by id.

        Raises:
            UnavailableError: The database does not answer.
        """
        read = await self.lately.at_present()
        found: dict[str, Title] = {}
        unread: list[str] = []
        for title_id in dict.fromkeys(title_ids):
            if (title := read.get(title_id)) is not None:
                found[title_id] = title
            else:
                unread.append(title_id)
        if not unread:
            return found
        async with self._database.reading() as session, read.reading() as keep:
            for ids in _chunks(unread):
                for title_id, state in (await _states(session, ids)).items():
                    if state.record is not None:
                        found[title_id] = title = _title(state.record, state.revision)
                        keep(title, state.change)
        return found

    def at_hand(self, title_ids: Iterable[str]) -> dict[str, Title] | None:
        """The titles, by id, without waiting; None if the database has to be asked for any."""
        found: dict[str, Title] = {}
        for title_id in title_ids:
            if not self.lately.is_present or (title := self.lately.get(title_id)) is None:
                return None
            found[title_id] = title
        return found

    async def count(self) -> int:
        """How many titles are held.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            return await _repository(session).count(TitleRow.record.is_not(None))

    async def search(self, q: str, *, limit: int = 20, cursor: str | None = None) -> Page:
        """The titles one of whose names holds `q`, by name; upper case and accents do not count.

        Args:
            q: Part of a name; empty finds every title.
            limit: Most titles of the page, from 1 to 500.
            cursor: `Page.next` of the page before.

        Raises:
            InvalidInputError: The limit is out of bounds, or the cursor is none of ours.
            UnavailableError: The database does not answer.
        """
        if not 1 <= limit <= MOST:
            raise InvalidInputError(Problem(pointer="#/limit", detail=f"not from 1 to {MOST}"))
        place = tuple_(TitleRow.name_folded, TitleRow.id)
        query = (
            select(TitleRow.record, TitleRow.revision, TitleRow.name_folded, TitleRow.id)
            .where(TitleRow.record.is_not(None))
            .order_by(TitleRow.name_folded, TitleRow.id)
            # One more than asked for tells whether there is a next page.
            .limit(limit + 1)
        )
        if folded := fold(q):
            query = query.where(TitleRow.names_folded.contains(folded, autoescape=True))
        if cursor is not None:
            query = query.where(place > tuple_(*map(literal, _read_cursor(cursor))))
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return Page(
            items=tuple(_title(row.record, row.revision) for row in rows[:limit]),
            next=_write_cursor(rows[limit - 1]) if len(rows) > limit else None,
        )

    async def put(self, title: Title, *, if_revision: int | None = None) -> Title:
        """The title as it is now held. Its revision grows by one if its content is new.

        Args:
            title: Its own revision is not looked at.
            if_revision: The revision that must be held; 0 means none may be; None anything goes.

        Raises:
            PreconditionFailedError: Another revision is held.
            ConflictError: Another writer was first.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self.lately.changing([title.id]), self._database.writing("titles") as session:
            held = (await _states(session, [title.id])).get(title.id, _State())
            _require(held, if_revision)
            record = _record(title)
            if record != held.record:
                held = _State(held.revision + 1, record)
                await self._put(session, [_row(title, held, self._clock())])
        return msgspec.structs.replace(title, revision=held.revision)

    async def put_all(self, titles: Iterable[Title]) -> ImportResult:
        """Put many titles, one after the other; of two with one id the later one stands.

        They are written 500 at a time, each 500 wholly or not at all. After a failure the chunks
        written before it stay, and putting all again does the rest.

        Raises:
            ConflictError: Another writer was first.
            UnavailableError: The database does not answer, is locked or full.
        """
        created = changed = unchanged = 0
        for chunk in _chunks(titles):
            ids = {title.id for title in chunk}
            async with self.lately.changing(ids), self._database.writing("titles") as session:
                states = await _states(session, ids)
                rows: dict[str, dict[str, Any]] = {}
                for title in chunk:
                    held, record = states.get(title.id, _State()), _record(title)
                    if record == held.record:
                        unchanged += 1
                        continue
                    created += held.record is None
                    changed += held.record is not None
                    states[title.id] = _State(held.revision + 1, record)
                    rows[title.id] = _row(title, states[title.id], self._clock())
                if rows:
                    await self._put(session, list(rows.values()))
        return ImportResult(created=created, changed=changed, unchanged=unchanged)

    async def delete(self, title_id: str, *, if_revision: int | None = None) -> bool:
        """Whether a title was there to delete. Every text written for it goes with it.

        The id and its last revision stay known, so that a title put again under that id never
        takes a revision that receipts and keys already name.

        Raises:
            PreconditionFailedError: Another revision is held.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self.lately.changing([title_id]), self._database.writing("titles") as session:
            held = (await _states(session, [title_id])).get(title_id, _State())
            _require(held, if_revision)
            await session.execute(delete(BlurbRow).where(BlurbRow.title_id == title_id))
            if held.record is None:
                return False
            gone = {
                "id": title_id,
                "revision": held.revision,
                "record": None,
                "kind": "",
                "year": None,
                "name_folded": "",
                "names_folded": "",
                "updated_at": self._clock(),
            }
            await self._put(session, [gone])
            return True

    async def _put(self, session: AsyncSession, rows: list[dict[str, Any]]) -> None:
        """Put rows, as one change. Within the turn of titles, so that numbers grow as they are committed."""
        last = (await session.execute(select(func.max(TitleRow.change)))).scalar_one()
        change = (last or 0) + 1
        await session.execute(
            put(self._database.dialect, _table()), [{**row, "change": change} for row in rows]
        )


def fold(name: str) -> str:
    """A name as searches compare it: no case, no accents, single spaces."""
    # Taking letters apart may bring up capitals, and lowering them letters to take apart.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _repository(session: AsyncSession) -> _Rows:
    return _Rows(session=session, wrap_exceptions=False)


def _table() -> Any:
    return TitleRow.__table__


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


async def _states(session: AsyncSession, ids: Iterable[str]) -> dict[str, _State]:
    query = select(TitleRow.id, TitleRow.revision, TitleRow.record, TitleRow.change).where(
        TitleRow.id.in_(ids)
    )
    rows = await session.execute(query)
    return {row.id: _State(row.revision, row.record, row.change) for row in rows}


def _require(held: _State, if_revision: int | None) -> None:
    revision = 0 if held.record is None else held.revision
    if if_revision is not None and if_revision != revision:
        raise PreconditionFailedError("Another revision of the title is held.")


def _record(title: Title) -> bytes:
    # Without the revision, so that equal contents are equal bytes.
    return canonical(msgspec.structs.replace(title, revision=0))


def _title(record: bytes, revision: int) -> Title:
    try:
        return msgspec.structs.replace(_decoder.decode(record), revision=revision)
    except msgspec.DecodeError:
        raise UnavailableError("A stored title cannot be read.") from None


def _row(title: Title, state: _State, now: datetime) -> dict[str, Any]:
    names = (title.name, title.original_name or "", *title.also_named)
    return {
        "id": title.id,
        "revision": state.revision,
        "record": state.record,
        "kind": title.kind,
        "year": title.year,
        # Folding may lengthen a name; the column must hold it, and its start is order enough.
        "name_folded": fold(title.name)[:400],
        "names_folded": "\n".join(filter(None, map(fold, names))),
        "updated_at": now,
    }


def _write_cursor(row: Row[Any]) -> str:
    return base64.urlsafe_b64encode(canonical((row.name_folded, row.id))).decode()


def _read_cursor(cursor: str) -> tuple[str, str]:
    try:
        place = _cursor.decode(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        place = None
    # No name of ours holds a NUL, and PostgreSQL takes none.
    if place is None or "\0" in "".join(place):
        raise InvalidInputError(Problem(pointer="#/cursor", detail="not a cursor of this list"))
    return place
