"""What a catalogue overnight costs: how many briefs audiences share, and what a text and a row take.

    python -m benchmarks.batch ../shared/data/wikipedia-movies --films 60 --written 12

Real films, and audiences made of regions, consents and tastes. Counts the distinct texts among all
titles and audiences (their keys; nothing is written for it), then runs batches over some of the films:
one in which every text is written, and one in which all of them stand. Processor seconds are of this
process with its threads, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.real_catalogue import sample
from genservice.assembly import open_service
from genservice.batch import Audience, InProcess, Plan, Writing, opened, run
from genservice.batch.plan import Listing, order_of, plan_of, terms_of
from genservice.catalog import read
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.api.service import Service
    from genservice.domain import Title
    from genservice.settings import Settings

CONSENTS = ("content_profile", "content_use")
CONTEXTS: tuple[dict[str, Any], ...] = (
    {"region": "DE", "age_band": "age_25_34", "consents": CONSENTS},
    {"region": "GB", "age_band": "age_25_34", "consents": CONSENTS},
    {"region": "FR", "age_band": "age_35_49", "consents": CONSENTS},
    {"region": "US-CA", "age_band": "age_35_49", "consents": ()},
    {"region": "US", "age_band": "age_18_24", "consents": (), "gpc": True},
    {"region": "DE", "age_band": "age_14", "consents": CONSENTS},
    {"region": "ES", "age_band": "age_65_plus", "consents": ()},
    {"region": "unknown", "age_band": "unknown", "consents": ()},
    {"region": "PL", "age_band": "age_50_64", "consents": CONSENTS},
    {"region": "CA", "age_band": "age_25_34", "consents": CONSENTS},
)
TASTES: tuple[dict[str, Any], ...] = (
    {"genre_affinity": ["crime", "thriller"], "mood_affinity": ["tense"]},
    {"genre_affinity": ["comedy"], "mood_affinity": ["funny"]},
    {"genre_affinity": ["drama"], "pace_preference": "slow_burn"},
    {"genre_affinity": ["horror"], "time_of_day": ["23:10"]},
    {"genre_affinity": ["romance", "comedy"], "companions": "partner"},
    {"genre_affinity": ["science_fiction"], "mood_affinity": ["wondrous"]},
    {"genre_affinity": ["family", "animation"], "companions": "family"},
    {"genre_affinity": ["documentary"], "device": "phone"},
    {"mood_affinity": ["dark"], "time_of_day": ["22:00"]},
    {"genre_affinity": ["action", "adventure"]},
    {"genre_affinity": ["western", "war"]},
    {"search_terms": "films about friendship and the sea"},
    {"pace_preference": "fast", "companions": "friends"},
    {"genre_affinity": ["musical"], "mood_affinity": ["warm"]},
    {"genre_affinity": ["fantasy", "animation"]},
    {"genre_affinity": ["mystery", "crime"]},
    {"genre_affinity": ["biography", "history"]},
    {"time_of_day": ["08:30"], "device": "phone"},
    {"genre_affinity": ["sport"]},
    {},
)
COUNTS = (12, 36, 100, 200)
MILLION = 1_000_000


def audiences() -> tuple[Audience, ...]:
    """Two hundred; the first so many of them have as many contexts and tastes as fit."""
    pairs = sorted(
        itertools.product(range(len(CONTEXTS)), range(len(TASTES))),
        key=lambda pair: (max(pair), pair),
    )
    return tuple(
        Audience(name=f"a_{context}_{taste}", signals=TASTES[taste], **CONTEXTS[context])
        for context, taste in pairs
    )


async def shared(service: Service, titles: Sequence[Title]) -> dict[str, float]:
    """For so many audiences, how many distinct texts a title has on average."""
    everybody = audiences()
    found: dict[int, list[int]] = {count: [] for count in COUNTS}
    for title in titles:
        keys: list[str] = []
        for audience in everybody:
            (options,) = audience.options()
            keys.append((await service.blurbs.preview(order_of(audience, options, title))).key)
        for count in COUNTS:
            found[count].append(len(set(keys[:count])))
    return {str(count): sum(each) / len(each) for count, each in found.items()}


async def batch(
    service: Service, plan: Plan, folder: Path, *, at_once: int
) -> tuple[float, float, dict[str, int]]:
    """Processor and wall seconds of a batch, and bytes by kind of file."""
    writing = Writing(
        service.blurbs,
        service.titles,
        plan.audiences,
        at_once=at_once,
        formats=plan.manifest.formats,
    )
    with opened(folder) as output:
        output.begin(plan.manifest)
        wall, processor = time.monotonic(), time.process_time()
        await run(plan, output, InProcess(writing))
        wall, processor = time.monotonic() - wall, time.process_time() - processor
        sizes: dict[str, int] = {}
        for record in output.done.values():
            for name, facts in record.files.items():
                kind = f"{name.partition('/')[0]}.{name.rpartition('.')[2]}"
                sizes[kind] = sizes.get(kind, 0) + facts.bytes
    return processor, wall, sizes


async def planned(service: Service, titles: Sequence[Title]) -> Plan:
    """A batch of these titles for everybody."""
    everybody = audiences()
    listing = Listing()
    for title in titles:
        listing.add(title)
    terms = await terms_of(service.blurbs, everybody, policy=service.policies().version)
    return plan_of(
        listing, everybody, terms, files=(), part_items=5000, formats=("jsonl", "parquet")
    )


async def measured(
    settings: Settings, titles: Sequence[Title], folder: Path, at_once: int
) -> dict[str, Any]:
    """What a text, a title and a row take: written, read again after a restart, and once more."""
    first, titles = titles[:1], titles[1:]
    async with open_service(settings) as service:
        # What is done once in a process is not the texts' doing.
        await batch(service, await planned(service, first), folder / "first", at_once=at_once)
        plan = await planned(service, titles)
        fresh, wall, sizes = await batch(service, plan, folder / "fresh", at_once=at_once)
        distinct = (await shared(service, titles))[str(len(audiences()))] * len(titles)
    async with open_service(settings) as service:
        await batch(service, await planned(service, first), folder / "again", at_once=at_once)
        cold, _, _ = await batch(service, plan, folder / "cold", at_once=at_once)
        warm, warm_wall, _ = await batch(service, plan, folder / "warm", at_once=at_once)
    items = plan.manifest.items
    receipts = sum(
        path.read_bytes().count(b"\n") for path in (folder / "fresh" / "receipts").glob("*.jsonl")
    )
    return {
        "titles": len(titles),
        "rows": items,
        "texts": round(distinct),
        "receipts": receipts,
        "cpu_ms": {
            "a_row": round(1000 * warm / items, 3),
            "a_title": round(1000 * (cold - warm) / len(titles), 1),
            "a_text": round(1000 * (fresh - cold) / distinct, 1),
        },
        "wall_s": {"written": round(wall, 1), "stood": round(warm_wall, 1)},
        "bytes_a_row": {kind: round(size / items) for kind, size in sorted(sizes.items())},
        "at_once": at_once,
    }


def computed(distinct: float, cpu_ms: dict[str, float]) -> dict[str, Any]:
    """A million titles for 200 audiences, in hours of one core, and of machines of so many."""
    hours = {
        "rows": 200 * MILLION * cpu_ms["a_row"] / 3.6e6,
        "titles": MILLION * cpu_ms["a_title"] / 3.6e6,
        "texts": MILLION * distinct * cpu_ms["a_text"] / 3.6e6,
    }
    return {
        "core_hours": {name: round(each) for name, each in hours.items()},
        "hours_on_cores": {
            str(cores): round(sum(hours.values()) / cores, 1) for cores in (16, 64, 160)
        },
    }


async def shipped_measured(*, titles: int, at_once: int) -> dict[str, Any]:
    """What a text, a title and a row take, of so many titles of the shipped catalogue."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        settings = read_settings(data=folder / "data", keystore=folder / "keys")
        async with open_service(settings) as service:
            held = (await service.titles.search("", limit=titles + 1)).items
        return await measured(settings, held, folder, at_once)


async def main() -> None:
    """Read the arguments, run, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=60)
    parser.add_argument("--written", type=int, default=12)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        settings = read_settings(data=folder / "data", keystore=folder / "keys")
        async with open_service(settings) as service:
            raw = sample(given.folder, given.films, given.seed)
            reading = read(raw, format="wikipedia", vocabulary=service.vocabulary)
            await service.titles.put_all(reading.titles)
            held = await service.titles.get_many(title.id for title in reading.titles)
            titles = list(held.values())
            distinct = await shared(service, titles)
        figures = await measured(settings, titles[: given.written], folder, given.at_once)
    told = {
        "films": len(titles),
        "distinct_texts_a_title": {count: round(each, 2) for count, each in distinct.items()},
        "measured": figures,
        "computed_1M_x_200": computed(distinct["200"], figures["cpu_ms"]),
        "load": [round(each, 1) for each in os.getloadavg()],
    }
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
