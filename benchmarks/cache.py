"""What caches are worth: processor microseconds of a warm promo, and of its lookup, with each and without.

    python -m benchmarks.cache

One process, in turn, in one run, over one SQLite file; the path from order to answer (no HTTP), receipts on
disk as ever. Valkey or Redis is started if it is installed; its own processor time is not counted. The
medians of rounds.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.answers import Order
from genservice.assembly import open_service
from genservice.blurbs import Blurbs
from genservice.briefing import Options
from genservice.cache import Cached, MemoryCache, ValkeyCache
from genservice.generation import Scripted
from genservice.settings import Settings
from genservice.valkey import open_valkey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS, REQUESTS = 150, 20
TITLE = "double-indemnity"


async def microseconds(work: Callable[[], Awaitable[Any]]) -> float:
    """What one piece of work costs of the processor, threads included."""
    began = time.process_time()
    for _ in range(REQUESTS):
        await work()
    return (time.process_time() - began) / REQUESTS * 1e6


async def measure(url: str | None, *, rounds: int = ROUNDS) -> dict[str, tuple[float, float]]:
    """Medians by kind of cache: of a whole promo, and of looking up its text."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(
            data=folder / "data",
            keystore=folder / "keystore",
            twins="",
            cache_bytes=0,
            answer_bytes=0,
        )
        service = await stack.enter_async_context(
            open_service(settings, model=Scripted(), reserve=Scripted())
        )
        parts: Any = service.blurbs._parts  # noqa: SLF001 - the same path with other caches
        title = await service.titles.get(TITLE)
        assert title is not None, TITLE  # noqa: S101 - the catalogue that is shipped holds it
        order = Order(
            title=title,
            options=Options(purpose="promo"),
            region="DE",
            age_band="age_25_34",
            consents=("content_profile", "content_use"),
            signals={"genre_affinity": ["crime"]},
        )
        database, lifetimes = parts.texts._texts, settings.lifetimes()  # noqa: SLF001 - as above
        memory = MemoryCache(most_bytes=2**26, lifetimes=lifetimes)
        kinds = {"none": Cached(database, []), "memory": Cached(database, [memory])}
        if url is not None:
            valkey = await stack.enter_async_context(open_valkey(url, secret=bytes(32), deadline=5))
            kinds["valkey"] = Cached(database, [ValkeyCache(valkey, lifetimes=lifetimes)])
        key = (await service.blurbs.preview(order)).key
        paths = {
            name: Blurbs(msgspec.structs.replace(parts, texts=texts))
            for name, texts in kinds.items()
        }
        whole: dict[str, list[float]] = {name: [] for name in kinds}
        lookup: dict[str, list[float]] = {name: [] for name in kinds}
        for number in range(rounds + 1):
            for name, texts in kinds.items():
                promo = await microseconds(lambda name=name: paths[name].write(order))
                look = await microseconds(lambda texts=texts: texts.get(key))
                if number:  # The first round warms up.
                    whole[name].append(promo)
                    lookup[name].append(look)
        return {
            name: (statistics.median(whole[name]), statistics.median(lookup[name]))
            for name in kinds
        }


def measured(*, rounds: int = ROUNDS) -> dict[str, tuple[float, float]]:
    """The same, with Valkey or Redis if it is installed."""
    from tests.valkey import program, running_valkey

    try:
        program()
    except AssertionError:
        return asyncio.run(measure(None, rounds=rounds))
    with running_valkey() as server:
        return asyncio.run(measure(server.url, rounds=rounds))


def main() -> None:
    """Print a table."""
    from tests.valkey import MISSING

    found = measured()
    if "valkey" not in found:
        print(MISSING)  # noqa: T201 - what it is for
    base, _ = found["none"]
    for name, (promo, look) in found.items():
        print(  # noqa: T201 - what it is for
            f"{name:8} {promo:7.0f} µs a promo ({promo / base:4.0%}), {look:6.1f} µs a lookup"
        )


if __name__ == "__main__":
    main()
