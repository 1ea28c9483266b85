"""What the service says of itself: request ids, log lines, metrics, spans; never what was sent."""

from __future__ import annotations

import io
import json
import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from litestar.testing import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.logs import configure_logging
from genservice.traces import Traces
from tests.api.conftest import order
from tests.small_service import small_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Watched:
    """A service over HTTP, its key, and everything it says of itself."""

    def __init__(self, client: TestClient[Any], key: str, spans: InMemorySpanExporter) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {key}"}
        self.key = key
        self.spans = spans
        self.model: Scripted

    def promo(self, signals: dict[str, Any] | None = None, **changes: Any) -> Any:
        body = {**order(signals), "title_id": "harbour-lights", **changes}
        return self.client.post("/v1/promos", json=body, headers=self.headers)

    def metrics(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        text = self.client.get("/metrics").text
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def metric(self, name: str, **labels: str) -> float:
        return self.metrics().get((name, tuple(sorted(labels.items()))), 0.0)


@contextmanager
def said() -> Iterator[list[dict[str, Any]]]:
    """The lines that are logged, at DEBUG, as they are written."""
    lines: list[dict[str, Any]] = []
    root = logging.getLogger()
    before = structlog.get_config(), root.level, root.handlers[:], sys.stderr
    sys.stderr = io.StringIO()
    try:
        configure_logging(level="debug")
        root.setLevel(logging.DEBUG)
        yield lines
        lines += [json.loads(line) for line in sys.stderr.getvalue().splitlines()]
    finally:
        config, level, handlers, sys.stderr = before
        structlog.configure(**config)
        root.setLevel(level)
        root.handlers[:] = handlers


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder: Path = tmp_path_factory.mktemp("watched")
    spans = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    model = Scripted()
    app = create_app(
        small_settings(folder, twins=""),
        model=model,
        reserve=Scripted(),
        listeners=[Traces(provider)],
    )
    with TestClient(app, raise_server_exceptions=False) as client, client.portal() as portal:
        made = portal.call(app.state[STATE_KEY].keys.create, "admin", "of the tests")
        watched = Watched(client, made.key, spans)
        watched.model = model
        yield watched


@pytest.fixture(autouse=True)
def afresh(service: Watched) -> None:
    service.spans.clear()
    service.model.recover()


def named(service: Watched) -> list[str]:
    return [span.name for span in service.spans.get_finished_spans()]


# ----- request ids -----


def test_every_answer_names_its_request_and_a_problem_names_it_too(service: Watched) -> None:
    found = [
        service.promo(),
        service.client.get("/nowhere"),
        service.client.get("/v1/titles"),
        service.client.get("/health/live"),
    ]
    ids = [answer.headers["x-request-id"] for answer in found]
    assert len(set(ids)) == len(ids)
    for answer, request_id in zip(found[1:3], ids[1:3], strict=True):
        assert answer.json()["instance"] == f"urn:genservice:request:{request_id}"


def test_a_callers_own_request_id_is_not_taken_over(service: Watched) -> None:
    answer = service.client.get("/health/live", headers={"X-Request-ID": "emma-thornbury"})
    assert len(answer.headers["x-request-id"]) == 32


# ----- logs -----


def test_a_request_is_one_line_with_the_routes_template_and_the_keys_role(service: Watched) -> None:
    with said() as lines:
        answer = service.client.get("/v1/titles/harbour-lights?q=emma", headers=service.headers)
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line.pop("timestamp")
    assert line.pop("seconds") > 0
    assert len(line.pop("trace_id")) == 32
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": answer.headers["x-request-id"],
        "method": "GET",
        "route": "/v1/titles/{title_id}",
        "status": 200,
        "role": "admin",
        "key": service.key[: len(line["key"])],
    }
    assert len(line["key"]) < 20


def test_an_address_that_no_route_has_is_logged_without_it(service: Watched) -> None:
    with said() as lines:
        service.client.get("/emma/thornbury")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["route"], line["status"], line["role"]) == ("", 404, None)
    assert "thornbury" not in json.dumps(lines)


def test_what_a_library_logs_is_told_by_its_place_alone() -> None:
    with said() as lines:
        try:
            int("Emma Thornbury")
        except ValueError:
            logging.getLogger("somebody").exception("cannot read %s", "Emma Thornbury")
    (line,) = lines
    assert (line["event"], line["logger"], line["level"]) == (
        "a library logged",
        "somebody",
        "error",
    )
    assert line["error"] == "ValueError"
    assert "test_what_a_library_logs" in line["where"][0]
    assert "Emma" not in json.dumps(line)


# ----- metrics -----


@pytest.mark.parametrize(
    "version", ["", "x", "1", "1.0.0.0", "-1.0.0", "\xff", "9" * 400, "1.0.0 x"]
)
def test_what_is_no_version_is_neither_a_fault_nor_sent_back(service, version: str) -> None:
    for kind in ("application/openmetrics-text", "text/plain"):
        answer = service.client.get(
            "/metrics", headers={"Accept": f"{kind}; version={version}".encode("latin-1")}
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_requests_are_counted_by_method_template_and_status(service: Watched) -> None:
    labels = {
        "http_request_method": "GET",
        "http_route": "/v1/titles/{title_id}",
        "http_response_status_code": "404",
    }
    name = "http_server_request_duration_seconds_count"
    before = service.metric(name, **labels)
    service.client.get("/v1/titles/emma-thornbury", headers=service.headers)
    assert service.metric(name, **labels) == before + 1
    assert "thornbury" not in service.client.get("/metrics").text


def test_an_answer_is_counted_by_its_source_and_reason(service: Watched) -> None:
    place = {"purpose": "promo", "channel": "detail", "length": "medium"}
    twin = {**place, "source": "twin", "reason": "nothing_released"}
    written = {**place, "source": "written", "reason": "none"}
    before = [service.metric("genservice_answers_total", **each) for each in (twin, written)]
    assert service.promo().json()["blurbs"][0]["source"] == "twin"
    assert service.promo({"genre_affinity": ["crime"]}).json()["blurbs"][0]["source"] == "written"
    after = [service.metric("genservice_answers_total", **each) for each in (twin, written)]
    assert after == [count + 1 for count in before]


def test_a_model_that_fails_is_counted_with_its_cause(service: Watched) -> None:
    labels = {"step": "write", "cause": "failed"}
    before = service.metric("genservice_unavailable_total", **labels)
    service.model.fail()
    service.promo({"genre_affinity": ["crime"]}, seed=77)
    assert service.metric("genservice_unavailable_total", **labels) > before


def test_the_connections_to_the_database_are_told(service: Watched) -> None:
    assert service.metric("genservice_database_connections_max", pool="reader") == 4
    assert service.metric("genservice_database_connections_max", pool="writer") == 1
    assert service.metric("genservice_work", part="model") == 0


# ----- traces -----


def test_a_written_answer_is_a_span_for_each_step_below_the_request(service: Watched) -> None:
    service.promo({"genre_affinity": ["crime"]}, seed=5)
    spans = {span.name: span for span in service.spans.get_finished_spans()}
    root = spans["POST /v1/promos"]
    assert set(spans) >= {
        f"genservice.{step}"
        for step in ("answer", "resolve", "decide", "release", "dossier", "brief", "look_up", "render",
                     "write", "screen", "check", "fill", "fit", "store", "sign")
    }  # fmt: skip
    assert {span.context.trace_id for span in spans.values()} == {root.context.trace_id}
    answer = spans["genservice.answer"]
    assert answer.parent.span_id == root.context.span_id
    assert dict(answer.attributes) == {
        "genservice.outcome": "ok",
        "genservice.purpose": "promo",
        "genservice.channel": "detail",
        "genservice.length": "medium",
        "genservice.source": "written",
        "genservice.personalised": True,
    }
    assert dict(root.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/promos",
        "http.response.status_code": 200,
    }


def test_the_callers_trace_goes_on_and_its_tracestate_does_not(service: Watched) -> None:
    headers = {"traceparent": TRACEPARENT, "tracestate": "emma=thornbury", "baggage": "who=emma"}
    service.client.get("/health/live", headers=headers)
    (span,) = service.spans.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACEPARENT[3:35]
    assert f"{span.parent.span_id:016x}" == TRACEPARENT[36:52]
    assert len(span.context.trace_state) == 0


@pytest.mark.parametrize("sent", ["emma", "00-" + "0" * 32 + "-b7ad6b7169203331-01", ""])
def test_a_malformed_traceparent_begins_a_new_trace(service: Watched, sent: str) -> None:
    service.client.get("/health/live", headers={"traceparent": sent})
    (span,) = service.spans.get_finished_spans()
    assert span.parent is None


def test_a_step_that_fails_says_so_in_its_span_without_a_message(service: Watched) -> None:
    service.model.fail()
    service.promo({"genre_affinity": ["crime"]}, seed=78)
    span = next(s for s in service.spans.get_finished_spans() if s.name == "genservice.write")
    assert span.attributes["genservice.outcome"] == "unavailable"
    assert span.events == ()
    assert span.status.description is None


# ----- tables -----


def test_no_step_but_those_of_the_path_was_ever_seen(service: Watched) -> None:
    from typing import get_args

    from genservice.watch import Step

    service.promo({"genre_affinity": ["crime"]}, length="long")
    steps = {name.removeprefix("genservice.") for name in named(service) if "/" not in name}
    assert steps <= set(get_args(Step))
