"""`Viewers`: what is held of viewers, read, changed, exported and erased."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

import msgspec

from genservice.domain.viewers import (
    ConsentAct,
    ConsentRecord,
    Controls,
    Erased,
    Exported,
    Held,
    HeldSignal,
    Serving,
    ServingPage,
    Tidied,
)
from genservice.errors import PreconditionFailedError
from genservice.store import Change, Keystore, KeystoreEntry, Kind, SealedRow, ViewerRows
from genservice.viewers.forgetting import Forgetting
from genservice.viewers.seals import Seals
from genservice.viewers.shown import Shown
from genservice.viewers.ways import Ways, hour_after, nobody, read

T = TypeVar("T")


class Viewers:
    """What is held of viewers.

    Every method takes the app's id of a viewer, and raises UnavailableError when a database or the
    master key does not answer. What a method wrote is on disk when it returns. A write that meets an
    erasure raises ConflictError, and has written nothing.
    """

    def __init__(
        self,
        keystore: Keystore,
        rows: ViewerRows,
        *,
        clock: Callable[[], datetime],
        servings_days: int = 90,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Read and write nothing yet.

        Args:
            keystore: Whose keys they are.
            rows: Where they are stored.
            clock: The time now, aware, in UTC.
            servings_days: How long servings are kept; 0: none is.
            sleep: What passes the time.
        """
        self._rows = rows
        self._clock = clock
        self._ways = Ways(keystore, rows, clock)
        self._forgetting = Forgetting(keystore, rows, clock=clock, sleep=sleep)
        self._shown = Shown(self._ways, rows, clock=clock, kept=timedelta(days=servings_days))

    async def ping(self) -> None:
        """Return if the keystore answers.

        Raises:
            UnavailableError: It does not.
        """
        await self._ways.ping()

    async def held(self, viewer: str) -> Held:
        """Everything that may count for a text now. Of an unknown viewer: nothing."""
        rows, seals = await self._read(viewer, "signal", "consent", "controls")
        if seals is None:
            return Held()
        return Held(
            signals=seals.signals(rows, self._clock()),
            consents=seals.standing(rows),
            controls=seals.controls(rows)[0],
        )

    async def signals(self, viewer: str) -> tuple[HeldSignal, ...]:
        """The signals that are held and have not expired, by name."""
        rows, seals = await self._read(viewer, "signal")
        return () if seals is None else seals.signals(rows, self._clock())

    async def put_signals(
        self,
        viewer: str,
        values: Mapping[str, Any],
        *,
        source: Literal["app", "viewer"],
        keep_days: Mapping[str, int],
        without: Collection[str] | None = (),
    ) -> tuple[HeldSignal, ...]:
        """Set or replace these signals; all that are held afterwards, by name.

        Args:
            viewer: Whose.
            values: By name. They were checked: nothing here knows what they may be.
            source: Who told.
            keep_days: How long each is kept; with 0 it is not stored, and what was is taken out.
            without: Signals to take out in the same moment; None: all others.
        """
        now = self._clock()
        told = [
            HeldSignal(name=name, value=value, source=source, at=now, expires_at=now + kept)
            for name, value in sorted(values.items())
            for kept in (timedelta(days=keep_days[name]),)
        ]

        kept = [signal for signal in told if signal.expires_at > now]

        async def work(seals: Seals, change: Change) -> tuple[HeldSignal, ...]:
            others = without
            if others is None:
                others = [row.name for row in await change.rows("signal")]
            await change.remove_signals([*values, *others])
            await change.put_signals(
                [
                    (
                        signal.name,
                        hour_after(signal.expires_at),
                        seals.seal("signal", signal.name, signal),
                    )
                    for signal in kept
                ]
            )
            return seals.signals(await change.rows("signal"), now)

        if not told:
            # Nobody becomes known by what is taken out.
            return await self._change_held(viewer, work) or ()
        return await self._change(viewer, work)

    async def remove_signals(self, viewer: str, names: Collection[str]) -> None:
        """Take these signals out; those that are not held as well."""

        async def work(_: Seals, change: Change) -> None:
            await change.remove_signals(names)

        await self._change_held(viewer, work)

    async def consents(self, viewer: str) -> tuple[ConsentRecord, ...]:
        """Every act of consent, in order."""
        rows, seals = await self._read(viewer, "consent")
        return () if seals is None else seals.consents(rows)

    async def record_consents(
        self, viewer: str, acts: Sequence[ConsentAct]
    ) -> tuple[ConsentRecord, ...]:
        """Add acts of consent, numbered and dated here: all of them or none. The records added."""
        now = self._clock()

        async def work(seals: Seals, change: Change) -> tuple[ConsentRecord, ...]:
            last = await change.last_consent()
            records = tuple(
                ConsentRecord(number=number, at=now, **msgspec.structs.asdict(act))
                for number, act in enumerate(acts, last + 1)
            )
            await change.add_consents(
                [
                    (record.number, seals.seal("consent", record.number, record))
                    for record in records
                ]
            )
            return records

        return await self._change(viewer, work)

    async def controls(self, viewer: str) -> tuple[Controls, int]:
        """What the viewer switched, and its revision; 0: nothing yet."""
        rows, seals = await self._read(viewer, "controls")
        return (Controls(), 0) if seals is None else seals.controls(rows)

    async def set_controls(
        self, viewer: str, controls: Controls, *, if_revision: int | None
    ) -> int:
        """Set them; the new revision.

        Args:
            viewer: Whose.
            controls: All of them.
            if_revision: The revision that is meant to change; None: whichever is there.

        Raises:
            PreconditionFailedError: Another revision is there.
        """

        async def work(seals: Seals, change: Change) -> int:
            _, revision = seals.controls(await change.rows("controls"))
            if if_revision not in {None, revision}:
                raise PreconditionFailedError("The controls have another revision.")
            sealed = seals.seal("controls", revision + 1, controls)
            await change.put_controls(revision + 1, sealed)
            return revision + 1

        return await self._change(viewer, work)

    async def record_serving(
        self, viewer: str, receipt: str, blurbs: Sequence[str], *, known: bool = False
    ) -> None:
        """Keep that the viewer was shown these blurbs, which that receipt accounts for.

        Args:
            viewer: Who.
            receipt: Its id.
            blurbs: Their ids.
            known: Something was held of the viewer when the blurbs were begun. If nobody of that name is
                left by now, what they are made of was erased meanwhile: then ConflictError is raised, and
                the viewer is not begun anew.
        """
        await self._shown.record(viewer, receipt, blurbs, known=known)

    async def servings(self, viewer: str, *, limit: int, before: int | None = None) -> ServingPage:
        """What the viewer was shown, newest first.

        Args:
            viewer: Who.
            limit: Most of one page, at least 1.
            before: What the page before gave as `next`; None: the newest.
        """
        return await self._shown.page(viewer, limit=limit, before=before)

    async def find_serving(self, viewer: str, blurb: str) -> Serving | None:
        """The last time that the viewer was shown that blurb; None: never, or not kept any more.

        Args:
            viewer: Who.
            blurb: Its id, or that of the receipt that accounts for it.
        """
        return await self._shown.find(viewer, blurb)

    async def export(self, viewer: str) -> Exported:
        """Everything that is held, as it was at one moment."""
        rows, seals = await self._read(viewer)
        if seals is None:
            return Exported()
        controls, revision = seals.controls(rows)
        return Exported(
            signals=seals.signals(rows, self._clock()),
            consents=seals.consents(rows),
            controls=controls,
            controls_revision=revision,
            servings=self._shown.kept(seals.servings(rows)),
        )

    async def erase(self, viewer: str) -> Erased:
        """Destroy the viewer's key and take out everything; how much there was.

        If it raises, the erasure goes on at the next start, at the latest; once it has begun, nothing
        of the viewer can be read any more.
        """
        return await self._forgetting.erase(viewer)

    async def resume_erasures(self) -> int:
        """End every erasure that was begun and not ended; how many."""
        return await self._forgetting.resume_erasures()

    async def tidy(self, *, thorough: bool = False) -> Tidied:
        """Take out what is kept no longer; how much it was.

        Args:
            thorough: Write SQLite databases of any size anew, so that nothing that was ever taken out
                is left in their files. Other writers wait for that.
        """
        return await self._forgetting.tidy(thorough=thorough)

    async def close(self) -> None:
        """Wait for what is being written."""
        await self._shown.close()

    def kept(self) -> AbstractAsyncContextManager[None]:
        """While the block runs, what is kept no longer is taken out, and erasures are ended."""
        return self._forgetting.kept()

    async def _read(self, viewer: str, *kinds: Kind) -> tuple[list[SealedRow], Seals | None]:
        return await read(self._ways, self._rows, viewer, *kinds)

    async def _change(self, viewer: str, work: Callable[[Seals, Change], Awaitable[T]]) -> T:
        """What `work` comes to, in a transaction on the viewer's rows."""

        async def change(entry: KeystoreEntry) -> tuple[T] | None:
            async with self._rows.changing(entry.subject) as opened:
                return None if opened is None else (await work(Seals(entry), opened),)

        (result,) = await self._ways.follow(viewer, change)
        return result

    async def _change_held(
        self, viewer: str, work: Callable[[Seals, Change], Awaitable[T]]
    ) -> T | None:
        """What `work` comes to in a transaction on the viewer's rows; None: there are none."""
        entry = await self._ways.find(viewer)
        subject = nobody() if entry is None else entry.subject
        async with self._rows.changing(subject) as change:
            if entry is None or change is None:
                return None
            return await work(Seals(entry), change)
