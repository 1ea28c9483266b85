"""A decision log in memory with heads signed in memory, as parts of tests."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from genservice.canonical import canonical
from genservice.domain import Decided, LoggedContext
from genservice.domain.log_records import Anchor, Beginning, Head, SignedRecord
from genservice.errors import UnavailableError
from genservice.log_heads import Found
from genservice.signing import Signer
from genservice.store import DecisionBatch, End, batch_of

HOUR = "%Y-%m-%dT%H"
START = datetime(2026, 11, 25, 22, 40, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


class KeptBatches:
    """Batches in memory; while it is `down` they are refused, once they are in if `deaf`."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, int], DecisionBatch] = {}
        self.counted: dict[tuple[str, str, int], dict] = {}
        self.forgotten: list[str] = []
        self.down = self.deaf = False
        self.asked = 0

    async def add(self, *, hour, writer, position, policy, counts, previous) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        batch = batch_of(
            hour=hour, writer=writer, position=position, policy=policy, counts=counts,
            previous=previous,
        )  # fmt: skip
        if not self.down or self.deaf:
            self.rows.setdefault((hour, writer, position), batch)
            self.counted.setdefault((hour, writer, position), dict(counts))
        if self.down:
            raise UnavailableError("The database does not answer.")
        return batch.digest

    async def forget(self, *, before: str, anchored) -> int:
        self.forgotten.append(before)
        forgotten = 0
        for hour in sorted({hour for hour, _, _ in self.rows if hour < before}):
            last: dict[str, End] = {}
            for (at, writer, position), row in sorted(self.rows.items()):
                if at == hour:
                    last[writer] = End(writer=writer, position=position, digest=row.digest)
            await anchored(tuple(last.values()))
            for key in [key for key in self.rows if key[0] == hour]:
                del self.rows[key]
                forgotten += 1
        return forgotten

    async def read(self, *, since: str, until: str | None, page: int = 3):
        rows = [
            row
            for key, row in sorted(self.rows.items())
            if since <= key[0] and (until is None or key[0] < until)
        ]
        for first in range(0, len(rows), page):
            yield tuple(rows[first : first + page])


class KeptHeads:
    """Records signed and kept in memory; while it is `down` none is taken."""

    def __init__(self, signer: Signer, clock) -> None:
        self._signer = signer
        self.items = [self._signed(Beginning(at=clock()))]
        self.down = False
        self.pruned: list[str] = []

    def _signed(self, record) -> SignedRecord:
        return SignedRecord(record=record, signature=self._signer.signature(canonical(record)))

    async def append(self, *records: Head | Anchor) -> None:
        await asyncio.sleep(0)
        if self.down:
            raise UnavailableError("The heads of the decision log cannot be kept.")
        self.items += [self._signed(record) for record in records]

    async def prune(self, *, before: str) -> None:
        self.pruned.append(before)

    def heads(self, writer: str) -> list[Head]:
        records = (item.record for item in self.items)
        return [each for each in records if isinstance(each, Head) and each.writer == writer]

    def found(self) -> Found:
        return Found(signed=tuple(self.items))


def of(region: str) -> Decided:
    """A request of somebody there, as it is logged."""
    where = LoggedContext("promo", region, "age_25_34", (), False, "tile", "in_process")
    return Decided(where, (("location", "none"),))


def names():
    """Names of writers, one after the other."""
    count = 0

    def draw() -> str:
        nonlocal count
        count += 1
        return f"{count:016x}"

    return draw
