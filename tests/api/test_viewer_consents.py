"""Consents are recorded and never changed; withdrawing is as easy as giving, and each act is on record."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.api.viewing import GIVEN, Viewer

CANARY = "Zebedee-Quillfeather-0417"


@pytest.fixture
def viewer(api) -> Viewer:
    return Viewer(api)


def test_what_was_agreed_to_stands_with_where_how_and_which_wording(viewer) -> None:
    act = {
        "consent": "content_profile",
        "action": "given",
        "source": "sign-up",
        "text_version": "2026-11",
        "language": "de",
        "region": "DE-BE",
        "method": "toggle",
    }
    answer = viewer.ask("POST", "/consents", {"acts": [act]})
    assert answer.status_code == 201
    (recorded,) = answer.json()["recorded"]
    assert recorded.pop("at")
    assert recorded == {
        **act,
        "number": 1,
        "label": "Build a profile to personalise content",
        "tcf": 5,
    }
    page = viewer.get("/consents")
    assert page["standing"] == ["content_profile"]
    assert page["items"] == answer.json()["recorded"]


def test_acts_are_only_ever_added_and_the_last_one_of_each_consent_counts(viewer) -> None:
    viewer.agree("content_profile", "content_use")
    viewer.ask(
        "POST",
        "/consents",
        {"acts": [{"consent": "content_use", **GIVEN, "action": "withdrawn"}]},
    )
    viewer.agree("store")
    page = viewer.get("/consents")
    assert page["standing"] == ["content_profile", "store"]
    assert [(item["number"], item["consent"], item["action"]) for item in page["items"]] == [
        (4, "store", "given"),
        (3, "content_use", "withdrawn"),
        (2, "content_use", "given"),
        (1, "content_profile", "given"),
    ]


def test_withdrawing_wants_no_more_than_the_name_and_records_the_wording_agreed_to(viewer) -> None:
    viewer.agree("content_profile", "content_use")
    answer = viewer.ask("POST", "/consents/withdraw", {"consents": ["content_use"]})
    assert answer.status_code == 201
    (recorded,) = answer.json()["recorded"]
    assert (recorded["action"], recorded["text_version"]) == ("withdrawn", "2026-11")
    assert answer.json()["standing"] == viewer.get("/consents")["standing"] == ["content_profile"]


def test_without_names_all_that_stand_are_withdrawn_and_a_second_time_nothing_is(viewer) -> None:
    viewer.agree("content_profile", "content_use", "store")
    viewer.ask("POST", "/consents/withdraw", {"consents": ["store"]})
    first = viewer.ask("POST", "/consents/withdraw", {"source": "settings", "method": "button"})
    assert [(act["consent"], act["source"]) for act in first.json()["recorded"]] == [
        ("content_profile", "settings"),
        ("content_use", "settings"),
    ]
    again = viewer.ask("POST", "/consents/withdraw", {})
    assert again.json() == {"standing": [], "recorded": []}
    assert len(viewer.get("/consents")["items"]) == 6


def test_a_withdrawal_of_what_was_never_given_is_on_record_too(viewer) -> None:
    answer = viewer.ask("POST", "/consents/withdraw", {"consents": ["ads_use"]})
    (recorded,) = answer.json()["recorded"]
    assert (recorded["consent"], recorded["text_version"]) == ("ads_use", "unknown")


def test_the_record_is_paged_from_the_last_act_to_the_first(viewer) -> None:
    viewer.agree(*["content_profile"] * 7)
    numbers: list[int] = []
    cursor = ""
    while True:
        page = viewer.get(f"/consents?limit=3{cursor}")
        numbers += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert numbers == [7, 6, 5, 4, 3, 2, 1]


class Wrong(NamedTuple):
    id: str
    path: str
    body: Any
    pointer: str
    detail: str


def acts(**changes: Any) -> Any:
    return {"acts": [{"consent": "content_use", **GIVEN}, {"consent": "store", **GIVEN, **changes}]}


WRONG = (
    Wrong("undeclared", "/consents", acts(consent="marketing"), "#/acts/1/consent", "not a declared consent"),
    Wrong("no name", "/consents", acts(consent=CANARY), "#/acts/1/consent", "not of the form allowed here"),
    Wrong("neither given nor withdrawn", "/consents", acts(action=CANARY), "#/acts/1/action", "not one of the values allowed here"),
    Wrong("a sentence as source", "/consents", acts(source=f"by {CANARY}"), "#/acts/1/source", "not of the form allowed here"),
    Wrong("a wording without a version", "/consents", acts(text_version=""), "#/acts/1/text_version", "not of the form allowed here"),
    Wrong("no region", "/consents", acts(region=CANARY), "#/acts/1/region", "not a region"),
    Wrong("no language", "/consents", acts(language=f"{CANARY}!"), "#/acts/1/language", "not of the form allowed here"),
    Wrong("a time of the caller's own", "/consents", acts(at="2020-01-01T00:00:00Z"), "#/acts/1/at", "an unknown field"),
    Wrong("no acts", "/consents", {"acts": []}, "#/acts", "Expected `array` of length >= 1"),
    Wrong("too many", "/consents", {"acts": [{"consent": "store", **GIVEN}] * 65}, "#/acts", "Expected `array` of length <= 64"),
    Wrong("withdrawn, undeclared", "/consents/withdraw", {"consents": ["store", "marketing"]}, "#/consents/1", "not a declared consent"),
    Wrong("withdrawn, none", "/consents/withdraw", {"consents": []}, "#/consents", "Expected `array` of length >= 1"),
    Wrong("empty region", "/consents", acts(region=""), "#/acts/1/region", "not a region"),
    Wrong("withdrawn, empty region", "/consents/withdraw", {"region": ""}, "#/region", "not a region"),
    Wrong("withdrawn, no region", "/consents/withdraw", {"region": CANARY}, "#/region", "not a region"),
)  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_what_cannot_be_recorded_is_refused_by_pointer_without_its_value(
    viewer, wrong: Wrong
) -> None:
    viewer.agree("content_profile")
    answer = viewer.ask("POST", wrong.path, wrong.body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == wrong.pointer
    assert error["detail"].startswith(wrong.detail)
    assert CANARY not in answer.text
    assert len(viewer.get("/consents")["items"]) == 1


@pytest.mark.parametrize("cursor", ["-1", "x", "1.5", "\u0664", "9" * 40])
@pytest.mark.parametrize("path", ["/consents", "/explanations"])
def test_a_cursor_that_is_none_of_ours_is_refused(viewer, path: str, cursor: str) -> None:
    answer = viewer.ask("GET", f"{path}?cursor={cursor}")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"detail": "not a cursor", "pointer": "#/cursor"}]
