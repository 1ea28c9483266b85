"""No route answers without a key but those that are meant to; a route nobody listed fails here."""

from __future__ import annotations

import pytest

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
    ("POST", "/v1/policies/explain"): {"policy_owner", "privacy_officer", "editor"},
    ("POST", "/v1/policies/activate"): {"policy_owner"},
    ("POST", "/v1/policies/rollback"): {"policy_owner"},
    ("POST", "/v1/viewers/{id}/tokens"): {"app", "privacy_officer"},
    ("GET", "/schema"): set(ROLES),
    ("GET", "/schema/openapi.json"): set(ROLES),
    ("GET", "/schema/{id}"): set(ROLES),
}


def test_every_route_is_known_here(api) -> None:
    import re

    found = {
        (method, re.sub(r"\{[^}]+\}", "{id}", route.path))
        for route in api.client.app.routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }
    known = set(ROUTES) | {("GET", path) for path in OPEN}
    assert {(method, path) for method, path in found if method != "HEAD"} == known


@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
@pytest.mark.parametrize("role", [*ROLES, None])
def test_a_route_answers_its_roles_and_nobody_else(api, method: str, path: str, role) -> None:
    headers = {} if role is None else api.headers(role)
    response = api.client.request(method, path.replace("{id}", "no-such"), headers=headers, json={})
    if role is None:
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
    elif role == "admin" or role in ROUTES[method, path]:
        assert response.status_code not in (401, 403)
    else:
        assert response.status_code == 403


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
def test_options_wants_a_key_of_any_role_and_says_which_methods_are_served(api, path: str) -> None:
    address = path.replace("{id}", "no-such")
    assert api.client.options(address).status_code == 401
    if path == "/schema/{id}":
        return
    for role in ROLES:
        response = api.client.options(address, headers=api.headers(role))
        assert response.status_code == 204
        served = {method for method, route in ROUTES if route == path}
        assert served | {"OPTIONS"} == set(response.headers["allow"].split(", "))


def test_an_address_below_the_schema_that_holds_none_is_a_problem(api) -> None:
    response = api.client.get("/schema/swagger", headers=api.headers())
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:genservice:problem:not-found"
