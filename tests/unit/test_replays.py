"""Replays: which hours are meant, and what becomes of those that take too long."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from genservice.errors import InvalidInputError, UnavailableError
from genservice.policy import decide
from genservice.replays import Replays, replay, window_of
from genservice.store import open_store
from tests.unit.policy.making import context, policy_set, rule
from tests.unit.test_decision_log import log_of

NOW = datetime(2026, 11, 25, 22, 40, tzinfo=UTC)
IN_FORCE = policy_set(rule("history", "allow", ["watch_history"]))
DRAFT = policy_set(
    rule("history", "allow", ["watch_history"]),
    rule("no-promos", "withhold", ["watch_history"], {"purpose": ["promo"]}),
)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("7d", None, ("2026-11-18T22", "2026-11-25T23")),
        ("1h", None, ("2026-11-25T21", "2026-11-25T23")),
        ("0500-01-01", "2026-11-19", ("0500-01-01T00", "2026-11-19T00")),
        ("2026-11-18", "2026-11-19", ("2026-11-18T00", "2026-11-19T00")),
        ("2026-11-18T09:30:00Z", "2026-11-18T10:30:00Z", ("2026-11-18T09", "2026-11-18T11")),
        ("2026-11-18T00:30:00+02:00", "1d", ("2026-11-17T22", "2026-11-24T23")),
        ("2026-11-25T22:10:00", "2026-11-25T22:20:00", ("2026-11-25T22", "2026-11-25T23")),
    ],
)
def test_hours_are_taken_whole(since, until, hours):
    window = window_of(since, until, now=NOW)
    assert (window.since, window.until) == hours


@pytest.mark.parametrize(
    ("since", "until", "pointer"),
    [
        ("soon", None, "#/since"),
        ("0d", None, "#/since"),
        ("99999d9", None, "#/since"),
        ("7d", "later", "#/until"),
        ("2026-12-01", None, "#/since"),
        ("2026-11-18", "2026-11-17", "#/until"),
        ("0001-01-01T00:00:00+14:00", None, "#/since"),
    ],
)
def test_what_is_no_time_is_refused_and_named(since, until, pointer):
    with pytest.raises(InvalidInputError) as caught:
        window_of(since, until, now=NOW)
    (problem,) = caught.value.problems
    assert problem.pointer == pointer
    assert since not in str(problem) or since == "7d"


async def test_what_was_recorded_is_replayed():
    async with open_store("sqlite+aiosqlite://", clock=lambda: NOW) as store:
        await store.migrate()
        log = log_of(store.decisions, keep_days=1, clock=lambda: NOW)
        for purpose, times in (("promo", 3), ("synopsis", 2)):
            stated = context(purpose=purpose)
            for _ in range(times):
                log.record(IN_FORCE, stated, decide(IN_FORCE, stated), ["watch_history"])
        await log.flush()
        seen: list[int] = []
        found = await replay(
            store.decisions,
            IN_FORCE,
            DRAFT,
            window=window_of("1d", None, now=NOW),
            told=seen.append,
        )
    assert (found.replay.requests, found.replay.changed, found.replay.twin.requests) == (5, 3, 3)
    assert found.replay.versions == {IN_FORCE.version: 5}
    assert seen == [5]


class Slow:
    """A log that takes its time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.reading = self.most = 0

    async def count(self, *, since: str, until: str) -> int:
        return 0

    async def read(self, *, since: str, until: str):
        self.reading += 1
        self.most = max(self.most, self.reading)
        await asyncio.sleep(self._seconds)
        self.reading -= 1
        for page in ():
            yield page


def replays(batches: Slow, deadline: float) -> Replays:
    async def flush() -> bool:
        return True

    return Replays(batches, flush=flush, deadline=deadline, clock=lambda: NOW)


async def test_a_replay_that_takes_too_long_says_so_and_lets_the_next_begin():
    batches = Slow(60)
    slow = replays(batches, 0.01)
    for _ in range(2):
        with pytest.raises(
            UnavailableError, match=r"longer than 0\.01 seconds: ask for fewer hours"
        ):
            await slow.replay(IN_FORCE, DRAFT, since="7d", until=None, against="in_force")


async def test_replays_take_turns():
    batches = Slow(0.01)
    fair = replays(batches, 30)
    await asyncio.gather(
        *(fair.replay(IN_FORCE, DRAFT, since="7d", until=None, against="then") for _ in range(3))
    )
    assert batches.most == 1
