"""Receipts: statements signed with Ed25519, and their verification by anyone, offline.

A receipt's id is the digest of its statement and its signature covers the same bytes: the canonical
JSON of the statement. Neither says when, so that the same statement always is the same receipt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from genservice.canonical import canonical, doubled
from genservice.domain import Receipt, Signature, Statement
from genservice.errors import DocumentError, Problem, SettingsError

_FOLDER = "signing"
_CURRENT = "current"


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key to verify with: a JSON Web Key (RFC 7517) of type OKP (RFC 8037)."""

    kid: str
    x: str
    """The 32 bytes of the key, base64url without padding."""
    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    use: Literal["sig"] = "sig"


class KeySet(msgspec.Struct, frozen=True, kw_only=True):
    """The keys to verify with: a JSON Web Key Set, as /.well-known/genservice-keys.json holds it."""

    keys: tuple[PublicKey, ...]


Fault = Literal[
    "not_a_receipt", "statement_altered", "unknown_key", "signature_wrong", "text_not_covered"
]
"""Why a receipt is not valid, the first that holds.

- `not_a_receipt`: a field is missing, unknown, doubled or of the wrong shape
- `statement_altered`: the id is not the digest of the statement
- `unknown_key`: none of the keys given has the id that the signature names
- `signature_wrong`: the key did not sign this statement
- `text_not_covered`: the receipt is good, but speaks of other texts than the one given
"""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a receipt holds."""

    valid: bool
    reason: Fault | None = None


@dataclass(frozen=True)
class Signer:
    """Signs statements with one key, and knows the public keys of all that ever signed here."""

    _key_id: str
    _key: Ed25519PrivateKey
    _public: KeySet

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Signer:
        """The signer whose keys lie in `folder`/signing.

        `<key id>.pem` holds a key (PKCS8); `current` names the one that signs.

        Args:
            folder: The keystore.
            create: Make the first key if there is none. Processes that do so at once get the same.

        Raises:
            SettingsError: The folder cannot be read or written, or what it holds is no signing key.
        """
        try:
            if create and not (folder / _FOLDER).exists():
                _make_first(folder)
            keys = _read(folder / _FOLDER)
            current = (folder / _FOLDER / _CURRENT).read_text("ascii", "replace").strip()
        except OSError as error:
            file, detail = error.filename or folder, error.strerror or "cannot be read"
            raise SettingsError(f"GENSERVICE_KEYSTORE: {file}: {detail}") from None
        if current not in keys:
            raise SettingsError(f"{folder / _FOLDER / _CURRENT}: names no key of this folder")
        public = (
            PublicKey(kid=key_id, x=_encode(key.public_key().public_bytes_raw()))
            for key_id, key in keys.items()
        )
        return cls(current, keys[current], KeySet(keys=tuple(public)))

    def sign(self, statement: Statement) -> Receipt:
        """The receipt of a statement: always the same one, as long as the same key signs."""
        signed = canonical(statement)
        return Receipt(id=_id(signed), statement=statement, signature=self.signature(signed))

    def signature(self, signed: bytes) -> Signature:
        """The signature over any bytes, by the key that signs at present.

        What is signed says itself what it is, so that it cannot be taken for another thing.
        """
        return Signature(alg="Ed25519", key=self._key_id, value=_encode(self._key.sign(signed)))

    def public_keys(self) -> KeySet:
        """The keys to verify with, those that no longer sign included."""
        return self._public


def read_keys(raw: bytes, *, file: str) -> KeySet:
    """The Ed25519 keys of a JSON Web Key Set; keys of other types are skipped (RFC 7517, 5).

    Raises:
        DocumentError: It is no key set, or a key of it is broken.
    """
    try:
        keys = msgspec.json.decode(raw, type=_AnyKeys).keys
        found = tuple(msgspec.convert(key, PublicKey) for key in keys if _is_ours(key))
        for key in found:
            _public_key(key)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        problem = Problem(file=file, detail="not a set of Ed25519 keys", hint="RFC 7517, RFC 8037")
        raise DocumentError(problem) from None
    return KeySet(keys=found)


def verify(receipt: Receipt | bytes, keys: KeySet, text: str | None = None) -> Verdict:
    """Whether a receipt holds, and why not. Needs nothing but its arguments.

    Args:
        receipt: As JSON, just as it was received, or as read from it.
        keys: The keys to trust.
        text: If given, it must be one of the texts that the receipt speaks of.
    """
    fault = _fault(receipt, keys, text)
    return Verdict(valid=fault is None, reason=fault)


def _fault(receipt: Receipt | bytes, keys: KeySet, text: str | None) -> Fault | None:
    try:
        receipt = read_receipt(receipt) if isinstance(receipt, bytes) else receipt
        signed = canonical(receipt.statement)
    except ValueError:
        return "not_a_receipt"
    if receipt.id != _id(signed):
        return "statement_altered"
    fault = signature_fault(receipt.signature, signed, keys)
    if fault is not None:
        return fault
    if text is not None:
        # A lone surrogate is no text that was ever written; it must not raise either.
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if digest not in {blurb.sha256 for blurb in receipt.statement.blurbs}:
            return "text_not_covered"
    return None


def signature_fault(
    signature: Signature, signed: bytes, keys: KeySet
) -> Literal["unknown_key", "signature_wrong"] | None:
    """Why a signature is none of these keys' over these bytes; None if it is one."""
    named = [key for key in keys.keys if key.kid == signature.key]
    if not named:
        return "unknown_key"
    # An id is short, so two keys may share one; either will do.
    if not any(_signed_by(key, signature.value, signed) for key in named):
        return "signature_wrong"
    return None


def read_receipt(raw: bytes) -> Receipt:
    """A receipt as it was sent, whether it holds or not: `verify` tells.

    Raises:
        ValueError: It is not a receipt: a field is missing, unknown, doubled or of another shape.
    """
    try:
        if doubled(raw):
            raise ValueError("a key stands twice")
        return msgspec.json.decode(raw, type=Receipt)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _signed_by(key: PublicKey, signature: str, signed: bytes) -> bool:
    try:
        _public_key(key).verify(_decode(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


class _AnyKeys(msgspec.Struct):
    keys: list[dict[str, Any]]


def _is_ours(key: dict[str, Any]) -> bool:
    kind = (key.get("kty"), key.get("crv"), key.get("use", "sig"))
    return kind == ("OKP", "Ed25519", "sig")


def _make_first(folder: Path) -> None:
    """Make `folder`/signing with one key in it, unless another process is first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    key_id = _key_id(key.public_key())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Made whole beside its place and moved there in one step: nobody ever finds half of it, and of
    # two that move at once one fails, because the place is then a folder with files in it.
    made = Path(tempfile.mkdtemp(prefix=f".{_FOLDER}-", dir=folder))
    try:
        _write(made / f"{key_id}.pem", pem)
        _write(made / _CURRENT, key_id.encode())
        _to_disk(made)
        made.rename(folder / _FOLDER)
        _to_disk(folder)
    except OSError:
        if not (folder / _FOLDER).exists():
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _to_disk(folder: Path) -> None:
    # A receipt outlives a power cut, and so must the key that verifies it. Windows has no such call
    # for folders.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read(folder: Path) -> dict[str, Ed25519PrivateKey]:
    # Listing, unlike globbing, raises where there is no folder.
    pems = sorted(path for path in folder.iterdir() if path.suffix == ".pem")
    return {path.stem: _read_key(path) for path in pems}


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsError(f"{path}: not a private key") from None
    if not isinstance(key, Ed25519PrivateKey) or path.stem != _key_id(key.public_key()):
        raise SettingsError(f"{path}: not the Ed25519 key that its name says")
    return key


def _key_id(key: Ed25519PublicKey) -> str:
    return f"k-{hashlib.sha256(key.public_bytes_raw()).hexdigest()[:8]}"


def _public_key(key: PublicKey) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_decode(key.x))


def _id(signed: bytes) -> str:
    return f"r-{hashlib.sha256(signed).hexdigest()}"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None
    # The decoder skips letters it does not know and spare bits: one value, one spelling.
    if _encode(raw) != text:
        raise ValueError("not base64url without padding")
    return raw
