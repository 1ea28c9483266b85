"""Any single change to the decision log is found, and a log that nobody touched is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from genservice.domain.log_records import Anchor, Head
from genservice.log_chains import Chain
from genservice.log_findings import LogVerdict
from genservice.log_verification import verify_log
from genservice.signing import Signer
from genservice.store import GENESIS, DecisionBatch, batch_of
from tests.logs import HOUR, START, Clock, KeptBatches, KeptHeads, names, of

DAYS = 2


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.open(tmp_path_factory.mktemp("keystore"))


class Work:
    """Two workers that log, wait, stop, are killed and started again, and forget."""

    def __init__(self, signer: Signer) -> None:
        self.clock = Clock()
        self.batches = KeptBatches()
        self.heads = KeptHeads(signer, self.clock)
        self.signer = signer
        self.draw = names()
        self.chains = [self.started(), self.started()]
        self.backups: list[dict[Any, DecisionBatch]] = []

    def started(self) -> Chain:
        return Chain(self.batches, self.heads, draw=self.draw, clock=self.clock)

    async def do(self, steps: list[tuple[Any, ...]]) -> None:
        for step, *how in steps:
            await getattr(self, step)(*how)

    async def log(self, worker: int, counts: dict[str, int]) -> None:
        hour = self.clock().strftime(HOUR)
        decided = {of(region): count for region, count in counts.items()}
        await self.chains[worker].write(hour=hour, policy="sha256:41c0", counts=decided)

    async def lose_an_answer(self, worker: int) -> None:
        self.batches.down = self.batches.deaf = True
        with pytest.raises(Exception, match="database"):
            await self.log(worker, {"DE": 1})
        self.batches.down = self.batches.deaf = False
        await self.log(worker, {"DE": 1})

    async def wait(self, minutes: int) -> None:
        """Each process looks once a minute for what is unsigned."""
        for chain in self.chains:
            if minutes and chain.is_unsigned:
                self.clock.pass_by(seconds=30)
                await chain.sign()
        self.clock.pass_by(minutes=minutes)

    async def set_back(self, minutes: int) -> None:
        self.clock.pass_by(minutes=-minutes)

    async def kill(self, worker: int) -> None:
        self.chains[worker] = self.started()

    async def stop(self, worker: int) -> None:
        await self.chains[worker].close(in_order=True)
        self.chains[worker] = self.started()

    async def forget(self, worker: int) -> None:
        before = (self.clock() - timedelta(days=DAYS)).strftime(HOUR)
        await self.chains[worker].forget(before=before, days=DAYS)

    async def back_up(self) -> None:
        self.backups.append(dict(self.batches.rows))

    @property
    def rows(self) -> dict[Any, DecisionBatch]:
        return self.batches.rows

    def signed(self, writer: str) -> int:
        """Up to where a head speaks for it."""
        return max((head.position for head in self.heads.heads(writer)), default=0)

    def forgotten(self, writer: str) -> int:
        records = (item.record for item in self.heads.items)
        return max(
            (
                each.position
                for each in records
                if isinstance(each, Anchor) and each.writer == writer
            ),
            default=0,
        )

    def chain(self, writer: str) -> list[DecisionBatch]:
        return [row for _, row in sorted(self.rows.items()) if row.writer == writer]

    def put(self, *rows: DecisionBatch) -> None:
        for row in rows:
            self.rows[row.hour, row.writer, row.position] = row

    def take(self, *rows: DecisionBatch) -> None:
        for row in rows:
            del self.rows[row.hour, row.writer, row.position]

    async def verdict(self, **changes: Any) -> LogVerdict:
        how = {"days": DAYS, "clock": self.clock, **changes}
        return await verify_log(self.batches, self.heads.found, self.signer.public_keys(), **how)


WORKER = st.integers(0, 1)
STEP = st.one_of(
    st.tuples(st.just("log"), WORKER, st.dictionaries(st.sampled_from(["DE", "FR", "GB"]), st.integers(1, 5), min_size=1)),
    st.tuples(st.just("log"), WORKER, st.just({"DE": 2})),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 20, 70, 600, 1500])),
    st.tuples(st.just("stop"), WORKER),
    st.tuples(st.just("kill"), WORKER),
    st.tuples(st.just("forget"), WORKER),
    st.tuples(st.just("back_up")),
    st.tuples(st.just("lose_an_answer"), WORKER),
    st.tuples(st.just("set_back"), st.sampled_from([1, 90])),
)  # fmt: skip
STEPS = st.lists(STEP, min_size=1, max_size=30)
PROPERTY = settings(suppress_health_check=list(HealthCheck))


def worked(signer: Signer, steps: list[tuple[Any, ...]]) -> Work:
    work = Work(signer)
    asyncio.run(work.do(steps))
    return work


def found(work: Work) -> bool:
    return not asyncio.run(work.verdict()).whole


@PROPERTY
@given(STEPS)
def test_a_log_that_nobody_touched_is_whole_whenever_its_processes_stopped(signer, steps) -> None:
    work = worked(signer, steps)

    verdict = asyncio.run(work.verdict())

    assert verdict.findings == ()
    assert verdict.requests == sum(row.requests for row in work.rows.values())
    assert verdict.batches == len(work.rows)
    assert (verdict.unchained, verdict.overdue) == (0, 0)


def bound(work: Work, row: DecisionBatch) -> bool:
    """Whether a batch may not go unnoticed: a head speaks for it, or a batch of its writer follows."""
    return (
        row.position <= work.signed(row.writer)
        or row.position < work.chain(row.writer)[-1].position
    )


def drop(work: Work, draw: Callable[..., Any]) -> None:
    row = draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    assume(bound(work, row))
    work.take(row)


def alter(work: Work, draw: Callable[..., Any]) -> None:
    row = draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    column = draw(st.sampled_from(DecisionBatch.__struct_fields__))
    value: Any = getattr(row, column)
    if isinstance(value, int):
        value += draw(st.integers(-3, 3).filter(bool))
    else:
        place = draw(st.integers(0, len(value) - 1))
        raw = value if isinstance(value, bytes) else value.encode("latin-1")
        flipped = bytes([raw[place] ^ 1 << draw(st.integers(0, 6 if raw is not value else 7))])
        raw = raw[:place] + flipped + raw[place + 1 :]
        value = raw if isinstance(value, bytes) else raw.decode("latin-1")
    altered = msgspec.structs.replace(row, **{column: value})
    assume((altered.hour, altered.writer, altered.position) not in work.rows or column in {"policy", "requests", "body", "previous", "digest"})  # fmt: skip
    work.take(row)
    work.put(altered)


def unchain(work: Work, draw: Callable[..., Any]) -> None:
    row = draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    columns = draw(st.sampled_from([("digest",), ("previous",), ("digest", "previous")]))
    work.put(msgspec.structs.replace(row, **dict.fromkeys(columns)))


def swap(work: Work, draw: Callable[..., Any]) -> None:
    """Two batches in each other's place, with all that they carry but the key, or its digests too."""
    rows = sorted(work.rows.values(), key=repr)
    assume(len(rows) > 1)
    one, other = draw(st.lists(st.sampled_from(rows), min_size=2, max_size=2, unique=True))
    fields = draw(st.sampled_from([("body",), ("policy", "requests", "body", "previous", "digest"), ("digest", "previous")]))  # fmt: skip
    assume(any(getattr(one, field) != getattr(other, field) for field in fields))
    work.put(
        msgspec.structs.replace(one, **{field: getattr(other, field) for field in fields}),
        msgspec.structs.replace(other, **{field: getattr(one, field) for field in fields}),
    )


def truncate(work: Work, draw: Callable[..., Any]) -> None:
    row = draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    assume(row.position <= work.signed(row.writer))
    work.take(*(each for each in work.chain(row.writer) if each.position >= row.position))


def drop_writer(work: Work, draw: Callable[..., Any]) -> None:
    writer = draw(st.sampled_from(sorted({row.writer for row in work.rows.values()})))
    assume(work.signed(writer) > work.forgotten(writer))
    work.take(*work.chain(writer))


def relink(work: Work, rows: list[DecisionBatch], previous: bytes) -> None:
    """Make a chain of these that holds together, as anybody can without the key."""
    for row in rows:
        linked = msgspec.structs.replace(row, previous=previous)
        linked = msgspec.structs.replace(linked, digest=linked.computed())
        work.put(linked)
        previous = linked.digest or b""


def rechain(work: Work, draw: Callable[..., Any]) -> None:
    row = draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    assume(row.position <= work.signed(row.writer))
    rest = [each for each in work.chain(row.writer) if each.position >= row.position]
    forged = msgspec.structs.replace(row, requests=row.requests + 1)
    relink(work, [forged, *rest[1:]], row.previous or b"")


def close_the_gap(work: Work, draw: Callable[..., Any]) -> None:
    """Take one out and number and link the others anew."""
    row = draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    assume(row.position <= work.signed(row.writer))
    rest = [each for each in work.chain(row.writer) if each.position > row.position]
    work.take(row, *rest)
    moved = [msgspec.structs.replace(each, position=each.position - 1) for each in rest]
    relink(work, moved, row.previous or b"")
    # Of two that are alike, in the end the last one is missing.
    assume(row not in work.chain(row.writer))


def splice(work: Work, draw: Callable[..., Any]) -> None:
    rows = sorted(work.rows.values(), key=repr)
    into, source = draw(st.sampled_from(rows)), draw(st.sampled_from(rows))
    assume(into.writer != source.writer)
    assume(into.position <= work.signed(into.writer))
    work.take(into)
    taken = msgspec.structs.replace(source, writer=into.writer, position=into.position)
    assume((taken.hour, taken.writer, taken.position) not in work.rows)
    if draw(st.booleans()):
        taken = msgspec.structs.replace(taken, previous=into.previous)
        taken = msgspec.structs.replace(taken, digest=taken.computed())
        assume(taken.digest != into.digest)
    work.put(taken)


def double(work: Work, draw: Callable[..., Any]) -> None:
    row = draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    hour = draw(st.sampled_from(["2026-11-20T00", "2026-11-25T23", "2026-12-24T00"]))
    assume(hour != row.hour)
    work.put(msgspec.structs.replace(row, hour=hour))


def invent_a_writer(work: Work, draw: Callable[..., Any]) -> None:
    del draw
    work.put(
        batch_of(
            hour=START.strftime(HOUR), writer="f" * 16, position=1, policy="sha256:41c0",
            counts={of("DE"): 9}, previous=GENESIS,
        )
    )  # fmt: skip


def go_on_for_the_dead(work: Work, draw: Callable[..., Any]) -> None:
    """Add to a chain two hours after its last head."""
    rows = [row for row in work.rows.values() if row == work.chain(row.writer)[-1]]
    row = draw(st.sampled_from(sorted(rows, key=repr)))
    head = max(work.heads.heads(row.writer), key=lambda head: head.at)
    work.put(
        batch_of(
            hour=(head.at + timedelta(hours=2)).strftime(HOUR), writer=row.writer,
            position=row.position + 1, policy="sha256:41c0", counts={of("DE"): 9},
            previous=row.digest or b"",
        )
    )  # fmt: skip


def restore(work: Work, draw: Callable[..., Any]) -> None:
    assume(work.backups)
    backup = draw(st.sampled_from(work.backups))
    lost = [row for key, row in work.rows.items() if key not in backup]
    assume(any(row.position <= work.signed(row.writer) for row in lost))
    work.batches.rows = dict(backup)


TAMPERING = (
    drop, alter, unchain, swap, truncate, drop_writer, rechain, close_the_gap, splice, double,
    invent_a_writer, go_on_for_the_dead, restore,
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_any_change_is_found(signer, tamper) -> None:
    @PROPERTY
    @given(STEPS, st.data())
    def holds(steps: list[tuple[Any, ...]], data: st.DataObject) -> None:
        work = worked(signer, steps)
        assume(work.rows)
        tamper(work, data.draw)
        assert found(work)

    holds()


@PROPERTY
@given(STEPS, st.data())
def test_a_head_made_with_another_key_is_found_and_not_believed(
    signer, tmp_path_factory, steps, data
) -> None:
    work = worked(signer, steps)
    assume(work.rows)
    rechained = data.draw(st.sampled_from(sorted(work.rows.values(), key=repr)))
    assume(rechained.position <= work.signed(rechained.writer))
    before = len(work.heads.items)
    thief = KeptHeads(Signer.open(_folder(tmp_path_factory)), work.clock)
    last = work.chain(rechained.writer)[-1]
    head = Head(
        writer=last.writer, position=last.position, digest="0" * 64, requests=1, hour=last.hour,
        at=work.clock(),
    )  # fmt: skip
    asyncio.run(thief.append(head))
    work.heads.items.append(thief.items[-1])

    verdict = asyncio.run(work.verdict())

    assert [finding.kind for finding in verdict.findings] == ["bad_record"]
    assert len(work.heads.items) == before + 1


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.getbasetemp() / "another-keystore"
