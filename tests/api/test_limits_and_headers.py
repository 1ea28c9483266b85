"""Too much is refused, every answer protects itself, and no page reads what it may not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from genservice.api.bodies import DEEPEST, MOST_ITEMS
from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.domain.access import ROLES
from genservice.generation import Scripted
from genservice.rates import InMemory
from genservice.settings import Settings
from tests.api.conftest import Api

PAGE = "https://app.example"
MATTERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A service with low limits, a page that may ask, and TLS in front of it."""
    folder = tmp_path_factory.mktemp("strict")
    limits = "editor=3/hour, app=2/hour, viewer=2/hour, failed=2/hour, policy_owner=off, admin=off"
    app = create_app(
        Settings(
            data=folder / "data", keystore=folder / "keystore", twins="", rate_limits=limits,
            cors_origins=f"{PAGE}, https://tv.example:8443", hsts_seconds=31536000,
        ),
        model=Scripted(),
        reserve=Scripted(),
    )  # fmt: skip
    with TestClient(app, raise_server_exceptions=False) as client, client.portal() as portal:
        # A clock that stands: no window ends in the middle of a test.
        app.state[STATE_KEY].rates._counters = InMemory(lambda: 0.0)
        create = app.state[STATE_KEY].keys.create
        yield Api(client, Scripted(), {role: portal.call(create, role, role).key for role in ROLES})


def test_a_key_that_asks_too_often_is_told_when_to_come_again(strict) -> None:
    answers = [strict.get("/v1/titles") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit"].split(";t=")[0] for answer in answers] == [
        '"editor";r=2', '"editor";r=1', '"editor";r=0', '"editor";r=0',
    ]  # fmt: skip
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"editor";q=3;w=3600'}
    refused = answers[-1]
    assert refused.json()["type"] == "urn:genservice:problem:rate-limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 7200
    assert refused.headers["ratelimit"].endswith(f";t={refused.headers['retry-after']}")


def test_a_limit_is_one_keys_own(strict) -> None:
    with strict.client.portal() as portal:
        create = strict.client.app.state[STATE_KEY].keys.create
        one, other = (portal.call(create, "app", "app").key for _ in range(2))
    asked = [
        strict.client.get("/v1/titles", headers={"Authorization": f"Bearer {key}"}).status_code
        for key in (one, one, one, other)
    ]
    assert asked == [200, 200, 429, 200]


def test_a_viewers_tokens_count_together_and_apart_from_others(strict) -> None:
    def asked(viewer: str) -> int:
        made = strict.post(f"/v1/viewers/{viewer}/tokens", {}, role="admin").json()
        headers = {"Authorization": f"Bearer {made['token']}"}
        return strict.client.get("/v1/titles", headers=headers).status_code

    assert [asked(viewer) for viewer in ("v-1", "v-1", "v-1", "v-2")] == [403, 403, 429, 403]


def test_an_address_that_fails_too_often_is_told_so_and_shuts_nobody_out(strict) -> None:
    some_id = strict.headers("policy_owner")["Authorization"][7:19]
    for wrong in ("gs_xxxxxxxx_", some_id):
        headers = {"Authorization": f"Bearer {wrong}{'A' * 43}"}
        answer = strict.client.get("/v1/titles", headers=headers)
        assert answer.status_code == 401
    for wrong in ("gs_xxxxxxxx_", some_id, None):
        headers = {"Authorization": f"Bearer {wrong}{'A' * 43}"} if wrong else {}
        answer = strict.client.get("/v1/titles", headers=headers)
        assert answer.status_code == 429
        assert answer.headers["ratelimit-policy"] == '"failed";q=2;w=3600'
    assert strict.get("/v1/titles", role="policy_owner").status_code == 200


def test_what_has_no_limit_and_what_is_open_says_nothing_of_limits(strict) -> None:
    for _ in range(20):
        assert strict.client.get("/health/live").status_code == 200
    for answer in (strict.client.get("/health/live"), strict.get("/v1/titles", role="admin")):
        assert "ratelimit" not in answer.headers
        assert "ratelimit-policy" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health/live"), ("GET", "/metrics"), ("GET", "/schema"), ("GET", "/v1/titles"), ("OPTIONS", "/v1/titles"),
        ("GET", "/nowhere"), ("PUT", "/v1/promos"), ("POST", "/v1/promos"), ("POST", "/v1/viewers/v-1/tokens"),
    ],
)  # fmt: skip
def test_every_answer_carries_the_headers_that_protect_it(api, method: str, path: str) -> None:
    for headers in ({}, api.headers("admin")):
        answer = api.client.request(method, path, headers=headers)
        for name, value in MATTERS.items():
            assert answer.headers.get_list(name) == [value]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "strict-transport-security" not in answer.headers
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_the_openapi_document_is_json_and_fetches_nothing(api) -> None:
    answer = api.get("/schema")
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert "<script" not in answer.text


def test_behind_tls_browsers_are_told_to_stay_there(strict) -> None:
    answer = strict.client.get("/health/live")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_page_that_is_listed_may_read_answers_and_no_other(strict) -> None:
    for origin in (PAGE, "https://tv.example:8443"):
        answer = strict.client.get("/health/live", headers={"Origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    for origin in (
        "https://other.example", "http://app.example", f"{PAGE}.evil.example", f"{PAGE}:444",
        "https://tv.example", "https://xapp.example", "null", "*", PAGE.upper(),
    ):  # fmt: skip
        answer = strict.client.get("/health/live", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers


def test_a_page_is_told_beforehand_what_it_may_ask(strict) -> None:
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}  # fmt: skip
    answer = strict.client.options("/v1/promos", headers={"Origin": PAGE, **asking})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()
    other = strict.client.options("/v1/promos", headers={"Origin": "https://other.example", **asking})  # fmt: skip
    assert other.status_code == 400
    assert "access-control-allow-origin" not in other.headers


def test_a_page_may_read_errors_and_how_many_requests_are_left(strict) -> None:
    answer = strict.client.get("/v1/keys", headers={"Origin": PAGE, **strict.headers("app")})
    assert answer.status_code in (403, 429)
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "RateLimit" in answer.headers["access-control-expose-headers"]


def nested(depth: int) -> bytes:
    return b'{"audience":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def told(api, body: bytes) -> str:
    headers = {**api.headers(), "Content-Type": "application/json"}
    answer = api.client.post("/v1/promos", content=body, headers=headers)
    assert answer.status_code == 400
    return answer.json()["errors"][0]["detail"]


def test_json_may_be_nested_so_deep_and_no_deeper(api) -> None:
    assert told(api, nested(DEEPEST)) != "nested too deeply"
    assert told(api, nested(DEEPEST + 1)) == "nested too deeply"
    assert told(api, nested(20_000)) == "nested too deeply"
    assert told(api, b"]" * 100 + nested(DEEPEST + 1)) == "not JSON"


MANY = f"holds more than {MOST_ITEMS:,} lists, objects and members"


@pytest.mark.parametrize("member", ["1", "[]", '"a,b"', '[1,"]"]'])
def test_a_body_may_hold_so_much_and_no_more(api, member: str) -> None:
    def body(count: int) -> bytes:
        return ('{"audience":[' + ",".join([member] * count) + "]}").encode()

    # What a body counts: its own two, a comma between members, and what a member itself has.
    each = 1 + member.count("[") + (member.count(",") if '"a' not in member else 0)
    fits = (MOST_ITEMS - 2 + 1) // each
    assert told(api, body(fits)) != MANY
    assert told(api, body(fits + 1)) == MANY


def test_what_stands_in_a_text_is_no_nesting_and_no_list(api) -> None:
    text = '\\"' + "[{" * 1000 + "," * (MOST_ITEMS + 5) + "\\\\"
    answer = api.client.post(
        "/v1/policies/validate",
        content=f'{{"files":{{"a.yaml":"{text}"}}}}'.encode(),
        headers={**api.headers("policy_owner"), "Content-Type": "application/json"},
    )
    details = [error["detail"] for error in answer.json().get("errors", [])]
    assert "nested too deeply" not in details
    assert MANY not in details


@pytest.mark.parametrize("text", [b'"' + b'\\"' * 450_000, b'"' * 900_001, b"\\" * 900_000])
def test_texts_that_do_not_end_are_gone_through_once(api, text: bytes) -> None:
    # Going through the rest at every quotation mark would take hours.
    assert told(api, b"[" * (DEEPEST + 1) + text)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 3))
def test_bytes_of_any_kind_and_length_are_400_and_no_error(api, raw: bytes, scale: int) -> None:
    told(api, raw * 10**scale + b"]},[{")
