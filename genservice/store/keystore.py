"""The keystore: each viewer's key, wrapped by a master key, and the only way from a viewer's id to the data.

It is a database of its own, so that it can be kept out of backups of the data. What it holds of a viewer
is found by a keyed digest of the id; destroyed, neither the key nor the way is left.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, delete, select

from genservice.errors import ConflictError, SettingsError
from genservice.store import keystore_migrations
from genservice.store.database import Database, open_database
from genservice.store.keystore_tables import ErasedRow, ErasureRow, SecretRow, ViewerKeyRow
from genservice.store.migrations import read_scripts, upgrade
from genservice.store.rows import add_once
from genservice.store.sqlite import Query
from genservice.store.wrapping import BATCH, Wrapping, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection

    from sqlalchemy.ext.asyncio import AsyncSession

    from genservice.master_keys import MasterKeyPlace
    from genservice.sealing import MasterKey


_FIND = Query(
    select(
        *(getattr(ViewerKeyRow, name) for name in ("lookup", "subject", "wrapped", "master"))
    ).where(ViewerKeyRow.lookup == bindparam("lookup"))
)
_TRIES = 5
"""How often a key is added while the master key is being changed."""


class ViewerKey(msgspec.Struct, frozen=True):
    """One viewer's key as it is stored."""

    lookup: bytes
    subject: bytes
    wrapped: bytes
    master: str


class Entry(msgspec.Struct, frozen=True):
    """What the keystore holds of a viewer."""

    subject: bytes
    """What the viewer is called in the data."""
    key: bytes

    def __repr__(self) -> str:
        # Structs show their fields: this one must not.
        return "Entry()"


class Keystore:
    """Viewers' keys, open."""

    def __init__(self, database: Database, wrapping: Wrapping, pepper: bytes) -> None:
        self._database = database
        self._wrapping = wrapping
        self._pepper = pepper

    async def find(self, viewer: str) -> Entry | None:
        """What is held of a viewer; None: nothing.

        Raises:
            UnavailableError: The keystore does not answer, or its master key is not here.
        """
        found = await self._database.fetch(_FIND, lookup=self._lookup(viewer))
        return await self._entry(ViewerKey(*found[0])) if found else None

    async def add(self, viewer: str, entry: Entry) -> Entry:
        """What is held of a viewer from now on: `entry`, or what another writer added before.

        Raises:
            ConflictError: The other's was erased already.
            UnavailableError: The keystore does not answer, or its master key is not here.
        """
        for _ in range(_TRIES):
            master = await self._wrapping.current()
            if (added := await self._add_by(master, viewer, entry)) is not None:
                return added
        raise ConflictError("Another write came first.")

    async def begin_erasure(self, viewer: str) -> bytes | None:
        """Destroy a viewer's key and the way to it; the subject that was led to, None if there was none.

        Raises:
            UnavailableError: The keystore does not answer, is locked or full.
        """
        lookup = self._lookup(viewer)
        async with self._database.writing() as session:
            query = select(ViewerKeyRow.subject).where(ViewerKeyRow.lookup == lookup)
            subject = (await session.execute(query.with_for_update())).scalar_one_or_none()
            if subject is None:
                return None
            await session.execute(delete(ViewerKeyRow).where(ViewerKeyRow.lookup == lookup))
            await self._add(session, ErasureRow, {"subject": subject})
            await self._add(session, ErasedRow, {"digest": _digest(subject), "asked": True})
        return subject

    async def erasing(self) -> tuple[bytes, ...]:
        """The subjects whose erasure was begun and not ended.

        Raises:
            UnavailableError: The keystore does not answer.
        """
        async with self._database.reading() as session:
            return tuple((await session.execute(select(ErasureRow.subject))).scalars())

    async def end_erasure(self, subject: bytes) -> None:
        """Forget the subject of an erasure whose rows are gone.

        Raises:
            UnavailableError: The keystore does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            await session.execute(delete(ErasureRow).where(ErasureRow.subject == subject))

    async def forget(self, subject: bytes) -> None:
        """Destroy the key of a subject of whom nothing is stored any more.

        Raises:
            UnavailableError: The keystore does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            await session.execute(delete(ViewerKeyRow).where(ViewerKeyRow.subject == subject))
            await self._add(session, ErasedRow, {"digest": _digest(subject), "asked": False})

    async def was_erased(self, subject: bytes) -> bool:
        """Whether somebody asked for the erasure of that subject.

        Raises:
            UnavailableError: The keystore does not answer.
        """
        query = select(ErasedRow.asked).where(ErasedRow.digest == _digest(subject))
        async with self._database.reading() as session:
            return bool((await session.execute(query)).scalar_one_or_none())

    async def gone(self, subjects: Collection[bytes]) -> list[bytes]:
        """Those of the subjects whose keys were destroyed here.

        Raises:
            UnavailableError: The keystore does not answer.
        """
        digests = {_digest(subject): subject for subject in subjects}
        query = select(ErasedRow.digest).where(ErasedRow.digest.in_(digests))
        async with self._database.reading() as session:
            return [digests[digest] for digest in (await session.execute(query)).scalars()]

    async def secret(self, name: str) -> bytes:
        """A random key of 32 bytes that is the same whenever it is asked for; made at the first time.

        Args:
            name: What it is for, in 1 to 32 letters.

        Raises:
            UnavailableError: The keystore does not answer, or its master key is not here.
        """
        return await self._wrapping.secret(name)

    async def rotate(self, wrapped: Callable[[int], None], *, batch: int = BATCH) -> int:
        """Wrap everything by the first master key; how many keys were wrapped anew.

        It may be stopped at any moment and begun again; the service may run meanwhile.

        Args:
            wrapped: Told of each batch, how many there were in it.
            batch: Viewers' keys wrapped in one transaction.

        Raises:
            UnavailableError: The keystore does not answer, or a master key is not here.
        """
        total = await self._wrapping.rotate(wrapped, batch=batch)
        await self._database.scrub(whole=True)
        return total

    async def scrub(self, *, most: int) -> bool:
        """Leave nothing of destroyed keys in the files, as far as that is done here; whether it was.

        Args:
            most: The bytes of a database that is written anew for it.

        Raises:
            UnavailableError: The keystore does not answer, is locked or full.
        """
        return await self._database.scrub(whole=await self._database.size() <= most)

    async def ping(self) -> None:
        """Return if the keystore answers.

        Raises:
            UnavailableError: It does not.
        """
        async with self._database.reading() as session:
            await session.execute(select(SecretRow.master).limit(1))

    async def _add_by(self, master: MasterKey, viewer: str, entry: Entry) -> Entry | None:
        """What is held from now on; None: that master key wraps no more, or the other's was erased."""
        lookup = self._lookup(viewer)
        values = {
            "lookup": lookup,
            "subject": entry.subject,
            "wrapped": master.wrap(entry.key, *place_of(lookup, entry.subject)),
            "master": master.id,
        }
        async with self._database.writing() as session:
            if not await self._wrapping.hold(session, master):
                return None
            await self._add(session, ViewerKeyRow, values)
            row = (await session.execute(_FIND.statement, {"lookup": lookup})).one_or_none()
        return None if row is None else await self._entry(ViewerKey(*row))

    async def _entry(self, row: ViewerKey) -> Entry:
        place = place_of(row.lookup, row.subject)
        return Entry(row.subject, await self._wrapping.unwrap(row.master, row.wrapped, *place))

    async def _add(self, session: AsyncSession, table: Any, values: dict[str, Any]) -> None:
        await session.execute(add_once(self._database.dialect, _table(table)), values)

    def _lookup(self, viewer: str) -> bytes:
        return hmac.digest(self._pepper, viewer.encode(), "sha256")


@asynccontextmanager
async def open_keystore(
    url: str | Path,
    place: MasterKeyPlace,
    *,
    patience: float = 5.0,
    statement_timeout: float = 30.0,
    connections: int = 10,
) -> AsyncGenerator[Keystore]:
    """The keystore at a SQLAlchemy URL or in an SQLite file, open until the block ends.

    Args:
        url: A path, or a URL; see `open_store`.
        place: Where its master keys lie. The first is made with the keystore, never after.
        patience: Seconds to wait for a lock, or for a free or a new connection.
        statement_timeout: Seconds that PostgreSQL may take for one statement.
        connections: Most connections to PostgreSQL, half of which write.

    Raises:
        SettingsError: The URL is not one, or the master key is missing or another one.
        UnavailableError: The database cannot be opened.
    """
    if isinstance(url, Path):
        await asyncio.to_thread(_make_file, url)
    database = await open_database(
        url,
        patience=patience,
        statement_timeout=statement_timeout,
        connections=connections,
        setting="GENSERVICE_KEYSTORE_URL",
    )
    try:
        scripts = await asyncio.to_thread(read_scripts, _FOLDER)
        async with database.writing("migrations", unlimited=True) as session:
            connection = await session.connection()
            await connection.run_sync(upgrade, scripts, version_table="keystore_migrations")
        wrapping, pepper = await Wrapping.open(database, place)
        yield Keystore(database, wrapping, pepper)
    finally:
        await database.close()


_FOLDER = Path(keystore_migrations.__file__).parent


def _make_file(path: Path) -> None:
    """Make the file its owner's alone, before SQLite makes it everybody's to read."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        detail = error.strerror or "cannot be written"
        raise SettingsError(f"GENSERVICE_KEYSTORE: {path}: {detail}") from None


def _digest(subject: bytes) -> bytes:
    return hashlib.sha256(subject).digest()


def _table(row: Any) -> Any:
    return row.__table__
