"""Why a viewer was shown a text is told for every text they were shown, and for no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import order
from tests.api.viewing import Viewer


@pytest.fixture
def viewer(api) -> Viewer:
    return Viewer(api)


def test_a_text_that_a_signal_shaped_is_told_with_the_signal_its_value_and_why(viewer) -> None:
    shown = viewer.be_shown({"genre_affinity": ["crime"]})
    (blurb,) = shown["blurbs"]
    assert blurb["personalised"]
    why = viewer.get(f"/explanations/{blurb['id']}")
    assert why["title"] == {"id": "double-indemnity", "name": "Double Indemnity"}
    assert why["receipt"] == shown["receipt"]["id"]
    assert why["blurbs"] == [blurb["id"]]
    assert why["said"] == "It was shaped by: Genres you like (crime)."
    (used,) = why["explanation"]["used"]
    assert (used["label"], used["value"]) == ("Genres you like", ["crime"])
    assert "content_use" not in used["said"]


def test_a_text_about_which_nothing_was_used_is_told_too_and_every_signal_with_its_why(
    viewer,
) -> None:
    shown = viewer.be_shown({"location": {"country": "DE", "city": "Kiel"}})
    why = viewer.get(f"/explanations/{shown['blurbs'][0]['id']}")
    assert why["said"] == "Nothing that is known of you shaped it."
    assert why["explanation"]["used"] == []
    listed = [*why["explanation"]["not_needed"], *why["explanation"]["not_used"]]
    assert len(listed) == len(shown["receipt"]["statement"]["decisions"])
    assert all(item["said"] for item in listed)
    assert "Kiel" not in str(why)


def test_it_is_told_by_the_id_of_the_receipt_as_well(viewer) -> None:
    shown = viewer.be_shown({"genre_affinity": ["crime"]})
    by_receipt = viewer.get(f"/explanations/{shown['receipt']['id']}")
    assert by_receipt == viewer.get(f"/explanations/{shown['blurbs'][0]['id']}")


def test_it_is_told_as_a_text_to_who_asks_for_one(viewer) -> None:
    shown = viewer.be_shown({"genre_affinity": ["crime"]})
    path = f"/explanations/{shown['blurbs'][0]['id']}"
    answer = viewer.ask("GET", path, Accept="text/plain")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("Shown to you on ")
    assert "The promo of Double Indemnity" in answer.text
    assert "- Genres you like: used" in answer.text
    assert viewer.ask("GET", path, Accept="image/png").status_code == 406


def test_what_was_shown_is_listed_from_the_last_to_the_first_page_by_page(viewer) -> None:
    tones = ("plain", "warm", "tense", "dry", "playful")
    shown = [viewer.be_shown({"genre_affinity": ["crime"]}, tone=tone) for tone in tones]
    listed: list[str] = []
    cursor = ""
    while True:
        page = viewer.get(f"/explanations?limit=2{cursor}")
        listed += [item["receipt"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert listed == [each["receipt"]["id"] for each in reversed(shown)]


def test_a_listed_item_says_what_about_what_for_and_what_shaped_it(viewer) -> None:
    shown = viewer.be_shown({"genre_affinity": ["crime"]})
    (item,) = viewer.get("/explanations")["items"]
    assert item.pop("at")
    assert item == {
        "receipt": shown["receipt"]["id"],
        "blurbs": [shown["blurbs"][0]["id"]],
        "title": {"id": "double-indemnity", "name": "Double Indemnity"},
        "purpose": "promo",
        "used": [
            {
                "signal": "genre_affinity",
                "label": "Genres you like",
                "outcome": "released",
                "level": None,
                "value": ["crime"],
            }
        ],
        "said": "It was shaped by: Genres you like (crime).",
    }


def test_what_the_path_served_is_explained_and_so_is_what_the_viewer_changed_about_it(
    viewer, api
) -> None:
    def promo() -> Any:
        body = order(tone="tense")
        answer = api.post("/v1/promos", {**body, "audience": {"viewer": viewer.id}}, role="app")
        assert answer.status_code == 200, answer.text
        return viewer.get(f"/explanations/{answer.json()['receipt']['id']}")

    viewer.tell({"genre_affinity": ["crime"]})
    assert promo()["said"] == "Nothing that is known of you shaped it."
    viewer.agree("content_profile", "content_use")
    assert promo()["said"] == "It was shaped by: Genres you like (crime)."
    viewer.ask("PUT", "/controls", {"signals_off": ["genre_affinity"]})
    off = promo()
    assert off["said"] == "Nothing that is known of you shaped it."
    said = {item["signal"]: item["said"] for item in off["explanation"]["not_used"]}
    assert said["genre_affinity"] == "Genres you like: not used. You switched this off."
    viewer.ask("PUT", "/controls", {})
    viewer.ask("PUT", "/objections/promo")
    assert "You objected" in str(promo()["explanation"]["not_used"])
    viewer.ask("DELETE", "/objections/promo")
    viewer.ask("POST", "/consents/withdraw", {})
    assert promo()["explanation"]["used"] == []
    assert len(viewer.get("/explanations")["items"]) == 5


def test_what_somebody_else_was_shown_is_nothing_to_this_viewer(viewer, api) -> None:
    other = Viewer(api)
    shown = other.be_shown({"genre_affinity": ["crime"]})
    viewer.be_shown({"mood_affinity": ["tense"]})
    for shown_id in (shown["blurbs"][0]["id"], shown["receipt"]["id"], "b-0", "no-such"):
        answer = viewer.ask("GET", f"/explanations/{shown_id}")
        assert answer.status_code == 404
        assert shown_id not in answer.text


def test_after_an_erasure_the_receipt_verifies_but_says_nothing_of_whom_it_was_shown_to(
    viewer, api
) -> None:
    shown = viewer.be_shown({"genre_affinity": ["crime"]})
    viewer.ask("DELETE")
    assert viewer.ask("GET", f"/explanations/{shown['blurbs'][0]['id']}").status_code == 404
    receipt = api.get(f"/v1/receipts/{shown['receipt']['id']}").json()
    assert api.post("/v1/receipts/verify", {"receipt": receipt}).json()["valid"]
    assert viewer.id not in str(receipt)
