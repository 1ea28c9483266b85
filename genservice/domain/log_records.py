"""What is signed of the decision log, and kept outside the database that holds it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from genservice.domain.blurbs import Signature


class _Record(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """Its kind is signed with it: no other statement of ours can be taken for this one."""


class Head(_Record, frozen=True, kw_only=True, tag="genservice.log-head/1"):
    """How far the chain of one writer went at a time, and the digest it had there."""

    writer: str
    position: int
    """Of its last batch; 0 before the first."""
    digest: str
    """Of that batch, in lower-case hex."""
    requests: int
    """Counted in all its batches."""
    hour: str
    """Of that batch; empty before the first."""
    at: datetime
    closed: bool = False
    """The writer stopped in good order: nothing comes after it."""


class Anchor(_Record, frozen=True, kw_only=True, tag="genservice.log-anchor/1"):
    """Up to where the chain of one writer was forgotten, and the digest it had there."""

    writer: str
    position: int
    digest: str
    before: str
    """Hours before this one were kept long enough."""
    days: int
    """For how many days the log was to be kept then."""
    at: datetime


class Beginning(_Record, frozen=True, kw_only=True, tag="genservice.log-beginning/1"):
    """From when on every batch is chained."""

    at: datetime


LogRecord = Head | Anchor | Beginning


class SignedRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record and the signature over its canonical JSON."""

    record: LogRecord
    signature: Signature
