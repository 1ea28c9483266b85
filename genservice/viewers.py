"""What is held of viewers: read, changed, exported, kept no longer than allowed, and erased.

A viewer's id leads, through the keystore, to a key and to a random subject. The data knows the subject
alone, and every value is sealed with that key: neither half says anything without the other.

A viewer of whom nothing is held and one who was never heard of look the same in every answer.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
import structlog

from genservice.canonical import canonical
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
from genservice.errors import (
    ConflictError,
    GenserviceError,
    PreconditionFailedError,
    UnavailableError,
)
from genservice.sealing import new_key, seal, unseal
from genservice.store import (
    Change,
    Keystore,
    KeystoreEntry,
    SealedRow,
    ViewerRows,
    open_keystore,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from genservice.master_keys import MasterKeyPlace

log = structlog.get_logger(__name__)

T = TypeVar("T")
Struct = TypeVar("Struct", bound=msgspec.Struct)

TIDY_SECONDS = 600.0
"""Between two looks for what is kept no longer."""
_TRIES = 5
"""How often a write begins anew because what it was about to change was forgotten."""
_FRESH = timedelta(hours=2)
"""How long a viewer may be without anything below: its first write may be under way."""
_SCRUBBED_AT_ONCE = 1 << 28
"""Bytes of a database that is written anew after each erasure."""
_SCRUBBED = 1 << 36
"""And by the retention job."""
_HOUR = "%Y-%m-%dT%H"


class _Seals:
    """Seals and opens what belongs to one viewer."""

    def __init__(self, entry: KeystoreEntry) -> None:
        self._key = entry.key
        self._subject = entry.subject.hex()

    def seal(self, kind: str, name: str | int, value: msgspec.Struct) -> bytes:
        return seal(self._key, canonical(value), kind, self._subject, str(name))

    def signals(self, rows: Sequence[SealedRow], now: datetime) -> tuple[HeldSignal, ...]:
        found = (self._open(row, row.name, HeldSignal) for row in rows if row.kind == "signal")
        return tuple(signal for signal in found if signal.expires_at > now)

    def consents(self, rows: Sequence[SealedRow]) -> tuple[ConsentRecord, ...]:
        kept = (row for row in rows if row.kind == "consent")
        return tuple(self._open(row, row.number, ConsentRecord) for row in kept)

    def controls(self, rows: Sequence[SealedRow]) -> tuple[Controls, int]:
        for row in rows:
            if row.kind == "controls":
                return self._open(row, row.number, Controls), row.number
        return Controls(), 0

    def servings(self, rows: Sequence[SealedRow]) -> tuple[Serving, ...]:
        kept = (row for row in rows if row.kind == "serving")
        return tuple(self._open(row, row.number, Serving) for row in kept)

    def _open(self, row: SealedRow, name: str | int, shape: type[Struct]) -> Struct:
        opened = unseal(self._key, row.sealed, row.kind, self._subject, str(name))
        try:
            return msgspec.json.decode(opened, type=shape)
        except msgspec.DecodeError:
            raise UnavailableError("What is stored of a viewer cannot be read.") from None


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
        self._keystore = keystore
        self._rows = rows
        self._clock = clock
        self._servings_kept = timedelta(days=servings_days)
        self._sleep = sleep

    async def ping(self) -> None:
        """Return if the keystore answers.

        Raises:
            UnavailableError: It does not.
        """
        await self._keystore.ping()

    async def held(self, viewer: str) -> Held:
        """Everything that may count for a text now. Of an unknown viewer: nothing."""
        rows, seals = await self._read(viewer, "signal", "consent", "controls")
        if seals is None:
            return Held()
        return Held(
            signals=seals.signals(rows, self._clock()),
            consents=_standing(seals.consents(rows)),
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
            HeldSignal(
                name=name,
                value=value,
                source=source,
                at=now,
                expires_at=now + timedelta(days=keep_days[name]),
            )
            for name, value in sorted(values.items())
        ]

        async def work(seals: _Seals, change: Change) -> tuple[HeldSignal, ...]:
            others = (
                [row.name for row in await change.rows("signal")] if without is None else without
            )
            await change.remove_signals([*values, *others])
            await change.put_signals(
                [
                    (
                        signal.name,
                        _hour_of(signal.expires_at),
                        seals.seal("signal", signal.name, signal),
                    )
                    for signal in told
                    if signal.expires_at > now
                ]
            )
            return seals.signals(await change.rows("signal"), now)

        if not told:
            # Nobody becomes known by what is taken out.
            await self._change_held(viewer, work)
            return await self.signals(viewer)
        return await self._change(viewer, work)

    async def remove_signals(self, viewer: str, names: Collection[str]) -> None:
        """Take these signals out; those that are not held as well."""

        async def work(_: _Seals, change: Change) -> None:
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

        async def work(seals: _Seals, change: Change) -> tuple[ConsentRecord, ...]:
            last = await change.last("consent")
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

        async def work(seals: _Seals, change: Change) -> int:
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
        if not self._servings_kept:
            if known and await self._keystore.find(viewer) is None:
                raise ConflictError("Another write came first.")
            return
        now = self._clock()
        serving = Serving(receipt=receipt, blurbs=tuple(blurbs), at=now)
        expires = _hour_of(now + self._servings_kept)

        async def work(seals: _Seals, change: Change) -> None:
            number = await change.last("serving") + 1
            await change.add_serving(number, expires, seals.seal("serving", number, serving))

        await self._change(viewer, work, make=not known)

    async def servings(self, viewer: str, *, limit: int, before: int | None = None) -> ServingPage:
        """What the viewer was shown, newest first.

        Args:
            viewer: Who.
            limit: Most of one page, at least 1.
            before: What the page before gave as `next`; None: the newest.
        """
        entry = await self._keystore.find(viewer)
        subject = _nobody() if entry is None else entry.subject
        found = await self._rows.servings(subject, limit=limit + 1, before=before)
        if entry is None:
            return ServingPage()
        rows = [SealedRow("serving", "", number, sealed) for number, sealed in found]
        kept = [
            (row.number, serving)
            for row, serving in zip(rows, _Seals(entry).servings(rows), strict=True)
            if self._is_kept(serving)
        ]
        return ServingPage(
            items=tuple(serving for _, serving in kept[:limit]),
            next=kept[limit - 1][0] if len(kept) > limit else None,
        )

    async def find_serving(self, viewer: str, blurb: str) -> Serving | None:
        """The last time that the viewer was shown that blurb; None: never, or not kept any more.

        Args:
            viewer: Who.
            blurb: Its id, or that of the receipt that accounts for it.
        """
        rows, seals = await self._read(viewer, "serving")
        if seals is None:
            return None
        for row in reversed(rows):
            (serving,) = seals.servings([row])
            if blurb in {serving.receipt, *serving.blurbs}:
                return serving if self._is_kept(serving) else None
        return None

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
            servings=tuple(filter(self._is_kept, seals.servings(rows))),
        )

    async def erase(self, viewer: str) -> Erased:
        """Destroy the viewer's key and take out everything; how much there was.

        If it raises, the erasure goes on at the next start, at the latest; once it has begun, nothing
        of the viewer can be read any more.
        """
        entry = await self._keystore.find(viewer)
        before = await self._rows.counts(_nobody() if entry is None else entry.subject)
        subject = await self._keystore.begin_erasure(viewer)
        if subject is None:
            # An erasure that failed half-way may be this viewer's: nobody can tell any more.
            await self.resume_erasures()
            return Erased()
        erased = await self._end_erasure(subject)
        # Whoever goes on with erasures may have been first: then nothing was left to count.
        return max(before, erased, key=lambda counts: sum(msgspec.structs.astuple(counts)))

    async def resume_erasures(self) -> int:
        """End every erasure that was begun and not ended; how many."""
        begun = await self._keystore.erasing()
        for subject in begun:
            await self._end_erasure(subject)
        return len(begun)

    async def tidy(self) -> Tidied:
        """Take out what is kept no longer; how much it was."""
        now = self._clock()
        await self.resume_erasures()
        hour = now.strftime(_HOUR)
        tidied = Tidied(
            signals=await self._rows.forget("signal", hour=hour),
            servings=await self._rows.forget("serving", hour=hour),
            restored=await self._erase_restored(),
            viewers=await self._forget_empty((now - _FRESH).strftime(_HOUR)),
        )
        if tidied != Tidied():
            await self._scrub(_SCRUBBED)
        return tidied

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """While the block runs, what is kept no longer is taken out, and erasures are ended."""
        task = asyncio.create_task(self._tidy_on())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _tidy_on(self) -> None:
        while True:
            try:
                await self.tidy()
            except GenserviceError as error:
                log.warning("viewers were not tidied", cause=type(error).__name__)
            await self._sleep(TIDY_SECONDS)

    async def _end_erasure(self, subject: bytes) -> Erased:
        erased = await self._rows.erase(subject)
        if await self._rows.scrub(most=_SCRUBBED_AT_ONCE):
            # Else somebody reads what was there before: it will be tried again.
            await self._keystore.end_erasure(subject)
        await self._keystore.scrub()
        return erased

    async def _erase_restored(self) -> int:
        """Take out erased viewers whom a backup of the data brought back."""
        restored = 0
        async for subjects in self._rows.subjects():
            for subject in await self._keystore.gone(subjects):
                await self._rows.erase(subject)
                restored += 1
        return restored

    async def _forget_empty(self, before: str) -> int:
        """Destroy the keys of viewers of whom nothing is stored any more."""
        forgotten = 0
        while empty := await self._rows.empty(before=before):
            for subject in empty:
                # The row first: a write that has the key meanwhile then finds no place for it.
                if await self._rows.erase_if_empty(subject):
                    await self._keystore.forget(subject)
                    forgotten += 1
        return forgotten

    async def _scrub(self, most: int) -> None:
        await self._rows.scrub(most=most)
        await self._keystore.scrub()

    async def _read(
        self, viewer: str, *kinds: Literal["signal", "consent", "controls", "serving"]
    ) -> tuple[list[SealedRow], _Seals | None]:
        entry = await self._keystore.find(viewer)
        # Of an unknown viewer too, so that it takes as long.
        rows = await self._rows.read(_nobody() if entry is None else entry.subject, *kinds)
        return rows, None if entry is None else _Seals(entry)

    async def _change(
        self, viewer: str, work: Callable[[_Seals, Change], Awaitable[T]], *, make: bool = True
    ) -> T:
        """What `work` comes to, in a transaction on the viewer's rows; `make` them if there are none."""
        for _ in range(_TRIES):
            entry = await self._keystore.find(viewer)
            if entry is None and not make:
                break
            entry = entry or await self._make(viewer)
            async with self._rows.changing(entry.subject) as change:
                if change is not None:
                    return await work(_Seals(entry), change)
            if await self._keystore.was_erased(entry.subject):
                # This write began before the erasure: it is not to begin the viewer anew.
                break
            # Nothing was held any more, or the data is older than the keystore.
            await self._keystore.forget(entry.subject)
        raise ConflictError("Another write came first.")

    async def _change_held(
        self, viewer: str, work: Callable[[_Seals, Change], Awaitable[object]]
    ) -> None:
        """Do `work` in a transaction on the viewer's rows, if there are any."""
        entry = await self._keystore.find(viewer)
        entry = entry or KeystoreEntry(_nobody(), new_key())
        async with self._rows.changing(entry.subject) as change:
            if change is not None:
                await work(_Seals(entry), change)

    async def _make(self, viewer: str) -> KeystoreEntry:
        # The data first: a subject in the keystore has its row, and a row taken out never comes back.
        entry = KeystoreEntry(secrets.token_bytes(16), new_key())
        await self._rows.add(entry.subject, since=self._clock().strftime(_HOUR))
        standing = await self._keystore.add(viewer, entry)
        if standing.subject != entry.subject:
            await self._rows.erase_if_empty(entry.subject)
        return standing

    def _is_kept(self, serving: Serving) -> bool:
        return serving.at + self._servings_kept > self._clock()


@asynccontextmanager
async def open_viewers(
    rows: ViewerRows,
    url: str | Path,
    place: MasterKeyPlace,
    *,
    servings_days: int,
    clock: Callable[[], datetime],
) -> AsyncGenerator[Viewers]:
    """The viewers of a database and a keystore until the block ends; erasures that were begun are ended.

    Args:
        rows: Where they are stored.
        url: Where the keystore's database is; a URL, or the file of an SQLite one.
        place: Where its master keys lie.
        servings_days: How long servings are kept; 0: none is.
        clock: The time now, aware, in UTC.

    Raises:
        SettingsError: The URL cannot be used, or the master key is missing or another one.
        UnavailableError: A database does not answer.
    """
    async with open_keystore(url, place) as keystore:
        viewers = Viewers(keystore, rows, clock=clock, servings_days=servings_days)
        await viewers.resume_erasures()
        yield viewers


def _standing(records: Sequence[ConsentRecord]) -> tuple[str, ...]:
    last = {record.consent: record.action for record in records}
    return tuple(sorted(consent for consent, action in last.items() if action == "given"))


def _hour_of(moment: datetime) -> str:
    """The first hour that begins at or after a moment."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return (whole if whole == moment else whole + timedelta(hours=1)).strftime(_HOUR)


def _nobody() -> bytes:
    """A subject of whom there is nothing."""
    return secrets.token_bytes(16)
