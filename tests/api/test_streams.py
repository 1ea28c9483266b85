"""Server-sent events over real HTTP: what comes when, and what becomes of it when either side breaks off."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from genservice.api.events import messages
from genservice.api.service import STATE_KEY
from genservice.app import create_app, utc_now
from genservice.generation import Scripted
from genservice.store import open_store
from genservice.telling import AnswerStream, Sentence
from tests.small_service import small_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.api.service import Service

EVENTS = {"Accept": "text/event-stream"}
LIKED = {"genre_affinity": ["drama"]}
RAW = "A [MOOD] [GENRE_2]. A [GENRE]. It is called [TITLE]."
MARKED = {"digital_source_type": "trainedAlgorithmicMedia"}
TOLD = ["A tense drama.", "A crime drama.", "It is called Cold Quay."]
PATIENCE = 60.0


class Gated(Scripted):
    """Writes word by word, and after some of them only once it is let."""

    def __init__(self) -> None:
        super().__init__(lambda request, seed: RAW if request.must else "[TITLE], a [GENRE].")
        self.gate: int | None = None
        self.free = threading.Event()
        self.stopped = threading.Event()

    def shut(self, words: int) -> None:
        """From now on, wait after so many words."""
        self.gate = words
        self.free.clear()
        self.stopped.clear()

    async def stream(self, request: Any):
        count = 0
        try:
            async for word in super().stream(request):
                if self.gate is not None and count >= self.gate:
                    while not self.free.is_set():
                        await self._turn()
                count += 1
                yield word
        finally:
            self.stopped.set()


class Live:
    """A service that listens on this machine."""

    def __init__(self, address: str, service: Service, model: Gated, reserve: Scripted) -> None:
        self.service = service
        self.model = model
        self.reserve = reserve
        self.address = address
        self.key = ""
        self._seed = 0

    def body(self, signals: Any = LIKED, **changes: Any) -> dict[str, Any]:
        context = {
            "region": "DE",
            "age_band": "age_25_34",
            "consents": ["content_profile", "content_use"],
        }
        asked = {"title_id": "cold-quay", "context": context, "audience": {"signals": signals}}
        return {**asked, "length": "long", "seed": self.seed(), **changes}

    def seed(self) -> int:
        """A seed that was not asked for yet."""
        self._seed += 1
        return self._seed

    @contextmanager
    def asked(self, body: Any, **headers: str) -> Iterator[httpx.Response]:
        with (
            httpx.Client(base_url=self.address, trust_env=False, timeout=PATIENCE) as client,
            client.stream("POST", "/v1/promos", json=body, headers=self.headers(headers)) as answer,
        ):
            yield answer

    def post(self, body: Any, **headers: str) -> httpx.Response:
        return httpx.post(
            f"{self.address}/v1/promos",
            json=body,
            headers=self.headers(headers),
            trust_env=False,
            timeout=PATIENCE,
        )

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", **more}


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Iterator[Live]:
    model, reserve = Gated(), Scripted(revision="reserve 1")
    settings = small_settings(tmp_path_factory.mktemp("live"), twins="")
    app = create_app(settings, model=model, reserve=reserve)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app, lifespan="on", log_config=None, ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        until(lambda: server.started or not thread.is_alive())
        live = Live(address, app.state[STATE_KEY], model, reserve)
        live.key = key_for(settings)
        yield live
        model.free.set()
        server.should_exit = True
        thread.join(timeout=PATIENCE)


def key_for(settings: Any) -> str:
    """A key, made by another process as it were."""

    async def create() -> str:
        async with open_store(settings.database(), clock=utc_now) as store:
            return (await store.keys.create("editor", "the tests'")).key

    return asyncio.run(create())


def until(holds) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def well(live: Live) -> Iterator[None]:
    yield
    live.model.gate = None
    live.model.free.set()
    live.model.recover()
    live.reserve.recover()


def events_in(lines) -> Iterator[tuple[str, Any]]:
    """Name and content of each event, as its lines come."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def events_of(live: Live, body: Any) -> list[tuple[str, Any]]:
    with live.asked(body, **EVENTS) as answer:
        assert answer.status_code == 200
        return list(events_in(answer.iter_lines()))


def names(events: list[tuple[str, Any]]) -> list[str]:
    return [name for name, _ in events]


def test_a_long_text_comes_sentence_by_sentence_and_is_the_plain_answers(live: Live) -> None:
    body = live.body()
    events = events_of(live, body)
    assert names(events) == ["sentence"] * 3 + ["blurb", "receipt"]
    assert [content for _, content in events[:3]] == [
        {"index": index, "text": text, **MARKED} for index, text in enumerate(TOLD)
    ]
    plain = live.post(body).json()
    assert events[3][1] == plain["blurbs"][0]
    assert events[4][1] == {"receipt": plain["receipt"], "notices": plain["notices"]}
    assert plain["blurbs"][0]["text"] == " ".join(TOLD)


def test_a_stored_text_is_told_in_the_same_bytes(live: Live) -> None:
    body = live.body()
    bytes_told = []
    for _ in range(2):
        with live.asked(body, **EVENTS) as answer:
            bytes_told.append(answer.read())
    assert bytes_told[0] == bytes_told[1]


def test_the_headers_are_those_of_a_stream(live: Live) -> None:
    with live.asked(live.body(), **EVENTS) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert "content-length" not in answer.headers
        answer.read()


def test_a_sentence_is_there_while_the_next_is_written(live: Live) -> None:
    live.model.shut(4)
    with live.asked(live.body(), **EVENTS) as answer:
        coming = events_in(answer.iter_lines())
        assert next(coming) == ("sentence", {"index": 0, "text": TOLD[0], **MARKED})
        assert not live.model.stopped.is_set()
        live.model.free.set()
        assert [name for name, _ in coming] == ["sentence", "sentence", "blurb", "receipt"]


def test_a_client_that_hangs_up_between_two_sentences_stops_the_writing(live: Live) -> None:
    live.model.shut(4)
    with live.asked(live.body(), **EVENTS) as answer:
        next(events_in(answer.iter_lines()))
    until(live.model.stopped.is_set)
    until(lambda: live.service.blurbs.traffic.under_way == 0)


@pytest.mark.parametrize("headers", [EVENTS, {}], ids=["events", "json"])
def test_a_client_that_hangs_up_before_anything_came_stops_the_writing(
    live: Live, headers: dict[str, str]
) -> None:
    live.model.shut(1)
    asked = len(live.model.requests)
    with (
        httpx.Client(base_url=live.address, trust_env=False) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.post("/v1/promos", json=live.body(), headers=live.headers(headers), timeout=2.0)
    until(live.model.stopped.is_set)
    until(lambda: live.service.blurbs.traffic.under_way == 0)
    assert len(live.model.requests) == asked + 1


def test_two_clients_hear_one_writing_and_one_may_leave(live: Live) -> None:
    live.model.shut(4)
    body, asked = live.body(), len(live.model.requests)
    with live.asked(body, **EVENTS) as one:
        heard = events_in(one.iter_lines())  # let go of, it would hang up
        next(heard)
        with live.asked(body, **EVENTS) as other:
            coming = events_in(other.iter_lines())
            assert next(coming)[1]["text"] == TOLD[0]
            one.close()
            until(lambda: live.service.blurbs.traffic.under_way == 1)
            live.model.free.set()
            assert [name for name, _ in coming] == ["sentence", "sentence", "blurb", "receipt"]
    assert len(live.model.requests) == asked + 1


def test_a_model_that_dies_in_the_midst_is_replaced_in_the_stream(live: Live) -> None:
    live.model.shut(4)
    with live.asked(live.body(), **EVENTS) as answer:
        coming = events_in(answer.iter_lines())
        next(coming)
        live.model.fail()
        live.model.free.set()
        (_, replaced), (_, blurb), (last, _) = coming
    assert replaced == {"index": 0, "text": blurb["text"], **MARKED}
    assert (blurb["source"], blurb["reason"]) == ("twin", "model_unavailable")
    assert last == "receipt"


def test_a_stream_that_cannot_be_finished_ends_with_a_problem(live: Live) -> None:
    live.model.shut(4)
    live.reserve.fail()
    title = {"id": "x", "kind": "film", "name": "Cold Quay", "language": "en", "genres": ["crime", "drama"]}  # fmt: skip
    body = live.body(title={**title, "moods": ["tense"], "year": 2021})
    del body["title_id"]
    with live.asked(body, **EVENTS) as answer:
        coming = events_in(answer.iter_lines())
        next(coming)
        live.model.fail()
        live.model.free.set()
        ((name, problem),) = coming
    assert name == "error"
    assert (problem["type"], problem["status"]) == ("urn:genservice:problem:unavailable", 503)


def test_what_fails_before_the_first_event_is_a_plain_problem(live: Live) -> None:
    live.model.fail()
    live.reserve.fail()
    title = {"id": "x", "kind": "film", "name": "Cold Quay", "language": "en", "genres": ["crime"]}
    body = live.body(title=title)
    del body["title_id"]
    answer = live.post(body, **EVENTS)
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "retry-after" in answer.headers
    missing = live.post(live.body(title_id="nobody-knows"), **EVENTS)
    assert (missing.status_code, missing.json()["type"]) == (
        404,
        "urn:genservice:problem:not-found",
    )


def test_a_dry_run_has_no_events(live: Live) -> None:
    answer = live.post(live.body(dry_run=True), **EVENTS)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/dry_run"
    assert live.post(live.body(dry_run=True)).status_code == 200


ACCEPTED = {
    "*/*": "application/json",
    "application/*": "application/json",
    "text/*": "text/event-stream",
    "text/event-stream, */*;q=0.1": "text/event-stream",
    "application/json;q=0.5, text/event-stream;q=0.4": "application/json",
    "text/*;q=0.5, */*;q=0.8": "application/json",
    "*/*, text/event-stream;q=0": "application/json",
    "text/html": None,
    "application/xml, text/html;q=0.9": None,
    "text/html, application/json;q=0": None,
    "image/*": None,
}


@pytest.mark.parametrize(("accept", "kind"), ACCEPTED.items(), ids=ACCEPTED)
def test_an_answer_comes_as_it_is_accepted_or_not_at_all(
    live: Live, accept: str, kind: str | None
) -> None:
    asked = len(live.model.requests)
    answer = live.post(live.body(length="short"), Accept=accept)
    if kind is None:
        assert answer.status_code == 406
        assert answer.json()["type"] == "urn:genservice:problem:not-acceptable"
        assert len(live.model.requests) == asked
    else:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)


def test_the_openapi_document_tells_of_the_events(live: Live) -> None:
    document = httpx.get(
        f"{live.address}/schema/openapi.json", headers=live.headers({}), trust_env=False
    ).json()
    for path in ("/v1/promos", "/v1/synopses"):
        answers = document["paths"][path]["post"]["responses"]
        told = answers["200"]["content"]["text/event-stream"]
        for name in ("sentence", "replace", "blurb", "receipt", "error"):
            assert f"`{name}`" in told["schema"]["description"]
        assert "application/json" in answers["200"]["content"]
        assert "406" in answers
    assert "text/event-stream" not in str(document["paths"]["/v1/check"])


async def test_silence_is_broken_by_comments() -> None:
    async def tell(telling) -> None:
        telling.line()("One.")
        await asyncio.sleep(0.2)
        telling.line()

    stream = AnswerStream(tell)
    first = await anext(stream)
    assert first == Sentence(index=0, text="One.")
    sent = [message.encode() async for message in messages(stream, first, heartbeat=0.01)]
    assert sent[0].startswith(b"event: sentence\r\ndata: {")
    assert len(sent) > 2
    assert set(sent[1:]) == {b": keep-alive\r\n\r\n"}


async def test_a_fault_of_ours_ends_a_stream_with_a_problem_that_tells_nothing() -> None:
    async def tell(telling) -> None:
        telling.line()("One.")
        raise RuntimeError("Jane Roe")

    stream = AnswerStream(tell)
    sent = [message.encode() async for message in messages(stream, await anext(stream))]
    assert b"event: error" in sent[-1]
    assert b"urn:genservice:problem:internal" in sent[-1]
    assert b"Jane" not in b"".join(sent)
