"""Signals of a viewer are seen, told, corrected and forgotten; nothing is held that may not be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from genservice.policy import load
from genservice.shipped import shipped
from tests.api.viewing import SIGNALS, Viewer

DECLARED = load(shipped("policies")).signals
NEVER_USED = "never used, so never kept"
CANARY = "Zebedee-Quillfeather-0417"


@pytest.fixture
def viewer(api) -> Viewer:
    return Viewer(api)


def held(viewer: Viewer) -> dict[str, Any]:
    return {item["name"]: item["value"] for item in viewer.get("/signals")["items"]}


def test_what_an_app_told_is_seen_with_its_label_and_when_it_is_forgotten(viewer) -> None:
    assert viewer.tell({"genre_affinity": ["crime"]}).status_code == 200
    (item,) = viewer.get("/signals")["items"]
    days = next(signal for signal in DECLARED if signal.name == "genre_affinity").keep_days
    at, until = (datetime.fromisoformat(item.pop(name)) for name in ("at", "expires_at"))
    assert until - at == timedelta(days=days)
    assert item == {
        "name": "genre_affinity",
        "label": "Genres you like",
        "value": ["crime"],
        "source": "app",
        "data": "user.demographic.profile",
        "sensitivity": "medium",
    }


def test_put_leaves_only_what_it_names_and_patch_what_it_does_not_name(viewer) -> None:
    viewer.tell(SIGNALS)
    changed = viewer.ask("PATCH", "/signals", {"signals": {"pace_preference": "slow_burn"}})
    assert held(viewer) == {**SIGNALS, "pace_preference": "slow_burn"}
    assert changed.json() == viewer.get("/signals")
    viewer.ask("PATCH", "/signals", {"signals": {"watch_history": None, "age": 41}})
    assert held(viewer) == {"age": 41, "genre_affinity": ["crime"], "pace_preference": "slow_burn"}
    replaced = viewer.ask("PUT", "/signals", {"signals": {"age": 42}})
    assert held(viewer) == {"age": 42}
    assert replaced.json() == viewer.get("/signals")
    assert viewer.ask("PUT", "/signals", {"signals": {}}).json() == {"items": [], "next": None}


def test_one_signal_is_told_corrected_and_forgotten_by_its_name(viewer) -> None:
    assert viewer.get("/signals/age") == {"name": "age", "held": None}
    told = viewer.ask("PUT", "/signals/age", {"value": 40})
    assert told.json()["held"]["value"] == 40
    viewer.ask("PUT", "/signals/age", {"value": 41})
    assert viewer.get("/signals/age")["held"]["value"] == 41
    assert viewer.ask("DELETE", "/signals/age").status_code == 204
    assert viewer.get("/signals/age")["held"] is None
    assert viewer.ask("DELETE", "/signals/age").status_code == 204


def test_all_signals_are_forgotten_and_nothing_else_is(viewer) -> None:
    viewer.fill()
    assert viewer.ask("DELETE", "/signals").status_code == 204
    assert held(viewer) == {}
    assert viewer.get("/consents")["standing"] == ["content_profile", "content_use"]
    assert viewer.get("/controls")["signals_off"] == ["location"]
    assert len(viewer.get("/explanations")["items"]) == 1


def test_the_viewer_corrects_with_a_token_and_is_named_as_who_told(viewer, api) -> None:
    viewer.tell({"genre_affinity": ["crime"], "age": 30})
    themselves = viewer.come()
    assert themselves.ask("PUT", "/signals/age", {"value": 31}).status_code == 200
    me = Viewer(api, "me")
    me._headers = themselves._headers
    told = {item["name"]: item["source"] for item in me.get("/signals")["items"]}
    assert told == {"age": "viewer", "genre_affinity": "app"}
    other = Viewer(api)
    other._headers = themselves._headers
    assert other.ask("GET", "/signals").status_code == 403


FITTING = {
    "title_ids": ["double-indemnity"],
    "person_ids": ["nm0000007"],
    "number": 7,
    "place": {"country": "DE", "city": "Kiel"},
    "times": ["22:40"],
    "text": "films about the sea",
}
WORDS = {
    "theme_affinity": ["revenge"],
    "mood_affinity": ["tense"],
    "genre_affinity": ["crime"],
    "disliked_themes": ["war"],
    "pace_preference": "slow_burn",
}
TOO_MUCH = {
    "title_ids": lambda signal: ["x"] * (signal.max + 1),
    "person_ids": lambda signal: ["p" * 65],
    "number": lambda signal: signal.max + 1,
    "place": lambda signal: {"country": "DE", "city": "x" * 101},
    "times": lambda signal: ["22:40"] * (signal.max + 1),
    "text": lambda signal: "x" * (signal.max + 1),
    "term": lambda signal: CANARY,
    "terms": lambda signal: ["crime"] * (signal.max + 1),
}


def fitting(signal) -> Any:
    word = signal.terms[0] if signal.terms else None
    if signal.value == "term":
        return WORDS.get(signal.name, word)
    if signal.value == "terms":
        return WORDS.get(signal.name, [word])
    return FITTING[signal.value]


@pytest.mark.parametrize("signal", DECLARED, ids=lambda signal: signal.name)
def test_every_declared_signal_is_held_if_it_fits_and_refused_if_it_is_too_much(
    viewer, signal
) -> None:
    if signal.keep_days == 0:
        answer = viewer.ask("PUT", f"/signals/{signal.name}", {"value": ["x"]})
        assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (400, NEVER_USED)
        return
    value = fitting(signal)
    assert viewer.ask("PUT", f"/signals/{signal.name}", {"value": value}).status_code == 200
    assert held(viewer) == {signal.name: value}
    wrong = viewer.ask("PUT", f"/signals/{signal.name}", {"value": TOO_MUCH[signal.value](signal)})
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["pointer"] == "#/value"
    assert held(viewer) == {signal.name: value}


class Wrong(NamedTuple):
    id: str
    method: str
    path: str
    body: Any
    pointer: str
    detail: str


WRONG = (
    Wrong("undeclared", "PATCH", "/signals", {"signals": {"shoe_size": 43}}, "#/signals/shoe_size", "not a declared signal"),
    Wrong("undeclared, alone", "PUT", "/signals/shoe_size", {"value": CANARY}, "#/value", "not a declared signal"),
    Wrong("never used", "PUT", "/signals", {"signals": {"gender": "female"}}, "#/signals/gender", NEVER_USED),
    Wrong("never used, as null", "PUT", "/signals", {"signals": {"gender": None}}, "#/signals/gender", NEVER_USED),
    Wrong("of another kind", "PATCH", "/signals", {"signals": {"age": CANARY}}, "#/signals/age", "expected a whole number from 0 to 120"),
    Wrong("a word of no vocabulary", "PUT", "/signals/genre_affinity", {"value": [CANARY]}, "#/value", "expected a list of at most 20 words of its vocabulary"),
    Wrong("null where one is told", "PUT", "/signals/age", {"value": None}, "#/value", "expected a whole number from 0 to 120"),
    Wrong("half a character", "PUT", "/signals/search_terms", b'{"value": "\\ud800' + CANARY.encode() + b'"}', "#", "not JSON"),
    Wrong("a character that is not seen", "PUT", "/signals/search_terms", {"value": CANARY + "\u202e"}, "#/value", "a character that no text may hold"),
    Wrong("no signals", "PUT", "/signals", {}, "#/signals", "needed, and not there"),
    Wrong("an unknown field", "PUT", "/signals", {"signals": {}, "keep_days": 9}, "#/keep_days", "an unknown field"),
    Wrong("no name of a signal", "PATCH", "/signals", {"signals": {CANARY: 1}}, "#/signals", "not of the form allowed here"),
    Wrong("no name in the address", "GET", f"/signals/{CANARY}", None, "#/signal", "not of the form allowed here"),
    Wrong("no body", "PUT", "/signals", None, "#", "a JSON body is needed"),
)  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_what_may_not_be_held_is_refused_by_pointer_without_its_value(viewer, wrong: Wrong) -> None:
    viewer.tell(SIGNALS)
    answer = viewer.ask(wrong.method, wrong.path, wrong.body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["detail"]) == (wrong.pointer, wrong.detail)
    assert CANARY not in answer.text
    assert viewer.id not in answer.text
    assert held(viewer) == SIGNALS


def test_one_wrong_signal_among_several_changes_none_and_all_that_are_wrong_are_named(
    viewer,
) -> None:
    sent = {"age": 41, "shoe_size": 43, "gender": "female", "location": CANARY}
    answer = viewer.ask("PUT", "/signals", {"signals": sent})
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "#/signals/shoe_size", "#/signals/gender", "#/signals/location",
    }  # fmt: skip
    assert held(viewer) == {}


@pytest.mark.parametrize("name", ["", "a b", "x" * 129, "%F0%9F%8E%AC", "me", "a%0A", "a:b"])
def test_an_address_that_names_no_viewer_is_refused_without_saying_it(api, name: str) -> None:
    answer = (
        Viewer(api, name).ask("GET", "/signals")
        if name
        else Viewer(api, "%20").ask("GET", "/signals")
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/viewer_id"
    assert "x" * 129 not in answer.text
