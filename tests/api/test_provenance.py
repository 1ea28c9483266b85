"""Names and identifiers over HTTP: whose they are decides whether they stay."""

from __future__ import annotations

import json

import msgspec
import pytest

from genservice.generation.scripted import plain_text
from tests.api.conftest import order
from tests.injections import TITLE

CRIME = {"genre_affinity": ["crime"]}
SHARED = TITLE.credits[0].name
NOTES = (
    f"For {SHARED}, who asked.",
    "For Emma Thornbury of 14 Mill Road, emma.thornbury@example.org, +44 20 7946 0958.",
    "my daughter Priya Raghunathan turns 9 on 12 March",
)


@pytest.fixture
def saying(api):
    """Sets what the model says, for one test."""

    def set_to(text: str) -> None:
        api.model._say = lambda request, seed: text

    yield set_to
    api.model._say = plain_text


def inline(api, **changes):
    body = order(CRIME, title=msgspec.to_builtins(TITLE), **changes)
    del body["title_id"]
    return api.post("/v1/promos", body)


@pytest.mark.parametrize("note", NOTES)
def test_a_shared_name_is_served_out_of_its_slot_whatever_the_note_says(api, saying, note) -> None:
    saying("[TITLE]: a [GENRE] with [LEAD].")
    (blurb,) = inline(api, note=note).json()["blurbs"]
    assert (blurb["source"], SHARED in blurb["text"]) == ("written", True)
    span = next(span for span in blurb["spans"] if span["fact"] == "/credits/0/name")
    assert blurb["text"][slice(*span["at"])] == SHARED


@pytest.mark.parametrize(
    "said", [SHARED, SHARED.upper(), "Imre  Vale", "Imre V\u0430le", "elaV ermI"]
)
def test_the_same_name_in_a_raw_text_brings_the_twin(api, saying, said) -> None:
    saying(f"[TITLE]: a [GENRE] with {said}.")
    (blurb,) = inline(api, note=NOTES[0]).json()["blurbs"]
    assert blurb["source"] in {"twin", "editorial"}
    assert said not in blurb["text"]


@pytest.mark.parametrize("note", NOTES)
def test_a_dry_run_and_a_receipt_tell_of_a_note_what_was_taken_out_and_never_what_it_was(
    api, note
) -> None:
    shown = inline(api, note=note, dry_run=True)
    answer = inline(api, note=note)
    removed = answer.json()["receipt"]["statement"]["screened"]["prompt"]
    assert removed.keys() & {"PERSON", "FAMILY"}
    for secret in ("Vale", "Emma", "Thornbury", "Priya", "Raghunathan", "7946", "example.org"):
        assert secret not in answer.text.replace(SHARED, "")
        assert secret not in json.dumps(shown.json()["prompt"])


def test_an_import_tells_of_identifiers_in_free_text_keeps_them_out_and_keeps_names(api) -> None:
    record = {
        "id": "import-provenance",
        "kind": "film",
        "name": "Emma Thornbury",
        "language": "en",
        "genres": ["drama"],
        "credits": [{"name": "Priya Raghunathan", "job": "actor", "billing": 1}],
        "description": "Priya Raghunathan answers 020 7946 0958 at night.",
        "logline": "A lock-keeper opens the gate that took a brother.",
        "copy": {"avoid": ["gritty", "jo.lindqvist@example.org"]},
    }
    raw = json.dumps(record)
    response = api.client.post("/v1/titles/import?format=jsonl", content=raw, headers=api.headers())
    warned = {(warning["pointer"], warning["detail"]) for warning in response.json()["warnings"]}
    assert ("/description", "looks like an identifier: PHONE_NUMBER") in warned
    assert ("/copy/avoid/1", "looks like an identifier: EMAIL_ADDRESS") in warned
    assert not [detail for _, detail in warned if "PERSON" in detail]
    assert "7946" not in response.text
    try:
        shown = api.promo(title_id="import-provenance", dry_run=True).json()
        slots = {slot["text"] for slot in shown["brief"]["slots"]}
        assert {"Emma Thornbury", "Priya Raghunathan"} <= slots
        said = json.dumps([shown["brief"], shown["prompt"]])
        assert "gritty" in said
        assert "7946" not in said
        assert "lindqvist" not in said
        (blurb,) = api.promo(title_id="import-provenance").json()["blurbs"]
        assert "7946" not in blurb["text"]
    finally:
        deleted = api.client.delete("/v1/titles/import-provenance", headers=api.headers())
        assert deleted.status_code == 204
