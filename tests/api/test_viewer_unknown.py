"""No route tells whether a viewer is known: every answer about nobody is shaped like one about somebody."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.api.viewing import GIVEN, Viewer


class Asked(NamedTuple):
    method: str
    path: str
    body: Any = None


EVERYTHING = (
    Asked("GET", "/signals"),
    Asked("PUT", "/signals", {"signals": {"age": 41}}),
    Asked("PATCH", "/signals", {"signals": {"age": 41, "household": None}}),
    Asked("DELETE", "/signals"),
    Asked("GET", "/signals/{signal}"),
    Asked("PUT", "/signals/{signal}", {"value": 42}),
    Asked("DELETE", "/signals/{signal}"),
    Asked("GET", "/consents"),
    Asked("POST", "/consents", {"acts": [{"consent": "store", **GIVEN}]}),
    Asked("POST", "/consents/withdraw", {"consents": ["store"]}),
    Asked("GET", "/controls"),
    Asked("PUT", "/controls", {"level": "off"}),
    Asked("GET", "/objections"),
    Asked("PUT", "/objections/{purpose}"),
    Asked("DELETE", "/objections/{purpose}"),
    Asked("GET", "/explanations"),
    Asked("GET", "/explanations/{shown_id}"),
    Asked("GET", "/export"),
    Asked("DELETE", ""),
    Asked("POST", "/tokens", {}),
)
FILLED = {"{signal}": "age", "{purpose}": "promo", "{shown_id}": "b-0"}
WRONG = (
    Asked("PUT", "/signals", {"signals": {"shoe_size": 43}}),
    Asked("PATCH", "/signals", {"signals": {"gender": "x"}}),
    Asked("PUT", "/signals/age", {"value": "x"}),
    Asked("POST", "/consents", {"acts": [{"consent": "marketing", **GIVEN}]}),
    Asked("POST", "/consents/withdraw", {"consents": ["marketing"]}),
    Asked("PUT", "/controls", {"signals_off": ["shoe_size"]}),
    Asked("GET", "/consents?cursor=x"),
    Asked("GET", "/explanations?limit=0"),
    Asked("GET", "/export?x=y"),
    Asked("PATCH", "/controls", {}),
    Asked("POST", "/tokens", {"minutes": 0}),
)


def test_every_route_about_a_viewer_is_asked_here(api) -> None:
    prefix = "/v1/viewers/{viewer_id}"
    served = {
        (method, route.path_format.removeprefix(prefix))
        for route in api.client.app.routes
        if route.path_format.startswith(prefix)
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }
    assert served == {(asked.method, asked.path) for asked in EVERYTHING}


def shape(value: Any) -> Any:
    """What of an answer does not say what is held: its fields and the kinds of their values."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return "list"
    return type(value).__name__


def seen(answer: Any) -> tuple[Any, ...]:
    kind = answer.headers.get("content-type")
    body = shape(answer.json()) if kind and "json" in kind else answer.text
    return answer.status_code, sorted(answer.headers), kind, body


@pytest.fixture
def known(api) -> Viewer:
    """Something of every kind is held, though not what the questions are about."""
    viewer = Viewer(api)
    viewer.fill()
    return viewer


@pytest.mark.parametrize("asked", [*EVERYTHING, *WRONG], ids=str)
def test_nobody_and_somebody_are_answered_with_one_status_one_shape_and_the_same_headers(
    api, known: Viewer, asked: Asked
) -> None:
    path = asked.path
    for name, value in FILLED.items():
        path = path.replace(name, value)
    erased = Viewer(api)
    erased.fill()
    erased.ask("DELETE")
    answers = [
        viewer.ask(asked.method, path, asked.body) for viewer in (Viewer(api), erased, known)
    ]
    assert seen(answers[0]) == seen(answers[1]) == seen(answers[2])


@pytest.mark.parametrize("asked", [each for each in EVERYTHING if each.method == "GET"], ids=str)
def test_what_is_read_of_nobody_is_byte_for_byte_what_is_read_of_who_was_erased(
    api, asked: Asked
) -> None:
    path = asked.path
    for name, value in FILLED.items():
        path = path.replace(name, value)
    erased = Viewer(api)
    erased.fill()
    erased.ask("DELETE")
    told = [viewer.ask("GET", path).json() for viewer in (Viewer(api), erased)]
    for answer in told:
        for name in ("made_at", "viewer", "instance"):
            answer.pop(name, None)
    assert told[0] == told[1]


def test_reading_about_somebody_does_not_make_them_known(api) -> None:
    viewer = Viewer(api)
    for asked in EVERYTHING:
        if asked.method == "GET":
            viewer.ask("GET", asked.path.replace("{signal}", "age").replace("{shown_id}", "b-0"))
    viewer.ask("DELETE", "/signals")
    viewer.ask("DELETE", "/signals/age")
    viewer.ask("DELETE")
    erased = viewer.ask("DELETE").json()["confirmation"]["statement"]["erased"]
    assert set(erased.values()) == {0}


def test_the_page_of_nobody_is_served_with_the_headers_of_the_page_of_somebody(
    api, known: Viewer
) -> None:
    answers = [viewer.ask("GET", "/export", Accept="text/html") for viewer in (Viewer(api), known)]
    own = {"content-length", "x-request-id"}
    kept = [{(n, v) for n, v in answer.headers.items() if n not in own} for answer in answers]
    assert kept[0] == kept[1]
