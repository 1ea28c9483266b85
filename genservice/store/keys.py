"""API keys: a secret shown once, of which only a digest is kept."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import re
import secrets
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import update

from genservice.domain.access import Role
from genservice.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    Problem,
    UnavailableError,
)
from genservice.store.ahead import Ahead
from genservice.store.tables import KeyRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.store.database import Database

LAST_USE = timedelta(minutes=1)
"""How exactly the last use is known. A write for every request would cost more than it tells."""

LOOK_SECONDS = 0.5
"""For how long a key that opened is not read again: what another process revoked opens no longer than that."""
MOST_KEPT = 4096

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_KEY = re.compile(r"gs_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_NOBODY = "0" * 64


class KeyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an API key; its secret is not."""

    id: str
    prefix: str
    """The start of the key, to tell keys apart by."""
    role: Role
    name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""
    revoked_at: datetime | None


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key just made. The only time its secret is to be had."""

    record: KeyRecord
    key: str

    def __repr__(self) -> str:
        # Structs show their fields: this one must not.
        return f"NewKey(record={self.record!r})"


class _Rows(SQLAlchemyAsyncRepository[KeyRow]):
    model_type = KeyRow


class Keys:
    """Who may ask."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        ahead: Ahead | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read nothing yet.

        Args:
            database: Where keys lie.
            clock: The time now.
            ahead: Reads keys once for all who ask, and again before they have to be.
            ticks: Seconds that only grow.
        """
        self._ahead = ahead or Ahead()
        self._database = database
        self._clock = clock
        self._ticks = ticks
        self._opening: dict[str, tuple[KeyRecord, float, datetime]] = {}
        """Keys that opened a moment ago, by digest: until which tick and time that is taken for granted."""
        self._changes = 0

    async def create(self, role: Role, name: str, expires: datetime | None = None) -> NewKey:
        """A new key, its secret included.

        Args:
            role: What it may do.
            name: What it is for, from 1 to 100 printable characters.
            expires: From when it no longer opens anything; None never.

        Raises:
            InvalidInputError: The name is not such, or the expiry is past.
            UnavailableError: The database does not answer, is locked or full.
        """
        now = self._clock()
        if not 1 <= len(name) <= 100 or not name.isprintable():
            detail = "not from 1 to 100 printable characters"
            raise InvalidInputError(Problem(pointer="#/name", detail=detail))
        if expires is not None and expires <= now:
            raise InvalidInputError(Problem(pointer="#/expires", detail="not in the future"))
        row, key = _made(role, name, now=now, expires=expires)
        record = _record(row)
        async with self._database.writing() as session:
            await _Rows(session=session, wrap_exceptions=False, auto_refresh=False).add(row)
        return NewKey(record=record, key=key)

    async def rotate(self, key_id: str, *, overlap: timedelta) -> NewKey:
        """A new key with the role, the name and the lifetime of an old one, which then ends.

        Args:
            key_id: The old key.
            overlap: How long the old one still opens, unless it ends before that; none or more.

        Raises:
            NotFoundError: There is no such key.
            ConflictError: It opens nothing any more, so nothing is to be handed over.
            UnavailableError: The database does not answer, is locked or full.
        """
        now = self._clock()
        async with self._database.writing() as session:
            rows = _Rows(session=session, wrap_exceptions=False, auto_refresh=False)
            old = await rows.get_one_or_none(KeyRow.id == key_id, with_for_update=True)
            if old is None:
                raise NotFoundError("key")
            if not _opens(old, now):
                raise ConflictError("This key is revoked or expired: make a new one.")
            expires = old.expires_at and now + (old.expires_at - old.created_at)
            row, key = _made(old.role, old.name, now=now, expires=expires)
            record = _record(row)
            old.expires_at = min(now + overlap, old.expires_at or now + overlap)
            await rows.add(row)
        self._changed()
        return NewKey(record=record, key=key)

    async def verify(self, key: str) -> KeyRecord | None:
        """The record of a key that opens; None if it is unknown, wrong, expired or revoked.

        Raises:
            UnavailableError: The database does not answer.
        """
        if (known := self.known(key)) is not None:
            return known
        return await self._ahead.once(self._name(_hash(key)), lambda: self._read(key))

    async def _read(self, key: str) -> KeyRecord | None:
        match = _KEY.fullmatch(key)
        if match is None:
            return None
        changes = self._changes
        async with self._database.reading() as session:
            rows = _Rows(session=session, wrap_exceptions=False)
            row = await rows.get_one_or_none(KeyRow.id == match[1])
        # An unknown id takes the same comparison, and so the same time, as a wrong secret.
        right = hmac.compare_digest(_hash(match[2]), _NOBODY if row is None else row.hash)
        now = self._clock()
        if row is None or not right or not _opens(row, now):
            self._opening.pop(_hash(key), None)
            return None
        if row.last_used_at is None or now - row.last_used_at >= LAST_USE:
            # A full disk must not lock everybody out: reading goes on.
            with contextlib.suppress(UnavailableError):
                await self._note_use(row.id, now)
        record = _record(row)
        if changes == self._changes:
            if len(self._opening) >= MOST_KEPT:
                self._opening.clear()
            until = self._ticks() + LOOK_SECONDS
            self._opening[_hash(key)] = record, until, now + LAST_USE
        return record

    def known(self, key: str) -> KeyRecord | None:
        """The record of a key that opened a moment ago and has not expired since."""
        # Found by its digest, so that how long this takes says nothing of a secret.
        digest = _hash(key)
        held = self._opening.get(digest)
        if held is None:
            return None
        record, until, noted_until = held
        now, left = self._clock(), until - self._ticks()
        if left <= 0 or noted_until <= now or not _opens(record, now):
            return None
        if left <= LOOK_SECONDS / 2:
            self._ahead.begin(self._name(digest), lambda: self._read(key))
        return record

    def opened_before(self, key: str) -> bool:
        """Whether a key has opened, if not a moment ago."""
        return _hash(key) in self._opening

    def _name(self, digest: str) -> str:
        # What was begun before a change of ours may tell of the time before it.
        return f"key {digest} {self._changes}"

    def _changed(self) -> None:
        """Keys are another matter from now on: every one is read anew."""
        self._changes += 1
        self._opening.clear()

    async def list(self) -> tuple[KeyRecord, ...]:
        """Every key ever made and not taken out, the oldest first.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            query = _Rows(session=session).statement.order_by(KeyRow.created_at, KeyRow.id)
            return tuple(_record(row) for row in (await session.execute(query)).scalars())

    async def revoke(self, key_id: str) -> KeyRecord:
        """The record of a key that opens nothing any more. Revoking twice keeps the first time.

        Raises:
            NotFoundError: There is no such key.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._database.writing() as session:
            rows = _Rows(session=session, wrap_exceptions=False)
            row = await rows.get_one_or_none(KeyRow.id == key_id, with_for_update=True)
            if row is None:
                raise NotFoundError("key")
            row.revoked_at = row.revoked_at or self._clock()
            record = _record(row)
        self._changed()
        return record

    async def _note_use(self, key_id: str, now: datetime) -> None:
        async with self._database.writing() as session:
            await session.execute(
                update(KeyRow).where(KeyRow.id == key_id).values(last_used_at=now)
            )


def _made(role: str, name: str, *, now: datetime, expires: datetime | None) -> tuple[KeyRow, str]:
    """A row to add, and its key."""
    key_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    row = KeyRow(
        id=key_id,
        prefix=f"gs_{key_id}",
        hash=_hash(secret),
        role=role,
        name=name,
        created_at=now,
        expires_at=expires,
        last_used_at=None,
        revoked_at=None,
    )
    return row, f"gs_{key_id}_{secret}"


def _opens(row: KeyRow | KeyRecord, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def _hash(secret: str) -> str:
    # A plain digest is enough: slow hashes protect secrets that can be guessed, and nobody guesses
    # 256 random bits. What it must do is keep a stolen table from holding usable keys.
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(row: KeyRow) -> KeyRecord:
    values = {
        "id": row.id,
        "prefix": row.prefix,
        "role": row.role,
        "name": row.name,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "revoked_at": row.revoked_at,
    }
    try:
        return msgspec.convert(values, KeyRecord)
    except msgspec.ValidationError:
        # Such as a role this version does not know: no guess may widen what a key opens.
        raise UnavailableError("A stored key cannot be read.") from None
