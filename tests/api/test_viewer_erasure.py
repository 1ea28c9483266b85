"""An erasure takes everything, is confirmed by a signature, and nothing that is written beside it survives it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from genservice.confirmations import Confirmed, verify_confirmation
from genservice.receipts import KeySet
from tests.api.viewing import GIVEN, Viewer


@pytest.fixture
def viewer(api) -> Viewer:
    return Viewer(api)


def keys_of(api) -> KeySet:
    answer = api.client.get("/.well-known/genservice-keys.json")
    return msgspec.json.decode(answer.content, type=KeySet)


def nothing(viewer: Viewer) -> bool:
    export = viewer.get("/export")
    held = ("signals", "consents", "standing_consents", "shown")
    return not any(export[name] for name in held) and export["controls"]["level"] == "full"


def test_everything_is_taken_and_the_next_answers_are_those_about_nobody(viewer, api) -> None:
    viewer.fill()
    answer = viewer.ask("DELETE")
    assert answer.status_code == 200
    assert answer.json()["confirmation"]["statement"]["erased"] == {
        "signals": 2,
        "consents": 2,
        "controls": 1,
        "servings": 1,
    }
    assert nothing(viewer)
    assert viewer.ask("GET", "/controls").headers["etag"] == '"0"'
    nobody = Viewer(api)
    for path in ("/signals", "/consents", "/controls", "/objections", "/explanations"):
        assert viewer.get(path) == nobody.get(path)


def test_the_confirmation_verifies_with_the_published_keys_and_shows_whose_it_is(
    viewer, api
) -> None:
    viewer.fill()
    raw = viewer.ask("DELETE").content
    assert viewer.id.encode() not in raw
    keys = keys_of(api)
    assert verify_confirmation(raw, keys, viewer=viewer.id).valid
    assert verify_confirmation(raw, keys, viewer=f"{viewer.id}0").reason == "another_viewer"
    confirmation = msgspec.json.encode(msgspec.json.decode(raw, type=Confirmed).confirmation)
    assert verify_confirmation(confirmation, keys).valid


def test_a_second_erasure_is_confirmed_too_and_counts_nothing(viewer) -> None:
    viewer.fill()
    viewer.ask("DELETE")
    again = viewer.ask("DELETE")
    assert again.status_code == 200
    assert set(again.json()["confirmation"]["statement"]["erased"].values()) == {0}


def test_the_viewer_erases_with_a_token_and_a_privacy_officer_with_a_key(viewer, api) -> None:
    viewer.fill()
    assert viewer.come().ask("DELETE").status_code == 200
    assert nothing(viewer)
    viewer.fill()
    officer = api.client.delete(f"/v1/viewers/{viewer.id}", headers=api.headers("privacy_officer"))
    assert officer.status_code == 200
    assert nothing(viewer)


def test_somebody_elses_things_stay(viewer, api) -> None:
    other = Viewer(api)
    viewer.fill()
    other.fill()
    before = other.get("/export")
    viewer.ask("DELETE")
    after = other.get("/export")
    assert {**after, "made_at": before["made_at"]} == before


def test_after_an_erasure_everything_begins_anew(viewer) -> None:
    viewer.fill()
    viewer.ask("DELETE")
    viewer.agree("store")
    (act,) = viewer.get("/consents")["items"]
    assert act["number"] == 1
    assert viewer.ask("PUT", "/controls", {"level": "off"}).headers["etag"] == '"1"'


def test_writers_beside_an_erasure_are_answered_and_what_stays_came_after_it(viewer) -> None:
    erased = threading.Event()
    stop = threading.Event()
    began_after: set[int] = set()

    def write(first: int) -> list[int]:
        statuses: list[int] = []
        number = first
        while not stop.is_set():
            if erased.is_set():
                began_after.add(number)
            act = {"consent": "content_use", **GIVEN, "text_version": str(number)}
            answers = (
                viewer.ask("POST", "/consents", {"acts": [act]}),
                viewer.ask("PUT", "/signals/session_length", {"value": number % 1000}),
                viewer.ask("PUT", "/objections/promo"),
                viewer.ask("GET", "/export"),
            )
            statuses += [answer.status_code for answer in answers]
            number += 1
        return statuses

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, first) for first in (0, 100_000, 200_000)]
        for _ in range(5):
            erased.clear()
            began_after.clear()
            answer = viewer.ask("DELETE")
            erased.set()
            assert answer.status_code == 200
        stop.set()
        statuses = {status for writer in writers for status in writer.result()}
    # 409: an erasure came between; the writer is told, and nothing was written.
    assert statuses <= {200, 201, 409}
    left = {int(act["text_version"]) for act in viewer.get("/consents")["items"]}
    # Of each writer at most the one write that was under way may have begun before the answer.
    assert len(left - began_after) <= 3
    viewer.ask("DELETE")
    assert nothing(viewer)
