"""The metrics of several workers behind one socket, told by whichever of them is asked.

Each answers for its own at a socket in a folder that only they can open, and adds `worker`, its number,
to every label. Prometheus takes a worker that was started anew for a counter that began again, which it is.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

_PATIENCE = 1.0
"""Seconds that another worker may take."""


class Among(msgspec.Struct, frozen=True):
    """Which of several workers a process is."""

    number: int
    """From 0."""
    sockets: tuple[str, ...]
    """Where each of them answers for its metrics, by number."""


class _Sample(msgspec.Struct, frozen=True, array_like=True):
    name: str
    labels: dict[str, str]
    value: float


class _Family(msgspec.Struct, frozen=True, array_like=True):
    name: str
    documentation: str
    type: str
    unit: str
    samples: tuple[_Sample, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[_Family, ...])


class Figures:
    """What /metrics tells: of this process, or of all workers.

    Args:
        registry: Those of this process.
        among: Which of several workers it is, if it is one.
    """

    def __init__(self, registry: CollectorRegistry, among: Among | None = None) -> None:
        self._registry = registry
        self._among = among

    @asynccontextmanager
    async def told(self) -> AsyncGenerator[None]:
        """Other workers get what is asked of this one until the block ends."""
        if self._among is None:
            yield
            return
        server = await asyncio.start_unix_server(
            self._answer, self._among.sockets[self._among.number]
        )
        try:
            yield
        finally:
            server.close()

    async def collected(self) -> CollectorRegistry:
        """All there is to tell, each worker asked now; one that does not answer is told as not up."""
        among = self._among
        if among is None:
            return self._registry
        everyone = await asyncio.gather(
            *(
                _asked(address) if number != among.number else self._own()
                for number, address in enumerate(among.sockets)
            )
        )
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Everyone(everyone))
        return registry

    async def _own(self) -> tuple[_Family, ...]:
        return tuple(
            _Family(
                family.name,
                family.documentation,
                family.type,
                family.unit,
                tuple(_Sample(each.name, each.labels, each.value) for each in family.samples),
            )
            for family in self._registry.collect()
        )

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_encoder.encode(await self._own()))
        writer.close()
        await writer.wait_closed()


async def _asked(address: str) -> tuple[_Family, ...] | None:
    """What a worker says of itself; None if it does not."""
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_unix_connection(address)
            try:
                return _decoder.decode(await reader.read())
            finally:
                writer.close()
    except (OSError, TimeoutError, msgspec.DecodeError):
        return None


class _Everyone(Collector):
    def __init__(self, everyone: list[tuple[_Family, ...] | None]) -> None:
        self._everyone = everyone

    def collect(self) -> Iterator[Metric]:
        """Every metric of all workers, by name."""
        up = GaugeMetricFamily(
            "genservice_worker_up",
            "Whether a worker told its metrics: 1, or 0.",
            labels=["worker"],
        )
        merged: dict[str, Metric] = {}
        for number, families in enumerate(self._everyone):
            up.add_metric([str(number)], 0 if families is None else 1)
            for family in families or ():
                metric = merged.get(family.name)
                if metric is None:
                    metric = Metric(family.name, family.documentation, family.type, family.unit)
                    merged[family.name] = metric
                for sample in family.samples:
                    labels = {**sample.labels, "worker": str(number)}
                    metric.add_sample(sample.name, labels, sample.value)
        yield up
        yield from merged.values()
