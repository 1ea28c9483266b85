"""The decision log's writer: nobody waits for it, nothing is counted twice, and what is lost is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from genservice.decision_log import DecisionLog, LogState, Pace
from genservice.errors import UnavailableError
from genservice.log_chains import Chain
from genservice.policy import decide
from tests.logs import Clock, KeptBatches
from tests.unit.policy.making import context, policy_set, rule

POLICIES = policy_set(
    rule("history", "allow", ["watch_history"]),
    rule("genres", {"coarsen": "genres"}, ["watch_history"]),
    rule("hours", "allow", ["time_of_day"]),
)


class Kept(KeptBatches):
    @property
    def batches(self) -> dict[tuple[str, str, int], dict]:
        return {key: {"policy": row.policy, **self.counted[key]} for key, row in self.rows.items()}

    @property
    def counts(self) -> list[tuple[str, dict, int]]:
        """Hour, signals and number of everything kept."""
        return [
            (hour, dict(decided.signals), count)
            for (hour, _, _), batch in self.counted.items()
            for decided, count in batch.items()
        ]


class KeptHeads:
    """Records in memory, unsigned; while it is `down` none is taken."""

    def __init__(self) -> None:
        self.records: list = []
        self.pruned: list[str] = []
        self.down = False

    async def append(self, *records) -> None:
        if self.down:
            raise UnavailableError("The heads of the decision log cannot be kept.")
        self.records += records

    async def prune(self, *, before: str) -> None:
        self.pruned.append(before)


def log_of(
    kept: Kept, *, keep_days: int = 90, clock=None, heads=None, draw=lambda: "w", **pace
) -> DecisionLog:
    async def at_once(seconds: float) -> None:
        await asyncio.sleep(seconds if seconds >= 3600 else 0.001)

    clock = clock or Clock()
    return DecisionLog(
        Chain(kept, heads or KeptHeads(), draw=draw, clock=clock),
        keep_days=keep_days,
        clock=clock,
        pace=Pace(**{"wait": 0.01, "head": 3600.0, **pace}),
        sleep=at_once,
    )


def record(log: DecisionLog, *sent: str, **changes) -> None:
    stated = context(**changes)
    log.record(POLICIES, stated, decide(POLICIES, stated), sent)


async def until(met) -> None:
    async with asyncio.timeout(5):
        while True:
            if met():
                return
            await asyncio.sleep(0.001)


async def test_a_request_is_logged_by_hour_context_and_the_levels_of_what_it_carried():
    kept = Kept()
    log = log_of(kept)
    record(log, "watch_history", "location", region="FR", gpc=True, language="fr")

    assert await log.flush()

    ((key, batch),) = kept.batches.items()
    assert (key, batch.pop("policy")) == (("2026-11-25T22", "w", 1), POLICIES.version)
    ((decided, count),) = batch.items()
    assert (count, decided.signals) == (1, (("location", "none"), ("watch_history", "genres")))
    assert decided.context.context == context(region="FR", gpc=True)


async def test_undeclared_signals_are_not_logged():
    kept = Kept()
    log = log_of(kept)
    record(log, "shoe_size", "time_of_day")
    assert "shoe_size" not in repr(vars(log))
    await log.flush()
    assert kept.counts == [("2026-11-25T22", {"time_of_day": "times"}, 1)]


async def test_requests_that_are_alike_become_a_count_and_hours_stay_apart():
    kept, clock = Kept(), Clock()
    log = log_of(kept, clock=clock)
    for _ in range(3):
        record(log, "location")
    clock.now += timedelta(hours=1)
    record(log, "location")
    await log.flush()
    assert [(hour, count) for hour, _, count in kept.counts] == [
        ("2026-11-25T22", 3),
        ("2026-11-25T23", 1),
    ]


async def test_what_is_recorded_is_written_beside_the_work_without_being_asked_for():
    kept = Kept()
    log = log_of(kept)
    async with log.open():
        record(log, "location")
        assert kept.batches == {}
        await until(lambda: kept.batches)
        assert log.state == LogState(state="writing", written=1)


async def test_what_is_recorded_while_a_batch_is_written_waits_for_its_own_turn():
    class Busy(Kept):
        """While it writes, somebody asks."""

        async def add(self, **batch) -> bytes:
            record(log, "location")
            return await super().add(**batch)

    kept = Busy()
    log = log_of(kept)
    record(log, "location")
    async with asyncio.timeout(5):
        for written in (1, 2):
            assert await log.flush()
            assert log.state == LogState(state="writing", written=written, waiting=1)


async def test_many_kinds_are_written_before_their_time_in_batches_of_a_size():
    kept = Kept()
    log = log_of(kept, wait=600.0, most=2)
    regions = ("AT", "DE", "FR", "GB", "US")
    async with log.open():
        for region in regions:
            record(log, "location", region=region)
        await until(lambda: len(kept.counts) == len(regions))
    assert [len(batch) - 1 for batch in kept.batches.values()] == [2, 2, 1]


async def test_an_idle_log_writes_nothing():
    kept = Kept()
    async with log_of(kept).open():
        await asyncio.sleep(0.05)
    assert kept.asked == 0


async def test_at_the_end_everything_is_written():
    kept = Kept()
    log = log_of(kept, wait=600.0)
    async with log.open():
        record(log, "location")
    assert [count for _, _, count in kept.counts] == [1]


async def test_while_the_database_is_gone_requests_wait_and_are_written_once_it_is_back():
    kept = Kept()
    log = log_of(kept)
    kept.down = True
    async with log.open():
        record(log, "location")
        await until(lambda: log.state.state == "waiting")
        record(log, "time_of_day")
        assert log.state == LogState(state="waiting", waiting=2)
        kept.down = False
        await until(lambda: log.state == LogState(state="writing", written=2))
    assert sum(count for _, _, count in kept.counts) == 2


async def test_a_batch_whose_answer_got_lost_is_not_counted_twice():
    kept = Kept()
    log = log_of(kept)
    kept.down = kept.deaf = True
    record(log, "location")
    assert not await log.flush()
    record(log, "location")
    kept.down = False
    assert await log.flush()
    assert sum(count for _, _, count in kept.counts) == 2
    assert log.state.written == 2


async def test_beyond_the_bound_requests_are_dropped_and_counted():
    kept = Kept()
    log = log_of(kept, bound=2)
    for region in ("AT", "DE", "FR", "GB"):
        record(log, "location", region=region)
    record(log, "location", region="DE")
    assert log.state == LogState(state="writing", waiting=3, dropped=2)
    await log.flush()
    record(log, "location", region="FR")
    assert log.state == LogState(state="writing", written=3, waiting=1, dropped=2)


async def test_what_cannot_be_written_at_the_end_is_counted_as_dropped():
    kept = Kept()
    log = log_of(kept)
    kept.down = True
    async with log.open():
        record(log, "location")
    assert log.state == LogState(state="waiting", dropped=1)


async def test_a_database_that_hangs_does_not_hold_up_the_end():
    class Hanging(Kept):
        async def add(self, **batch) -> None:
            await asyncio.Event().wait()

    log = log_of(Hanging(), parting=0.01)
    async with asyncio.timeout(5):
        async with log.open():
            record(log, "location")
    assert log.state.dropped == 1


async def test_switched_off_it_logs_nothing_and_keeps_nothing():
    kept = Kept()
    log = log_of(kept, keep_days=0)
    async with log.open():
        record(log, "location")
    assert (kept.asked, log.state) == (0, LogState(state="off"))
    await log.tidy()
    assert kept.forgotten == ["2026-11-25T23"]


@pytest.mark.parametrize(("days", "before"), [(1, "2026-11-24T22"), (90, "2026-08-27T22")])
async def test_hours_older_than_the_days_kept_are_taken_out_while_the_service_runs(days, before):
    kept = Kept()
    log = log_of(kept, keep_days=days)
    async with log.tidied():
        await until(lambda: len(kept.forgotten) > 1)
    assert set(kept.forgotten) == {before}


async def test_tidying_goes_on_after_the_database_was_gone():
    class Failing(Kept):
        async def forget(self, *, before: str, anchored) -> int:
            await super().forget(before=before, anchored=anchored)
            raise UnavailableError("The database does not answer.")

    kept = Failing()
    async with log_of(kept).tidied():
        await until(lambda: len(kept.forgotten) > 2)
