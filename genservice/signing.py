"""The Ed25519 keys that sign here, in the folder `signing` of the keystore.

    keys.json        every key that ever signed, as it is published: a JSON Web Key Set; the one
                     without `exp` is current
    <key id>.pem     a private key (PKCS8)

A rotation writes the new private key first, and then replaces `keys.json` in one step. So there is
one current key at every moment, whatever a crash leaves behind. Processes that sign look whether
`keys.json` changed when they sign, twice a second at most, and need no restart. Keystores of the
first version have no `keys.json`: there a file `current` names the key, until it is rotated.
"""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import UNSET

from genservice.canonical import canonical
from genservice.domain import Receipt, Signature, Statement
from genservice.errors import SettingsError
from genservice.files import folder_to_disk, locked, put_whole
from genservice.public_keys import KeySet, PublicKey, base64url
from genservice.signing_files import (
    CURRENT,
    FOLDER,
    KEYS,
    SigningKeys,
    as_pem,
    listed_as,
    make_first,
    private_files,
    public_of,
    published,
    read_signing_keys,
    stamp_of,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
"""A rotation is noticed by the first use after so many seconds."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """What a rotation did, by the ids of keys."""

    current: str
    """Signs from now on."""
    retired: str
    """Signed until now, and verifies as before."""
    destroyed: tuple[str, ...]
    """Retired keys whose private half was destroyed."""


class Signer:
    """Signs with the current key, and knows the public keys of all that ever signed here."""

    def __init__(self, folder: Path, *, ticks: Callable[[], float]) -> None:
        self._folder = folder
        self._ticks = ticks
        self._held = read_signing_keys(folder)
        self._looked = ticks()
        self._failing = False

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        create: bool = True,
        clock: Callable[[], datetime] = _utc_now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> Signer:
        """The signer whose keys lie in `folder`/signing.

        Args:
            folder: The keystore.
            create: Make the first key if there is none. Processes that do so at once get the same.
            clock: The time now.
            ticks: Seconds that pass, from whenever.

        Raises:
            SettingsError: The folder cannot be read or written, or what it holds is no signing key.
        """
        try:
            if create and not (folder / FOLDER).exists():
                make_first(folder, clock())
        except OSError as error:
            raise unreadable(folder, error) from None
        return cls(folder, ticks=ticks)

    def sign(self, statement: Statement) -> Receipt:
        """The receipt of a statement: always the same one, as long as the same key signs."""
        signed = canonical(statement)
        return Receipt(id=receipt_id(signed), statement=statement, signature=self.signature(signed))

    def signature(self, signed: bytes) -> Signature:
        """A signature over these bytes. They must say of themselves what they are."""
        held = self._current()
        return Signature(alg="Ed25519", key=held.key_id, value=base64url(held.key.sign(signed)))

    def public_keys(self) -> KeySet:
        """The keys to verify with, those that no longer sign included."""
        return self._current().public

    @property
    def key_id(self) -> str:
        """The id of the key that signs now."""
        return self._current().key_id

    @property
    def is_failing(self) -> bool:
        """The keystore cannot be read: the last key read still signs."""
        return self._failing

    def _current(self) -> SigningKeys:
        # Files are read on the event loop here: one look at a small file's date, and three small
        # files once in a rotation.
        now = self._ticks()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look()
        return self._held

    def _look(self) -> None:
        try:
            if stamp_of(self._folder) != self._held.stamp:
                self._held = read_signing_keys(self._folder)
                log.info("another key signs", key=self._held.key_id)
        except (OSError, SettingsError) as error:
            if not self._failing:
                log.warning("the signing keys cannot be read", cause=type(error).__name__)
            self._failing = True
        else:
            self._failing = False


def receipt_id(signed: bytes) -> str:
    """The id of a receipt: the digest of its statement's canonical JSON."""
    return f"r-{hashlib.sha256(signed).hexdigest()}"


def public_keys_of(folder: Path) -> KeySet:
    """The public keys of a keystore, without touching a private one where it can be helped.

    Raises:
        SettingsError: There are none, or they cannot be read.
    """
    try:
        return public_of(folder)[1]
    except OSError as error:
        raise unreadable(folder, error) from None


def rotate(
    folder: Path, *, destroy_private: bool = False, clock: Callable[[], datetime] = _utc_now
) -> Rotation:
    """Have a new key sign from now on. The public keys of all others stay, and so what they verify.

    Args:
        folder: The keystore.
        destroy_private: Delete the private keys of all retired ones, so that nobody ever signs with
            them again.
        clock: The time now.

    Raises:
        SettingsError: There is no keystore, it is broken, or it cannot be written.
    """
    try:
        with locked(folder / FOLDER):
            return _rotate(folder, int(clock().timestamp()), destroy_private=destroy_private)
    except OSError as error:
        raise unreadable(folder, error) from None


def _rotate(folder: Path, now: int, *, destroy_private: bool) -> Rotation:
    signing = folder / FOLDER
    held = read_signing_keys(folder)
    key = Ed25519PrivateKey.generate()
    new = published(key, now)
    put_whole(signing / f"{new.kid}.pem", as_pem(key))
    retired = tuple(_retired(old, now) for old in held.public.keys)
    put_whole(signing / KEYS, listed_as(new, *retired))
    (signing / CURRENT).unlink(missing_ok=True)
    destroyed: list[str] = []
    if destroy_private:
        for path in private_files(signing):
            if path.stem != new.kid:
                path.unlink()
                destroyed.append(path.stem)
    folder_to_disk(signing)
    return Rotation(current=new.kid, retired=held.key_id, destroyed=tuple(destroyed))


def _retired(key: PublicKey, now: int) -> PublicKey:
    if key.exp is not UNSET:
        return key
    # A clock may have been set back since it began.
    return msgspec.structs.replace(key, exp=now if key.nbf is UNSET else max(now, key.nbf))
