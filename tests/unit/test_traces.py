"""Traces are sent where OpenTelemetry's own variables say, if our setting asks for any."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from genservice import __version__
from genservice.errors import SettingsError
from genservice.traces import opened_traces
from genservice.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator


class Collector(HTTPServer):
    """Takes spans as a collector does."""

    def __init__(self) -> None:
        self.taken: list[ExportTraceServiceRequest] = []
        super().__init__(("127.0.0.1", 0), _Taking)


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        taken = ExportTraceServiceRequest()
        taken.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append(taken)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as its base names it
        pass


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    taking = Collector()
    thread = threading.Thread(target=taking.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{taking.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield taking
    taking.shutdown()
    thread.join()
    taking.server_close()


async def test_spans_are_sent_at_the_latest_when_the_service_ends(collector: Collector) -> None:
    async with opened_traces("otlp") as traces:
        with Watch(*traces).request("POST") as request, Watch(*traces).step("decide"):
            request.route, request.status = "/v1/promos", 200
    (taken,) = collector.taken
    (sent,) = taken.resource_spans
    named = {item.key: item.value.string_value for item in sent.resource.attributes}
    assert (named["service.name"], named["service.version"]) == ("genservice", __version__)
    step, request_span = sent.scope_spans[0].spans
    assert (step.name, request_span.name) == ("genservice.decide", "POST /v1/promos")
    assert step.parent_span_id == request_span.span_id


async def test_the_name_of_the_service_is_the_operators_to_give(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "promos-eu")
    async with opened_traces("otlp") as traces:
        with Watch(*traces).step("decide"):
            pass
    (sent,) = collector.taken[0].resource_spans
    named = {item.key: item.value.string_value for item in sent.resource.attributes}
    assert named["service.name"] == "promos-eu"


async def test_nothing_is_sent_unless_our_setting_asks_for_it(collector: Collector) -> None:
    async with opened_traces("none") as traces:
        assert traces == ()
        with Watch(*traces).step("decide"):
            pass
    assert collector.taken == []


async def test_opentelemetrys_own_switch_closes_it_too(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    async with opened_traces("otlp") as traces:
        with Watch(*traces).step("decide"):
            pass
    assert collector.taken == []


async def test_without_the_extra_the_setting_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match=r"genservice\[telemetry\]"):
        async with opened_traces("otlp"):
            pass
