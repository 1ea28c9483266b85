"""Running a plan: whatever parts are missing are written, and put on disk one by one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from genservice.batch.output import Output
    from genservice.batch.plan import Plan
    from genservice.batch.rows import Row, Written
    from genservice.batch.writing import Writing

OPEN_PARTS = 2
"""Parts under way at a time in one process: while the last texts of one are waited for, the next begins."""


class Engine(Protocol):
    """Where parts are written."""

    def parts(self, plan: Plan, numbers: Iterator[int]) -> AsyncGenerator[Written]:
        """The files of these parts, as they are ready.

        Raises:
            UnavailableError: Going on is of no use at present.
        """
        ...


class InProcess:
    """Writes parts in this process."""

    def __init__(self, writing: Writing, told: Callable[[Row], None] = lambda _: None) -> None:
        """Write over a service.

        Args:
            writing: Writes a part.
            told: Hears of each text.
        """
        self._writing = writing
        self._told = told

    async def parts(self, plan: Plan, numbers: Iterator[int]) -> AsyncGenerator[Written]:
        """The files of these parts, as they are ready; two are under way at a time.

        Raises:
            UnavailableError: Nothing answers any more.
        """
        under_way: set[asyncio.Task[Written]] = set()
        try:
            while True:
                while len(under_way) < OPEN_PARTS and (number := next(numbers, None)) is not None:
                    writing = self._writing.part(plan.part(number), self._told)
                    under_way.add(asyncio.create_task(writing))
                if not under_way:
                    return
                ready, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in ready:
                    yield task.result()
                    under_way.discard(task)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch came to, over all its runs."""

    items: int
    parts: int
    before: int
    """Texts that earlier runs had written."""
    counts: dict[str, int]
    failed: int


async def run(
    plan: Plan, output: Output, engine: Engine, told: Callable[[Written], None] = lambda _: None
) -> Summary:
    """Write whatever parts are missing, and list what failed.

    Args:
        plan: All there is to write.
        output: Where to; begun with the plan's manifest.
        engine: Writes parts.
        told: Hears of each part once it is on disk.

    Raises:
        OutputError: The disk is full, or fails. What is done stays.
        UnavailableError: Going on is of no use at present. What is done stays.
    """
    before = sum(record.items for record in output.done.values())
    missing = iter([n for n in range(plan.manifest.parts) if n not in output.done])
    parts = engine.parts(plan, missing)
    try:
        async for written in parts:
            await asyncio.to_thread(output.put, written)
            told(written)
    finally:
        await parts.aclose()
    await asyncio.to_thread(output.end)
    return summary_of(output, before=before)


def summary_of(output: Output, *, before: int) -> Summary:
    """What is done by now."""
    counts: dict[str, int] = {}
    for record in output.done.values():
        for kind, number in record.counts.items():
            counts[kind] = counts.get(kind, 0) + number
    return Summary(
        items=sum(record.items for record in output.done.values()),
        parts=len(output.done),
        before=before,
        counts=dict(sorted(counts.items())),
        failed=sum(len(record.failed) for record in output.done.values()),
    )
