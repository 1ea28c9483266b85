"""The policy set, the set in shadow and the decision log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import CollectorRegistry, Metric

    from genservice.decision_log import DecisionLog
    from genservice.in_force import InForce, Shadow

PREFIX = "genservice_policy_"
LOG = "genservice_decision_log_"


def policy_metrics(
    registry: CollectorRegistry, in_force: InForce, shadow: Shadow, decisions: DecisionLog
) -> None:
    """Have policies and decisions told in `registry`, as they are when it is asked."""
    registry.register(_Policies(in_force, shadow))
    registry.register(_Decisions(decisions))


class _Policies(Collector):
    """Reads what there is when it is asked: nothing is counted twice, and nothing kept in step."""

    def __init__(self, in_force: InForce, shadow: Shadow) -> None:
        self._in_force = in_force
        self._shadow = shadow

    def collect(self) -> Iterator[Metric]:
        """Every metric of the policies."""
        in_force, version = self._in_force, self._in_force.policies.version
        info = GaugeMetricFamily(
            f"{PREFIX}info", "The policy set in force.", labels=["version", "source"]
        )
        info.add_metric([version, in_force.source], 1)
        yield info
        yield GaugeMetricFamily(
            f"{PREFIX}loaded_timestamp_seconds",
            "When a good policy set was last loaded.",
            value=in_force.loaded_at.timestamp(),
        )
        loads = CounterMetricFamily(
            f"{PREFIX}loads", "Policy sets loaded, by what became of them.", labels=["outcome"]
        )
        loads.add_metric(["success"], in_force.loads)
        loads.add_metric(["failure"], in_force.refusals)
        yield loads
        yield GaugeMetricFamily(
            f"{PREFIX}problems",
            "What is wrong with the set that should be in force: 0 if it is.",
            value=len(in_force.wrong()),
        )
        yield from self._of_shadow()

    def _of_shadow(self) -> Iterator[Metric]:
        info = GaugeMetricFamily(
            f"{PREFIX}shadow_info", "The policy set in shadow, if any.", labels=["version"]
        )
        if self._shadow.version is not None:
            info.add_metric([self._shadow.version], 1)
        yield info
        requests = CounterMetricFamily(
            f"{PREFIX}shadow_requests", "Requests met by a set in shadow.", labels=["counted"]
        )
        changes = CounterMetricFamily(
            f"{PREFIX}shadow_changes",
            "Signals that a set in shadow would have decided otherwise.",
            labels=["signal", "was", "becomes"],
        )
        for count, number in sorted(self._shadow.totals.items(), key=lambda item: str(item[0])):
            if count.counted == "change":
                changes.add_metric([count.signal, count.was, count.becomes], number)
            else:
                requests.add_metric([count.counted], number)
        yield requests
        yield changes


class _Decisions(Collector):
    """How the decision log is."""

    def __init__(self, decisions: DecisionLog) -> None:
        self._decisions = decisions

    def collect(self) -> Iterator[Metric]:
        """Every metric of the log."""
        state = self._decisions.state
        requests = CounterMetricFamily(
            f"{LOG}requests",
            "Decided requests, by what became of them in the log.",
            labels=["outcome"],
        )
        requests.add_metric(["written"], state.written)
        requests.add_metric(["dropped"], state.dropped)
        yield requests
        yield GaugeMetricFamily(
            f"{LOG}waiting", "Decided requests that wait to be logged.", value=state.waiting
        )
