"""Sealing: authenticated encryption of what must be readable only with one key, in one place.

A sealed value says by its first byte how it was sealed, so that another way may follow. What it is and
where it belongs is authenticated with it: moved to another viewer, table or field, it does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from genservice.canonical import canonical
from genservice.errors import SettingsError, UnavailableError

KEY_BYTES = 32
_WAY = b"\x01"
"""AES-256-GCM, a random nonce of 96 bits, a tag of 128."""
_NONCE_BYTES = 12
_BLOCK = 64
"""Content is filled up to a multiple of so many bytes: `given` and `withdrawn` must not differ in length."""


def new_key() -> bytes:
    """A random key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, content: bytes, *place: str) -> bytes:
    """Content that opens only with `key` and for the same place.

    Args:
        key: 32 bytes.
        content: Without spaces at its end, as JSON is: they would be taken for filling.
        place: Where it belongs, from the general to the particular.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    filled = content + b" " * (-len(content) % _BLOCK)
    return _WAY + nonce + AESGCM(key).encrypt(nonce, filled, canonical(place))


def unseal(key: bytes, sealed: bytes, *place: str) -> bytes:
    """What was sealed with `key` for that place.

    Raises:
        UnavailableError: It was not, or it is damaged.
    """
    way, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if way != _WAY:
        raise UnavailableError("A sealed value was sealed in a way of another version.")
    try:
        return AESGCM(key).decrypt(nonce, rest, canonical(place)).rstrip(b" ")
    except (InvalidTag, ValueError):
        raise UnavailableError("A sealed value cannot be read.") from None


@dataclass(frozen=True)
class MasterKey:
    """A key that wraps other keys."""

    _key: bytes

    @property
    def id(self) -> str:
        """What it is known by; tells nothing of the key."""
        return hashlib.sha256(b"genservice master key" + self._key).hexdigest()[:16]

    def wrap(self, key: bytes, *place: str) -> bytes:
        """A key of 32 bytes, sealed; see `seal`."""
        return seal(self._key, base64.b64encode(key), "wrapped", *place)

    def unwrap(self, wrapped: bytes, *place: str) -> bytes:
        """The key that was wrapped.

        Raises:
            UnavailableError: It was wrapped by another key, for another place, or is damaged.
        """
        return base64.b64decode(unseal(self._key, wrapped, "wrapped", *place))

    def text(self) -> str:
        """The key as settings and files hold it."""
        return base64.urlsafe_b64encode(self._key).rstrip(b"=").decode()

    def __repr__(self) -> str:
        return f"MasterKey({self.id})"


@dataclass(frozen=True)
class MasterKeys:
    """The master keys that are known: the first wraps, all unwrap."""

    _keys: tuple[MasterKey, ...]

    @property
    def first(self) -> MasterKey:
        """The one that wraps."""
        return self._keys[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """What they are known by."""
        return tuple(key.id for key in self._keys)

    def named(self, key_id: str) -> MasterKey | None:
        """The one of that id."""
        return next((key for key in self._keys if key.id == key_id), None)

    def text(self) -> str:
        """Them as settings and files hold them."""
        return ",".join(key.text() for key in self._keys)


def read_master_keys(text: str, *, where: str) -> MasterKeys:
    """Master keys as they are written in a setting or a file.

    Args:
        text: Base64url of 32 bytes each; between two stand commas, spaces or ends of lines.
        where: What errors call it.

    Raises:
        SettingsError: It is not that.
    """
    try:
        keys = tuple(MasterKey(_decoded(part)) for part in text.replace(",", " ").split())
    except (ValueError, binascii.Error):
        keys = ()
    if not keys or len({key.id for key in keys}) < len(keys):
        # Not a letter of it: a key that has one wrong is still nearly a key.
        raise SettingsError(
            f"{where}: expected master keys, each 32 bytes in base64url and each once, with commas between"
        )
    return MasterKeys(keys)


def _decoded(text: str) -> bytes:
    raw = base64.b64decode(
        text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True
    )
    if len(raw) != KEY_BYTES:
        raise ValueError("not 32 bytes")
    return raw
