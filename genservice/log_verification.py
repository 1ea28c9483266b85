"""Whether the decision log is whole: its chains against the signed heads kept outside the database."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import msgspec

from genservice.canonical import canonical
from genservice.domain.log_records import Anchor, Beginning, Head
from genservice.log_findings import Finding, LogVerdict
from genservice.log_heads import Found
from genservice.log_trails import Signed, Trail, forgotten_early
from genservice.public_keys import signature_fault

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

    from genservice.public_keys import KeySet
    from genservice.store import DecisionBatch

UNCHAINED_AFTER = timedelta(days=1)
"""How long after the beginning processes of the version before may still write."""
MOST = 1000
"""Most findings that are listed; the rest is counted."""
_NONE = Signed()


class Batches(Protocol):
    """The log."""

    def read(self, *, since: str, until: str | None) -> AsyncGenerator[tuple[DecisionBatch, ...]]:
        """Its batches, ordered by hour, writer and position; with None to the last, whatever its hour says."""
        ...


async def verify_log(
    batches: Batches,
    heads: Callable[[], Found],
    keys: KeySet,
    *,
    days: int,
    clock: Callable[[], datetime],
    told: Callable[[int], None] = lambda requests: None,
) -> LogVerdict:
    """Whether any batch was removed, altered, moved, doubled or cut off since it was signed.

    The service may go on writing and forgetting meanwhile. Reading and hashing is done off the event
    loop, page by page, in memory that grows with the number of writers only.

    Args:
        batches: The log.
        heads: Reads the signed heads; called before the log is read and after.
        keys: The keys to trust.
        days: For how many days the log is kept.
        clock: The time now; asked at the end, for the service may go on forgetting.
        told: Gets the number of requests read so far, after each page.

    Raises:
        UnavailableError: The database does not answer.
        DocumentError: The heads cannot be read.
    """
    before = await asyncio.to_thread(_read, heads, keys)
    verifying = _Verifying(before)
    async for page in batches.read(since="", until=None):
        await asyncio.to_thread(verifying.add, page)
        told(verifying.requests)
    # Read again: what was written and forgotten since then is accounted for by what was signed since.
    after = await asyncio.to_thread(_read, heads, keys)
    return verifying.verdict(after, days=days, now=clock())


class _Records(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was signed, by writer."""

    signed: dict[str, Signed]
    beginning: datetime | None
    broken: tuple[Finding, ...]

    def of(self, writer: str) -> Signed:
        return self.signed.get(writer, _NONE)

    def anchors(self) -> Sequence[Anchor]:
        return [signed.anchor for signed in self.signed.values() if signed.anchor]

    def signed_at(self) -> datetime | None:
        heads = (head.at for signed in self.signed.values() for head in signed.heads)
        return max(heads, default=None)


def _read(heads: Callable[[], Found], keys: KeySet) -> _Records:
    found = heads()
    broken = [Finding(kind="bad_record", place=place) for place in found.broken]
    by_writer: dict[str, Signed] = {}
    beginnings: list[datetime] = []
    for item in found.signed:
        record = item.record
        if signature_fault(item.signature, canonical(record), keys) is not None:
            writer = "" if isinstance(record, Beginning) else record.writer
            broken.append(Finding(kind="bad_record", writer=writer, place=item.signature.key))
            continue
        if isinstance(record, Beginning):
            beginnings.append(record.at)
            continue
        held = by_writer.get(record.writer, _NONE)
        if isinstance(record, Head):
            held = msgspec.structs.replace(held, heads=(*held.heads, record))
        elif held.anchor is None or _rank(record) > _rank(held.anchor):
            held = msgspec.structs.replace(held, anchor=record)
        by_writer[record.writer] = held
    return _Records(signed=by_writer, beginning=min(beginnings, default=None), broken=tuple(broken))


def _rank(anchor: Anchor) -> tuple[int, str]:
    return anchor.position, anchor.before


class _Verifying:
    """One pass over the log."""

    def __init__(self, before: _Records) -> None:
        self._before = before
        self._trails: dict[str, Trail] = {}
        self._findings: list[Finding] = []
        self._found = 0
        self.requests = self._batches = self._loose = 0
        self._since = self._until = ""

    def add(self, page: Iterable[DecisionBatch]) -> None:
        for batch in page:
            self._batches += 1
            self.requests += batch.requests
            self._since = self._since or batch.hour
            self._until = batch.hour
            if self._may_be_loose(batch):
                self._loose += 1
                continue
            trail = self._trails.get(batch.writer)
            if trail is None:
                trail = Trail(batch.writer, self._before.of(batch.writer))
                self._trails[batch.writer] = trail
            self._note(trail.add(batch))

    def verdict(self, after: _Records, *, days: int, now: datetime) -> LogVerdict:
        for writer in sorted({*self._trails, *self._before.signed}):
            trail = self._trails.get(writer) or Trail(writer, _NONE)
            self._note(trail.judge(self._before.of(writer), after.of(writer)))
        self._note(forgotten_early(after.anchors(), days=days, now=now))
        self._note(after.broken)
        trails = [(trail, after.of(writer)) for writer, trail in self._trails.items()]
        return LogVerdict(
            whole=not self._found,
            findings=tuple(self._findings),
            more=self._found - len(self._findings),
            batches=self._batches,
            requests=self.requests,
            writers=len(self._trails),
            since=self._since,
            until=self._until,
            signed_at=after.signed_at(),
            unsigned=sum(trail.unsigned(signed) for trail, signed in trails),
            unchained=self._loose,
            overdue=sum(trail.overdue(signed) for trail, signed in trails),
        )

    def _may_be_loose(self, batch: DecisionBatch) -> bool:
        """Whether it may have been written before there were chains."""
        if batch.digest is not None or batch.previous is not None:
            return False
        if batch.writer in self._before.signed or batch.writer in self._trails:
            return False
        if self._before.beginning is None:
            # Without any heads there were no chains yet; with some, their beginning is missing.
            return not self._before.signed
        return batch.hour <= (self._before.beginning + UNCHAINED_AFTER).isoformat()[:13]

    def _note(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._found += 1
            if len(self._findings) < MOST:
                self._findings.append(finding)
