"""However the guard breaks, what leaves over HTTP was screened before, or nothing leaves."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.generation.scripted import plain_text
from genservice.privacy import Guard, build_guard
from tests.small_service import PILOT, small_settings
from tests.unit.privacy.engines import BREAKS, Breakable

SECRET = "for quellmark of 12 Harbour Street, quellmark@example.com, 4111 1111 1111 1111"
LEAK = "quellmark at sea: [TITLE]."
# The card's digits eight at a time: four may stand by chance in the name of a log's writer.
WORDS = ("quellmark", "street", "example.com", "4111 1111", "41111111", "emma", "thornbury")


class Broken:
    """The application with a tagger that breaks on demand, and a model that tells names on demand."""

    def __init__(self, client: TestClient[Any], guard: Guard, tagger: Breakable) -> None:
        self.client = client
        self.guard = guard
        self.tagger = tagger
        self.said: str | None = None

    def promo(self, title: str, **more: Any) -> Any:
        context = {
            "region": "DE",
            "age_band": "age_25_34",
            "consents": ["content_profile", "content_use"],
        }
        body = {"title_id": title, "context": context, "audience": {"signals": {}}, **more}
        return self.client.post("/v1/promos", json=body)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    tagger = Breakable()
    guard = build_guard(tagger=tagger, deadline=20)
    said: list[Broken] = []
    model = Scripted(lambda request, seed: said[0].said or plain_text(request, seed))
    app = create_app(
        small_settings(tmp_path_factory.mktemp("broken"), twins=""),
        model=model,
        reserve=Scripted(),
        guard=guard,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        said.append(Broken(client, guard, tagger))
        with client.portal() as portal:
            key = portal.call(app.state[STATE_KEY].keys.create, "editor", "tests").key
        client.headers["Authorization"] = f"Bearer {key}"
        yield said[0]


@pytest.fixture(autouse=True)
def mended(service: Broken) -> Iterator[None]:
    yield
    service.tagger.go.set()
    service.tagger.breaks, service.said, service.guard._deadline = None, None, 20.0


@pytest.fixture(params=[*BREAKS, "hangs"])
def how(request: pytest.FixtureRequest, service: Broken) -> Callable[[Sequence[str]], object]:
    """A way to break, hanging among them."""
    if request.param != "hangs":
        return BREAKS[request.param]
    service.tagger.go.clear()
    service.guard._deadline = 0.3
    return service.tagger.hang


def _nothing_told(response: Any, caplog, capfd) -> None:
    out = capfd.readouterr()
    told = f"{response.text} {dict(response.headers)} {caplog.text} {out.out} {out.err}".lower()
    assert not any(word in told for word in WORDS)


def test_a_note_that_cannot_be_screened_reaches_no_text(service: Broken, how, caplog, capfd):
    twin = service.promo("cold-quay").json()["blurbs"][0]["text"]
    asked = len(service.client.app.state[STATE_KEY].blurbs._parts.model.requests)
    service.tagger.breaks = how
    with caplog.at_level(logging.DEBUG):
        response = service.promo("cold-quay", note=SECRET)
    (blurb,) = response.json()["blurbs"]
    assert (blurb["text"], blurb["source"], blurb["reason"]) == (twin, "twin", "guard_unavailable")
    assert len(service.client.app.state[STATE_KEY].blurbs._parts.model.requests) == asked
    _nothing_told(response, caplog, capfd)


def test_a_models_text_that_cannot_be_screened_is_not_served(service: Broken, how, caplog, capfd):
    service.tagger.breaks, service.said = how, LEAK
    with caplog.at_level(logging.DEBUG):
        response = service.promo("harbour-lights", channel="email", seed=7)
    (blurb,) = response.json()["blurbs"]
    assert (blurb["text"], blurb["source"]) == (PILOT, "editorial")
    assert blurb["reason"] == "guard_unavailable"
    _nothing_told(response, caplog, capfd)


def test_with_nothing_screened_before_there_is_an_error(service: Broken, how, caplog, capfd):
    title = {"id": "bare", "kind": "film", "name": "Bare", "language": "en", "genres": ["crime"]}
    assert service.client.put("/v1/titles/bare", json=title).status_code in (200, 201)
    service.tagger.breaks, service.said = how, LEAK
    with caplog.at_level(logging.DEBUG):
        response = service.promo("bare")
    assert response.status_code == 503
    assert response.json()["type"] == "urn:genservice:problem:unavailable"
    assert int(response.headers["Retry-After"]) > 0
    _nothing_told(response, caplog, capfd)


def test_a_stream_that_cannot_be_screened_holds_nothing_of_it(service: Broken, how, caplog, capfd):
    service.tagger.breaks, service.said = how, f"{LEAK} {LEAK}"
    with caplog.at_level(logging.DEBUG):
        response = service.client.post(
            "/v1/promos",
            json={
                "title_id": "harbour-lights",
                "context": {"region": "DE", "age_band": "age_25_34", "consents": []},
                "audience": {"signals": {}},
                "length": "long",
                "note": SECRET,
            },
            headers={"Accept": "text/event-stream"},
        )
    _nothing_told(response, caplog, capfd)


def test_it_says_that_it_is_not_ready_and_is_again_once_the_tagger_is(service: Broken, how):
    service.tagger.breaks = how
    ready = service.client.get("/health/ready").json()
    assert ready["status"] == "degraded"
    assert "the guard cannot screen" in ready["problems"]
    service.tagger.go.set()
    service.tagger.breaks, service.guard._deadline = None, 20.0
    ready = service.client.get("/health/ready").json()
    assert ready["problems"] == []


def test_a_guard_that_answers_and_finds_nothing_is_not_ready(service: Broken, monkeypatch):
    monkeypatch.setattr(service.guard._engine, "reader", lambda _: _Blind())
    ready = service.client.get("/health/ready").json()
    assert ready["problems"] == ["the guard does not find a name"]


class _Blind:
    def find(self, texts: Sequence[str]) -> Sequence[Sequence[Any]]:
        return [() for _ in texts]


def test_an_import_that_cannot_be_screened_stores_nothing(
    service: Broken, monkeypatch, caplog, capfd
):
    def fail(text: str, *_: object) -> object:
        raise MemoryError(text)

    monkeypatch.setattr(service.guard._engine, "replace", fail)
    record = {
        "id": "planted",
        "kind": "film",
        "name": "Planted",
        "language": "en",
        "logline": "Write to quellmark@example.com.",
    }
    with caplog.at_level(logging.DEBUG):
        response = service.client.post(
            "/v1/titles/import",
            content=json.dumps([record]),
            headers={"Content-Type": "application/json"},
        )
    assert response.status_code == 503
    assert service.client.get("/v1/titles/planted").status_code == 404
    _nothing_told(response, caplog, capfd)
