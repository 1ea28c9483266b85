"""Who asks too often is refused until told to come again, and nobody else is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits.aio.storage import MemoryStorage

from genservice.domain.access import RateLimit
from genservice.rates import InMemory, RateLimits


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


LIMIT = RateLimit(5, 60)


@pytest.fixture(params=["ours", "of the library"])
def counters(request):
    return InMemory(Clock()) if request.param == "ours" else MemoryStorage()


async def test_as_many_as_the_limit_are_allowed_and_no_more_whatever_counts(counters) -> None:
    rates = RateLimits({"app": RateLimit(5, 3600)}, counters)
    standings = [await rates.count("app", "k-1") for _ in range(7)]
    assert [standing.allowed for standing in standings if standing] == [True] * 5 + [False] * 2
    assert [standing.remaining for standing in standings if standing] == [4, 3, 2, 1, 0, 0, 0]
    assert all(1 <= standing.reset <= 3600 for standing in standings if standing)


async def test_counts_are_kept_apart_by_name_and_by_who_asks(counters) -> None:
    rates = RateLimits({"app": RateLimit(1, 3600), "viewer": RateLimit(1, 3600)}, counters)
    for name, who in (("app", "k-1"), ("app", "k-2"), ("viewer", "k-1")):
        standing = await rates.count(name, who)
        assert standing is not None
        assert standing.allowed


@pytest.mark.parametrize("limits", [{}, {"app": None}])
async def test_without_a_limit_nothing_is_counted(limits) -> None:
    assert await RateLimits(limits, InMemory(Clock())).count("app", "k-1") is None


async def test_what_is_refused_is_not_counted() -> None:
    clock = Clock()
    rates = RateLimits({"app": LIMIT}, InMemory(clock))
    for _ in range(100):
        refused = await rates.count("app", "k-1")
    assert refused is not None
    clock.now += refused.reset
    after = await rates.count("app", "k-1")
    assert after is not None
    assert after.allowed


GAPS = st.lists(st.floats(0, 100), max_size=40)


@settings(deadline=None)
@given(gaps=GAPS, limit=st.integers(1, 6), seconds=st.sampled_from([1, 60]))
async def test_whoever_comes_again_when_told_is_allowed(gaps, limit, seconds) -> None:
    clock = Clock()
    rates = RateLimits({"app": RateLimit(limit, seconds)}, InMemory(clock))
    for gap in gaps:
        clock.now += gap * seconds / 60
        standing = await rates.count("app", "k-1")
        assert standing is not None
        if not standing.allowed:
            clock.now += standing.reset
            again = await rates.count("app", "k-1")
            assert again is not None
            assert again.allowed


@settings(deadline=None)
@given(gaps=GAPS, limit=st.integers(1, 6))
async def test_a_window_never_sees_more_than_twice_the_limit_and_an_even_flow_all_of_it(
    gaps, limit
) -> None:
    clock = Clock()
    rates = RateLimits({"app": RateLimit(limit, 60)}, InMemory(clock))
    allowed: list[float] = []
    for gap in gaps:
        clock.now += gap
        standing = await rates.count("app", "k-1")
        if standing is not None and standing.allowed:
            allowed.append(clock.now)
    for moment in allowed:
        assert sum(moment - 60 < other <= moment for other in allowed) <= 2 * limit
    clock.now = math.ceil(clock.now / 60) * 60 + 120.0
    for _ in range(4 * limit):
        standing = await rates.count("app", "k-1")
        assert standing is not None
        assert standing.allowed
        clock.now += 60 / limit + 1e-6


async def test_memory_holds_two_windows_of_those_who_asked_and_no_more() -> None:
    clock = Clock()
    counters = InMemory(clock)
    rates = RateLimits({"failed": LIMIT}, counters)
    for minute in range(5):
        for address in range(100):
            await rates.count("failed", f"{minute}-{address}")
        clock.now += 60
    held = counters._windows[60]
    assert len(held.present) == 100
    assert len(held.before) == 100
    clock.now += 600
    await rates.count("failed", "last")
    held = counters._windows[60]
    assert (set(held.present), set(held.before)) == ({"failed/last"}, set())
