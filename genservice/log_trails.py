"""The batches of one writer as they were read: what links to what, and how that fits what was signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from genservice.domain.log_records import Anchor, Head
from genservice.log_chains import HEAD_SECONDS
from genservice.log_findings import Finding, Kind
from genservice.store import GENESIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from genservice.store import DecisionBatch

SLACK = timedelta(seconds=HEAD_SECONDS + 10)
"""How long after the last head of a writer a batch of it may be from."""


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed of one writer."""

    heads: tuple[Head, ...] = ()
    anchor: Anchor | None = None
    """The furthest one."""

    @property
    def forgotten(self) -> int:
        """Up to which position it was forgotten."""
        return self.anchor.position if self.anchor else 0

    @property
    def furthest(self) -> Head | None:
        """The head that lies furthest, and of these the last."""
        return max(self.heads, key=lambda head: (head.position, head.closed, head.at), default=None)

    def marks(self) -> Iterator[tuple[int, str]]:
        """Positions and the digests that were signed there."""
        for record in (*self.heads, *((self.anchor,) if self.anchor else ())):
            yield record.position, record.digest


class _Run(msgspec.Struct, kw_only=True):
    """Batches without a gap."""

    first: int
    previous: bytes
    since: str
    last: int
    digest: bytes
    until: str


class Trail:
    """One writer, batch by batch in order of hours and positions."""

    def __init__(self, writer: str, signed: Signed) -> None:
        self._writer = writer
        self._marks: dict[int, set[str]] = {}
        for position, digest in signed.marks():
            self._marks.setdefault(position, set()).add(digest)
        self._runs: list[_Run] = []

    def add(self, batch: DecisionBatch) -> Iterator[Finding]:
        """What is wrong with the next batch by itself, and beside the one before."""
        digest, previous = batch.digest, batch.previous
        if digest is None or previous is None:
            yield self._found("unchained", batch)
            digest, previous = digest or b"", previous or b""
        elif digest != batch.computed():
            yield self._found("altered", batch)
        # The digest it carries stands for it from here on, so that one fault is told once.
        run = self._runs[-1] if self._runs else None
        if run is not None and batch.position <= run.last:
            yield self._found("misplaced", batch)
            return
        if digest.hex() not in self._marks.get(batch.position, {digest.hex()}):
            yield self._found("rewritten", batch)
        if run is None or batch.position != run.last + 1:
            self._runs.append(
                _Run(
                    first=batch.position, previous=previous, since=batch.hour,
                    last=batch.position, digest=digest, until=batch.hour,
                )
            )  # fmt: skip
            return
        if previous != run.digest:
            yield self._found("unlinked", batch)
        run.last, run.digest, run.until = batch.position, digest, batch.hour

    def judge(self, before: Signed, after: Signed) -> Iterator[Finding]:
        """What is wrong with all of it.

        Args:
            before: What was signed before the log was read: so far, at least, it must go.
            after: What was signed by the time that it was read.
        """
        yield from self._joined(after)
        yield from self._ended(before, after)
        yield from self._beyond(after)

    def unsigned(self, after: Signed) -> int:
        """Batches beyond the last head."""
        covered = after.furthest.position if after.furthest else 0
        return max(0, self._last - max(covered, after.forgotten))

    def overdue(self, after: Signed) -> int:
        """Batches that are there although an anchor says that they were forgotten."""
        return sum(max(0, min(run.last, after.forgotten) - run.first + 1) for run in self._runs)

    @property
    def _last(self) -> int:
        return self._runs[-1].last if self._runs else 0

    def _joined(self, signed: Signed) -> Iterator[Finding]:
        """The beginning of every run: what it is missing, and what it says came before."""
        last, digest, since = 0, GENESIS, ""
        for run in self._runs:
            missing = run.first - 1
            if missing > max(last, signed.forgotten):
                first = max(last, signed.forgotten) + 1
                yield Finding(
                    kind="removed", writer=self._writer, first=first, last=missing,
                    since=since, until=run.since,
                )  # fmt: skip
            elif signed.anchor and missing == signed.forgotten != last:
                digest, last = bytes.fromhex(signed.anchor.digest), missing
            if last == missing and run.previous != digest:
                yield Finding(
                    kind="unlinked", writer=self._writer, first=run.first, last=run.first,
                    since=run.since, until=run.since,
                )  # fmt: skip
            last, digest, since = run.last, run.digest, run.until

    def _ended(self, before: Signed, after: Signed) -> Iterator[Finding]:
        head = before.furthest
        there = max(self._last, after.forgotten)
        if head is not None and head.position > there:
            yield Finding(
                kind="cut_off" if there else "dropped",
                writer=self._writer,
                first=there + 1,
                last=head.position,
                since=self._runs[-1].until if self._runs else "",
                until=head.hour,
            )

    def _beyond(self, after: Signed) -> Iterator[Finding]:
        count, head = self.unsigned(after), after.furthest
        if not count or not self._runs:
            return
        run = self._runs[-1]
        if head is None or head.closed or _begins(run.until) > head.at + SLACK:
            yield Finding(
                kind="unsigned", writer=self._writer, first=run.last - count + 1, last=run.last,
                since=run.since, until=run.until,
            )  # fmt: skip

    def _found(self, kind: Kind, batch: DecisionBatch) -> Finding:
        return Finding(
            kind=kind, writer=self._writer, first=batch.position, last=batch.position,
            since=batch.hour, until=batch.hour,
        )  # fmt: skip


def forgotten_early(anchors: Sequence[Anchor], *, days: int, now: datetime) -> Iterator[Finding]:
    """Anchors for which neither their own days nor those that are set account."""
    for anchor in anchors:
        # In good order if both the days it names and those set now had passed.
        if anchor.before > min(first_kept(anchor.at, anchor.days), first_kept(now, days)):
            yield Finding(
                kind="forgotten_early", writer=anchor.writer, last=anchor.position,
                until=anchor.before,
            )  # fmt: skip


def first_kept(now: datetime, days: int) -> str:
    """The first hour that is kept for so many days; with 0 none is."""
    moment = now - timedelta(days=days) if days else now + timedelta(hours=1)
    return moment.isoformat()[:13]


def _begins(hour: str) -> datetime:
    """When an hour began. What is none, for it was altered, began at the end of time."""
    try:
        return datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
