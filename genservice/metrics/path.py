"""Requests and the steps of the path, counted and timed as they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from genservice.watch import Seen

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from genservice.watch import Outcome, Request, Step, Value

# As OpenTelemetry advises for http.server.request.duration, and finer below: a stored text takes 2 ms.
_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30)  # fmt: skip
_STEP_SECONDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # fmt: skip


class PathMetrics:
    """A listener of `genservice.watch` that keeps what it hears as metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Begin at nothing.

        Args:
            registry: What is scraped.
        """
        # Names and labels of requests are those of OpenTelemetry's semantic conventions for HTTP, as
        # its exporter to Prometheus writes them: dashboards made for these show this service too.
        self._requests = Histogram(
            "http_server_request_duration_seconds",
            "Requests answered, and how long that took, streams to their end.",
            ["http_request_method", "http_route", "http_response_status_code"],
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._active = Gauge(
            "http_server_active_requests",
            "Requests under way.",
            ["http_request_method"],
            registry=registry,
        )
        self._active_by: dict[str, Gauge] = {}
        self._steps = Histogram(
            "genservice_step_duration_seconds",
            "Steps of the path, by how they ended, and how long they took.",
            ["step", "outcome"],
            buckets=_STEP_SECONDS,
            registry=registry,
        )
        self._timed: dict[tuple[Step, Outcome], Histogram] = {}
        """The histogram of each kind of step: finding it by labels costs more than to observe."""
        self._answered: dict[tuple[str, str, int], Histogram] = {}
        self._told: dict[tuple[Value, ...], Counter] = {}
        """The same of requests and of answers."""
        self._answers = Counter(
            "genservice_answers",
            "Answers with texts, by which texts, and why not the ones asked for.",
            ["purpose", "channel", "length", "source", "reason"],
            registry=registry,
        )
        self._refused = Counter(
            "genservice_texts_refused",
            "Texts of a model that did not pass, by each kind of finding.",
            ["kind"],
            registry=registry,
        )
        self._removed = Counter(
            "genservice_guard_findings",
            "Personal data that the guard found, by where a text came from and by type.",
            ["side", "type"],
            registry=registry,
        )
        self._unavailable = Counter(
            "genservice_unavailable",
            "Steps that could not be done, by why.",
            ["step", "cause"],
            registry=registry,
        )

    def begin(self, seen: Seen | Request) -> None:
        """See `genservice.watch.Listener`."""
        if not isinstance(seen, Seen):
            self._under_way(seen.method).inc()

    def end(self, begun: None, seen: Seen | Request, seconds: float) -> None:
        """See `genservice.watch.Listener`."""
        if isinstance(seen, Seen):
            self._step(seen, seconds)
            return
        self._under_way(seen.method).dec()
        named = seen.method, seen.route, seen.status
        answered = self._answered.get(named)
        if answered is None:
            labels = seen.method, seen.route, str(seen.status)
            answered = self._answered[named] = self._requests.labels(*labels)
        answered.observe(seconds)

    def _under_way(self, method: str) -> Gauge:
        active = self._active_by.get(method)
        if active is None:
            active = self._active_by[method] = self._active.labels(method)
        return active

    def _step(self, seen: Seen, seconds: float) -> None:
        named = seen.step, seen.outcome
        timed = self._timed.get(named)
        if timed is None:
            timed = self._timed[named] = self._steps.labels(*named)
        timed.observe(seconds)
        facts = seen.facts
        if seen.cause is not None:
            self._unavailable.labels(seen.step, seen.cause).inc()
        if seen.step == "answer" and seen.outcome == "ok":
            told = (
                facts["purpose"],
                facts["channel"],
                facts["length"],
                facts["source"],
                facts["reason"],
            )
            answers = self._told.get(told)
            if answers is None:
                labels = (str(fact or "none") for fact in told)
                answers = self._told[told] = self._answers.labels(*labels)
            answers.inc()
        elif isinstance(types := facts.get("types"), dict):
            for type_, count in types.items():
                self._removed.labels(str(facts["side"]), type_).inc(count)
        elif isinstance(kinds := facts.get("kinds"), dict):
            for kind, count in kinds.items():
                self._refused.labels(kind).inc(count)
