"""Texts screened many to a call: order and sides are kept, and nothing is read before its time."""

from __future__ import annotations

from genservice.cli.screening import BATCH, ROOM, screened
from genservice.errors import GuardUnavailableError
from genservice.privacy import Finding, Screening


def said(type_: str) -> Finding:
    return Finding(start=0, end=1, type=type_, score=1.0)


class Recording:
    """A guard that finds what it was asked, and keeps what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    async def screen(self, texts, *, side):
        self.calls.append((side, len(texts)))
        if "break" in texts:
            raise GuardUnavailableError("broken")
        return tuple(Screening(text=text, findings=(said(f"{side}:{text}"),)) for text in texts)


async def answers(guard: Recording, items: list[tuple[str, str]]) -> list[str]:
    return [
        f"{each.item[1]}:{each.item[0]}:{each.findings[0].type if each.findings else ''}"
        async for each in screened(guard, items, text_of=lambda item: item)
    ]


async def test_sides_that_alternate_are_asked_once_each_and_answered_in_order():
    items = [(str(number), ("viewer", "title", "output")[number % 3]) for number in range(9)]
    guard = Recording()
    assert await answers(guard, items) == [f"{side}:{text}:{side}:{text}" for text, side in items]
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


async def test_a_text_that_cannot_be_screened_is_found_from_end_to_end_and_no_other_with_it():
    items = [("fine", "viewer"), ("break", "viewer"), ("well", "viewer")]
    found = [each async for each in screened(Recording(), items, text_of=lambda item: item)]
    assert [each.refused for each in found] == [None, "broken", None]
    assert [(each.start, each.end, each.type) for each in found[1].findings] == [(0, 5, "OPAQUE")]
