"""No route answers without a key but those that are meant to; a route nobody listed fails here."""

from __future__ import annotations

import re

import pytest
from litestar.exceptions import WebSocketDisconnect, WebSocketException

from genservice.domain.access import ROLES

OPEN = {"/health/live", "/health/ready", "/metrics", "/.well-known/genservice-keys.json"}
ROUTES = {
    ("POST", "/v1/synopses"): {"editor", "app"},
    ("POST", "/v1/promos"): {"editor", "app"},
    ("POST", "/v1/check"): {"editor"},
    ("GET", "/v1/titles"): set(ROLES),
    ("GET", "/v1/titles/{id}"): set(ROLES),
    ("PUT", "/v1/titles/{id}"): {"editor"},
    ("DELETE", "/v1/titles/{id}"): {"editor"},
    ("PUT", "/v1/titles/{id}/texts"): {"editor"},
    ("POST", "/v1/titles/import"): {"editor"},
    ("GET", "/v1/receipts/{id}"): set(ROLES),
    ("GET", "/v1/receipts/{id}/explanation"): set(ROLES),
    ("POST", "/v1/receipts/verify"): set(ROLES),
    ("GET", "/v1/policies"): {"policy_owner", "privacy_officer", "editor"},
    ("GET", "/v1/policies/versions"): {"policy_owner", "privacy_officer", "editor"},
    ("POST", "/v1/policies/versions"): {"policy_owner"},
    ("GET", "/v1/policies/versions/{id}"): {"policy_owner", "privacy_officer", "editor"},
    ("GET", "/v1/policies/acts"): {"policy_owner", "privacy_officer", "editor"},
    ("GET", "/v1/policies/shadow"): {"policy_owner", "privacy_officer", "editor"},
    ("POST", "/v1/policies/shadow"): {"policy_owner"},
    ("POST", "/v1/policies/validate"): {"policy_owner"},
    ("POST", "/v1/policies/diff"): {"policy_owner", "privacy_officer"},
    ("POST", "/v1/policies/replay"): {"policy_owner", "privacy_officer"},
    ("GET", "/v1/log/heads"): {"privacy_officer"},
    ("POST", "/v1/policies/explain"): {"policy_owner", "privacy_officer", "editor"},
    ("POST", "/v1/policies/activate"): {"policy_owner"},
    ("POST", "/v1/policies/rollback"): {"policy_owner"},
    ("POST", "/v1/viewers/{id}/tokens"): {"app", "privacy_officer"},
    **{
        (method, f"/v1/viewers/{{id}}{path}"): {"app", "privacy_officer", "viewer"}
        for method, path in (
            ("GET", "/signals"),
            ("PUT", "/signals"),
            ("PATCH", "/signals"),
            ("DELETE", "/signals"),
            ("GET", "/signals/{id}"),
            ("PUT", "/signals/{id}"),
            ("DELETE", "/signals/{id}"),
            ("GET", "/consents"),
            ("POST", "/consents"),
            ("POST", "/consents/withdraw"),
            ("GET", "/controls"),
            ("PUT", "/controls"),
            ("GET", "/objections"),
            ("PUT", "/objections/{id}"),
            ("DELETE", "/objections/{id}"),
            ("GET", "/explanations"),
            ("GET", "/explanations/{id}"),
            ("GET", "/export"),
            ("DELETE", ""),
        )
    },
    ("GET", "/v1/keys"): {"admin"},
    ("POST", "/v1/keys"): {"admin"},
    ("DELETE", "/v1/keys/{id}"): {"admin"},
    ("POST", "/v1/keys/{id}/rotate"): {"admin"},
    ("GET", "/schema"): set(ROLES),
    ("GET", "/schema/openapi.json"): set(ROLES),
    ("GET", "/schema/{id}"): set(ROLES),
}

BODIES = {
    "/v1/viewers/{id}/signals": {"signals": {}},
    "/v1/viewers/{id}/signals/{id}": {"value": 1},
    "/v1/viewers/{id}/consents": {
        "acts": [{"consent": "x", "action": "given", "source": "x", "text_version": "1"}]
    },
}
"""Where an empty body would be refused before the address is looked at."""

OWN, OTHER = "v-own", "v-other"
"""The viewer whose address is walked, and one with a token for somebody else."""


def address(path: str) -> str:
    """An address of a route; below /v1/viewers, one of the viewer OWN."""
    viewer = path.replace("/v1/viewers/{id}", f"/v1/viewers/{OWN}")
    return viewer.replace("{id}", "no-such")


def callers(api) -> dict[str | None, dict[str, str]]:
    """Headers of everybody there is: each role, the viewer of the address, another one, and nobody."""
    keys = {role: api.headers(role) for role in ROLES}
    return {**keys, "viewer": api.as_viewer(OWN), "another viewer": api.as_viewer(OTHER), None: {}}


def test_every_route_is_known_here(api) -> None:
    found = {
        (method, re.sub(r"\{[^}]+\}", "{id}", route.path))
        for route in api.client.app.routes
        # What is no HTTP has no methods, and is known to nobody here.
        for method in getattr(route, "methods", ["no HTTP"])
        if method != "OPTIONS"
    }
    assert found == set(ROUTES) | {("GET", path) for path in OPEN}


@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
def test_a_route_answers_whom_it_is_for_and_nobody_else(api, method: str, path: str) -> None:
    for caller, headers in callers(api).items():
        response = api.client.request(method, address(path), headers=headers, json={})
        if caller is None:
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
        elif caller == "admin" or caller in ROUTES[method, path]:
            assert response.status_code not in (401, 403), caller
        else:
            assert response.status_code == 403, caller
        assert response.status_code < 500, caller


@pytest.mark.parametrize(
    ("method", "path"), sorted(route for route in ROUTES if "viewers" in route[1])
)
def test_a_viewer_may_be_called_me_where_a_token_says_who_that_is(
    api, method: str, path: str
) -> None:
    me = path.replace("/v1/viewers/{id}", "/v1/viewers/me").replace("{id}", "no-such")
    own = api.client.request(method, me, headers=api.as_viewer(OWN), json={})
    assert (own.status_code == 403) == ("viewer" not in ROUTES[method, path])
    body = BODIES.get(path, {})
    app = api.client.request(method, me, headers=api.headers("admin"), json=body)
    assert app.status_code == 400
    assert "viewer_id" in app.text


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES} | OPEN))
def test_no_other_method_opens_a_route(api, path: str) -> None:
    served = {method for method, route in ROUTES if route == path} | (
        {"GET"} if path in OPEN else set()
    )
    others = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FETCH", "get"}
    for method in sorted(others - served - {"get" if "GET" in served else ""}):
        for headers in callers(api).values():
            response = api.client.request(method, address(path), headers=headers)
            assert response.status_code in (401, 403, 404, 405), (method, response.status_code)


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES} | OPEN))
def test_no_route_takes_a_websocket(api, path: str) -> None:
    for headers in callers(api).values():
        with (
            pytest.raises((WebSocketDisconnect, WebSocketException)),
            api.client.websocket_connect(address(path), headers=headers),
        ):
            pass


def test_a_wrong_key_is_no_key(api) -> None:
    for header in ("Bearer gs_xxxxxxxx_" + "A" * 43, "Bearer ", "Basic abc", "gs_x"):
        response = api.client.get("/v1/titles", headers={"Authorization": header})
        assert response.status_code == 401
        assert response.json()["type"] == "urn:genservice:problem:unauthenticated"


def test_what_is_open_is_open(api) -> None:
    for path in OPEN:
        assert api.client.get(path).status_code == 200
    ready = api.client.get("/health/ready").json()
    assert (ready["status"], ready["problems"]) == ("ok", [])


def test_an_unknown_address_and_a_wrong_method_are_problems(api) -> None:
    assert api.client.get("/nowhere").json()["type"] == "urn:genservice:problem:not-found"
    assert api.client.get("/v1/promos", headers=api.headers()).status_code == 405


def test_a_wrong_method_says_which_are_served(api) -> None:
    response = api.client.get("/v1/promos", headers=api.headers())
    assert response.json()["type"] == "urn:genservice:problem:method-not-allowed"
    assert {method.strip() for method in response.headers["allow"].split(",")} == {
        "POST",
        "OPTIONS",
    }


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES}))
def test_options_wants_a_key_or_that_viewers_token_and_says_which_methods_are_served(
    api, path: str
) -> None:
    for caller, headers in callers(api).items():
        response = api.client.options(address(path), headers=headers)
        if caller is None:
            assert response.status_code == 401
        elif caller in ROLES or (caller == "viewer" and "viewers" in path):
            if path == "/schema/{id}":
                continue
            assert response.status_code == 204
            served = {method for method, route in ROUTES if route == path}
            assert served | {"OPTIONS"} == set(response.headers["allow"].split(", "))
        else:
            assert response.status_code == 403, caller


def test_an_address_below_the_schema_that_holds_none_is_a_problem(api) -> None:
    response = api.client.get("/schema/swagger", headers=api.headers())
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:genservice:problem:not-found"
