"""Public keys, and what was signed with them: all that it takes to verify, offline."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import UNSET, UnsetType

from genservice.domain import Signature
from genservice.errors import DocumentError, Problem


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key to verify with: a JSON Web Key (RFC 7517) of type OKP (RFC 8037).

    `nbf` and `exp` say when it signed, in seconds since 1970, as OpenID Federation has them for
    historical keys. What a retired key signed stays valid: neither is looked at to verify.
    """

    kid: str
    x: str
    """The 32 bytes of the key, base64url without padding."""
    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"
    nbf: int | UnsetType = UNSET
    """Since when it signed; left out where that was not recorded."""
    exp: int | UnsetType = UNSET
    """Until when it signed; left out of the current one."""


class KeySet(msgspec.Struct, frozen=True, kw_only=True):
    """The keys to verify with: a JSON Web Key Set, as /.well-known/genservice-keys.json holds it."""

    keys: tuple[PublicKey, ...]


SignatureFault = Literal["unknown_key", "signature_wrong"]


def read_keys(raw: bytes, *, file: str) -> KeySet:
    """The Ed25519 keys of a JSON Web Key Set; keys of other types are skipped (RFC 7517, 5).

    Raises:
        DocumentError: It is no key set, or a key of it is broken.
    """
    try:
        keys = msgspec.json.decode(raw, type=_AnyKeys).keys
        found = tuple(msgspec.convert(key, PublicKey) for key in keys if _is_ours(key))
        for key in found:
            _loaded(key)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        problem = Problem(file=file, detail="not a set of Ed25519 keys", hint="RFC 7517, RFC 8037")
        raise DocumentError(problem) from None
    return KeySet(keys=found)


def signature_fault(signature: Signature, signed: bytes, keys: KeySet) -> SignatureFault | None:
    """Why a signature over these bytes does not hold; None if it does."""
    named = [key for key in keys.keys if key.kid == signature.key]
    if not named:
        return "unknown_key"
    # An id is short, so two keys may share one; either will do.
    if not any(_signed_by(key, signature.value, signed) for key in named):
        return "signature_wrong"
    return None


def key_id(key: Ed25519PublicKey) -> str:
    """What a key is called: the beginning of its digest."""
    return f"k-{hashlib.sha256(key.public_bytes_raw()).hexdigest()[:8]}"


def is_named_after_itself(key: PublicKey) -> bool:
    """Whether the id of a key is the one that `key_id` gives it."""
    return key.kid == key_id(_loaded(key))


def base64url(raw: bytes) -> str:
    """Bytes in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signed_by(key: PublicKey, signature: str, signed: bytes) -> bool:
    try:
        _loaded(key).verify(_decode(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


class _AnyKeys(msgspec.Struct):
    keys: list[dict[str, Any]]


def _is_ours(key: dict[str, Any]) -> bool:
    kind = (key.get("kty"), key.get("crv"), key.get("use", "sig"))
    return kind == ("OKP", "Ed25519", "sig")


def _loaded(key: PublicKey) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_decode(key.x))


def _decode(text: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None
    # The decoder skips letters it does not know and spare bits: one value, one spelling.
    if base64url(raw) != text:
        raise ValueError("not base64url without padding")
    return raw
