"""Texts screened many to a call: order and sides are kept, and nothing is read before its time."""

from __future__ import annotations

import pytest

from genservice.cli.screening import BATCH, ROOM, screened
from genservice.errors import GuardUnavailableError
from genservice.privacy import Screening


class Recording:
    """A guard that finds nothing, and keeps what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    async def screen(self, texts, *, side):
        self.calls.append((side, len(texts)))
        if "break" in texts:
            raise GuardUnavailableError("broken")
        return tuple(Screening(text=f"{side}:{text}", findings=()) for text in texts)


async def answers(guard: Recording, items: list[tuple[str, str]]) -> list[str]:
    return [
        screening.text async for _, screening in screened(guard, items, text_of=lambda item: item)
    ]


async def test_sides_that_alternate_are_asked_once_each_and_answered_in_order():
    items = [(str(number), ("viewer", "title", "output")[number % 3]) for number in range(9)]
    guard = Recording()
    assert await answers(guard, items) == [f"{side}:{text}" for text, side in items]
    assert guard.calls == [("viewer", 3), ("title", 3), ("output", 3)]


async def test_a_call_has_so_many_texts_at_most():
    guard = Recording()
    assert len(await answers(guard, [("a", "viewer")] * (2 * BATCH + 1))) == 2 * BATCH + 1
    assert [count for _, count in guard.calls] == [BATCH, BATCH, 1]


async def test_long_texts_are_screened_in_smaller_calls():
    guard = Recording()
    await answers(guard, [("a" * ROOM, "viewer"), ("b", "viewer"), ("c", "viewer")])
    assert [count for _, count in guard.calls] == [1, 2]


async def test_items_are_drawn_as_they_are_needed():
    drawn: list[int] = []

    def items():
        for number in range(3 * BATCH):
            drawn.append(number)
            yield str(number), "viewer"

    async for _ in screened(Recording(), items(), text_of=lambda item: item):
        break
    assert len(drawn) == BATCH


async def test_what_cannot_be_screened_is_never_answered():
    with pytest.raises(GuardUnavailableError):
        await answers(Recording(), [("fine", "viewer"), ("break", "viewer")])
