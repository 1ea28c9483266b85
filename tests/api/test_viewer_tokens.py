"""A token opens what is its viewer's, for as long as it says; nothing else passes for one."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.api.service import STATE_KEY
from genservice.domain.access import ROLES
from genservice.tokens import ViewerTokens

PROBE = "/v1/viewers/me/tokens"
"""Not for viewers: a token that holds is 403 here, one that does not is 401."""


def status(api, credential: str) -> int:
    headers = {"Authorization": f"Bearer {credential}"}
    return api.client.post(PROBE, json={}, headers=headers).status_code


def issued(api, viewer: str = "v-1", **body):
    return api.post(f"/v1/viewers/{viewer}/tokens", body, role="app")


def test_a_token_says_when_it_ends_and_nothing_of_its_viewer(api) -> None:
    answer = issued(api, "viewer-of-a-telling-name", minutes=3)
    assert answer.status_code == 201
    assert set(answer.json()) == {"token", "expires_at"}
    ends = datetime.fromisoformat(answer.json()["expires_at"])
    assert timedelta(minutes=1) < ends - datetime.now(UTC) <= timedelta(minutes=3)
    for part in answer.json()["token"].split("."):
        assert b"telling" not in base64.urlsafe_b64decode(part + "==")
    assert status(api, answer.json()["token"]) == 403


@pytest.mark.parametrize("body", [{"minutes": 0}, {"minutes": 61}, {"minutes": "5"}, {"hours": 1}])
def test_a_token_lasts_from_a_minute_to_an_hour(api, body) -> None:
    assert issued(api, **body).status_code == 400


@pytest.mark.parametrize("viewer", ["me", "a b", "ü", "x" * 129, "a@b", "%00"])
def test_a_name_that_is_no_viewers_gets_no_token_and_is_not_repeated(api, viewer) -> None:
    answer = issued(api, viewer)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/viewer_id"
    assert viewer not in answer.json()["errors"][0]["detail"] or viewer == "me"


def test_tokens_are_made_alike_for_a_viewer_of_whom_nothing_is_held(api) -> None:
    first, second = issued(api, "never-heard-of"), issued(api, "v-1")
    assert first.status_code == second.status_code == 201
    assert len(first.content) == len(second.content)
    assert set(first.headers) == set(second.headers)


def test_a_token_cannot_make_another(api) -> None:
    token = issued(api).json()["token"]
    for viewer in ("me", "v-1", "v-2"):
        headers = {"Authorization": f"Bearer {token}"}
        answer = api.client.post(f"/v1/viewers/{viewer}/tokens", json={}, headers=headers)
        assert answer.status_code == 403


def test_what_is_forged_expired_or_from_elsewhere_is_no_token(api, tmp_path) -> None:
    real = issued(api).json()["token"]
    header, body, signature = real.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    none = jwt.encode(claims, None, algorithm="none")
    elsewhere = ViewerTokens.open(tmp_path, clock=lambda: datetime.now(UTC))
    long_ago = ViewerTokens.open(tmp_path, clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    service = api.client.app.state[STATE_KEY]
    past = ViewerTokens([b"\0" * 32], clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    past._current = service.tokens._current
    for forged in (
        none,
        f"{header}.{body}.",
        f"{none.partition('.')[0]}.{body}.{signature}",
        f"{header}.{body}.{signature[:-4]}AAAA",
        elsewhere.issue("v-1", minutes=10).token,
        long_ago.issue("v-1", minutes=10).token,
        past.issue("v-1", minutes=60).token,
        jwt.encode(claims, "k" * 32, algorithm="HS256", headers={"kid": jwt.get_unverified_header(real)["kid"]}),
    ):  # fmt: skip
        assert status(api, forged) == 401


def test_other_audiences_open_nothing_though_well_signed(api) -> None:
    real = issued(api).json()["token"]
    key = api.client.app.state[STATE_KEY].tokens._current
    claims = json.loads(base64.urlsafe_b64decode(real.split(".")[1] + "=="))
    for changes in ({"aud": "genservice:receipts"}, {"iss": "elsewhere"}, {"role": "admin"}):
        forged = jwt.encode({**claims, **changes}, key.signing, headers=key.header_fields)
        assert status(api, forged) == 401
    assert status(api, jwt.encode(claims, key.signing, headers=key.header_fields)) == 403


PARTS = st.text(st.characters(max_codepoint=255), max_size=60)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_mangled_header_is_401_and_never_an_error(api, data) -> None:
    real = data.draw(
        st.sampled_from([issued(api).json()["token"], api.headers(data.draw(st.sampled_from(ROLES)))["Authorization"][7:]])
    )  # fmt: skip
    place = data.draw(st.integers(0, len(real)))
    mangled = data.draw(
        st.one_of(
            PARTS,
            PARTS.map(lambda text: f"Bearer {text}"),
            PARTS.filter(bool).map(lambda text: f"Bearer {real[:place]}{text}{real[place:]}"),
            st.just(f"Bearer {real[:place]}{real[place + 2 :]}"),
            st.integers(0, 5000).map(lambda size: "Bearer " + real[:1] * size),
            st.just(f"Basic {real}"),
            st.just(f"Bearer Bearer {real}"),
            st.just(f"{real}"),
        )
    )
    answer = api.client.get("/v1/titles", headers=[(b"authorization", mangled.encode("latin-1"))])
    if mangled.partition(" ")[0].lower() == "bearer" and mangled.partition(" ")[2].strip() == real:
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:genservice:problem:unauthenticated"
