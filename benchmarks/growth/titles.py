"""By titles: the shipped ones, again and again under other ids and names."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.growth.curves import Curve, Point, milliseconds, milliseconds_each
from benchmarks.load import driven, promos, service
from genservice.domain import Place, Title
from genservice.shipped import shipped
from genservice.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

SIZES = (100, 1000, 10_000, 100_000)
WARM, COLD = 48, 200
"""Titles that promos are asked for, and whose dossiers are made."""
CONNECTIONS, SECONDS = 16, 3.0
PLACES = (
    Place(purpose="promo", channel="detail", length="medium"),
    Place(purpose="promo", channel="tile", length="short"),
    Place(purpose="synopsis", channel="detail", length="medium"),
)


def made(count: int) -> Iterator[Title]:
    """So many titles."""
    originals = [
        title
        for file in sorted(shipped("catalogue").glob("*.json"))
        for title in msgspec.json.decode(file.read_bytes(), type=list[Title])
    ]
    for number, title in enumerate(islice(cycle(originals), count)):
        name = f"{title.name} {number // len(originals) + 1}"
        yield msgspec.structs.replace(title, id=f"made-{number:06}", name=name)


async def _fill(data: Path, count: int) -> None:
    async with open_store(data / "genservice.db", clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        await store.titles.put_all(made(count))


async def _look_for_twins(data: Path) -> float:
    """Milliseconds of what the service does each minute: look through all titles for missing twins."""
    async with open_store(data / "genservice.db", clock=lambda: datetime.now(UTC)) as store:
        began, after = time.perf_counter(), ""
        while page := await store.blurbs.lacking(PLACES, after=after, limit=500):
            after = page[-1].title.id
        return (time.perf_counter() - began) * 1000


def by_titles(sizes: Sequence[int] = SIZES) -> Curve:
    """The curve; titles are put by the store's own `put_all`."""
    return Curve(of="titles", points=tuple(map(_point, sizes)))


def _point(size: int) -> Point:
    chance = random.Random(size)
    ids = [f"made-{number:06}" for number in range(size)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        asyncio.run(_fill(folder / "data", size))
        began = time.perf_counter()
        with service(folder, role="admin") as ours, ours.client() as client:
            client.get("/health/live").raise_for_status()
            started = time.perf_counter() - began
            found: dict[str, float] = {
                "start, s": started,
                "memory at start, MB": ours.resident_megabytes(),
            }
            bodies = promos(chance.sample(ids, min(WARM, size)))
            ours.ask(bodies)
            load, processor = driven(ours, bodies, connections=CONNECTIONS, seconds=SECONDS)
            found |= {
                "warm promo p50, ms": load.p50_ms,
                "warm promo p99, ms": load.p99_ms,
                "warm promos each second": load.each_second,
                "warm promo, processor, µs": processor,
                **_lists(client, size, chance),
                **_dossiers(ours, client, chance.sample(ids, min(COLD, size))),
            }
        found["look for missing twins, ms"] = asyncio.run(_look_for_twins(folder / "data"))
        found["database, MB"] = (folder / "data" / "genservice.db").stat().st_size / 1e6
    return Point(size=size, figures={name: round(value, 3) for name, value in found.items()})


def _lists(client: httpx.Client, size: int, chance: random.Random) -> dict[str, float]:
    def listed(**query: Any) -> Any:
        return client.get("/v1/titles", params=query).raise_for_status().json()

    last, cursor = None, None
    # To the end, or ten thousand titles far.
    for _ in range(min(20, size // 500)):
        cursor = listed(limit=500, **({"cursor": cursor} if cursor else {}))["next"]
        last = cursor or last
    deep = {"cursor": last} if last else {}
    some = chance.choices(range(size), k=11)
    title = client.get(f"/v1/titles/made-{some[0]:06}").raise_for_status().json()

    def change(number: int) -> None:
        changed = {**title, "year": 1900 + number}
        client.put(f"/v1/titles/{title['id']}", json=changed).raise_for_status()

    return {
        "list, first page, ms": milliseconds(lambda: listed(limit=50), times=10),
        "list, a later page, ms": milliseconds(lambda: listed(limit=50, **deep), times=10),
        "search, found often, ms": milliseconds(lambda: listed(limit=50, q="the"), times=10),
        "search, found once, ms": milliseconds(
            lambda: listed(limit=50, q="Metropolis 1"), times=10
        ),
        "search, found never, ms": milliseconds(lambda: listed(limit=50, q="zzzz"), times=10),
        "one title, ms": milliseconds_each(
            lambda each: client.get(f"/v1/titles/made-{each:06}").raise_for_status(), some
        ),
        "change a title, ms": milliseconds_each(change, range(11)),
    }


def _dossiers(ours: Any, client: httpx.Client, ids: Sequence[str]) -> dict[str, float]:
    """What a title costs when it is first asked for; nothing is written."""
    before = ours.resident_megabytes()
    body = msgspec.json.decode(promos(["-"])[0])

    def preview(number: int) -> None:
        asked = {**body, "title_id": ids[number], "dry_run": True}
        client.post("/v1/promos", json=asked).raise_for_status()

    took = milliseconds_each(preview, range(len(ids)))
    grown = (ours.resident_megabytes() - before) / len(ids)
    return {"a title first asked for, ms": took, "memory of a title asked for, kB": grown * 1000}
