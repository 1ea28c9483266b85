"""Viewers over files or a server, opened and reopened, and what can be found in the files."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from genservice.domain.viewers import ConsentAct, Controls
from genservice.master_keys import MasterKeyPlace
from genservice.store import Keystore, Store, open_keystore, open_store
from genservice.viewers import Viewers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

KEEP = {"watch_history": 90, "location": 1, "mood": 0}
ADA = "ada.lovelace~1815"
VIEWER_TABLES = ("viewers", "viewer_signals", "viewer_consents", "viewer_controls", "servings")
KEYSTORE_TABLES = ("viewer_keys", "erasures")


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = field(default=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Opened:
    """Viewers, and what they stand on."""

    viewers: Viewers
    keystore: Keystore
    store: Store

    async def rows(self) -> dict[str, int]:
        """How many rows there are of viewers in both databases."""
        return {
            **await _counts(self.store._database, VIEWER_TABLES),
            **await _counts(self.keystore._database, KEYSTORE_TABLES),
        }

    async def traces(self, viewer: str) -> list[bytes]:
        """Bytes that stand for a viewer in the files: subject, lookup, key, and every sealed value."""
        entry = await self.keystore.find(viewer)
        if entry is None:
            return []
        sealed = [row.sealed for row in await self.store.viewers.read(entry.subject)]
        lookup = self.keystore._lookup(viewer)
        query = text("SELECT wrapped FROM viewer_keys WHERE lookup = :lookup")
        async with self.keystore._database.reading() as session:
            wrapped = (
                await session.execute(query, {"lookup": lookup})
            ).scalar_one_or_none() or b"-"
        # The end of a sealed value too: a page that was reused may hold the rest.
        pieces = [entry.subject, lookup, entry.key]
        sealed += [wrapped] if wrapped != b"-" else []
        return [*pieces, *sealed, *(piece[-32:] for piece in sealed)]


async def _counts(database, tables: Iterable[str]) -> dict[str, int]:
    async with database.reading() as session:
        return {
            table: (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608 - the names are ours
            for table in tables
        }


NOTHING = dict.fromkeys((*VIEWER_TABLES, *KEYSTORE_TABLES), 0)


@asynccontextmanager
async def opened(
    database: str | Path,
    keystore_database: str | Path,
    folder: Path,
    clock: Callable[[], datetime],
    **options,
) -> AsyncIterator[Opened]:
    place = MasterKeyPlace(keystore=folder / "keystore")
    async with (
        open_store(database, clock=clock) as store,
        open_keystore(keystore_database, place) as keystore,
    ):
        await store.migrate()
        viewers = Viewers(keystore, store.viewers, clock=clock, **options)
        yield Opened(viewers, keystore, store)
        await viewers.close()


@asynccontextmanager
async def in_files(folder: Path, clock: Callable[[], datetime]) -> AsyncIterator[Opened]:
    """Over the two SQLite files that a service of its own would have in a folder."""
    data, keystore = folder / "data" / "genservice.db", folder / "keystore" / "viewers.db"
    async with opened(data, keystore, folder, clock) as found:
        yield found


def act(consent: str = "content_use", action: str = "given", **fields) -> ConsentAct:
    return ConsentAct(
        consent=consent, action=action, source="settings", text_version="2026-01", **fields
    )


async def fill(viewers: Viewers, viewer: str = ADA) -> None:
    """Two signals, two acts of consent, controls and a serving."""
    await viewers.put_signals(
        viewer,
        {"watch_history": ["cold-quay"], "location": {"country": "DE"}},
        source="app",
        keep_days=KEEP,
    )
    await viewers.record_consents(viewer, [act(), act("content_profile")])
    await viewers.set_controls(viewer, Controls(level="context_only"), if_revision=None)
    await viewers.record_serving(viewer, "r-1", ["b-1", "b-2"])


def found(folder: Path, needles: Iterable[bytes]) -> list[tuple[str, str]]:
    """Files below a folder in which one of the needles stands, plainly or as hex or base64."""
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [
        (str(path.relative_to(folder)), needle.hex())
        for needle in needles
        for path, content in files.items()
        if any(form in content for form in _forms(needle))
    ]


def _forms(needle: bytes) -> tuple[bytes, ...]:
    encoded = base64.b64encode(needle).rstrip(b"=")[:-1]
    return needle, needle.hex().encode(), encoded, encoded.translate(bytes.maketrans(b"+/", b"-_"))
