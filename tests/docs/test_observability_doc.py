"""docs/observability.md lists every metric, step, span attribute and log field, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from litestar.testing import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.readiness import CODES
from genservice.traces import PREFIX, Traces
from genservice.watch import Fact, Outcome, Step
from tests.small_service import small_settings

TEXT = (Path(__file__).parents[2] / "docs" / "observability.md").read_text(encoding="utf-8")


def table(heading: str, header: str) -> list[list[str]]:
    """The rows of the table below a heading whose first column has that name."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = section.partition(f"| {header} |")[2].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def metrics_of(registry: CollectorRegistry) -> dict[str, tuple[str, set[str]]]:
    """Every metric with its kind and labels."""
    found: dict[str, tuple[str, set[str]]] = {}
    for family in registry.collect():
        if family.name.endswith("_created"):
            continue
        held: Any = registry._names_to_collectors.get(family.name)
        names = getattr(held, "_labelnames", None)
        labels = set(names or ()) | {
            name
            for sample in family.samples
            for name in sample.labels
            if name not in ("le", "quantile")
        }
        found[family.name] = (family.type, labels)
    return found


def test_every_metric_is_in_the_table_with_its_kind_and_labels(tmp_path: Path) -> None:
    app = create_app(small_settings(tmp_path, twins=""), model=Scripted(), reserve=Scripted())
    with TestClient(app) as client, client.portal() as portal:
        found = metrics_of(portal.call(app.state[STATE_KEY].metrics))
    told = {
        words(name)[0]: (kind, set(words(labels)))
        for name, kind, labels, _ in table("Metrics", "metric")
    }
    assert set(told) == set(found)
    for name, (kind, labels) in found.items():
        assert told[name][0] == kind, name
        # Of a metric that has nothing to tell yet the labels are not known.
        assert labels <= told[name][1], name


def test_every_step_is_in_the_table() -> None:
    rows = table("Steps", "step")
    assert {words(row[0])[0] for row in rows} == set(get_args(Step))
    named = {word for row in rows for word in words(row[2])}
    rest = TEXT.partition("Any step may also end as")[2].partition("\n\n")[0]
    assert named | set(words(rest)) == set(get_args(Outcome))


def test_every_attribute_of_a_span_is_in_the_table() -> None:
    told = {words(row[0])[0] for row in table("Traces", "attribute")}
    facts = {f"{PREFIX}{name}" for name in (*get_args(Fact), "outcome", "cause")}
    http = {"http.request.method", "http.route", "http.response.status_code"}
    assert told == facts | http


def test_what_is_in_spans_is_in_the_table(tmp_path: Path) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    app = create_app(
        small_settings(tmp_path, twins=""),
        model=Scripted(),
        reserve=Scripted(),
        listeners=[Traces(provider)],
    )
    with TestClient(app) as client:
        client.get("/health/ready")
    told = {words(row[0])[0] for row in table("Traces", "attribute")}
    assert {key for span in spans.get_finished_spans() for key in span.attributes or ()} <= told


def test_the_line_of_a_request_has_the_fields_of_the_table() -> None:
    import json

    shown = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[0]
    told = {words(row[0])[0] for row in table("Logs", "field")}
    assert set(json.loads(shown)) <= told


def test_every_code_of_readiness_is_in_the_table_with_its_part_and_status() -> None:
    told = {
        words(code)[0]: (words(part)[0], words(status)[0])
        for code, part, status, *_ in table("Readiness", "code")
    }
    assert told == {code: (part, status) for code, (part, status, _) in CODES.items()}
