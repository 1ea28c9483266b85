"""How fast policies decide and load.

    python -m benchmarks.policy

Thirty signals are decided under a hundred rules in ten thousand contexts, no two alike, and cedarpy
decides whether the same thirty may be used at all, in a part of the same contexts and in the same run.
Both must agree before anything is timed. Then: the same contexts under ten to a thousand rules, and
the cold load of the shipped set and the start of `genservice policy`, each in a new process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.policy.cedar import Cedar
from benchmarks.policy.made import contexts, made
from genservice.policy import decide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.domain import Context

LOAD = """
import time
from genservice.policy import load
from genservice.shipped import shipped
start = time.perf_counter()
load(shipped("policies"))
print(time.perf_counter() - start)
"""


def timed(work: Callable[[Context], object], asked: Sequence[Context]) -> list[float]:
    """Microseconds that each context took."""
    clock, took = time.perf_counter_ns, list[float]()
    for context in asked:
        start = clock()
        work(context)
        took.append((clock() - start) / 1000)
    return took


def summed(took: Sequence[float]) -> dict[str, float]:
    """Median and the 99th percentile."""
    return {
        "median": round(statistics.median(took), 1),
        "p99": round(statistics.quantiles(took, n=100)[98], 1),
    }


def best_of(runs: int, command: Sequence[str]) -> tuple[float, str]:
    """Seconds of the quickest of some runs of a command, and what it printed then."""
    quickest, said = float("inf"), ""
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (our own)
        took = time.perf_counter() - start
        if took < quickest:
            quickest, said = took, done.stdout
    return quickest, said


def measured(count: int, cedar_count: int, seed: int) -> dict[str, object]:
    """Everything this benchmark measures."""
    asked = contexts(count, seed=seed)
    policies = made(signals=30, rules=100, seed=seed)
    cedar = Cedar(policies)
    few = asked[:cedar_count]
    for context in few:
        ours = [decision.outcome != "withheld" for decision in decide(policies, context)]
        if ours != cedar.decide(context):
            raise SystemExit(f"Cedar decides otherwise in {context}")
    # A new set, so that nothing is known from the comparison.
    policies = made(signals=30, rules=100, seed=seed)
    ours = timed(lambda context: decide(policies, context), asked)
    theirs = timed(cedar.decide, few)
    growth: dict[int, dict[str, float]] = {}
    for rules in (10, 100, 300, 1000):
        larger = made(signals=30, rules=rules, seed=seed)
        timed(lambda context, larger=larger: decide(larger, context), asked)
        growth[rules] = summed(timed(lambda context, larger=larger: decide(larger, context), asked))
    loads = [float(best_of(1, [sys.executable, "-c", LOAD])[1]) * 1000 for _ in range(5)]
    start, _ = best_of(5, [sys.executable, "-m", "genservice", "policy", "check"])
    return {
        "contexts": count,
        "genservice_us": summed(ours),
        "cedarpy_us": summed(theirs),
        "cedarpy_over_genservice": round(statistics.median(theirs) / statistics.median(ours), 1),
        "warm_us_by_rules": growth,
        "cold_load_of_the_shipped_set_ms": round(min(loads), 1),
        "policy_check_s": round(start, 2),
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--contexts", type=int, default=10_000)
    parser.add_argument("--cedar", type=int, default=500, help="contexts that Cedar decides")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(measured(given.contexts, given.cedar, given.seed), indent=2) + "\n")


if __name__ == "__main__":
    main()
