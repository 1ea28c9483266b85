"""What waits or is busy at the moment it is asked: model, guard, database connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client import CollectorRegistry, Metric

    from genservice.store import Pool


def waiting_metrics(
    registry: CollectorRegistry,
    *,
    queues: Mapping[str, Callable[[], int]],
    pools: Callable[[], tuple[Pool, ...]],
) -> None:
    """Have what waits told in `registry`, as it is when it is asked.

    Args:
        registry: What is scraped.
        queues: How many pieces of work are under way or wait, by part.
        pools: The database's connections.
    """
    registry.register(_Waiting(queues, pools))


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
