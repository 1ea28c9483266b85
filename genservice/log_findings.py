"""What can be found wrong with the decision log, and the word for it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Kind = Literal[
    "altered", "unlinked", "misplaced", "removed", "cut_off", "dropped", "rewritten", "unsigned",
    "unchained", "forgotten_early", "bad_record",
]  # fmt: skip
"""What can be wrong.

- `altered`: a batch is not the one that its digest was made of
- `unlinked`: a batch does not carry the digest of the one before
- `misplaced`: a position stands twice, or out of order
- `removed`: batches are missing before or between others
- `cut_off`: batches are missing at the end, up to a signed head
- `dropped`: every batch of a writer is missing, up to a signed head
- `rewritten`: the chain holds together, but is not the one that was signed
- `unsigned`: batches that no head accounts for: more than a minute beyond the last one, after the
  writer had stopped, or without any
- `unchained`: a batch without digests, of a writer or a time that has them
- `forgotten_early`: batches were forgotten sooner than the settings say
- `bad_record`: a record of the heads cannot be read, or none of the keys given has signed it
"""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong, and where."""

    kind: Kind
    writer: str = ""
    first: int | None = None
    """The position it begins at."""
    last: int | None = None
    """The position it ends at."""
    since: str = ""
    """The hour of the batch, or that of the last one before what is missing."""
    until: str = ""
    """The hour of the batch, or that of the first one after what is missing."""
    place: str = ""
    """FILE:LINE of a record, or the id of the key that it names."""


class LogVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a log was found to be."""

    whole: bool
    """Nothing was found."""
    findings: tuple[Finding, ...]
    more: int
    """Findings that are not listed."""
    batches: int
    requests: int
    writers: int
    since: str
    """The first hour there; empty if there is none."""
    until: str
    """The last hour there."""
    signed_at: datetime | None
    """The time of the last head."""
    unsigned: int
    """Batches beyond the last head of their writer, within the minute that this may take."""
    unchained: int
    """Batches of before there were chains: nothing vouches for them."""
    overdue: int
    """Batches that an anchor says were forgotten, as after a stop in the midst of it."""
