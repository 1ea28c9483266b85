"""How long a replay over a million logged requests takes, and how much room they take in the log.

    python -m benchmarks.replay --requests 1000000 --batch 500

Draws requests that are hardly ever alike (contexts and signals at random, so that counting saves next
to nothing), logs them as a service does, and replays a draft over them in a process of its own, as
`genservice policy replay` does. `--batch 1` is a service with a request a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genservice.domain import (
    AGE_BANDS,
    CHANNELS,
    PURPOSES,
    Context,
    Decided,
    LoggedContext,
)
from genservice.domain.log_records import Head
from genservice.log_heads import LogHeads
from genservice.policy import PolicySet, decide, from_files, levels_of, load, stated
from genservice.shipped import shipped
from genservice.signing import Signer
from genservice.store import GENESIS, batch_of, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAFT = """
rules:
  - {id: moods-for-adults, why: Moods tell too much of the young., when: {age_band: {not: [adult]}}, signals: [mood_affinity], decision: withhold}
  - {id: no-lists-in-promos, why: A list is nobody else's business., when: {purpose: [promo]}, signals: [wish_list], decision: withhold}
"""
REGIONS = (
    "DE",
    "FR",
    "IT",
    "ES",
    "NL",
    "PL",
    "SE",
    "GB",
    "US",
    "US-CA",
    "BR",
    "JP",
    "CH",
    "unknown",
)
HOURS = 7 * 24


def drawn(policies: PolicySet, chance: random.Random) -> Iterator[Decided]:
    """Requests, one after the other, for ever."""
    consents = [consent.name for consent in policies.consents]
    names = [signal.name for signal in policies.signals]
    levels: dict[LoggedContext, dict[str, str]] = {}
    while True:
        context = Context(
            purpose=chance.choice(PURPOSES),
            region=chance.choice(REGIONS),
            age_band=chance.choice(AGE_BANDS),
            consents=tuple(sorted(chance.sample(consents, chance.choice((0, 2, 2, 3))))),
            gpc=chance.random() < 0.1,
            channel=chance.choice(CHANNELS),
        )
        logged = LoggedContext.of(stated(context, policies))
        if logged not in levels:
            levels[logged] = levels_of(policies.signals, decide(policies, logged.context))
        present = sorted(chance.sample(names, chance.randint(2, 8)))
        yield Decided(logged, tuple((name, levels[logged][name]) for name in present))


def filled(database: Path, requests: int, batch: int, seed: int) -> dict[str, Any]:
    """As `fill`, for a process of its own: memory that this one held would be counted for the command."""
    return asyncio.run(fill(database, requests, batch, seed))


async def fill(database: Path, requests: int, batch: int, seed: int) -> dict[str, Any]:
    """Log so many requests, spread over the last week; what they come to."""
    policies = load(shipped("policies"))
    source = drawn(policies, random.Random(seed))
    first = datetime.now(UTC) - timedelta(hours=HOURS - 1)
    contexts: set[int] = set()
    kinds: set[int] = set()
    async with open_store(database, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        waiting: list[asyncio.Task[bytes]] = []
        last = GENESIS
        for position, done in enumerate(range(0, requests, batch), start=1):
            counts = Counter(next(source) for _ in range(min(batch, requests - done)))
            contexts.update(hash(decided.context) for decided in counts)
            kinds.update(hash(decided) for decided in counts)
            hour = first + timedelta(hours=done * HOURS // requests)
            fields = {
                "hour": hour.strftime("%Y-%m-%dT%H"),
                "writer": f"{seed:016x}",
                "position": position,
                "policy": policies.version,
                "counts": counts,
                "previous": last,
            }
            # Known beforehand, so that commits are shared here as those of several processes are.
            last = batch_of(**fields).digest or GENESIS
            waiting.append(asyncio.create_task(store.decisions.add(**fields)))
            if len(waiting) == 200:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
        now = datetime.now(UTC).replace(microsecond=0)
        heads = LogHeads(
            database.parent / "log-heads", Signer.open(database.parent), clock=lambda: now
        )
        head = Head(
            writer=f"{seed:016x}", position=len(range(0, requests, batch)), digest=last.hex(),
            requests=requests, hour=now.isoformat()[:13], at=now, closed=True,
        )  # fmt: skip
        await heads.append(head)
    return {"requests": requests, "contexts": len(contexts), "kinds": len(kinds)}


def commanded(*words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a command printed; its time and the most memory it held."""
    command = [sys.executable, "-m", "genservice", *words, "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - ours
        assert process.stdout is not None  # noqa: S101 - asked for above
        printed = process.stdout.read()
        used = os.wait4(process.pid, 0)[2]
    seconds = time.perf_counter() - began
    figures = {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "megabytes": round(used.ru_maxrss / 1024),
    }
    return json.loads(printed), figures


def verified(folder: Path) -> dict[str, Any]:
    """`genservice log verify`."""
    words = ("log", "verify", "--data", str(folder), "--keystore", str(folder))
    verdict, figures = commanded(*words)
    return {**figures, "batches": verdict["batches"], "whole": verdict["whole"]}


def replayed(database: Path, draft: Path) -> dict[str, Any]:
    """`genservice policy replay`, and what it found."""
    words = ("policy", "replay", str(draft), "--since", f"{HOURS}h", "--data", str(database.parent))
    printed, figures = commanded(*words)
    replay = printed["replay"]
    return {
        **figures,
        "compared": replay["requests"],
        "changed": replay["changed"],
        "twins": replay["twin"]["requests"],
    }


def measured(requests: int, batch: int, seed: int = 1) -> dict[str, Any]:
    """What the log of so many requests takes, and replaying and verifying it."""
    with tempfile.TemporaryDirectory() as folder:
        database, draft = Path(folder) / "data" / "genservice.db", Path(folder) / "draft"
        draft.mkdir()
        files = {**load(shipped("policies")).files, "draft.yaml": DRAFT}
        from_files(files)
        for name, text in files.items():
            (draft / name).write_text(text, encoding="utf-8")
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
            found = pool.submit(filled, database, requests, batch, seed).result()
        megabytes = sum(path.stat().st_size for path in database.parent.iterdir()) / 1e6
        found |= {"database_megabytes": round(megabytes, 1), **replayed(database, draft)}
        found["verify"] = verified(database.parent)
    return found


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps(measured(given.requests, given.batch, given.seed), indent=2))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
