"""Titles and keys read lately: one's own changes show at once, those of other processes within a moment."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from genservice.errors import ConflictError
from genservice.store import keys, open_store, read_titles
from genservice.store.ahead import Ahead
from genservice.store.database import open_database
from genservice.store.keys import Keys
from genservice.store.tables import TitleRow
from genservice.store.titles import Titles
from tests.contract.test_store import title

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from genservice.store.database import Database


class Ticks:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def database(empty_database) -> AsyncIterator[Database]:
    async with open_store(empty_database, clock=now) as store:
        await store.migrate()
    opened = await open_database(empty_database)
    yield opened
    await opened.close()


class Counting:
    """A database that counts how often it is read."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.reads = 0

    def __getattr__(self, name):
        if name == "reading":
            self.reads += 1
        return getattr(self._inner, name)


async def test_a_title_is_read_once_and_kept(database) -> None:
    counting = Counting(database)
    titles = Titles(counting, now, ticks=Ticks())
    await titles.put(title("a"))
    first = await titles.get("a")
    reads = counting.reads
    assert await titles.get("a") == first
    assert counting.reads == reads
    assert titles.at_hand(["a"]) == {"a": first}
    assert titles.at_hand(["a", "b"]) is None


async def test_what_this_process_changes_shows_at_once(database) -> None:
    titles = Titles(database, now, ticks=Ticks())
    await titles.put(title("a"))
    assert (await titles.get("a")).revision == 1
    await titles.put(msgspec.structs.replace(title("a"), year=1901))
    assert (await titles.get("a")).year == 1901
    await titles.put_all([msgspec.structs.replace(title("a"), year=1902)])
    assert (await titles.get("a")).year == 1902
    await titles.delete("a")
    assert titles.at_hand(["a"]) is None
    assert await titles.get("a") is None


async def test_what_another_process_changes_shows_within_a_moment(database) -> None:
    ticks = Ticks()
    mine, theirs = Titles(database, now, ticks=ticks), Titles(database, now)
    for name in ("a", "b"):
        await theirs.put(title(name))
        await mine.get(name)
    other = await mine.get("b")
    await theirs.put(msgspec.structs.replace(title("a"), year=1901))
    ticks.now += read_titles.LOOK_SECONDS
    assert mine.at_hand(["a"]) is None
    assert (await mine.get("a")).year == 1901
    assert mine.at_hand(["b"]) == {"b": other}
    await theirs.delete("a")
    ticks.now += read_titles.LOOK_SECONDS
    assert await mine.get("a") is None


async def test_a_title_that_changed_while_it_was_read_is_not_kept(database) -> None:
    titles = Titles(database, now, ticks=Ticks())
    await titles.put(title("a"))
    old = await titles.get("a")
    read = titles.lately
    async with read.changing(["a"]):
        pass
    async with read.reading() as keep:
        async with read.changing(["a"]):
            pass
        keep(old, 1)
    assert read.get("a") is None


async def test_none_is_kept_for_longer_than_a_minute(database) -> None:
    ticks = Ticks()
    titles = Titles(database, now, ticks=ticks)
    await titles.put(title("a"))
    await titles.get("a")
    ticks.now += read_titles.KEPT_SECONDS
    assert titles.lately.get("a") is None


async def test_only_so_many_are_kept(database, monkeypatch) -> None:
    monkeypatch.setattr(read_titles, "MOST", 2)
    titles = Titles(database, now, ticks=Ticks())
    for name in ("a", "b", "c"):
        await titles.put(title(name))
    for name in ("a", "b", "a", "c"):
        await titles.get(name)
    assert [titles.lately.get(name) is not None for name in ("a", "b", "c")] == [True, False, True]


async def test_every_transaction_that_changes_titles_has_a_number_of_its_own(database) -> None:
    titles = Titles(database, now)
    await titles.put_all([title("a"), title("b")])
    await titles.put(title("c"))
    await titles.put(title("c"))
    await titles.delete("b")
    async with database.reading() as session:
        rows = await session.execute(select(TitleRow.id, TitleRow.change).order_by(TitleRow.id))
        assert dict(rows.tuples().all()) == {"a": 1, "b": 3, "c": 2}


async def test_a_key_is_read_once_in_a_moment(database) -> None:
    ticks = Ticks()
    counting = Counting(database)
    held = Keys(counting, now, ticks=ticks)
    made = await held.create("app", "tv")
    assert held.known(made.key) is None
    record = await held.verify(made.key)
    assert held.known(made.key) == record
    reads = counting.reads
    assert await held.verify(made.key) == record
    assert counting.reads == reads
    ticks.now += keys.LOOK_SECONDS
    assert held.known(made.key) is None


async def test_a_key_that_this_process_revokes_or_replaces_opens_nothing_more(database) -> None:
    held = Keys(database, now, ticks=Ticks())
    for end in (
        lambda key: held.revoke(key.record.id),
        lambda key: held.rotate(key.record.id, overlap=timedelta()),
    ):
        made = await held.create("app", "tv")
        assert await held.verify(made.key) is not None
        await end(made)
        assert held.known(made.key) is None
        assert await held.verify(made.key) is None


async def test_a_key_that_another_process_revokes_opens_nothing_after_a_moment(database) -> None:
    ticks = Ticks()
    mine, theirs = Keys(database, now, ticks=ticks), Keys(database, now)
    made = await theirs.create("app", "tv")
    assert await mine.verify(made.key) is not None
    await theirs.revoke(made.record.id)
    ticks.now += keys.LOOK_SECONDS
    assert await mine.verify(made.key) is None
    with pytest.raises(ConflictError):
        await mine.rotate(made.record.id, overlap=timedelta())


async def test_a_key_that_expires_is_not_known_for_the_rest_of_the_moment(database) -> None:
    at = [now()]
    held = Keys(database, lambda: at[0], ticks=Ticks())
    made = await held.create("app", "tv", expires=at[0] + timedelta(seconds=1))
    assert await held.verify(made.key) is not None
    at[0] += timedelta(seconds=2)
    assert held.known(made.key) is None


async def test_what_is_kept_is_read_again_before_it_has_to_be_and_nobody_waits(database) -> None:
    ticks, ahead = Ticks(), Ahead()
    mine = Titles(database, now, ahead=ahead, ticks=ticks)
    held = Keys(database, now, ahead=ahead, ticks=ticks)
    theirs = Titles(database, now)
    made = await held.create("app", "tv")
    await theirs.put(title("a"))
    await mine.get("a")
    await held.verify(made.key)
    await theirs.put(msgspec.structs.replace(title("a"), year=1901))
    await Keys(database, now).revoke(made.record.id)

    ticks.now += keys.LOOK_SECONDS / 2
    for _ in range(3):
        assert mine.at_hand(["a"]) is not None
        assert held.known(made.key) is not None
    assert len(ahead._under_way) == 2
    await asyncio.wait(set(ahead._under_way.values()))
    assert mine.at_hand(["a"]) is None
    assert held.known(made.key) is None

    assert (await mine.get("a")).year == 1901
    ticks.now += keys.LOOK_SECONDS * 3 / 4
    assert mine.at_hand(["a"]) is not None
    await ahead.close()
    assert not ahead._under_way


async def test_all_who_ask_at_once_share_one_reading_and_none_from_before_a_change(
    database,
) -> None:
    counting = Counting(database)
    titles, held = Titles(counting, now, ticks=Ticks()), Keys(counting, now, ticks=Ticks())
    await titles.put(title("a"))
    made = await held.create("app", "tv")
    await titles.get("b")
    counting.reads = 0
    found = await asyncio.gather(*(titles.get("a") for _ in range(50)))
    opened = await asyncio.gather(*(held.verify(made.key) for _ in range(50)))
    assert counting.reads == 2
    assert {each.id for each in found} == {"a"}
    assert {each.id for each in opened} == {made.record.id}

    other = await held.create("app", "tv")
    early = [asyncio.ensure_future(work) for work in (held.verify(other.key), titles.get("b"))]
    await asyncio.sleep(0)
    await held.revoke(other.record.id)
    await titles.put(title("b"))
    assert await held.verify(other.key) is None
    assert (await titles.get("b")).id == "b"
    await asyncio.wait(early)
