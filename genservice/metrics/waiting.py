"""What waits or is busy at the moment it is asked: model, guard, database connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client import CollectorRegistry, Metric

    from genservice.generation import Counted
    from genservice.store import Pool


def waiting_metrics(
    registry: CollectorRegistry,
    *,
    queues: Mapping[str, Callable[[], int]],
    pools: Callable[[], tuple[Pool, ...]],
    batches: Callable[[], Counted],
    lined_up: Callable[[], int],
) -> None:
    """Have what waits told in `registry`, as it is when it is asked.

    Args:
        registry: What is scraped.
        queues: How many pieces of work are under way or wait, by part.
        pools: The database's connections.
        batches: What the model's batches have come to.
        lined_up: Requests that the model has not begun.
    """
    registry.register(_Waiting(queues, pools))
    registry.register(_Batches(batches, lined_up))


class _Waiting(Collector):
    def __init__(
        self, queues: Mapping[str, Callable[[], int]], pools: Callable[[], tuple[Pool, ...]]
    ) -> None:
        self._queues = queues
        self._pools = pools

    def collect(self) -> Iterator[Metric]:
        """Every metric of what waits."""
        work = GaugeMetricFamily(
            "genservice_work",
            "Pieces of work that a part has under way or waiting.",
            labels=["part"],
        )
        for part, held in self._queues.items():
            work.add_metric([part], held())
        yield work
        connections = GaugeMetricFamily(
            "genservice_database_connections",
            "Connections to the database, by what they are for.",
            labels=["pool", "state"],
        )
        most = GaugeMetricFamily(
            "genservice_database_connections_max",
            "Most connections that may be open at once.",
            labels=["pool"],
        )
        for pool in self._pools():
            connections.add_metric([pool.name, "used"], pool.used)
            connections.add_metric([pool.name, "idle"], pool.idle)
            most.add_metric([pool.name], pool.most)
        yield connections
        yield most


class _Batches(Collector):
    def __init__(self, batches: Callable[[], Counted], lined_up: Callable[[], int]) -> None:
        self._batches = batches
        self._lined_up = lined_up

    def collect(self) -> Iterator[Metric]:
        """What the model's batches come to; texts by steps is their mean size."""
        counted = self._batches()
        yield CounterMetricFamily(
            "genservice_batch_steps", "Steps of the model in this process.", value=counted.steps
        )
        yield CounterMetricFamily(
            "genservice_batch_texts", "Texts in these steps, added up.", value=counted.texts
        )
        yield GaugeMetricFamily(
            "genservice_batch_waiting",
            "Requests that the model has not begun.",
            value=self._lined_up(),
        )
