"""What is kept: titles, texts, receipts, policy sets, decisions and API keys, in one SQL database.

    async with open_store("sqlite+aiosqlite:///genservice.db", clock=clock) as store:
        await store.migrate()
        title = await store.titles.get("harbour-lights-s1")

SQLite needs no set-up; PostgreSQL does for several hosts. Whatever a method wrote is on disk when it returns. Every error is one of
`genservice.errors`, without a value in it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from genservice.store.acts import Act, Shadowing, Standing, What
from genservice.store.ahead import Ahead
from genservice.store.appending import Appender
from genservice.store.blurbs import Blurbs, Entry, Lacking, Written
from genservice.store.database import Database, Pool, open_database
from genservice.store.decisions import GENESIS, DecisionBatch, Decisions, End, batch_of
from genservice.store.histories import ActPage, PolicyHistory, VersionPage
from genservice.store.inspection import Inspection
from genservice.store.keys import KeyRecord, Keys, NewKey
from genservice.store.keystore import Entry as KeystoreEntry
from genservice.store.keystore import Keystore, open_keystore
from genservice.store.migrations import read_scripts, require_newest, upgrade
from genservice.store.policies import Policies, PolicyVersion
from genservice.store.receipts import Receipts
from genservice.store.shadows import Count, ShadowCounts
from genservice.store.titles import ImportResult, Page, Titles
from genservice.store.viewer_change import Change, Kind, SealedRow
from genservice.store.viewers import NewServing, ViewerRows

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime
    from pathlib import Path

__all__ = [
    "GENESIS", "Act", "ActPage", "Blurbs", "Change", "Count", "DecisionBatch", "Decisions", "End", "Entry", "ImportResult", "Inspection",
    "KeyRecord", "Keys", "Keystore", "KeystoreEntry", "Kind", "Lacking", "NewKey", "NewServing", "Page", "Policies", "PolicyHistory", "PolicyVersion", "Pool", "Receipts",
    "SealedRow", "ShadowCounts", "Shadowing", "Standing", "Store", "Titles", "VersionPage", "ViewerRows", "What", "Written",
    "batch_of", "open_keystore", "open_store",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Store:
    """Everything that is kept, one attribute for each kind."""

    titles: Titles
    blurbs: Blurbs
    receipts: Receipts
    policies: Policies
    history: PolicyHistory
    shadows: ShadowCounts
    decisions: Decisions
    keys: Keys
    viewers: ViewerRows
    inspection: Inspection
    _database: Database
    _appender: Appender

    async def migrate(self) -> None:
        """Bring the tables to this version. Two processes may do so at once.

        Raises:
            SettingsError: A newer version of genservice has migrated the database.
            UnavailableError: The database does not answer, is locked or full.
        """
        scripts = await asyncio.to_thread(read_scripts)
        async with self._database.writing("migrations", unlimited=True) as session:
            connection = await session.connection()
            await connection.run_sync(upgrade, scripts)

    def pools(self) -> tuple[Pool, ...]:
        """How the connections to the database are used at this moment."""
        return self._database.pools()

    async def require_migrated(self) -> None:
        """Return if the tables are those of this version. Nothing is written.

        Raises:
            SettingsError: They are those of another version, or there are none.
            UnavailableError: The database does not answer.
        """
        scripts = await asyncio.to_thread(read_scripts)
        async with self._database.reading() as session:
            connection = await session.connection()
            await connection.run_sync(require_newest, scripts)

    @property
    def refuses_writes(self) -> bool:
        """Whether the last receipt, text or decision could not be written, a moment ago."""
        return self._appender.refuses

    async def ping(self) -> None:
        """Return if the database answers.

        Raises:
            UnavailableError: It does not.
        """
        async with self._database.reading() as session:
            await session.execute(text("SELECT 1 FROM titles LIMIT 1"))


@asynccontextmanager
async def open_store(
    url: str | Path,
    *,
    clock: Callable[[], datetime],
    patience: float = 5.0,
    statement_timeout: float = 30.0,
    connections: int = 10,
) -> AsyncGenerator[Store]:
    """The store at a database URL or in an SQLite file, open until the block ends.

    Args:
        url: A path, or `sqlite+aiosqlite:///FILE`; the folder of the file is made.
            `sqlite+aiosqlite://` is in memory, for tests: it is gone with its one connection, which
            closes when a caller is cancelled. Or `postgresql://USER:PASSWORD@HOST/DATABASE`.
        clock: The time now, aware, in UTC.
        patience: Seconds to wait for a lock, or for a free or a new connection.
        statement_timeout: Seconds that PostgreSQL may take for one statement.
        connections: Most connections to PostgreSQL, half of which write.

    Raises:
        SettingsError: The URL is not one, or its driver is not installed.
        UnavailableError: The folder of the database cannot be made.
    """
    database = await open_database(
        url, patience=patience, statement_timeout=statement_timeout, connections=connections
    )
    appender = Appender(database)
    ahead = Ahead()
    try:
        yield Store(
            titles=Titles(database, clock, ahead=ahead),
            blurbs=Blurbs(database, appender, clock),
            receipts=Receipts(database, appender, clock),
            policies=Policies(database, clock),
            history=PolicyHistory(database),
            shadows=ShadowCounts(database),
            decisions=Decisions(database, appender),
            keys=Keys(database, clock, ahead=ahead),
            viewers=ViewerRows(database),
            inspection=Inspection(database),
            _database=database,
            _appender=appender,
        )
    finally:
        await ahead.close()
        await appender.close()
        await database.close()
