"""Whichever worker is asked for metrics, it tells those of all, and which of them did not answer."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from genservice.metrics import Among, Figures

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def registry(answers: int) -> CollectorRegistry:
    made = CollectorRegistry()
    counted = Counter("answers", "Answers.", ["source"], registry=made)
    counted.labels("written").inc(answers)
    Histogram("took_seconds", "How long.", registry=made, buckets=(1, 2)).observe(1.5)
    return made


async def told(figures: Figures) -> dict[tuple[str, ...], float]:
    text = generate_latest(await figures.collected()).decode()
    return {
        (
            sample.name,
            *(f"{name}={value}" for name, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_all_are_told_by_each_with_their_numbers(tmp_path: Path) -> None:
    sockets = tuple(str(tmp_path / str(number)) for number in range(3))
    everyone = [Figures(registry(number + 5), Among(number, sockets)) for number in range(3)]
    async with AsyncExitStack() as stack:
        for figures in everyone:
            await stack.enter_async_context(figures.told())
        found = [await told(figures) for figures in everyone]
    first = found[0]
    for number in range(3):
        assert first["answers_total", "source=written", f"worker={number}"] == number + 5
        assert first["took_seconds_bucket", "le=+Inf", f"worker={number}"] == 1
        assert first["took_seconds_sum", f"worker={number}"] == 1.5
        assert first["genservice_worker_up", f"worker={number}"] == 1
    assert found == [first] * 3


async def test_one_that_is_gone_or_hangs_is_told_as_such_and_the_others_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genservice.metrics.workers._PATIENCE", 0.2)
    sockets = tuple(str(tmp_path / str(number)) for number in range(4))
    first, second = (Figures(registry(7), Among(number, sockets)) for number in (0, 1))
    over = asyncio.Event()

    async def hang(_, writer) -> None:
        await over.wait()
        writer.close()

    async def talk(_, writer) -> None:
        writer.write(b"\xc1 no figures")
        writer.close()

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(first.told())
        await stack.enter_async_context(await asyncio.start_unix_server(hang, sockets[2]))
        await stack.enter_async_context(await asyncio.start_unix_server(talk, sockets[3]))
        found = await told(first)
        over.set()
        # A worker that was started anew takes the place of the one before.
        await stack.enter_async_context(second.told())
        again = await told(first)
    up = [found["genservice_worker_up", f"worker={number}"] for number in range(4)]
    assert up == [1, 0, 0, 0]
    assert found["answers_total", "source=written", "worker=0"] == 7
    assert again["genservice_worker_up", "worker=1"] == 1


async def test_a_process_by_itself_tells_its_own_as_they_are() -> None:
    held = registry(2)
    figures = Figures(held)
    async with figures.told():
        assert await figures.collected() is held
