"""How long the first sentence of a long text takes, beside a model that nobody checks.

    python -m benchmarks.streams --briefs 60

Asks for long texts of the shipped catalogue over the whole path and takes the time twice: until the
model has finished its first sentence, counted from when it was asked; and until that sentence has
passed guard and checks and is told, counted from when the order came. `GENSERVICE_MODEL` may name any
model.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from contextlib import aclosing
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genservice.answers import Order
from genservice.app import open_service
from genservice.briefing import Options
from genservice.domain import Blurb
from genservice.generation import connect, load_model
from genservice.sentences import growing
from genservice.settings import read_settings
from genservice.telling import Closing, Sentence

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from genservice.api.service import Service
    from genservice.domain import Processor, Title
    from genservice.generation import Request, TextModel

CONSENTS = ("content_profile", "content_use")


class Clocked:
    """A text model that notes when it was asked and when its first sentence was finished."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self.asked = 0.0
        self.finished = 0.0
        self.draws = 0

    @property
    def revision(self) -> str:
        """The model's own."""
        return self._model.revision

    @property
    def processor(self) -> Processor:
        """The model's own."""
        return self._model.processor

    def begin(self) -> None:
        """The next order's."""
        self.asked = self.finished = 0.0
        self.draws = 0

    async def write(self, request: Request) -> tuple[str, ...]:
        """What the model writes."""
        return await self._model.write(request)

    async def stream(self, request: Request) -> AsyncGenerator[str]:
        """What the model writes."""
        self.draws += 1
        self.asked = self.asked or time.perf_counter()
        seen: asyncio.Queue[str | None] = asyncio.Queue()

        async def pieces() -> AsyncGenerator[str]:
            while (piece := await seen.get()) is not None:
                yield piece

        async def watch() -> None:
            async for _ in growing(pieces(), request.prefix):
                self.finished = self.finished or time.perf_counter()

        watching = asyncio.create_task(watch())
        try:
            async with aclosing(self._model.stream(request)) as told:
                async for piece in told:
                    seen.put_nowait(piece)
                    yield piece
        finally:
            seen.put_nowait(None)
            await watching

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()


async def one(service: Service, model: Clocked, order: Order) -> dict[str, Any] | None:
    """The times of one order, in seconds; None if it was not written."""
    model.begin()
    began = time.perf_counter()
    first = 0.0
    blurb: Blurb | None = None
    async for event in service.blurbs.stream(order):
        if isinstance(event, Sentence) and event.index == 0:
            first = time.perf_counter()
        elif isinstance(event, Blurb):
            blurb = event
        elif isinstance(event, Closing):
            ended = time.perf_counter()
            if blurb is None or blurb.source == "editorial" or not model.finished:
                return None
            return {
                "model": model.finished - model.asked,
                "first": first - began,
                "whole": ended - began,
                "draws": model.draws,
                "told": first - model.finished,
            }
    return None


def orders(titles: Sequence[Title], count: int, seed: int) -> list[Order]:
    """Long texts, half of them personal."""
    return [
        Order(
            title=title,
            options=Options(
                purpose="synopsis" if at % 2 else "promo", channel="detail", length="long"
            ),
            region="DE",
            age_band="age_25_34",
            consents=CONSENTS,
            signals={"genre_affinity": list(title.genres[:1])} if at // 2 % 2 else {},
            seed=seed + at,
        )
        for at, title in enumerate(islice(cycle(titles), count))
    ]


async def measure(count: int, seed: int) -> list[dict[str, Any]]:
    """The times of so many orders, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            data=Path(folder) / "data", keystore=Path(folder) / "keys", twins=""
        )
        model = Clocked(
            load_model(
                settings.model,
                name=settings.model_name,
                key=settings.model_key,
                processor=settings.model_processor,
                deadline=settings.model_timeout,
            )
        )
        await connect(model)
        async with open_service(settings, model=model) as service:
            titles = (await service.titles.search("", limit=500)).items
            written = [title for title in titles if title.copy.mode == "open" and not title.texts]
            for title in written[:count]:
                await service.dossiers.of(title)  # the guard read the catalogue before
            for order in orders(written, 3, seed + count):
                await one(service, model, order)  # a model's first texts take longer
            found = [await one(service, model, order) for order in orders(written, count, seed)]
            return [times for times in found if times is not None]


def told(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the times come to, in milliseconds."""

    def at(name: str, share: float) -> float:
        values = sorted(times[name] for times in found)
        return round(1000 * values[int(share * (len(values) - 1))], 1)

    ratios = [times["first"] / times["model"] for times in found]
    names = ("model", "first", "told", "whole")
    return {
        "orders": len(found),
        **{f"{name}_{part}_ms": at(name, q) for name in names for part, q in (("p50", 0.5), ("p95", 0.95))},
        "ratio_of_medians": round(at("first", 0.5) / at("model", 0.5), 3),
        "ratio_p50": round(statistics.median(ratios), 3),
        "ratio_p95": round(sorted(ratios)[int(0.95 * (len(ratios) - 1))], 3),
        "written_anew": sum(times["draws"] - 1 for times in found),
    }  # fmt: skip


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--briefs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = asyncio.run(measure(given.briefs, given.seed))
    print(json.dumps(told(found), indent=2))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
