"""What watching costs: microseconds a request, for the steps that a stored text takes.

    python -m benchmarks.watch

It times the listeners alone, over the steps and the request of one answer that stands in the store; the
rest of an answer is not measured here.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from prometheus_client import CollectorRegistry

from genservice.metrics import PathMetrics
from genservice.traces import Traces
from genservice.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from genservice.watch import Step

STEPS: tuple[Step, ...] = (
    "resolve", "decide", "release", "dossier", "brief", "brief", "look_up", "sign", "store",
)  # fmt: skip
"""Of a personalised text that stands under its key, `answer` apart."""
ROUNDS, REQUESTS = 20, 1000


class _Nowhere:
    """Takes spans and sends none."""

    def export(self, spans: Sequence[ReadableSpan]) -> None:
        """Drop them."""

    def shutdown(self) -> None:
        """Nothing is held."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Nothing is held."""
        return True


def once(watch: Watch) -> None:
    """One request."""
    with watch.request("POST") as request:
        with watch.step("answer", purpose="promo", channel="tile", length="short") as answer:
            for step in STEPS:
                with watch.step(step):
                    pass
            answer.note(source="written", reason=None, personalised=True)
        request.route, request.status = "/v1/promos", 200


def microseconds(watch: Watch, rounds: int) -> float:
    """The median of what one request costs of the processor, threads included."""
    taken: list[float] = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(REQUESTS):
            once(watch)
        taken.append((time.process_time() - began) / REQUESTS * 1e6)
    return statistics.median(taken)


def measured(*, rounds: int = ROUNDS) -> dict[str, float]:
    """Microseconds of processor time a request, by who listens."""
    off = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    on = TracerProvider(shutdown_on_exit=False)
    on.add_span_processor(BatchSpanProcessor(_Nowhere()))  # pyright: ignore[reportArgumentType]  it is asked for no more
    kinds = {
        "nobody listens": Watch(),
        "metrics": Watch(PathMetrics(CollectorRegistry())),
        "metrics and traces, none sampled": Watch(Traces(off), PathMetrics(CollectorRegistry())),
        "metrics and traces, all sampled": Watch(Traces(on), PathMetrics(CollectorRegistry())),
    }
    found = {name: microseconds(watch, rounds) for name, watch in kinds.items()}
    on.shutdown()
    return found


def main() -> None:
    """Print a table."""
    for name, taken in measured().items():
        print(f"{name:34} {taken:6.1f} µs a request")  # noqa: T201  what it is for


if __name__ == "__main__":
    main()
