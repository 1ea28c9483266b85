"""The way from a viewer's id to a key and a subject, made where there is none."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from genservice.errors import ConflictError
from genservice.sealing import new_key
from genservice.store import Keystore, KeystoreEntry, Kind, SealedRow, ViewerRows
from genservice.viewers.seals import Seals

T = TypeVar("T")

HOUR = "%Y-%m-%dT%H"
OTHER_WRITE = "Another write came first."
_TRIES = 5
"""How often a write begins anew because what it was about to change was forgotten."""


class Ways:
    """Ways to what is held of viewers."""

    def __init__(self, keystore: Keystore, rows: ViewerRows, clock: Callable[[], datetime]) -> None:
        self._keystore = keystore
        self._rows = rows
        self._clock = clock

    async def ping(self) -> None:
        """Return if the keystore answers."""
        await self._keystore.ping()

    async def find(self, viewer: str) -> KeystoreEntry | None:
        """The way to what is held of a viewer; None: nothing is."""
        return await self._keystore.find(viewer)

    async def follow(
        self,
        viewer: str,
        write: Callable[[KeystoreEntry], Awaitable[T | None]],
        *,
        make: bool = True,
    ) -> T:
        """What `write` came to, given the way to a viewer's rows.

        Args:
            viewer: Whose.
            write: Writes, or answers None where the rows are not there, or no longer.
            make: Make rows and way where there are none.

        Raises:
            ConflictError: There are none and none is to be made, or the viewer was erased meanwhile:
                what began before an erasure is not to begin anew what was erased.
        """
        for _ in range(_TRIES):
            entry = await self._keystore.find(viewer)
            if entry is None and not make:
                break
            entry = entry or await self._make(viewer)
            if (written := await write(entry)) is not None:
                return written
            if await self._keystore.was_erased(entry.subject):
                break
            # Nothing was held any more, or the data is older than the keystore.
            await self._keystore.forget(entry.subject)
        raise ConflictError(OTHER_WRITE)

    async def _make(self, viewer: str) -> KeystoreEntry:
        # The data first: a subject in the keystore has its row, and a row taken out never comes back.
        entry = KeystoreEntry(secrets.token_bytes(16), new_key())
        await self._rows.add(entry.subject, since=self._clock().strftime(HOUR))
        standing = await self._keystore.add(viewer, entry)
        if standing.subject != entry.subject:
            await self._rows.erase_if_empty(entry.subject)
        return standing


async def read(
    ways: Ways, rows: ViewerRows, viewer: str, *kinds: Kind
) -> tuple[list[SealedRow], Seals | None]:
    """What is stored of a viewer, of these kinds or of all, and what opens it; None: nothing is held."""
    entry = await ways.find(viewer)
    # Of an unknown viewer too, so that it takes as long.
    found = await rows.read(nobody() if entry is None else entry.subject, *kinds)
    return found, None if entry is None else Seals(entry)


def nobody() -> bytes:
    """A subject of whom there is nothing: looked up for an unknown viewer, so that it takes as long."""
    return secrets.token_bytes(16)


def hour_after(moment: datetime) -> str:
    """The first hour that begins at or after a moment."""
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return (whole if whole == moment else whole + timedelta(hours=1)).strftime(HOUR)
