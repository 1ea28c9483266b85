"""Fresh promos, 32 asked for at once, beside the plain composition of the same libraries.

    python -m benchmarks.plain --rounds 5

The plain composition is what one would write first: an AnalyzerEngine and an AnonymizerEngine over the
guard's recognisers and tagger read the prompt, a transformers pipeline with the embedded model writes one
candidate of at most as many tokens as ours may have, and both engines read the text; one request after
the other, on one thread, which for so small a model is its fastest. It gets the prompts ready-made, and
neither decides, checks, fills, stores nor signs. Ours is the whole path from an order to a signed receipt
on disk, without HTTP. Titles are known to the service, and no text that is asked for was written before.

Both work in turns in one process, which like `genservice serve` leaves alone in garbage collection what
stood when it began. Where the time goes is told by the processor time of each part, in a round of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch
from transformers import pipeline

from benchmarks.guard.speed import Plain
from genservice import writing
from genservice.answers import Order
from genservice.assembly import open_service
from genservice.briefing import Options
from genservice.catalog import load_vocabulary
from genservice.composition import House, Reading
from genservice.generation import embedded_folder
from genservice.generation.batching import Scheduler
from genservice.generation.llama import Llama
from genservice.privacy import Guard, allowed_words, build_guard
from genservice.settings import read_settings
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from genservice.api.service import Service
    from genservice.domain import Channel, Rendered, Title

AT_ONCE = 32
AIM = 6.0
"""Blurbs a second, over those of the plain composition."""
_WARM_UP = 64
_CONSENTS = ("content_profile", "content_use")
_CHANNELS: tuple[Channel, ...] = ("tile", "email", "detail", "push", "home_row")


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """How fast one side wrote; medians of the rounds."""

    each_second: float
    """Blurbs."""
    processor_ms: float
    """Of the whole process, a blurb."""
    characters: float
    """Of a text as the model wrote it, its slots not filled, at the mean."""


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of processor time a blurb of ours, by what it goes into."""

    arithmetic: float
    """The model: matrices, attention, its memory of what it read."""
    drawing: float
    """The model's thread besides: batches, tokens, chance."""
    composition: float
    """Which words are lawful."""
    guard: float
    checks: float
    """Of the raw and the filled text, inferences included, with filling and fitting."""
    rest: float
    """Policy, brief, prompt, key, database, receipt, and the event loop."""


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    at_once: int
    rounds: int
    ours: Speed
    plain: Speed
    times: float
    """Blurbs a second of ours, over those of the plain composition; median of the rounds."""
    shares: Shares
    sources: dict[str, int]
    """What ours were: `written` for their signals, or the `twin` where none was released."""


def orders_of(titles: Sequence[Title]) -> Iterator[Order]:
    """Orders no two of which have the same text: for each title every channel, with and without signals."""
    moments: tuple[dict[str, Any], ...] = ({}, {"time_of_day": ["23:10"]})
    for at, (moment, channel, title) in enumerate(product(moments, _CHANNELS, titles)):
        liked = {"genre_affinity": list(title.genres[:1])} if at % 3 else {}
        yield Order(
            title=title,
            options=Options(purpose="promo", channel=channel),
            region="DE",
            age_band="age_25_34",
            consents=_CONSENTS,
            signals={**moment, **liked},
            seed=at,
        )


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


def measure(*, rounds: int = 5, blurbs: int = 160, plain: int = 32) -> Fresh:
    """Both in turns, and where our time goes.

    Args:
        rounds: How often each has its turn.
        blurbs: Of ours in each turn.
        plain: Of the plain composition's.
    """
    torch.set_num_threads(1)
    return asyncio.run(_measured(rounds, blurbs, plain))


async def _measured(rounds: int, blurbs: int, plain: int) -> Fresh:
    guard = build_guard(allowed=allowed_words(load_vocabulary(shipped("catalogue"))), deadline=30)
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            data=Path(folder) / "data", keystore=Path(folder) / "keys", twins=""
        )
        async with open_service(settings, guard=guard) as service:
            titles = (await service.titles.search("", limit=500)).items
            open_ = [title for title in titles if title.copy.mode == "open" and not title.texts]
            orders = orders_of(open_)
            for title in open_:
                await service.dossiers.of(title, service.policies().inferences.reads)
            composition = Composition(guard)
            written = list[int]()

            def taken(count: int) -> list[Order]:
                found = list(islice(orders, count))
                if len(found) < count:
                    raise ValueError("the catalogue has too few titles for so many rounds")
                return found

            async def asked(count: int) -> list[tuple[Rendered, int]]:
                previews = [await service.blurbs.preview(order) for order in taken(count)]
                return [(each.prompt, each.brief.limit) for each in previews]

            def compose(prompts: Sequence[tuple[Rendered, int]]) -> None:
                written.extend(len(composition.one(*prompt)) for prompt in prompts)

            await at_once(service, taken(_WARM_UP))
            compose(await asked(8))
            written.clear()
            gc.collect()
            gc.freeze()
            sources = Counter[str]()
            ours, theirs = list[tuple[float, float]](), list[tuple[float, float]]()
            with _raw_lengths() as lengths:
                for _ in range(rounds):
                    prompts = await asked(plain)
                    with _clocked(theirs, plain):
                        compose(prompts)
                    with _clocked(ours, blurbs):
                        sources += await at_once(service, taken(blurbs))
            with _parts_of_time() as parts:
                whole: list[tuple[float, float]] = []
                with _clocked(whole, blurbs):
                    await at_once(service, taken(blurbs))
    return Fresh(
        at_once=AT_ONCE,
        rounds=rounds,
        ours=_speed(ours, lengths),
        plain=_speed(theirs, written),
        times=round(
            statistics.median(their[0] / our[0] for our, their in zip(ours, theirs, strict=True)), 2
        ),
        shares=_shares(parts, blurbs, whole[0][1]),
        sources=dict(sources),
    )


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


def _shares(parts: Counter[str], blurbs: int, whole: float) -> Shares:
    each = {name: 1000 * seconds / blurbs for name, seconds in parts.items()}
    rest = 1000 * whole - sum(each.values())
    return Shares(**{name: round(value, 2) for name, value in {**each, "rest": rest}.items()})


@contextmanager
def _raw_lengths() -> Generator[list[int]]:
    """How long the texts are that the model writes meanwhile."""
    lengths = list[int]()
    judge = writing.judge

    def heard(raw: str, *given: Any, **named: Any) -> Any:
        lengths.append(len(raw))
        return judge(raw, *given, **named)

    with _replaced(writing, "judge", heard):
        yield lengths


@contextmanager
def _parts_of_time() -> Generator[Counter[str]]:
    """Seconds of processor time by part, until the end of the block; what a part calls of another is not its own."""
    spent = Counter[str]()
    clocks: dict[int, list[float]] = {}

    def clocked(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            inner = clocks.setdefault(threading.get_ident(), [])
            inner.append(0.0)
            began = time.thread_time()
            try:
                return work(*given, **named)
            finally:
                whole = time.thread_time() - began
                spent[name] += whole - inner.pop()
                if inner:
                    inner[-1] += whole

        return run

    places: tuple[tuple[Any, str, str], ...] = (
        (Scheduler, "_write", "drawing"),
        (Llama, "advance", "arithmetic"),
        (House, "begin", "composition"),
        (Reading, "words", "composition"),
        (Reading, "after", "composition"),
        (Reading, "may_end", "composition"),
        (Guard, "_screen_all", "guard"),
        (writing, "judge", "checks"),
    )
    with ExitStack() as stack:
        for owner, attribute, name in places:
            made = clocked(name, getattr(owner, attribute))
            stack.enter_context(_replaced(owner, attribute, made))
        yield spent


@contextmanager
def _replaced(owner: Any, name: str, other: Any) -> Generator[None]:
    before = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, before)


def show(found: Fresh) -> str:
    """The figures as lines for people."""
    ours, plain, parts = found.ours, found.plain, msgspec.structs.asdict(found.shares)
    whole = sum(parts.values())
    lines = [
        f"{name:<8}{each.each_second:>8} blurbs a second   {each.processor_ms:>6} ms of processor time"
        f"   {each.characters} characters"
        for name, each in (("ours", ours), ("plain", plain))
    ]
    lines.append(
        f"ours / plain, {found.at_once} at once: {found.times} times"
        f"   aim at least {AIM:g}: {'met' if found.times >= AIM else 'MISSED'}"
    )
    lines += [
        f"{name:<12}{each:>6.2f} ms {100 * each / whole:>4.0f} %" for name, each in parts.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--blurbs", type=int, default=160, help="of ours, in each round")
    parser.add_argument("--plain", type=int, default=32, help="of the plain composition's")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    found = measure(rounds=given.rounds, blurbs=given.blurbs, plain=given.plain)
    told = json.dumps(msgspec.to_builtins(found), indent=2) if given.json else show(found)
    sys.stdout.write(told + "\n")


if __name__ == "__main__":
    main()
