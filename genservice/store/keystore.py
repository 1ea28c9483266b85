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
from sqlalchemy import delete, select, update

from genservice.errors import ConflictError, SettingsError, UnavailableError
from genservice.sealing import new_key
from genservice.store import keystore_migrations
from genservice.store.database import Database, open_database
from genservice.store.keystore_tables import ErasedRow, ErasureRow, SecretRow, ViewerKeyRow
from genservice.store.migrations import read_scripts, upgrade
from genservice.store.rows import add_once

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection

    from sqlalchemy.ext.asyncio import AsyncSession

    from genservice.master_keys import MasterKeyPlace
    from genservice.sealing import MasterKey, MasterKeys

_LOOKUP = "lookup"
"""The secret that viewers are looked up with. Its master key is the one that wraps."""
_BATCH = 500
"""Keys wrapped anew in one transaction; bounds how long other writers wait."""
_MOST_SCRUBBED = 1 << 30
"""Bytes of a keystore that is written anew after an erasure: five million viewers."""


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

    def __init__(
        self, database: Database, place: MasterKeyPlace, keys: MasterKeys, pepper: bytes
    ) -> None:
        self._database = database
        self._place = place
        self._keys = keys
        self._pepper = pepper

    async def find(self, viewer: str) -> Entry | None:
        """What is held of a viewer; None: nothing.

        Raises:
            UnavailableError: The keystore does not answer, or its master key is not here.
        """
        query = select(*ViewerKeyRow.__table__.columns)
        async with self._database.reading() as session:
            found = await session.execute(query.where(ViewerKeyRow.lookup == self._lookup(viewer)))
            row = found.one_or_none()
        return None if row is None else await self._entry(row)

    async def add(self, viewer: str, entry: Entry) -> Entry:
        """What is held of a viewer from now on: `entry`, or what another writer added before.

        Raises:
            ConflictError: The other's was erased already.
            UnavailableError: The keystore does not answer, or its master key is not here.
        """
        lookup = self._lookup(viewer)
        master = await self._wrapping()
        values = {
            "lookup": lookup,
            "subject": entry.subject,
            "wrapped": master.wrap(entry.key, *_place_of(lookup, entry.subject)),
            "master": master.id,
        }
        async with self._database.writing() as session:
            # Held until the end: a rotation that begins now must find what is added here.
            query = select(SecretRow.master).where(SecretRow.name == _LOOKUP)
            current = (await session.execute(query.with_for_update(read=True))).scalar_one()
            if current != master.id:
                raise ConflictError("The master key was changed.")
            await session.execute(add_once(self._database.dialect, _table(ViewerKeyRow)), values)
            rows = select(*ViewerKeyRow.__table__.columns).where(ViewerKeyRow.lookup == lookup)
            row = (await session.execute(rows)).one_or_none()
        if row is None:
            raise ConflictError("Another write came first.")
        return await self._entry(row)

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
            ConflictError: The master key is being changed.
            UnavailableError: The keystore does not answer, or its master key is not here.
        """
        master = await self._wrapping()
        row = await _secret(self._database, name, master)
        return await self._unwrap(row.master, row.wrapped, "secret", name)

    async def rotate(self, wrapped: Callable[[int], None]) -> int:
        """Wrap everything by the first master key; how many keys were wrapped anew.

        It may be stopped at any moment and begun again; the service may run meanwhile.

        Args:
            wrapped: Told of each batch, how many there were in it.

        Raises:
            UnavailableError: The keystore does not answer, or a master key is not here.
        """
        # From the disk, for the first may be new since this was opened.
        self._keys = await asyncio.to_thread(self._place.read)
        total = await self._rotate_secrets()
        while True:
            async with self._database.writing() as session:
                count = await self._rotate_batch(session)
            if not count:
                break
            total += count
            wrapped(count)
        if total:
            await self._database.scrub(whole=True)
        return total

    async def scrub(self) -> bool:
        """Leave nothing of destroyed keys in the files; whether that was done.

        Raises:
            UnavailableError: The keystore does not answer, is locked or full.
        """
        return await self._database.scrub(whole=await self._database.size() <= _MOST_SCRUBBED)

    async def ping(self) -> None:
        """Return if the keystore answers.

        Raises:
            UnavailableError: It does not.
        """
        async with self._database.reading() as session:
            await session.execute(select(SecretRow.master).limit(1))

    async def _rotate_secrets(self) -> int:
        first = self._keys.first
        async with self._database.writing() as session:
            query = select(SecretRow.name, SecretRow.wrapped, SecretRow.master).where(
                SecretRow.master != first.id
            )
            rows = (await session.execute(query.with_for_update())).all()
            for name, sealed, master in rows:
                key = await self._unwrap(master, sealed, "secret", name)
                again = {"wrapped": first.wrap(key, "secret", name), "master": first.id}
                await session.execute(
                    update(SecretRow).where(SecretRow.name == name).values(**again)
                )
        return len(rows)

    async def _rotate_batch(self, session: AsyncSession) -> int:
        first = self._keys.first
        query = select(*ViewerKeyRow.__table__.columns).where(ViewerKeyRow.master != first.id)
        rows = (await session.execute(query.limit(_BATCH).with_for_update())).all()
        for row in rows:
            key = (await self._entry(row)).key
            wrapped = first.wrap(key, *_place_of(row.lookup, row.subject))
            await session.execute(
                update(ViewerKeyRow)
                .where(ViewerKeyRow.lookup == row.lookup)
                .values(wrapped=wrapped, master=first.id)
            )
        return len(rows)

    async def _wrapping(self) -> MasterKey:
        """The master key that wraps at present."""
        query = select(SecretRow.master).where(SecretRow.name == _LOOKUP)
        async with self._database.reading() as session:
            current = (await session.execute(query)).scalar_one()
        return await self._master(current)

    async def _master(self, key_id: str) -> MasterKey:
        if (master := self._keys.named(key_id)) is None:
            # Somebody rotated: the file of the keys may have the new one.
            self._keys = await asyncio.to_thread(self._place.read)
            master = self._keys.named(key_id)
        if master is None:
            raise UnavailableError("The keystore was wrapped by a master key that is not here.")
        return master

    async def _unwrap(self, key_id: str, wrapped: bytes, *place: str) -> bytes:
        return (await self._master(key_id)).unwrap(wrapped, *place)

    async def _entry(self, row: Any) -> Entry:
        place = _place_of(row.lookup, row.subject)
        return Entry(row.subject, await self._unwrap(row.master, row.wrapped, *place))

    async def _add(self, session: AsyncSession, table: Any, values: dict[str, Any]) -> None:
        await session.execute(add_once(self._database.dialect, _table(table)), values)

    def _lookup(self, viewer: str) -> bytes:
        return hmac.digest(self._pepper, viewer.encode(), "sha256")


@asynccontextmanager
async def open_keystore(
    url: str | Path, place: MasterKeyPlace, *, patience: float = 5.0
) -> AsyncGenerator[Keystore]:
    """The keystore at a SQLAlchemy URL or in an SQLite file, open until the block ends.

    Args:
        url: A path, or a URL; see `open_store`.
        place: Where its master keys lie. The first is made with the keystore, never after.
        patience: Seconds to wait for a lock or a free connection.

    Raises:
        SettingsError: The URL is not one, or the master key is missing or another one.
        UnavailableError: The database cannot be opened.
    """
    if isinstance(url, Path):
        await asyncio.to_thread(_make_file, url)
    database = await open_database(url, patience=patience, setting="GENSERVICE_KEYSTORE_URL")
    try:
        scripts = await asyncio.to_thread(read_scripts, _FOLDER)
        async with database.writing("migrations", unlimited=True) as session:
            connection = await session.connection()
            await connection.run_sync(upgrade, scripts, version_table="keystore_migrations")
        keys, pepper = await _unlocked(database, place)
        yield Keystore(database, place, keys, pepper)
    finally:
        await database.close()


_FOLDER = Path(keystore_migrations.__file__).parent


async def _unlocked(database: Database, place: MasterKeyPlace) -> tuple[MasterKeys, bytes]:
    query = select(SecretRow.master).where(SecretRow.name == _LOOKUP)
    async with database.reading() as session:
        is_new = (await session.execute(query)).scalar_one_or_none() is None
    keys = await asyncio.to_thread(place.read_or_make if is_new else place.read)
    row = await _secret(database, _LOOKUP, keys.first)
    master = keys.named(row.master)
    if master is None:
        raise SettingsError(
            f"{place.called}: the keystore was wrapped by another master key, {row.master}; nothing in it"
            f" opens with {', '.join(keys.ids)}"
        )
    return keys, master.unwrap(row.wrapped, "secret", _LOOKUP)


async def _secret(database: Database, name: str, master: MasterKey) -> Any:
    """The row of a secret, made if there is none. Processes that do so at once get the same."""
    query = select(*SecretRow.__table__.columns).where(SecretRow.name == name)
    async with database.reading() as session:
        row = (await session.execute(query)).one_or_none()
    if row is not None:
        return row
    wrapped = master.wrap(new_key(), "secret", name)
    values = {"name": name, "wrapped": wrapped, "master": master.id}
    async with database.writing() as session:
        await session.execute(add_once(database.dialect, _table(SecretRow)), values)
        return (await session.execute(query)).one()


def _make_file(path: Path) -> None:
    """Make the file its owner's alone, before SQLite makes it everybody's to read."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        detail = error.strerror or "cannot be written"
        raise SettingsError(f"GENSERVICE_KEYSTORE: {path}: {detail}") from None


def _place_of(lookup: bytes, subject: bytes) -> tuple[str, ...]:
    return ("viewer_keys", lookup.hex(), subject.hex())


def _digest(subject: bytes) -> bytes:
    return hashlib.sha256(subject).digest()


def _table(row: Any) -> Any:
    return row.__table__
