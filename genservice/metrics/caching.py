"""What the caches of texts found, and what they hold, at the moment they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client import CollectorRegistry, Metric

    from genservice.cache import Tally


class Kept(Protocol):
    """What keeps something, and may lose it."""

    @property
    def name(self) -> str:
        """What metrics call it."""
        ...

    @property
    def tally(self) -> Tally:
        """What became of lookups."""
        ...


def cache_metrics(registry: CollectorRegistry, caches: Sequence[Kept]) -> None:
    """Have caches told in `registry`, as they are when it is asked.

    Args:
        registry: What is scraped.
        caches: The nearest first.
    """
    registry.register(_Caches(caches))


class _Caches(Collector):
    def __init__(self, caches: Sequence[Kept]) -> None:
        self._caches = tuple(caches)

    def collect(self) -> Iterator[Metric]:
        """Every metric of the caches."""
        lookups = CounterMetricFamily(
            "genservice_cache_lookups",
            "Texts and answers looked for in a cache, by what became of it.",
            labels=["cache", "outcome"],
        )
        held = GaugeMetricFamily(
            "genservice_cache_bytes", "Bytes that a cache of this process holds.", labels=["cache"]
        )
        for cache in self._caches:
            tally = cache.tally
            for outcome, count in (
                ("hit", tally.hits),
                ("miss", tally.misses),
                ("error", tally.errors),
                ("refused", tally.refused),
            ):
                lookups.add_metric([cache.name, outcome], count)
            if tally.bytes is not None:
                held.add_metric([cache.name], tally.bytes)
        yield lookups
        yield held
