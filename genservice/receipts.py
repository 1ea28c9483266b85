"""Receipts: statements signed with Ed25519, and their verification by anyone, offline.

A receipt's id is the digest of its statement and its signature covers the same bytes: the canonical
JSON of the statement. Neither says when, so that the same statement always is the same receipt.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from genservice.canonical import canonical, doubled
from genservice.domain import Receipt
from genservice.public_keys import KeySet, PublicKey, SignatureFault, read_keys, signature_fault
from genservice.signing import Signer, receipt_id

__all__ = [
    "Fault", "KeySet", "PublicKey", "SignatureFault", "Signer", "Verdict", "read_keys", "read_receipt",
    "signature_fault", "verify",
]  # fmt: skip

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
    if receipt.id != receipt_id(signed):
        return "statement_altered"
    if (fault := signature_fault(receipt.signature, signed, keys)) is not None:
        return fault
    if text is not None:
        # A lone surrogate is no text that was ever written; it must not raise either.
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if digest not in {blurb.sha256 for blurb in receipt.statement.blurbs}:
            return "text_not_covered"
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
