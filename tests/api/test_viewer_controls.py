"""What a viewer switches and objects to is set whole, under If-Match if wanted, and only in declared words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from genservice.domain import PURPOSES
from tests.api.viewing import Viewer

CANARY = "zebedee_quillfeather"
UNSET = {
    "level": "full",
    "signals_off": [],
    "themes_left_out": [],
    "titles_left_out": [],
    "objections": [],
}


@pytest.fixture
def viewer(api) -> Viewer:
    return Viewer(api)


def test_controls_are_as_for_everybody_until_they_are_set_and_then_whole(viewer) -> None:
    unset = viewer.ask("GET", "/controls")
    assert (unset.json(), unset.headers["etag"]) == (UNSET, '"0"')
    sent = {
        "level": "context_only",
        "signals_off": ["watch_history", "location", "location"],
        "themes_left_out": ["war"],
        "titles_left_out": ["not-in-the-catalogue"],
    }
    answer = viewer.ask("PUT", "/controls", sent)
    assert answer.json() == {**UNSET, **sent, "signals_off": ["location", "watch_history"]}
    assert answer.headers["etag"] == '"1"'
    held = viewer.ask("GET", "/controls")
    assert (held.json(), held.headers["etag"]) == (answer.json(), '"1"')
    assert viewer.ask("PUT", "/controls", {}).json() == UNSET


def test_of_two_who_change_the_same_revision_one_is_told(viewer) -> None:
    assert (
        viewer.ask("PUT", "/controls", {"level": "off"}, **{"If-Match": '"0"'}).status_code == 200
    )
    late = viewer.ask("PUT", "/controls", {"level": "full"}, **{"If-Match": '"0"'})
    assert (late.status_code, late.json()["type"]) == (
        412,
        "urn:genservice:problem:precondition-failed",
    )
    assert viewer.get("/controls")["level"] == "off"
    for tag in ('"1"', '"7", "2"', "*"):
        changed = viewer.ask("PUT", "/controls", {"level": "off"}, **{"If-Match": tag})
        assert changed.status_code == 200


def test_an_objection_stands_in_the_controls_and_leaves_the_rest_of_them(viewer) -> None:
    viewer.ask("PUT", "/controls", {"signals_off": ["age"], "objections": ["promo"]})
    answer = viewer.ask("PUT", "/objections/advertising")
    assert answer.json() == viewer.get("/objections") == {"objections": ["advertising", "promo"]}
    assert viewer.get("/controls")["signals_off"] == ["age"]
    assert viewer.ask("DELETE", "/objections/promo").json() == {"objections": ["advertising"]}
    assert viewer.ask("DELETE", "/objections/promo").status_code == 200
    assert viewer.get("/controls")["objections"] == ["advertising"]


def test_an_objection_that_stands_already_changes_nothing_not_even_the_revision(viewer) -> None:
    viewer.ask("PUT", "/objections/promo")
    before = viewer.ask("GET", "/controls").headers["etag"]
    viewer.ask("PUT", "/objections/promo")
    assert viewer.ask("GET", "/controls").headers["etag"] == before


def test_objections_made_at_the_same_time_all_stand(viewer) -> None:
    with ThreadPoolExecutor(len(PURPOSES)) as pool:
        answers = list(pool.map(lambda p: viewer.ask("PUT", f"/objections/{p}"), PURPOSES))
    assert {answer.status_code for answer in answers} == {200}
    assert viewer.get("/objections")["objections"] == sorted(PURPOSES)


class Wrong(NamedTuple):
    id: str
    body: Any
    pointer: str
    detail: str


WRONG = (
    Wrong("no level", {"level": CANARY}, "#/level", "not one of the values allowed here"),
    Wrong("undeclared signal", {"signals_off": ["age", "shoe_size"]}, "#/signals_off/1", "not a declared signal"),
    Wrong("no signal's name", {"signals_off": [CANARY.upper()]}, "#/signals_off/0", "not of the form allowed here"),
    Wrong("no word", {"themes_left_out": ["war", CANARY]}, "#/themes_left_out/1", "not a theme, genre or mood of the vocabulary"),
    Wrong("a word of another family", {"themes_left_out": ["slow_burn"]}, "#/themes_left_out/0", "not a theme, genre or mood of the vocabulary"),
    Wrong("no title's id", {"titles_left_out": [CANARY]}, "#/titles_left_out/0", "not of the form allowed here"),
    Wrong("too many titles", {"titles_left_out": ["x"] * 1001}, "#/titles_left_out", "Expected `array` of length <= 1000"),
    Wrong("no purpose", {"objections": [CANARY]}, "#/objections/0", "not one of the values allowed here"),
    Wrong("an unknown field", {CANARY: True}, f"#/{CANARY}", "an unknown field"),
)  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_what_cannot_be_switched_is_refused_by_pointer_without_its_value(
    viewer, wrong: Wrong
) -> None:
    viewer.ask("PUT", "/controls", {"level": "off"})
    answer = viewer.ask("PUT", "/controls", wrong.body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["detail"]) == (wrong.pointer, wrong.detail)
    assert wrong.id == "an unknown field" or CANARY not in answer.text.lower()
    assert viewer.get("/controls")["level"] == "off"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_objection_to_what_is_no_purpose_is_refused(viewer, method: str) -> None:
    answer = viewer.ask(method, f"/objections/{CANARY}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/purpose"
    assert CANARY not in answer.text
