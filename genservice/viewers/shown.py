"""What viewers were shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from genservice.domain.viewers import Serving, ServingPage
from genservice.errors import ConflictError
from genservice.store import KeystoreEntry, SealedRow, ViewerRows
from genservice.viewers.seals import Seals
from genservice.viewers.serving_queue import ServingQueue
from genservice.viewers.ways import OTHER_WRITE, Ways, hour_after, nobody, read


class Shown:
    """What viewers were shown, for as long as that is kept. See `Viewers`, whose part it is."""

    def __init__(
        self, ways: Ways, rows: ViewerRows, *, clock: Callable[[], datetime], kept: timedelta
    ) -> None:
        self._ways = ways
        self._rows = rows
        self._clock = clock
        self._kept = kept
        self._queue = ServingQueue(rows)

    async def record(
        self, viewer: str, receipt: str, blurbs: Sequence[str], *, known: bool
    ) -> None:
        """Keep a serving; see `Viewers.record_serving`."""
        if not self._kept:
            if known and await self._ways.find(viewer) is None:
                raise ConflictError(OTHER_WRITE)
            return
        now = self._clock()
        serving = Serving(receipt=receipt, blurbs=tuple(blurbs), at=now)
        expires = hour_after(now + self._kept)

        async def add(entry: KeystoreEntry) -> bool | None:
            return await self._queue.add(entry, serving, expires=expires) or None

        await self._ways.follow(viewer, add, make=not known)

    async def page(self, viewer: str, *, limit: int, before: int | None) -> ServingPage:
        """Some servings; see `Viewers.servings`."""
        entry = await self._ways.find(viewer)
        subject = nobody() if entry is None else entry.subject
        found = await self._rows.servings(subject, limit=limit + 1, before=before)
        if entry is None:
            return ServingPage()
        servings = Seals(entry).servings(
            [SealedRow("serving", "", number, sealed) for number, sealed in found]
        )
        # They expire in the order in which they came: those that are kept stand first.
        kept = self.kept(servings)
        return ServingPage(
            items=kept[:limit], next=found[limit - 1][0] if len(kept) > limit else None
        )

    async def find(self, viewer: str, blurb: str) -> Serving | None:
        """The last serving of that blurb; see `Viewers.find_serving`."""
        rows, seals = await read(self._ways, self._rows, viewer, "serving")
        if seals is None:
            return None
        for row in reversed(rows):
            (serving,) = seals.servings([row])
            if blurb in {serving.receipt, *serving.blurbs}:
                return serving if self.kept([serving]) else None
        return None

    def kept(self, servings: Iterable[Serving]) -> tuple[Serving, ...]:
        """Those that are still kept."""
        now = self._clock()
        return tuple(serving for serving in servings if serving.at + self._kept > now)

    async def close(self) -> None:
        """Wait for what is being written."""
        await self._queue.close()
