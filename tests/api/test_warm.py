"""Warm answers: the same bytes as cold ones, and counted, bounded and refused like these."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.api.warm import MOST_BYTES, _at_once
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.settings import Settings
from genservice.store.keys import LOOK_SECONDS
from tests.api.conftest import order
from tests.openapi_service import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.domain.access import Role

CRIME = {"genre_affinity": ["crime"]}


class Warm:
    """A service of its own, and how many of its answers were given before."""

    def __init__(self, client: TestClient[Any], keys: dict[str, str]) -> None:
        self.client = client
        self.service = client.app.state[STATE_KEY]
        self.keys = keys

    @property
    def hits(self) -> int:
        return self.service.blurbs._parts.given.tally.hits

    def call(self, work: Any, *args: Any, **named: Any) -> Any:
        with self.client.portal() as portal:
            return portal.call(lambda: work(*args, **named))

    def ask(self, role: Role = "app", path: str = "/v1/promos", **changes: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[role]}", **changes.pop("headers", {})}
        body = changes.pop("content", None)
        sent: dict[str, Any] = (
            {"json": order(CRIME, **changes)} if body is None else {"content": body}
        )
        return self.client.post(path, headers=headers, **sent)

    def ready(self) -> None:
        """Title and key are looked for anew twice a second: whoever asks next finds both at hand."""
        self.client.get(
            "/v1/titles/double-indemnity", headers={"Authorization": f"Bearer {self.keys['app']}"}
        )


@pytest.fixture
def warm(tmp_path, request) -> Iterator[Warm]:
    settings = Settings(
        data=tmp_path / "data",
        keystore=tmp_path / "keystore",
        twins="",
        rate_limits=getattr(request, "param", "app=off, editor=off, admin=off"),
    )
    app = create_app(settings, model=Scripted(), reserve=Scripted())
    with TestClient(app, raise_server_exceptions=False) as client, client.portal() as portal:
        service = app.state[STATE_KEY]
        keys = {
            role: portal.call(service.keys.create, role, "of the tests").key
            for role in ("app", "editor", "admin", "policy_owner")
        }
        yield Warm(client, keys)


def is_warm(warm: Warm, answer: Any, before: int) -> bool:
    return answer.status_code == 200 and warm.hits == before + 1


def test_a_warm_answer_is_the_cold_one_to_the_byte(warm: Warm) -> None:
    cold = warm.ask()
    before = warm.hits
    again = warm.ask()
    assert is_warm(warm, again, before)
    assert again.content == cold.content
    own = {"x-request-id"}
    assert {name: again.headers[name] for name in again.headers if name not in own} == {
        name: cold.headers[name] for name in cold.headers if name not in own
    }
    assert again.headers["x-request-id"] != cold.headers["x-request-id"]


def test_over_a_socket_it_is_the_cold_one_too(tmp_path) -> None:
    """There the server takes head and body in one piece."""
    own = {"date", "x-request-id", "ratelimit"}
    with (
        listening(tmp_path, rate_limits="app=100/minute") as there,
        httpx.Client(headers=there.as_("app"), trust_env=False) as asks,
    ):
        title = asks.get(f"{there.address}/v1/titles").json()["items"][0]["id"]
        answers: list[httpx.Response] = []
        for _ in range(2):
            # Whoever asks next finds title and key at hand, however long the one before took.
            asks.get(f"{there.address}/v1/titles/{title}")
            answers.append(
                asks.post(f"{there.address}/v1/promos", json=order(CRIME, title_id=title))
            )
        cold, again = answers
        assert again.status_code == cold.status_code == 200
        assert again.content == cold.content
        assert sorted(header for header in again.headers.multi_items() if header[0] not in own) == (
            sorted(header for header in cold.headers.multi_items() if header[0] not in own)
        )
        assert {*again.headers} == {*cold.headers} >= own
        left = [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers]
        assert left == ['"app";r=96', '"app";r=94']
        told = httpx.get(f"{there.address}/metrics", headers=there.as_("admin"), trust_env=False)
        assert 'http_response_status_code="200",http_route="/v1/promos"} 2.0' in told.text
        assert 'lookups_total{cache="answers",outcome="hit"} 1.0' in told.text


def test_it_is_logged_in_the_decision_log_and_in_metrics_as_any(warm: Warm) -> None:
    for _ in range(3):
        assert warm.ask().status_code == 200
    log = warm.service.decisions.state
    assert log.written + log.waiting == 3
    told = warm.client.get(
        "/metrics", headers={"Authorization": f"Bearer {warm.keys['admin']}"}
    ).text
    counted = 'http_server_request_duration_seconds_count{http_request_method="POST",http_response_status_code="200",http_route="/v1/promos"} 3.0'
    assert counted in told
    (answers,) = [
        line for line in told.splitlines() if line.startswith("genservice_answers_total{")
    ]
    assert answers.endswith(" 3.0")


def test_a_key_that_is_revoked_opens_no_warm_answer_either(warm: Warm) -> None:
    warm.ask()
    key_id = warm.keys["app"].split("_")[1]
    warm.client.delete(
        f"/v1/keys/{key_id}", headers={"Authorization": f"Bearer {warm.keys['admin']}"}
    )
    assert warm.ask().status_code == 401


def test_after_a_while_key_and_titles_are_read_anew_and_nothing_else(warm: Warm) -> None:
    warm.ask()
    time.sleep(2 * LOOK_SECONDS)
    before = warm.hits, resolved(warm)
    assert is_warm(warm, warm.ask(), before[0])
    assert resolved(warm) == before[1]


def resolved(warm: Warm) -> str:
    """How many requests went the whole way."""
    admin = {"Authorization": f"Bearer {warm.keys['admin']}"}
    told = warm.client.get("/metrics", headers=admin).text
    (line,) = [
        line
        for line in told.splitlines()
        if line.startswith('genservice_step_duration_seconds_count{outcome="ok",step="resolve"}')
    ]
    return line


def test_a_title_that_changes_is_answered_in_its_new_revision_at_once(warm: Warm) -> None:
    old = warm.ask().json()["receipt"]["statement"]["title"]["revision"]
    title = warm.call(warm.service.titles.get, "double-indemnity")
    changed = {"Authorization": f"Bearer {warm.keys['editor']}"}
    put = warm.client.put(
        "/v1/titles/double-indemnity",
        content=msgspec.json.encode(msgspec.structs.replace(title, year=1945)),
        headers={**changed, "Content-Type": "application/json"},
    )
    assert put.status_code == 200, put.text
    assert warm.ask().json()["receipt"]["statement"]["title"]["revision"] == old + 1
    warm.client.delete("/v1/titles/double-indemnity", headers=changed)
    assert warm.ask().status_code == 404


@pytest.mark.parametrize("warm", ["app=3/minute, editor=off, admin=off"], indirect=True)
def test_a_limit_holds_for_warm_answers(warm: Warm) -> None:
    answers = [warm.ask() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    left = [answer.headers["ratelimit"].partition(";r=")[2].partition(";")[0] for answer in answers]
    assert left == ["2", "1", "0", "0"]
    assert "Retry-After" in answers[3].headers


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (403, {"role": "policy_owner"}),
        (403, {"role": "editor", "audience": {"viewer": "v-1"}}),
        (400, {"channel": "billboard"}),
        (400, {"context": {"region": "Germany", "age_band": "age_25_34"}}),
        (400, {"audience": {"signals": {"genre_affinity": "crime"}}}),
        (400, {"content": b"{"}),
        (400, {"content": b"\xff"}),
        (404, {"title_id": "nothing-like-it"}),
        (406, {"headers": {"Accept": "text/html"}}),
        (415, {"headers": {"Content-Type": "text/plain"}}),
        (413, {"content": b" " * 1_000_001}),
    ],
)
def test_what_is_wrong_is_answered_as_without_warm_answers(warm: Warm, status, asked) -> None:
    warm.ask()
    warm.ready()
    before = warm.hits
    answer = warm.ask(**asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert warm.hits == before


@pytest.mark.parametrize(
    "asked",
    [
        {"headers": {"Accept": "text/event-stream"}},
        {"seed": 7},
        {"context": {"region": "FR", "age_band": "age_25_34", "consents": ["content_use"]}},
        {"path": "/v1/synopses"},
    ],
)
def test_what_differs_in_anything_that_shapes_an_answer_is_not_warm(warm: Warm, asked) -> None:
    warm.ask()
    before = warm.hits
    assert warm.ask(**asked).status_code == 200
    assert warm.hits == before


def test_of_contexts_only_what_policy_knows_is_remembered(warm: Warm) -> None:
    stated = {"region": "DE", "age_band": "age_25_34", "consents": ["content_use"]}
    remembered = warm.service.blurbs._disclosing._known
    assert warm.ask(context=stated).status_code == 200
    assert len(remembered) == 1
    own = {**stated, "consents": ["content_use", "shoe_size_47"]}
    assert warm.ask(context=own).status_code == 200
    assert "shoe" not in repr(remembered)


def test_a_large_body_goes_the_whole_way_to_the_same_answer(warm: Warm) -> None:
    cold = warm.ask()
    large = json.dumps(order(CRIME)).encode() + b" " * MOST_BYTES
    assert warm.ask(content=large).content == cold.content


async def test_a_body_that_is_not_there_yet_is_waited_for_where_there_is_a_deadline() -> None:
    come = asyncio.Event()
    taken = []

    async def receive() -> dict[str, str]:
        await come.wait()
        taken.append(1)
        return {"type": "http.request"}

    assert _at_once(receive()) is None
    assert not taken
    come.set()
    assert _at_once(receive()) == {"type": "http.request"}
