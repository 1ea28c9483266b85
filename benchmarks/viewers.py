"""What it costs to know a viewer: reading, recording what was shown, and erasing, among many others.

    python -m benchmarks.viewers --viewers 100000

Viewers are written in bulk, sealed as the service seals them; everything is then measured through
`Viewers`, over one SQLite database and one keystore.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genservice.domain.viewers import ConsentRecord, Controls, HeldSignal
from genservice.master_keys import MasterKeyPlace
from genservice.sealing import new_key
from genservice.store import KeystoreEntry, open_keystore, open_store
from genservice.store.keystore_tables import ViewerKeyRow
from genservice.store.tables import ViewerConsentRow, ViewerControlsRow, ViewerRow, ViewerSignalRow
from genservice.store.wrapping import place_of
from genservice.viewers import Viewers
from genservice.viewers.seals import Seals

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from genservice.store import Keystore, Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIGNALS: dict[str, Any] = {
    "genre_affinity": ["crime", "drama"],
    "watch_history": [f"title-{number}" for number in range(20)],
    "location": {"country": "DE", "city": "Kiel"},
}
CONSENTS = ("content_profile", "content_use")
BATCH = 2000
KEPT = timedelta(days=90)
HOUR = "%Y-%m-%dT%H"


def clock() -> datetime:
    """It stands."""
    return NOW


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[tuple[Viewers, Store, Keystore]]:
    """As the service has it, in two folders."""
    place = MasterKeyPlace(keystore=folder / "keystore")
    async with (
        open_store(folder / "data" / "genservice.db", clock=clock) as store,
        open_keystore(folder / "keystore" / "viewers.db", place) as keystore,
    ):
        await store.migrate()
        viewers = Viewers(keystore, store.viewers, clock=clock)
        yield viewers, store, keystore
        await viewers.close()


async def fill(store: Store, keystore: Keystore, names: list[str], *, now: datetime = NOW) -> None:
    """Three signals, two acts of consent and controls for each of the names, as of now."""
    master = await keystore._wrapping.current()  # noqa: SLF001 - in bulk, past what adds one
    for start in range(0, len(names), BATCH):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for name in names[start : start + BATCH]:
            entry = KeystoreEntry(new_key()[:16], new_key())
            lookup = keystore._lookup(name)  # noqa: SLF001 - in bulk, past what adds one
            wrapped = master.wrap(entry.key, *place_of(lookup, entry.subject))
            key = {"lookup": lookup, "subject": entry.subject, "wrapped": wrapped}
            rows.setdefault(ViewerKeyRow, []).append({**key, "master": master.id})
            rows.setdefault(ViewerRow, []).append(
                {"subject": entry.subject, "since": now.strftime(HOUR)}
            )
            for table, row in _sealed(entry, now):
                rows.setdefault(table, []).append({"subject": entry.subject, **row})
        for database, tables in (
            (keystore._database, [ViewerKeyRow]),  # noqa: SLF001 - in bulk, past what adds one
            (store.viewers._database, [table for table in rows if table is not ViewerKeyRow]),  # noqa: SLF001 - in bulk, past what adds one
        ):
            async with database.writing() as session:
                for table in tables:
                    await session.execute(table.__table__.insert(), rows[table])


def _sealed(entry: KeystoreEntry, now: datetime) -> list[tuple[Any, dict[str, Any]]]:
    seals = Seals(entry)
    found: list[tuple[Any, dict[str, Any]]] = []
    for name, value in SIGNALS.items():
        signal = HeldSignal(name=name, value=value, source="app", at=now, expires_at=now + KEPT)
        sealed = seals.seal("signal", name, signal)
        found.append(
            (
                ViewerSignalRow,
                {"name": name, "expires": (now + KEPT).strftime(HOUR), "sealed": sealed},
            )
        )
    for number, consent in enumerate(CONSENTS, 1):
        record = ConsentRecord(
            number=number, at=now, consent=consent, action="given", source="s", text_version="1"
        )
        sealed = seals.seal("consent", number, record)
        found.append((ViewerConsentRow, {"number": number, "sealed": sealed}))
    sealed = seals.seal("controls", 1, Controls(level="full"))
    return [*found, (ViewerControlsRow, {"revision": 1, "sealed": sealed})]


async def timed(work: Callable[[str], Awaitable[object]], names: list[str]) -> dict[str, float]:
    """Microseconds of each call, one after the other."""
    took: list[float] = []
    for name in names:
        began = time.perf_counter()
        await work(name)
        took.append((time.perf_counter() - began) * 1e6)
    cuts = statistics.quantiles(took, n=100)
    return {name: round(cuts[cut - 1]) for name, cut in (("p50", 50), ("p95", 95), ("p99", 99))}


async def each_second(
    work: Callable[[str], Awaitable[object]], names: list[str], tasks: int
) -> int:
    """Calls a second with so many tasks at once."""
    waiting = iter(names)

    async def go_on() -> None:
        for name in waiting:
            await work(name)

    began = time.perf_counter()
    await asyncio.gather(*(go_on() for _ in range(tasks)))
    return round(len(names) / (time.perf_counter() - began))


async def measured(folder: Path, count: int, calls: int) -> dict[str, Any]:
    """The figures."""
    chance = random.Random(1)
    names = [f"viewer-{number}" for number in range(count)]
    async with opened(folder) as (viewers, store, keystore):
        began = time.perf_counter()
        await fill(store, keystore, names)
        filled = time.perf_counter() - began

        async def shown(name: str) -> None:
            await viewers.record_serving(name, "r-" + "0" * 64, ["b-00000000"])

        asked = chance.choices(names, k=calls)
        await timed(viewers.held, asked[:50])
        found: dict[str, Any] = {
            "viewers": count,
            "filled_seconds": round(filled, 1),
            "megabytes": {
                place: round(
                    sum(file.stat().st_size for file in (folder / place).iterdir()) / 1e6, 1
                )
                for place in ("data", "keystore")
            },
            "held_microseconds": await timed(viewers.held, asked),
            "held_unknown_microseconds": await timed(
                viewers.held, [f"nobody-{number}" for number in range(calls)]
            ),
            "held_each_second_of_8": await each_second(viewers.held, asked, 8),
            "record_serving_microseconds": await timed(shown, asked[: calls // 4]),
            "record_serving_each_second_of_64": await each_second(shown, asked, 64),
            "erase_microseconds": await timed(viewers.erase, chance.sample(names, 9)),
        }
        began = time.perf_counter()
        await viewers.tidy()
        found["tidy_seconds"] = round(time.perf_counter() - began, 2)
    began = time.perf_counter()
    async with opened(folder) as (viewers, _, _):
        await viewers.resume_erasures()
        found["open_seconds"] = round(time.perf_counter() - began, 2)
    return found


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(Path(folder), given.viewers, given.calls))
    print(json.dumps(found, indent=2))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
