"""What is held of viewers: read, changed, exported, kept no longer than allowed, and erased.

    async with open_viewers(store.viewers, url, place, servings_days=90, clock=clock) as viewers:
        held = await viewers.held("ada")

A viewer's id leads, through the keystore, to a key and to a random subject. The data knows the subject
alone, and every value is sealed with that key: neither half says anything without the other.

A viewer of whom nothing is held and one who was never heard of look the same in every answer.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypedDict, Unpack

from genservice.store import open_keystore
from genservice.viewers.holding import Viewers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime
    from pathlib import Path

    from genservice.master_keys import MasterKeyPlace
    from genservice.store import ViewerRows

__all__ = ["Viewers", "open_viewers"]


class Limits(TypedDict, total=False):
    """How long the keystore waits for its database, and how many connections it opens."""

    patience: float
    statement_timeout: float
    connections: int


@asynccontextmanager
async def open_viewers(
    rows: ViewerRows,
    url: str | Path,
    place: MasterKeyPlace,
    *,
    servings_days: int,
    clock: Callable[[], datetime],
    **limits: Unpack[Limits],
) -> AsyncGenerator[Viewers]:
    """The viewers of a database and a keystore until the block ends; erasures that were begun are ended.

    Args:
        rows: Where they are stored.
        url: Where the keystore's database is; a URL, or the file of an SQLite one.
        place: Where its master keys lie.
        servings_days: How long servings are kept; 0: none is.
        clock: The time now, aware, in UTC.
        limits: Of the keystore's database; see `open_keystore`.

    Raises:
        SettingsError: The URL cannot be used, or the master key is missing or another one.
        UnavailableError: A database does not answer.
    """
    async with open_keystore(url, place, **limits) as keystore:
        viewers = Viewers(keystore, rows, clock=clock, servings_days=servings_days)
        await viewers.resume_erasures()
        try:
            yield viewers
        finally:
            await viewers.close()
