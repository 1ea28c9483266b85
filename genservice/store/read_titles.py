"""Titles read lately, kept until they change, whichever process changes them."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import select

from genservice.store.tables import TitleRow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from genservice.domain import Title
    from genservice.store.ahead import Ahead
    from genservice.store.database import Database

LOOK_SECONDS = 0.5
"""What another process changed is noticed by the first use after so many seconds."""
KEPT_SECONDS = 60.0
"""For how long a title is kept at most: an earlier version of this service writes no change numbers."""
MOST = 4096
"""Titles kept."""
_LOOK = "titles changed"


class ReadTitles:
    """Titles by id. Used from one event loop."""

    def __init__(self, database: Database, *, ahead: Ahead, ticks: Callable[[], float]) -> None:
        self._database = database
        self._ahead = ahead
        self._ticks = ticks
        self._held: OrderedDict[str, tuple[Title, int, float]] = OrderedDict()
        self._known: int | None = None
        """The last change that is known of."""
        self._looked = 0.0
        self._changes = 0
        """Changes by this process, and those it noticed."""

    async def at_present(self) -> ReadTitles:
        """Itself, without what others changed.

        Raises:
            UnavailableError: The database does not answer.
        """
        if not self.is_present:
            await self._ahead.once(_LOOK, self._look)
        return self

    @property
    def changes(self) -> int:
        """How often something of it changed, as far as this process knows."""
        return self._changes

    @property
    def is_present(self) -> bool:
        """Whether what others change was looked for a moment ago."""
        age = self._ticks() - self._looked
        if self._known is None or age >= LOOK_SECONDS:
            return False
        if age >= LOOK_SECONDS / 2:
            self._ahead.begin(_LOOK, self._look)
        return True

    def get(self, title_id: str) -> Title | None:
        """The title, if it was read lately and has not changed since."""
        held = self._held.get(title_id)
        if held is None:
            return None
        title, _, ends = held
        if ends <= self._ticks():
            del self._held[title_id]
            return None
        self._held.move_to_end(title_id)
        return title

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Callable[[Title, int], None]]:
        """While titles are read: what keeps one with the number of its change, unless any changed since."""
        began = self._changes

        def keep(title: Title, change: int) -> None:
            if began != self._changes:
                return
            self._held[title.id] = title, change, self._ticks() + KEPT_SECONDS
            if len(self._held) > MOST:
                self._held.popitem(last=False)

        yield keep

    @asynccontextmanager
    async def changing(self, title_ids: Iterable[str]) -> AsyncGenerator[None]:
        """While this process changes titles: none of them is kept, nor what is read meanwhile."""
        ids = tuple(title_ids)
        self._forget(ids)
        try:
            yield
        finally:
            self._forget(ids)

    async def _look(self) -> None:
        began, last = self._ticks(), self._known
        query = select(TitleRow.id, TitleRow.change)
        query = (
            # Nothing is kept yet: all that is wanted is where to begin.
            query.order_by(TitleRow.change.desc()).limit(1)
            if last is None
            else query.where(TitleRow.change > last)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        if last is not None:
            self._forget(
                row.id
                for row in rows
                # Others were read since they changed.
                if row.id in self._held and self._held[row.id][1] < row.change
            )
        self._known = max((row.change for row in rows), default=last or 0)
        self._looked = began

    def _forget(self, title_ids: Iterable[str]) -> None:
        self._changes += 1
        for title_id in title_ids:
            self._held.pop(title_id, None)
