"""What is wrapped by the master keys: the keystore's own secrets, and how everything is wrapped anew."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from genservice.errors import SettingsError, UnavailableError
from genservice.sealing import new_key
from genservice.store.keystore_tables import SecretRow, ViewerKeyRow
from genservice.store.rows import add_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    from genservice.master_keys import MasterKeyPlace
    from genservice.sealing import MasterKey, MasterKeys
    from genservice.store.database import Database

LOOKUP = "lookup"
"""The secret that viewers are looked up with. Its master key is the one that wraps."""
BATCH = 500
"""Keys wrapped anew in one transaction; bounds how long other writers wait."""


class Wrapping:
    """Wraps and opens keys, and follows the master key where another process changes it."""

    def __init__(self, database: Database, place: MasterKeyPlace, keys: MasterKeys) -> None:
        self._database = database
        self._place = place
        self._keys = keys

    @classmethod
    async def open(cls, database: Database, place: MasterKeyPlace) -> tuple[Wrapping, bytes]:
        """What wraps in a keystore, and the secret that viewers are looked up with.

        Raises:
            SettingsError: The master key is missing, or another one.
            UnavailableError: The keystore does not answer, or is damaged.
        """
        async with database.reading() as session:
            is_new = (await session.execute(_CURRENT)).scalar_one_or_none() is None
        # A key is made with the keystore, never after: a new one opens nothing of what is there.
        keys = await asyncio.to_thread(place.read_or_make if is_new else place.read)
        row = await _secret(database, LOOKUP, keys.first)
        master = keys.named(row.master)
        if master is None:
            raise SettingsError(
                f"{place.called}: the keystore was wrapped by another master key, {row.master};"
                f" nothing in it opens with {', '.join(keys.ids)}"
            )
        return cls(database, place, keys), master.unwrap(row.wrapped, "secret", LOOKUP)

    async def current(self) -> MasterKey:
        """The master key that wraps at present.

        Raises:
            UnavailableError: It is not here, or the keystore does not answer.
        """
        async with self._database.reading() as session:
            key_id = (await session.execute(_CURRENT)).scalar_one()
        return await self._named(key_id)

    async def hold(self, session: AsyncSession, master: MasterKey) -> bool:
        """Keep a rotation from beginning until the transaction ends: it must find what is added in it.

        Returns:
            Whether that is still the master key that wraps; else one began already.
        """
        current = (await session.execute(_CURRENT.with_for_update(read=True))).scalar_one()
        return current == master.id

    async def unwrap(self, key_id: str, wrapped: bytes, *place: str) -> bytes:
        """The key that was wrapped by the master key of that id.

        Raises:
            UnavailableError: That master key is not here, or the wrapped key is damaged.
        """
        return (await self._named(key_id)).unwrap(wrapped, *place)

    async def secret(self, name: str) -> bytes:
        """A random key of 32 bytes, the same whenever it is asked for; made at the first time.

        Raises:
            UnavailableError: The keystore does not answer, or its master key is not here.
        """
        row = await _secret(self._database, name, await self.current())
        return await self.unwrap(row.master, row.wrapped, "secret", name)

    async def rotate(self, wrapped: Callable[[int], None], *, batch: int = BATCH) -> int:
        """Wrap everything by the first of the master keys as they lie there now; how many keys it were.

        Raises:
            UnavailableError: The keystore does not answer, or a master key is not here.
        """
        self._keys = await asyncio.to_thread(self._place.read)
        # The secrets first: from then on whatever is added is wrapped by the new key.
        total = await self._rotate_secrets()
        while count := await self._rotate_batch(batch):
            total += count
            wrapped(count)
        return total

    async def _rotate_secrets(self) -> int:
        first = self._keys.first
        query = select(*SecretRow.__table__.columns).where(SecretRow.master != first.id)
        async with self._database.writing() as session:
            rows = (await session.execute(query.with_for_update())).all()
            for name, sealed, master in rows:
                key = await self.unwrap(master, sealed, "secret", name)
                again = {"wrapped": first.wrap(key, "secret", name), "master": first.id}
                await session.execute(
                    update(SecretRow).where(SecretRow.name == name).values(**again)
                )
        return len(rows)

    async def _rotate_batch(self, most: int) -> int:
        first = self._keys.first
        query = select(*ViewerKeyRow.__table__.columns).where(ViewerKeyRow.master != first.id)
        async with self._database.writing() as session:
            rows = (await session.execute(query.limit(most).with_for_update())).all()
            for row in rows:
                place = place_of(row.lookup, row.subject)
                key = await self.unwrap(row.master, row.wrapped, *place)
                again = {"wrapped": first.wrap(key, *place), "master": first.id}
                await session.execute(
                    update(ViewerKeyRow).where(ViewerKeyRow.lookup == row.lookup).values(**again)
                )
        return len(rows)

    async def _named(self, key_id: str) -> MasterKey:
        if (master := self._keys.named(key_id)) is None:
            # Somebody rotated: the file of the keys may have the new one.
            self._keys = await asyncio.to_thread(self._place.read)
            master = self._keys.named(key_id)
        if master is None:
            raise UnavailableError("The keystore was wrapped by a master key that is not here.")
        return master


_CURRENT = select(SecretRow.master).where(SecretRow.name == LOOKUP)


def place_of(lookup: bytes, subject: bytes) -> tuple[str, ...]:
    """Where a viewer's wrapped key belongs."""
    return ("viewer_keys", lookup.hex(), subject.hex())


async def _secret(database: Database, name: str, master: MasterKey) -> Any:
    """The row of a secret, made if there is none. Processes that do so at once get the same."""
    query = select(*SecretRow.__table__.columns).where(SecretRow.name == name)
    async with database.reading() as session:
        row = (await session.execute(query)).one_or_none()
    if row is not None:
        return row
    values = {"name": name, "wrapped": master.wrap(new_key(), "secret", name), "master": master.id}
    insert: Any = add_once(database.dialect, SecretRow.__table__)  # pyright: ignore[reportArgumentType] - a mapped class has a table
    async with database.writing() as session:
        await session.execute(insert, values)
        return (await session.execute(query)).one()
