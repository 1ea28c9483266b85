"""Values that are read together: who shares a statement, and that no caller's fate is another's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from genservice.errors import UnavailableError
from genservice.store.lookups import MOST, Lookups

if TYPE_CHECKING:
    from collections.abc import Sequence


class Shelf:
    """What can be read, once it is let go."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.statements: list[list[str]] = []
        self.begun = asyncio.Event()
        self.open = asyncio.Event()
        self.broken = False

    async def read(self, keys: Sequence[str]) -> dict[str, int]:
        self.statements.append(list(keys))
        self.begun.set()
        await self.open.wait()
        if self.broken:
            raise UnavailableError("The disk is gone.")
        return {key: self.values[key] for key in keys if key in self.values}


async def asked(shelf: Shelf, *keys: str) -> list[asyncio.Task[int | None]]:
    """Callers who wait for one statement that has begun, of a key of its own."""
    lookups = Lookups(shelf.read)
    first = asyncio.create_task(lookups.get("first"))
    await shelf.begun.wait()
    tasks = [asyncio.create_task(lookups.get(key)) for key in keys]
    await asyncio.sleep(0)
    return [first, *tasks]


async def test_callers_who_ask_while_one_statement_is_under_way_share_the_next() -> None:
    shelf = Shelf()
    tasks = await asked(shelf, "a", "b", "a", "none")
    # What comes to stand meanwhile is found: the statement that tells has not begun.
    shelf.values = {"a": 1, "b": 2}
    shelf.open.set()
    assert await asyncio.gather(*tasks) == [None, 1, 2, 1, None]
    assert shelf.statements == [["first"], ["a", "b", "none"]]


async def test_a_failed_statement_is_told_to_each_of_its_callers_and_to_no_other() -> None:
    shelf = Shelf()
    shelf.broken = True
    tasks = await asked(shelf, "a", "b")
    shelf.open.set()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(error) for error in errors] == ["The disk is gone."] * 3
    assert len({id(error) for error in errors}) == 3
    shelf.broken = False
    shelf.values = {"a": 1}
    assert await Lookups(shelf.read).get("a") == 1


async def test_a_caller_who_leaves_takes_no_answer_from_the_others() -> None:
    shelf = Shelf()
    first, one, other = await asked(shelf, "a", "a")
    first.cancel()
    one.cancel()
    shelf.values = {"a": 1}
    shelf.open.set()
    assert await other == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_no_statement_has_more_keys_than_allowed() -> None:
    shelf = Shelf()
    shelf.open.set()
    lookups = Lookups(shelf.read)
    keys = [f"key-{at}" for at in range(MOST + 1)]
    assert await asyncio.gather(*map(lookups.get, keys)) == [None] * len(keys)
    assert max(map(len, shelf.statements)) == MOST
