"""Confirmations of erasure: signed like receipts, verified by anyone, offline, and about nobody by themselves.

A confirmation says how much was erased and when. Whose it was it says only as a commitment: the keyed
digest of the viewer's id under a secret that is given out once, beside the confirmation, and kept
nowhere. Without the secret the confirmation tells nothing of the viewer, not even to who guesses an
id; with it, whoever knows the id can show that it is theirs.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from genservice.canonical import canonical, doubled
from genservice.domain import Signature
from genservice.public_keys import KeySet, signature_fault
from genservice.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET_BYTES = 32


class Counts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much was erased, by kind."""

    signals: int
    consents: int
    controls: int
    servings: int


class Erasure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a confirmation says."""

    kind: Literal["genservice.erasure/1"]
    """Signed with the rest, so that no other statement of ours can be taken for this one."""
    viewer: str
    """HMAC-SHA256 of the viewer's id under the secret, in lower-case hex."""
    at: datetime
    """When nothing was left; UTC."""
    erased: Counts


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed erasure. Its id is the digest of its statement."""

    id: str
    statement: Erasure
    signature: Signature


class Confirmed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A confirmation with the secret that shows whose it is."""

    confirmation: Confirmation
    secret: str
    """32 random bytes, in hex. It is given out here and kept nowhere."""


Fault = Literal[
    "not_a_confirmation", "statement_altered", "unknown_key", "signature_wrong", "another_viewer"
]
"""Why a confirmation is not valid, the first that holds.

- `not_a_confirmation`: a field is missing, unknown, doubled or of the wrong shape
- `statement_altered`: the id is not the digest of the statement
- `unknown_key`: none of the keys given has the id that the signature names
- `signature_wrong`: the key did not sign this statement
- `another_viewer`: the confirmation is good, but the secret does not make it this viewer's
"""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a confirmation holds."""

    valid: bool
    reason: Fault | None = None


def confirm(
    viewer: str,
    erased: Counts,
    *,
    at: datetime,
    signer: Signer,
    random: Callable[[int], bytes],
) -> Confirmed:
    """What is given out once everything of a viewer is erased.

    Args:
        viewer: The app's own id; it stands in nothing that is given out.
        erased: How much was erased.
        at: When; its fractions of a second are dropped.
        signer: Signs.
        random: That many random bytes, unguessable.
    """
    secret = random(SECRET_BYTES)
    statement = Erasure(
        kind="genservice.erasure/1",
        viewer=_commitment(viewer, secret),
        at=at.replace(microsecond=0),
        erased=erased,
    )
    signed = canonical(statement)
    return Confirmed(
        confirmation=Confirmation(
            id=_id(signed), statement=statement, signature=signer.signature(signed)
        ),
        secret=secret.hex(),
    )


def verify_confirmation(raw: bytes, keys: KeySet, *, viewer: str | None = None) -> Verdict:
    """Whether a confirmation holds, and why not. Needs nothing but its arguments.

    Args:
        raw: As JSON, just as it was given out, with its secret or without.
        keys: The keys to trust.
        viewer: If given, the confirmation must come with its secret and be this viewer's.
    """
    fault = _fault(raw, keys, viewer)
    return Verdict(valid=fault is None, reason=fault)


def _fault(raw: bytes, keys: KeySet, viewer: str | None) -> Fault | None:
    try:
        confirmation, secret = _read(raw)
        signed = canonical(confirmation.statement)
    except ValueError:
        return "not_a_confirmation"
    if confirmation.id != _id(signed):
        return "statement_altered"
    fault = signature_fault(confirmation.signature, signed, keys)
    if fault is not None:
        return fault
    if viewer is not None and not _is_of(viewer, secret, confirmation.statement.viewer):
        return "another_viewer"
    return None


def _read(raw: bytes) -> tuple[Confirmation, bytes | None]:
    try:
        if doubled(raw):
            raise ValueError("a key stands twice")
        if "confirmation" not in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]):
            return msgspec.json.decode(raw, type=Confirmation), None
        confirmed = msgspec.json.decode(raw, type=Confirmed)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return confirmed.confirmation, bytes.fromhex(confirmed.secret)


def _is_of(viewer: str, secret: bytes | None, commitment: str) -> bool:
    return secret is not None and hmac.compare_digest(_commitment(viewer, secret), commitment)


def _commitment(viewer: str, secret: bytes) -> str:
    return hmac.digest(secret, viewer.encode(), "sha256").hex()


def _id(signed: bytes) -> str:
    return f"e-{hashlib.sha256(signed).hexdigest()}"
