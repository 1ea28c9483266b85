"""Ways to run the embedded model on a CPU, side by side, in processor time.

    python -m benchmarks.engine --requests 64 --rounds 5

Writes the same requests of the shipped catalogue in every way, in turn, round after round, and prints what
a text takes at the median: processor time of the whole process, since wall time on a busy machine says
more of its neighbours. `plain` is transformers' loop, one request after the other, two texts each, as before
there were batches; the others write one text each. `stepwise` joins at any word, `micro` only when the batch
before it is done. `--arithmetic` compares the arithmetic alone at batches of 1, 8 and 32, other ways of
computing included (`benchmarks/elsewhere.py`): of what is not installed it says so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import torch

from benchmarks import elsewhere
from genservice.answers import Order
from genservice.assembly import open_service
from genservice.briefing import Options
from genservice.domain import Processor
from genservice.generation import embedded_folder, layers, load_model
from genservice.generation.batching import Job
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.llama import Llama
from genservice.generation.stepwise import Stepwise
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from genservice.generation import Request, TextModel
    from genservice.generation.layers import Matrix

SIZES = (1, 8, 32)
NEVER = threading.Event()


class Recorder:
    """A text model that keeps what it was asked for."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self.asked: list[Request] = []

    @property
    def revision(self) -> str:
        """The model's own."""
        return self._model.revision

    @property
    def processor(self) -> Processor:
        """The model's own."""
        return self._model.processor

    async def write(self, request: Request) -> tuple[str, ...]:
        """What the model writes."""
        self.asked.append(request)
        return await self._model.write(request)

    def stream(self, request: Request) -> AsyncGenerator[str]:
        """What the model writes."""
        return self._model.stream(request)

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()


async def requests_of(count: int) -> list[Request]:
    """What the path asks the model for, over the shipped catalogue."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            data=Path(folder) / "data", keystore=Path(folder) / "keys", twins=""
        )
        model = Recorder(load_model("embedded"))
        async with open_service(settings, model=model) as service:
            titles = (await service.titles.search("", limit=500)).items
            written = [title for title in titles if title.copy.mode == "open" and not title.texts]
            for at, title in enumerate(islice(cycle(written), count)):
                order = Order(
                    title=title,
                    options=Options(purpose="promo", channel=("tile", "email", "detail")[at % 3]),
                    region="DE",
                    age_band="age_25_34",
                    consents=("content_profile", "content_use"),
                    signals={"genre_affinity": list(title.genres[:1])} if at % 2 else {},
                    seed=at,
                )
                await service.blurbs.write(order)
        return model.asked[:count]


def together(
    checkpoint: Checkpoint, requests: Sequence[Request], size: int, *, micro: bool
) -> list[str]:
    """The first text of each, at most so many at once."""
    llama = checkpoint.arithmetic()
    if llama is None:
        raise RuntimeError("the embedded model is not ours to compute")
    batch = Stepwise(checkpoint, llama, width=size)
    jobs = [Job(msgspec.structs.replace(each, seeds=each.seeds[:1])) for each in requests]
    left = list(jobs)
    while left or batch.texts:
        room = 0 if micro and batch.texts else batch.room
        batch.join(left[:room])
        left = left[room:]
        batch.step()
    return [job.answer.result(0)[0] for job in jobs]


def clocked(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of processor time, and what came of it."""
    began = time.process_time()
    made = work()
    return time.process_time() - began, made


def compare(requests: Sequence[Request], rounds: int) -> dict[str, Any]:
    """Milliseconds of processor time a request takes, by way, and how many texts are equal."""
    checkpoint = Checkpoint(embedded_folder(), device="cpu")
    ways: dict[str, Callable[[], list[str]]] = {
        "plain": lambda: [checkpoint.write(each, NEVER)[0] for each in requests],
        "stepwise 1": lambda: together(checkpoint, requests, 1, micro=False),
        "stepwise 8": lambda: together(checkpoint, requests, 8, micro=False),
        "stepwise 32": lambda: together(checkpoint, requests, 32, micro=False),
        "micro 8": lambda: together(checkpoint, requests, 8, micro=True),
        "micro 32": lambda: together(checkpoint, requests, 32, micro=True),
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    texts: dict[str, list[str]] = {}
    for _ in range(rounds):
        for way, work in ways.items():
            seconds, texts[way] = clocked(work)
            taken[way].append(1000 * seconds / len(requests))
    median = {way: statistics.median(each) for way, each in taken.items()}
    return {
        way: {
            "ms_of_processor_time": round(median[way], 1),
            "times_plain": round(median["plain"] / median[way], 2),
            "equal_to_plain": sum(a == b for a, b in zip(texts[way], texts["plain"], strict=True))
            / len(requests),
        }
        for way in ways
    }


PROMPT, WRITTEN = 62, 12


def arithmetic(rounds: int) -> dict[str, Any]:
    """Milliseconds of processor time a text, prompts read, by way and batch; by turns, the median.

    A way that this machine cannot go has the kind of error in its place.
    """
    model: Any = Checkpoint(embedded_folder(), device="cpu").plain
    ids = torch.randint(4, 2000, (max(SIZES), PROMPT), generator=torch.Generator().manual_seed(1))
    with tempfile.TemporaryDirectory() as folder:
        made = elsewhere.ways(model, ids, WRITTEN, Path(folder))
        ways: dict[str, Callable[[int], object]] = {
            "ours: single precision, oneDNN's layout": _ours(Llama(model), ids),
            "ours, step by step from Python": _from_python(model, ids, layers.product),
            "the same, matrices as they stand": _from_python(
                model, ids, lambda x, by: torch.nn.functional.linear(x, by.weight)
            ),
            "the same, products in bfloat16": _from_python(
                model, ids, _otherwise(*elsewhere.in_bfloat16())
            ),
            "the same, products in eight bits": _from_python(
                model, ids, _otherwise(*elsewhere.in_eight_bits())
            ),
            **made,
        }
        taken: dict[str, dict[int, list[float]]] = {way: {n: [] for n in SIZES} for way in ways}
        broken: dict[str, str] = {}
        for at in range(rounds + 1):
            for way, work in ways.items():
                for size in SIZES:
                    if way in broken:
                        continue
                    try:
                        seconds, _ = clocked(lambda w=work, n=size: w(n))
                    except Exception as error:  # noqa: BLE001  a way that this machine does not have
                        broken[way] = type(error).__name__
                        continue
                    if at:  # the first round warms up
                        taken[way][size].append(1000 * seconds / size)
    return {
        way: broken.get(way)
        or {size: round(statistics.median(each), 2) for size, each in by_size.items()}
        for way, by_size in taken.items()
    }


def _from_python(
    model: Any, ids: torch.Tensor, product: Callable[[torch.Tensor, Matrix], torch.Tensor]
) -> Callable[[int], object]:
    """Our arithmetic by other products, which only Python can call."""
    work = _ours(Llama(model), ids)
    others = {"product": product, "advance": layers.advanced}
    ours = {name: getattr(layers, name) for name in others}

    def run(size: int) -> None:
        for name, other in others.items():
            setattr(layers, name, other)
        try:
            work(size)
        finally:
            for name, one in ours.items():
                setattr(layers, name, one)

    return run


def _otherwise(
    multiplied: Callable[[torch.Tensor, Any], torch.Tensor],
    laid_out: Callable[[torch.Tensor], Any],
) -> Callable[[torch.Tensor, Matrix], torch.Tensor]:
    """Products by matrices in a layout of their own, which each is brought into once."""
    made: dict[int, Any] = {}

    def product(x: torch.Tensor, by: Matrix) -> torch.Tensor:
        if id(by.weight) not in made:
            made[id(by.weight)] = laid_out(by.weight)
        return multiplied(x, made[id(by.weight)])

    return product


def _ours(llama: Llama, ids: torch.Tensor) -> Callable[[int], object]:
    def run(size: int) -> None:
        llama.clear()
        prompts: list[list[int]] = ids[:size].tolist()  # pyright: ignore[reportUnknownVariableType]  torch says less than it knows
        scores = llama.advance(llama.open(size), prompts)
        for _ in range(WRITTEN - 1):
            tokens = [[int(token)] for token in scores.argmax(dim=-1)]
            scores = llama.advance(range(size), tokens)

    return run


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--arithmetic", action="store_true", help="compare the arithmetic alone")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.arithmetic:
        found = arithmetic(given.rounds)
    else:
        found = compare(asyncio.run(requests_of(given.requests)), given.rounds)
    print(json.dumps(found, indent=2))  # noqa: T201 - a command


if __name__ == "__main__":
    main()
