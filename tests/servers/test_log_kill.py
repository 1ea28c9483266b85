"""Processes that log, sign and forget, killed in the midst of it: never a false alarm, nothing lost track of."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from genservice.log_chains import Chain
from genservice.log_findings import LogVerdict
from genservice.log_heads import LogHeads, read_heads
from genservice.log_verification import verify_log
from genservice.signing import Signer, public_keys_of
from genservice.store import open_store
from genservice.store.tables import DecisionRow
from tests.logs import HOUR, of

FASTER = 20_000
"""How much faster than outside the clocks of these processes go: an hour is a fifth of a second."""
DAYS = 1
KILLS = 8


class FastClock:
    def __init__(self, began: float) -> None:
        self.began = began

    def __call__(self) -> datetime:
        start = datetime(2026, 11, 25, tzinfo=UTC)
        return start + timedelta(seconds=(time.time() - self.began) * FASTER)


def logging(database: str | Path, folder: Path, began: float, wrote: object) -> None:
    asyncio.run(_log_on(database, folder, FastClock(began), wrote))


async def _log_on(database: str | Path, folder: Path, clock: FastClock, wrote) -> None:
    heads = LogHeads(folder / "log-heads", Signer.open(folder), clock=clock)
    async with open_store(database, clock=clock) as store:
        await store.migrate()
        chain = Chain(store.decisions, heads, draw=lambda: secrets.token_hex(8), clock=clock)
        for count in range(1, 1_000_000):
            hour = clock().strftime(HOUR)
            await chain.write(hour=hour, policy="sha256:41c0", counts={of("DE"): count})
            wrote.set()
            if count % 20 == 0:
                before = (clock() - timedelta(days=DAYS)).strftime(HOUR)
                await chain.forget(before=before, days=DAYS)


async def verdict(database: str | Path, folder: Path, clock: FastClock) -> LogVerdict:
    async with open_store(database, clock=clock) as store:
        return await verify_log(
            store.decisions,
            lambda: read_heads(folder / "log-heads"),
            public_keys_of(folder),
            days=DAYS,
            clock=clock,
        )


async def take_one_out(database: str | Path, clock: FastClock) -> None:
    async with open_store(database, clock=clock) as store, store._database.writing() as session:
        batch = aliased(DecisionRow)
        after = aliased(DecisionRow)
        followed = sa.exists().where(
            after.writer == batch.writer, after.position == batch.position + 1
        )
        found = await session.execute(
            sa.select(batch.hour, batch.writer, batch.position).where(followed).limit(1)
        )
        hour, writer, position = found.one()
        await session.execute(
            sa.delete(DecisionRow).where(
                DecisionRow.hour == hour,
                DecisionRow.writer == writer,
                DecisionRow.position == position,
            )
        )


def test_a_process_killed_at_any_moment_leaves_a_log_that_is_whole(
    tmp_path, lasting_database
) -> None:
    clock = FastClock(time.time())
    Signer.open(tmp_path)
    context = multiprocessing.get_context("spawn")
    chance = random.Random(7)
    batches = 0
    for _ in range(KILLS):
        wrote = context.Event()
        process = context.Process(
            target=logging, args=(lasting_database, tmp_path, clock.began, wrote)
        )
        process.start()
        assert wrote.wait(120)
        time.sleep(chance.uniform(0, 0.7))
        process.kill()
        process.join()

        found = asyncio.run(verdict(lasting_database, tmp_path, clock))

        assert found.findings == ()
        batches += found.batches
    assert batches > KILLS
    assert any((tmp_path / "log-heads").glob("heads-*.jsonl"))

    # One that another of its writer follows: the very last one is the documented limit.
    asyncio.run(take_one_out(lasting_database, clock))
    assert not asyncio.run(verdict(lasting_database, tmp_path, clock)).whole
