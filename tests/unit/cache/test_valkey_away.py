"""Valkey away, slow, full or back again: nothing fails, nothing waits beyond the deadline, all is told."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from genservice.cache import Cached, Leases, SharedCounters, ValkeyCache, open_caches
from genservice.domain.access import RateLimit
from genservice.errors import SettingsError, UnavailableError
from genservice.rates import InMemory, RateLimits
from genservice.valkey import FAILURES, open_valkey
from tests.unit.cache.entries import LIFETIMES, entry, key
from tests.valkey import running_valkey

SECRET = b"s" * 32
DEADLINE = 0.2
COOL_DOWN = 0.5


class Database:
    """Texts as the database has them: the first one stands."""

    def __init__(self, *texts) -> None:
        self.held = {text.key: text for text in texts}
        self.asked = 0

    async def get(self, name):
        self.asked += 1
        return self.held.get(name)

    async def add(self, text):
        return self.held.setdefault(text.key, text)


@pytest.fixture
def server():
    """A server that a test may do anything to."""
    with running_valkey() as started:
        yield started


def opening(server):
    return open_valkey(server.url, secret=SECRET, deadline=DEADLINE, cool_down=COOL_DOWN)


async def test_while_it_is_killed_texts_come_from_the_database_and_after_it_is_back_from_it(
    server,
) -> None:
    database = Database(entry("one"))
    async with opening(server) as valkey:
        shared = ValkeyCache(valkey, lifetimes=LIFETIMES)
        texts = Cached(database, [shared])
        await texts.get(key("one"))
        assert await texts.get(key("one")) == entry("one")
        assert database.asked == 1
        server.kill()
        for _ in range(10):
            assert await texts.get(key("one")) == entry("one")
            assert await texts.add(entry("two")) == entry("two")
        assert database.asked == 11
        assert shared.tally.errors >= FAILURES
        server.start()
        await asyncio.sleep(COOL_DOWN + 0.3)
        await texts.get(key("one"))
        before = database.asked
        assert await texts.get(key("one")) == entry("one")
        assert database.asked == before


async def test_one_that_hangs_is_waited_for_a_few_deadlines_and_then_not_at_all(server) -> None:
    database = Database(entry("one"))
    async with opening(server) as valkey:
        texts = Cached(database, [ValkeyCache(valkey, lifetimes=LIFETIMES)])
        await texts.get(key("one"))
        os.kill(server.pid, signal.SIGSTOP)
        try:
            asked = 0

            async def counted(work):
                nonlocal asked
                asked += 1
                return await work

            for _ in range(FAILURES):
                with pytest.raises(UnavailableError) as late:
                    await valkey.ask(lambda client: counted(client.execute_command("PING")))
                assert late.value.cause == "late"
            for _ in range(50):
                with pytest.raises(UnavailableError) as away:
                    await valkey.ask(lambda client: counted(client.execute_command("PING")))
                assert away.value.cause == "away"
                assert await texts.get(key("one")) == entry("one")
            assert asked == FAILURES
        finally:
            os.kill(_stopped(server), signal.SIGCONT)
        await asyncio.sleep(COOL_DOWN + 0.3)
        assert await valkey.ask(lambda client: client.execute_command("PING"))


def _stopped(server) -> int:
    return int((server._folder / "pid").read_text())


async def test_answers_that_come_too_late_are_never_taken_for_those_to_later_questions(
    server,
) -> None:
    async with open_valkey(server.url, secret=SECRET, deadline=0.05, cool_down=0.01) as valkey:
        cache = ValkeyCache(valkey, lifetimes=LIFETIMES)
        for number in range(20):
            await cache.put(entry(str(number), text=f"Text {number}."))
        for number in range(20):
            server.client.execute_command("CLIENT", "PAUSE", "80", "ALL")
            await cache.get(key(str(number)))
            await asyncio.sleep(0.1)
            for other in range(20):
                found = await cache.get(key(str(other)))
                assert found is None or found.written.text == f"Text {other}."
        assert cache.tally.refused == 0
        assert cache.tally.errors


async def test_one_that_is_full_refuses_texts_and_still_gives_those_it_has(server) -> None:
    async with opening(server) as valkey:
        cache = ValkeyCache(valkey, lifetimes=LIFETIMES)
        await cache.put(entry("one"))
        server.client.config_set("maxmemory", "1")
        await cache.put(entry("two"))
        assert await cache.get(key("one")) == entry("one")
        assert await cache.get(key("two")) is None
        assert cache.tally.errors == 1


async def test_without_it_turns_are_taken_at_once_and_a_holder_that_lost_it_ends_in_peace(
    server,
) -> None:
    async with opening(server) as valkey:
        leases = Leases(valkey)
        async with leases.turn(key("one")) as token:
            assert token
            server.kill()
        async with leases.turn(key("one")) as token:
            assert token is None


async def test_whoever_waits_for_another_process_goes_on_when_it_dies(server) -> None:
    async with opening(server) as one, opening(server) as other, Leases(one).turn(key("one")):
        waiting = asyncio.create_task(_enter(Leases(other)))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        server.kill()
        assert await waiting is None


async def _enter(leases):
    async with leases.turn(key("one")) as token:
        return token


async def test_requests_are_counted_here_while_it_is_away_and_together_when_it_is_back(
    server,
) -> None:
    limit = {"app": RateLimit(3, 3600)}
    async with opening(server) as one, opening(server) as other:
        here, there = (
            RateLimits(limit, SharedCounters(valkey, alone=InMemory())) for valkey in (one, other)
        )
        shared = [await rates.count("app", "k") for rates in (here, there, here, there)]
        assert [each.allowed for each in shared] == [True, True, True, False]
        assert [each.remaining for each in shared] == [2, 1, 0, 0]
        server.kill()
        alone = [await here.count("app", "k") for _ in range(4)]
        assert [each.allowed for each in alone] == [True, True, True, False]
        server.start()
        await asyncio.sleep(COOL_DOWN + 0.3)
        again = await there.count("app", "k"), await here.count("app", "k")
        assert [each.remaining for each in again] == [2, 1]


async def test_a_service_opens_and_serves_where_nothing_listens() -> None:
    database = Database(entry("one"))
    async with open_caches(
        database, most_bytes=0, lifetimes=LIFETIMES, url="redis://127.0.0.1:1/0", deadline=DEADLINE,
        secret=lambda: SECRET,
    ) as caches:  # fmt: skip
        assert await caches.texts.get(key("one")) == entry("one")


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379", "redis://h:port/0"])
async def test_what_is_no_url_is_refused_without_showing_it(url) -> None:
    with pytest.raises(SettingsError) as refused:
        async with open_valkey(url, secret=SECRET, deadline=DEADLINE):
            pass
    assert "GENSERVICE_CACHE_URL" in str(refused.value)
    assert url not in str(refused.value)


async def test_without_a_url_nothing_is_shared_and_no_secret_is_made() -> None:
    def never() -> bytes:
        raise AssertionError

    async with open_caches(
        Database(), most_bytes=10_000, lifetimes=LIFETIMES, url="", deadline=1, secret=never
    ) as caches:
        assert caches.turns is None
        assert [cache.name for cache in caches.texts.caches] == ["memory"]


async def test_who_asks_is_known_to_it_by_digests_only(server) -> None:
    async with opening(server) as valkey:
        rates = RateLimits({"failed": RateLimit(5, 60)}, SharedCounters(valkey, alone=InMemory()))
        await rates.count("failed", "203.0.113.77")
    held = server.everything()
    assert held
    for name, value in held.items():
        assert b"203.0.113" not in name
        assert b"203.0.113" not in value
