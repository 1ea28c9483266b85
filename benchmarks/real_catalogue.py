"""Real films that nobody prepared: what share is written, what the checks catch, what audiences change.

    python -m benchmarks.real_catalogue ../shared/data/wikipedia-movies --films 300

Imports a sample of films, asks for a promo and a synopsis of each under four audiences, and reports
errors, unfilled slots, twins, how far a released signal becomes the angle, whether withheld signals
change a byte, and how many mutated texts the checks catch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genservice.answers import Order
from genservice.app import open_service
from genservice.briefing import Options
from genservice.canonical import canonical
from genservice.catalog import facts, names, read
from genservice.errors import GenserviceError
from genservice.settings import read_settings
from tests.mutation import ENGLISH, Written, mutations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.api.service import Service
    from genservice.domain import Answer, Title

CONSENTS = ("content_profile", "content_use")
AUDIENCES: dict[str, dict[str, Any]] = {
    "nobody": {"region": "DE", "age_band": "unknown", "consents": ()},
    "consented": {"region": "DE", "age_band": "age_25_34", "consents": CONSENTS},
    "late": {"region": "US", "age_band": "age_35_49", "consents": (), "gpc": True},
    "searching": {"region": "GB", "age_band": "age_50_64", "consents": CONSENTS},
}
PERSONAL = ("Jane Roe", "jane.roe@example.org", "Kiel", "0431 555 0199")
"""What the audiences tell of themselves; a film's own names may hold the same word (Richard Kiel)."""


def signals_of(name: str, title: Title) -> dict[str, Any]:
    """What is known of an audience; the searching one tells more than it should."""
    if name == "consented":
        liked = list(title.genres[:1]) or ["drama"]
        return {"genre_affinity": liked, "location": {"country": "DE", "city": "Kiel"}, "age": 29}
    if name == "late":
        return {"time_of_day": ["23:10"], "genre_affinity": ["drama"]}
    if name == "searching":
        words = " ".join(title.genres)
        return {"search_terms": f"{words} for Jane Roe, jane.roe@example.org, 0431 555 0199"}
    return {}


def sample(folder: Path, count: int, seed: int) -> bytes:
    """A sample of the films of a folder, as one JSON array."""
    films = [
        film
        for path in sorted(folder.glob("movies-*.json"))
        for film in json.loads(path.read_bytes())
    ]
    return json.dumps(random.Random(seed).sample(films, count)).encode()


async def run(titles: Sequence[Title], service: Service, seed: int, show: int) -> dict[str, Any]:
    """The figures."""
    counts = Counter[str]()
    texts: list[tuple[Title, str]] = []
    started = time.monotonic()
    for at, title in enumerate(titles, start=1):
        for purpose in ("promo", "synopsis"):
            for name, context in AUDIENCES.items():
                await _one(service, title, purpose, name, context, counts, texts)
        if at % 20 == 0:
            rate = counts["asked"] / (time.monotonic() - started)
            sys.stderr.write(f"{at}/{len(titles)} titles, {rate:.1f} blurbs/s, {dict(counts)}\n")
    caught = await _mutations(service, texts, seed)
    lines = random.Random(seed).sample(texts, min(show, len(texts)))
    for title, text in lines:
        sys.stderr.write(f"{title.name} ({title.year}): {text}\n")
    return {**counts, **caught, "seconds": round(time.monotonic() - started)}


async def _one(
    service: Service,
    title: Title,
    purpose: Any,
    name: str,
    context: dict[str, Any],
    counts: Counter[str],
    texts: list[tuple[Title, str]],
) -> None:
    counts["asked"] += 1
    options = Options(purpose=purpose, channel="detail", length="medium")
    signals = signals_of(name, title)
    try:
        answer: Answer = await service.blurbs.write(
            Order(title=title, options=options, signals=signals, **context)
        )
    except GenserviceError as error:
        counts[f"error:{type(error).__name__}"] += 1
        return
    blurb = answer.blurbs[0]
    counts[f"{blurb.source}:{blurb.reason}"] += 1
    counts["unfilled"] += "[" in blurb.text
    own = " ".join(names(title))
    counts["personal"] += any(word in blurb.text and word not in own for word in PERSONAL)
    if name == "consented" and title.genres:
        counts["offered"] += 1
        counts["angle"] += blurb.angle == "genre_affinity"
    if name == "nobody":
        noisy = {
            **signals,
            "genre_affinity": 7,
            "gender": "x",
            "watch_history": ["a"] * 900,
            "age": None,
        }
        other = await service.blurbs.write(
            Order(title=title, options=options, signals=noisy, **context)
        )
        counts["withheld changed a byte"] += canonical(other) != canonical(answer)
    texts.append((title, blurb.text))


async def _mutations(
    service: Service, texts: Sequence[tuple[Title, str]], seed: int
) -> dict[str, Any]:
    """Clean texts refused and mutated texts caught, by sort, in a sample of what was served."""
    rng = random.Random(seed)
    chosen = rng.sample(list(texts), min(200, len(texts)))
    labels = [term.label for term in (*service.vocabulary.genres, *service.vocabulary.moods)]
    written = [_as_written(title, text) for title, text in chosen]
    refused = 0
    tried, caught = Counter[str](), Counter[str]()
    for (title, text), one in zip(chosen, written, strict=True):
        refused += not await _passes(service, text, title)
        others = [other for other in written if other.names[0] != one.names[0]]
        for mutation in mutations(one, others, labels=labels, phrase_words=ENGLISH, rng=rng):
            tried[mutation.sort] += 1
            caught[mutation.sort] += not await _passes(service, mutation.text, title)
    return {
        "clean": len(chosen),
        "clean refused": refused,
        "mutations": tried.total(),
        "caught": round(caught.total() / max(1, tried.total()), 4),
        "caught by sort": {sort: round(caught[sort] / tried[sort], 3) for sort in sorted(tried)},
    }


async def _passes(service: Service, text: str, title: Title) -> bool:
    report = await service.checks.check(text, title, channel="detail", length="long")
    return report.passed


def _as_written(title: Title, text: str) -> Written:
    words = " ".join(fact.value for fact in facts(title) if isinstance(fact.value, str))
    return Written(text=text, names=(title.name, *names(title)), words=tuple(words.split()))


async def main() -> None:
    """Read the arguments, run, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=int, default=10, help="how many texts to print")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(data=Path(folder) / "data", keystore=Path(folder) / "keys")
        async with open_service(settings) as service:
            raw = sample(given.folder, given.films, given.seed)
            reading = read(raw, format="wikipedia", vocabulary=service.vocabulary)
            await service.titles.put_all(reading.titles)
            stored = await service.titles.get_many(title.id for title in reading.titles)
            figures = await run(list(stored.values()), service, given.seed, given.texts)
    sys.stdout.write(json.dumps({"imported": len(stored), **figures}, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
