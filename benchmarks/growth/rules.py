"""By rules: the shipped policy set, and rules of markets made up beside it."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.growth.curves import Curve, Point, milliseconds
from benchmarks.load import driven, promos, service
from genservice.policy import COUNTRIES, load
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (10, 100, 300, 1000)
TITLES = ("metropolis", "nosferatu", "casablanca", "city-lights", "the-general")
CONNECTIONS, SECONDS = 16, 3.0
MADE = "made.yaml"
PURPOSES = ("synopsis", "promo", "recommendation")
ADULTS = ["age_25_34", "age_35_49"]


def added(folder: Path, count: int) -> None:
    """The shipped set in a folder, with so many more rules, each of a market that only it names."""
    shutil.copytree(
        shipped("policies"), folder, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    chance = random.Random(1)
    names = [signal.name for signal in load(folder).signals]
    rules = [_rule(number, names, chance) for number in range(count)]
    (folder / MADE).write_text(json.dumps({"rules": rules}, indent=1), encoding="utf-8")


def _rule(number: int, names: Sequence[str], chance: random.Random) -> dict[str, Any]:
    # Caps alone: they leave every test of the shipped set's as it is where they do not apply.
    return {
        "id": f"made-{number:04}",
        "why": "Made for measuring.",
        "when": {
            "purpose": sorted(chance.sample(PURPOSES, 2)),
            "region": [f"{chance.choice(sorted(COUNTRIES - TESTED))}"],
            "age_band": [chance.choice(ADULTS)],
            "channel": [chance.choice(("push", "email", "home_row"))],
        },
        "signals": sorted(chance.sample(names, 3)),
        "decision": "withhold",
    }


TESTED = frozenset({"DE", "GB", "US", "BR", "CH", "FR", "ES", "IT", "NO"})


def by_rules(sizes: Sequence[int] = SIZES) -> Curve:
    """The curve."""
    return Curve(of="rules", points=tuple(map(_point, sizes)))


def _point(size: int) -> Point:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        added(folder / "policies", size)
        files = {
            file.name: file.read_text(encoding="utf-8")
            for file in (folder / "policies").glob("*.yaml")
        }
        began = time.perf_counter()
        with (
            service(folder, role="admin", policies=str(folder / "policies")) as ours,
            ours.client() as client,
        ):
            client.get("/health/live").raise_for_status()
            found = {
                "start, s": time.perf_counter() - began,
                "memory at start, MB": ours.resident_megabytes(),
            }
            bodies = promos(TITLES)
            ours.ask(bodies)
            load, processor = driven(ours, bodies, connections=CONNECTIONS, seconds=SECONDS)
            context = {"region": "DE", "age_band": "age_25_34", "consents": ["content_profile"]}
            less = {name: text for name, text in files.items() if name != MADE}

            def asked(what: str, body: dict[str, Any]) -> None:
                client.post(f"/v1/policies/{what}", json=body).raise_for_status()

            found |= {
                "warm promo p50, ms": load.p50_ms,
                "warm promo p99, ms": load.p99_ms,
                "warm promos each second": load.each_second,
                "warm promo, processor, µs": processor,
                "read the set, ms": milliseconds(
                    lambda: client.get("/v1/policies").raise_for_status(), times=5
                ),
                "explain, ms": milliseconds(
                    lambda: asked("explain", {"purpose": "promo", "context": context}), times=5
                ),
                "validate, ms": milliseconds(lambda: asked("validate", {"files": files}), times=2),
                "diff to the shipped set, ms": milliseconds(
                    lambda: asked("diff", {"files": less}), times=2
                ),
                "memory after, MB": ours.resident_megabytes(),
            }
    return Point(size=size, figures={name: round(value, 3) for name, value in found.items()})
