"""What the guard takes for a text, beside a plain Presidio with the same recognisers and tagger.

    python -m benchmarks.guard.speed

Made-up texts of about 300 characters, no two alike, with and without personal data, are read by the
guard and by an AnalyzerEngine with an AnonymizerEngine, turn and turn about in one process, so that
a noisy machine is as noisy for the one as for the other. The plain one reads each text once; the
guard also folds it, and reads again what it is about to let out.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry
from presidio_anonymizer import AnonymizerEngine

from genservice.catalog.vocabulary import load_vocabulary
from genservice.privacy import Guard, allowed_words, build_guard
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.privacy import Side

LENGTH = 300
WARM_UP = 20

_NAMES = ("Emma", "Priya Raman", "Tobias Lindqvist", "Oluwaseun", "Mei-Ling Zhou", "Grace O'Hara")
_STREETS = ("12 Harbour Street", "7 Elm Road", "221 Mill Lane", "48 Queens Avenue")
_PERSONAL: tuple[Callable[[random.Random], str], ...] = (
    lambda rng: f"My name is {rng.choice(_NAMES)}.",
    lambda rng: f"My daughter {rng.choice(_NAMES)} is {rng.randint(4, 15)} and loves whales.",
    lambda rng: f"We live at {rng.choice(_STREETS)}, Whitby.",
    lambda rng: f"Call me on 07700 900{rng.randint(100, 999)}.",
    lambda rng: f"Write to reader{rng.randint(10, 9999)}@example.com about it.",
    lambda rng: f"{rng.choice(_NAMES)} from next door told us about it.",
    lambda rng: f"I was born on {rng.randint(1, 28)} May 19{rng.randint(50, 99)}.",
)
_PLAIN = (
    "I want something slow and quiet for a Sunday evening.",
    "Nothing too scary, please, and no blood.",
    "We liked the one with the lighthouse and the ferry, but it was a bit long.",
    "Is there a crime story set by the sea with an old detective who cannot sleep?",
    "something funny for the whole family that is not a cartoon",
    "More like the last season, with less shouting.",
    "Anything from Denmark or Korea would be lovely.",
    "We have seen every film about trains that you have.",
    "A short one would be best, there is work tomorrow.",
    "my eyes are tired so no subtitles tonight thanks",
    "The music was what I remember most, it felt like winter.",
    "Please stop showing me football, I have never watched a match.",
)


def text(rng: random.Random, personal: int) -> str:
    """A made-up note of about `LENGTH` characters that holds so many pieces of personal data."""
    pieces = [rng.choice(_PERSONAL)(rng) for _ in range(personal)]
    plain = rng.sample(_PLAIN, len(_PLAIN))
    while sum(map(len, pieces)) + len(pieces) < LENGTH - 30 and plain:
        pieces.append(plain.pop())
    rng.shuffle(pieces)
    return " ".join(pieces)[: LENGTH + 20]


def texts(count: int, seed: int) -> list[str]:
    """Made-up notes: two in five without personal data, the rest with one to four pieces of it."""
    rng = random.Random(seed)
    return [text(rng, rng.choice((0, 0, 1, 2, 4))) for _ in range(count)]


class Plain:
    """Presidio as its documentation puts it together, over the recognisers of one of a guard's sides."""

    def __init__(self, guard: Guard, side: Side = "viewer") -> None:
        ours: Any = guard._engine  # noqa: SLF001 - the very same recognisers and tagger
        analyser = ours._analysers[side]  # noqa: SLF001 - as above
        self._analyser = AnalyzerEngine(
            registry=RecognizerRegistry(recognizers=list(analyser.registry.recognizers)),
            nlp_engine=analyser.nlp_engine,
        )
        self._batches = BatchAnalyzerEngine(self._analyser)
        self._anonymiser = AnonymizerEngine()

    def one(self, text: str) -> str:
        """One text, read and replaced once."""
        results: Any = self._analyser.analyze(text, "en", score_threshold=0.3)
        return self._anonymiser.anonymize(text, results).text

    def many(self, texts: Sequence[str]) -> list[str]:
        """Several texts, read and replaced once."""
        found: Any = self._batches.analyze_iterator(
            texts, "en", batch_size=len(texts), score_threshold=0.3
        )
        return [
            self._anonymiser.anonymize(text, results).text
            for text, results in zip(texts, found, strict=True)
        ]


async def measure(guard: Guard, count: int, batch: int, seed: int) -> dict[str, Any]:
    """Milliseconds a text, for both, alone and in batches."""
    plain = Plain(guard)
    taken: dict[str, list[float]] = {}

    def note(name: str, started: float, share: int = 1) -> None:
        taken.setdefault(name, []).append((time.perf_counter() - started) * 1000 / share)

    async def alone(text: str) -> int:
        started = time.perf_counter()
        (screening,) = await guard.screen([text], side="viewer")
        note("guard", started)
        started = time.perf_counter()
        plain.one(text)
        note("plain", started)
        return len(screening.findings)

    for each in texts(WARM_UP, seed + 1):
        await alone(each)
    taken.clear()
    gc.collect()
    chosen = texts(count, seed)
    found = [await alone(each) for each in chosen]
    without = [ms for ms, findings in zip(taken["guard"], found, strict=True) if not findings]
    for start in range(0, count - batch + 1, batch):
        some = chosen[start : start + batch]
        started = time.perf_counter()
        await guard.screen(some, side="viewer")
        note("guard in batches", started, batch)
        started = time.perf_counter()
        plain.many(some)
        note("plain in batches", started, batch)
    figures = {name: _figures(each) for name, each in taken.items()}
    return {
        "texts": count,
        "characters": round(statistics.mean(map(len, chosen))),
        "findings": sum(found),
        "batch": batch,
        "milliseconds a text": {
            **figures,
            "guard, nothing found": _figures(without or [0.0]),
            "guard, something found": _figures(
                [ms for ms, findings in zip(taken["guard"], found, strict=True) if findings]
                or [0.0]
            ),
        },
        "guard / plain": {
            "median": round(figures["guard"]["median"] / figures["plain"]["median"], 2),
            "p95": round(figures["guard"]["p95"] / figures["plain"]["p95"], 2),
            "median in batches": round(
                figures["guard in batches"]["median"] / figures["plain in batches"]["median"], 2
            ),
        },
    }


def _figures(taken: Sequence[float]) -> dict[str, float]:
    ranked = sorted(taken)
    return {
        "median": round(statistics.median(ranked), 2),
        "p95": round(ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))], 2),
    }


def show(figures: dict[str, Any]) -> str:
    """The figures as lines for people."""
    lines = [
        f"{figures['texts']} texts of {figures['characters']} characters, {figures['findings']} findings"
    ]
    for name, each in figures["milliseconds a text"].items():
        lines.append(f"{name:<24} median {each['median']:>6.2f} ms   p95 {each['p95']:>6.2f} ms")
    lines += [f"guard / plain, {name}: {ratio}" for name, ratio in figures["guard / plain"].items()]
    return "\n".join(lines)


async def main() -> None:
    """Read the arguments, measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=240)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    allowed = allowed_words(load_vocabulary(shipped("catalogue")))
    guard = build_guard(allowed=allowed, deadline=30)
    try:
        figures = await measure(guard, given.texts, given.batch, given.seed)
    finally:
        guard.close()
    sys.stdout.write((json.dumps(figures, indent=2) if given.json else show(figures)) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
