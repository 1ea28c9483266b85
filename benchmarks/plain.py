"""Fresh promos, 32 asked for at once, beside the plain composition of the same libraries.

    python -m benchmarks.plain --rounds 5

The plain composition is what one would write first: an AnalyzerEngine and an AnonymizerEngine over the
guard's recognisers and tagger read the prompt, a transformers pipeline with the embedded model writes one
candidate of at most as many tokens as ours may have, and both engines read the text; one request after
the other, on one thread, which for so small a model is its fastest. It gets the prompts ready-made, and
neither decides, checks, fills, stores nor signs. Ours is the whole path from an order to a signed receipt
on disk. Titles are known to the service, and no text that is asked for was written before.

Ours is measured twice: as it is deployed, `genservice serve` with a worker for each core, asked by wrk over
HTTP, which has the machine to itself with wrk; and in this process, without HTTP, where all of it but the
model's arithmetic takes turns at one core.

All three work in turns in one run, each while the others rest. This process, like `genservice serve`, leaves
alone in garbage collection what stood when it began. Where the time goes is told by the processor time of
each part, in a round of its own, in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from transformers import pipeline

from benchmarks.deployed import Served, deployed
from benchmarks.guard.speed import Plain
from benchmarks.orders import orders_of
from benchmarks.shares import Shares, parts_of_time, raw_lengths, shares_of
from genservice.assembly import open_service
from genservice.catalog import load_vocabulary
from genservice.generation import embedded_folder
from genservice.listening.collecting import settle
from genservice.privacy import Guard, allowed_words, build_guard
from genservice.settings import read_settings
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from genservice.answers import Order
    from genservice.api.service import Service
    from genservice.domain import Rendered, Title

AT_ONCE = 32
AIM = 6.0
"""Blurbs a second as deployed, over those of the plain composition."""
_WARM_UP = 64


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """How fast one side wrote; medians of the rounds."""

    each_second: float
    """Blurbs."""
    processor_ms: float
    """Of the whole process, a blurb."""
    characters: float
    """Of a text as the model wrote it, its slots not filled, at the mean."""


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    at_once: int
    rounds: int
    deployed: Served
    ours: Speed
    """In this process."""
    plain: Speed
    deployed_times: float
    """Blurbs a second as deployed, over those of the plain composition; median of the rounds."""
    times: float
    """The same of ours in this process."""
    shares: Shares
    sources: dict[str, int]
    """What ours were: `written` for their signals, or the `twin` where none was released."""


class Composition:
    """The plain composition: analyse, anonymise, write, analyse, anonymise."""

    def __init__(self, guard: Guard) -> None:
        """Read the embedded model."""
        self._before = Plain(guard, "viewer")
        self._after = Plain(guard, "output")
        self._write: Any = pipeline(
            "text-generation", model=str(embedded_folder()), device="cpu", dtype=torch.float32
        )

    def one(self, prompt: Rendered, limit: int) -> str:
        """A text for a prompt, of at most as many tokens as ours may have."""
        (made,) = self._write(
            self._before.one(prompt.compact),
            max_new_tokens=limit // 3 + 16,
            return_full_text=False,
            do_sample=True,
        )
        return self._after.one(made["generated_text"])


async def at_once(service: Service, orders: Iterable[Order]) -> Counter[str]:
    """Have all of them written, so many at a time; what each was served from."""
    left = iter(orders)
    sources = Counter[str]()

    async def ask() -> None:
        for order in left:
            answer = await service.blurbs.write(order)
            sources.update(blurb.source for blurb in answer.blurbs)

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return sources


def measure(*, rounds: int = 5, blurbs: int = 160, plain: int = 32, seconds: float = 4) -> Fresh:
    """All in turns, and where our time goes.

    Args:
        rounds: How often each has its turn.
        blurbs: Of ours in this process in each turn.
        plain: Of the plain composition's.
        seconds: Of the service as deployed.

    Raises:
        RuntimeError: The service does not start.
        httpx.HTTPStatusError: A request was refused before anything was measured.
        WrkMissingError: The load generator is not installed.
    """
    torch.set_num_threads(1)
    return asyncio.run(_measured(rounds, blurbs, plain, seconds))


async def _measured(rounds: int, blurbs: int, plain: int, seconds: float) -> Fresh:
    guard = build_guard(allowed=allowed_words(load_vocabulary(shipped("catalogue"))), deadline=30)
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            data=Path(folder) / "data", keystore=Path(folder) / "keys", twins=""
        )
        async with open_service(settings, guard=guard) as service:
            titles = await _known(service)
            orders = orders_of(titles)
            composition = Composition(guard)
            written = list[int]()

            async def asked() -> list[tuple[Rendered, int]]:
                previews = [await service.blurbs.preview(each) for each in islice(orders, plain)]
                return [(each.prompt, each.brief.limit) for each in previews]

            def compose(prompts: Sequence[tuple[Rendered, int]]) -> None:
                written.extend(len(composition.one(*prompt)) for prompt in prompts)

            await at_once(service, islice(orders, _WARM_UP))
            compose((await asked())[:8])
            written.clear()
            sources = Counter[str]()
            ours, theirs = list[tuple[float, float]](), list[tuple[float, float]]()
            served = list[float]()
            others = orders_of(titles)
            with deployed(others) as listening, raw_lengths() as lengths:
                listening.know(list(islice(others, len(titles))))
                gc.collect()
                settle()
                for _ in range(rounds):
                    prompts = await asked()
                    with _clocked(theirs, plain):
                        compose(prompts)
                    with _clocked(ours, blurbs):
                        sources += await at_once(service, islice(orders, blurbs))
                    served.append(listening.turn(connections=AT_ONCE, seconds=seconds))
                deployed_ = listening.served()
            with parts_of_time() as parts:
                whole: list[tuple[float, float]] = []
                with _clocked(whole, blurbs):
                    await at_once(service, islice(orders, blurbs))
    return Fresh(
        at_once=AT_ONCE,
        rounds=rounds,
        deployed=deployed_,
        ours=_speed(ours, lengths),
        plain=_speed(theirs, written),
        deployed_times=_times(served, theirs),
        times=_times([1 / wall for wall, _ in ours], theirs),
        shares=shares_of(parts, blurbs, whole[0][1]),
        sources=dict(sources),
    )


async def _known(service: Service) -> list[Title]:
    """The titles of the shipped catalogue that texts are written for, which it knows from here on."""
    titles = (await service.titles.search("", limit=500)).items
    written = [title for title in titles if title.copy.mode == "open" and not title.texts]
    for title in written:
        await service.dossiers.of(title, service.policies().inferences.reads)
    return written


def _times(each_second: Sequence[float], theirs: Sequence[tuple[float, float]]) -> float:
    """How many times as many a second as the plain composition's in the same round; the median."""
    pairs = zip(each_second, theirs, strict=True)
    return round(statistics.median(rate * wall for rate, (wall, _) in pairs), 2)


@contextmanager
def _clocked(into: list[tuple[float, float]], count: int) -> Generator[None]:
    """Add the seconds of the clock and of the processor that one of so many took."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    into.append(((time.perf_counter() - wall) / count, (time.process_time() - processor) / count))


def _speed(turns: Sequence[tuple[float, float]], lengths: Sequence[int]) -> Speed:
    return Speed(
        each_second=round(statistics.median(1 / wall for wall, _ in turns), 1),
        processor_ms=round(1000 * statistics.median(busy for _, busy in turns), 2),
        characters=round(statistics.mean(lengths), 1),
    )


def show(found: Fresh) -> str:
    """The figures as lines for people."""
    parts = msgspec.structs.asdict(found.shares)
    whole = sum(parts.values())
    served = found.deployed
    lines = [
        f"deployed{served.each_second:>8} blurbs a second   {served.processor_ms:>6} ms of processor time"
        f"   p50 {served.p50_ms} ms   p99 {served.p99_ms} ms   {served.workers} workers over HTTP,"
        f" {served.failed} of {served.blurbs} failed"
    ]
    lines += [
        f"{name:<8}{each.each_second:>8} blurbs a second   {each.processor_ms:>6} ms of processor time"
        f"   {each.characters} characters"
        for name, each in (("ours", found.ours), ("plain", found.plain))
    ]
    lines += [
        f"deployed / plain, {found.at_once} at once: {found.deployed_times} times"
        f"   aim at least {AIM:g}: {'met' if found.deployed_times >= AIM else 'MISSED'}",
        f"ours in one process, without HTTP / plain: {found.times} times",
    ]
    lines += [
        f"{name:<12}{each:>6.2f} ms {100 * each / whole:>4.0f} %" for name, each in parts.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, and print the figures; exit code 1 if a request failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--blurbs", type=int, default=160, help="of ours here, in each round")
    parser.add_argument("--plain", type=int, default=32, help="of the plain composition's")
    parser.add_argument("--seconds", type=float, default=4, help="of load on the service deployed")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    found = measure(
        rounds=given.rounds, blurbs=given.blurbs, plain=given.plain, seconds=given.seconds
    )
    told = json.dumps(msgspec.to_builtins(found), indent=2) if given.json else show(found)
    sys.stdout.write(told + "\n")
    raise SystemExit(found.deployed.failed > 0)


if __name__ == "__main__":
    main()
