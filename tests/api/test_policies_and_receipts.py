"""Policies and receipts over HTTP."""

from __future__ import annotations

import json

import pytest

from genservice.receipts import read_keys, verify
from tests.api.conftest import order

CONTEXT = order()["context"]


def test_the_set_in_force_is_shown_with_its_reasons(api) -> None:
    shown = api.get("/v1/policies").json()
    assert shown["version"].startswith("sha256:")
    assert len(shown["signals"]) >= 20
    assert all(rule["why"] and rule["file"] and rule["line"] for rule in shown["rules"])


def test_the_answer_names_the_version_in_force(api) -> None:
    version = api.get("/v1/policies").json()["version"]
    assert api.promo().json()["receipt"]["statement"]["policy"] == version
    (item,) = api.get("/v1/policies/versions").json()["items"]
    assert (item["version"], item["state"]) == (version, "in_force")


def test_explain_answers_what_a_receipt_states(api) -> None:
    explained = api.post(
        "/v1/policies/explain", {"purpose": "promo", "context": CONTEXT}, role="policy_owner"
    )
    stated = api.promo().json()["receipt"]["statement"]
    told = explained.json()
    assert (told["policy"], told["decisions"]) == (stated["policy"], stated["decisions"])


def test_a_broken_draft_is_refused_with_file_line_and_column(api) -> None:
    draft = "rules:\n  - id: x\n    why: y\n    signals: [genre_afinity]\n    decision: allow\n"
    response = api.post(
        "/v1/policies/validate", {"files": {"base.yaml": draft}}, role="policy_owner"
    )
    assert response.status_code == 400
    error = next(error for error in response.json()["errors"] if error["line"] == 4)
    assert (error["file"], error["column"]) == ("base.yaml", 15)
    assert "genre_affinity" in error["hint"]
    assert error["excerpt"].splitlines() == [
        "  4 |     signals: [genre_afinity]",
        "    |               ^^^^^^^^^^^^^",
    ]


def test_a_draft_that_undoes_allows_of_the_set_is_noted_naming_both_places(api) -> None:
    more = "rules:\n  - {id: never, why: Never., signals: [genre_affinity], decision: withhold}\n"
    response = api.post(
        "/v1/policies/validate", {"files": {"more.yaml": more}}, role="policy_owner"
    )
    assert response.status_code == 200
    note = next(note for note in response.json()["notes"] if "can never" in note["detail"])
    assert "'never' (more.yaml:2:5) withholds it" in note["detail"]
    assert note["file"] != "more.yaml"
    assert note["related"][0]["file"] == "more.yaml"


def test_what_changes_nothing_is_noted_and_not_refused(api) -> None:
    more = "rules:\n  - {id: again, why: Again., when: {gpc: true}, signals: [history], decision: withhold}\n"
    answer = api.post("/v1/policies/validate", {"files": {"more.yaml": more}}, role="policy_owner")
    (note,) = answer.json()["notes"]
    assert note["file"] == "more.yaml"
    assert "'global-privacy-control'" in note["detail"]


def test_a_valid_draft_tells_its_version_and_changes_nothing(api) -> None:
    before = api.get("/v1/policies").json()["version"]
    more = "rules:\n  - {id: less, why: Less., when: {channel: email}, signals: [genre_affinity], decision: withhold}\n"
    answer = api.post(
        "/v1/policies/validate", {"files": {"more.yaml": more}}, role="policy_owner"
    ).json()
    assert answer["version"] != before
    assert answer["notes"] == []
    assert api.get("/v1/policies").json()["version"] == before


@pytest.mark.parametrize("action", ["activate", "rollback"])
def test_where_files_rule_http_does_not(api, action) -> None:
    response = api.post(f"/v1/policies/{action}", {}, role="policy_owner")
    assert response.status_code == 409


def test_a_receipt_verifies_and_an_altered_one_says_why_not(api) -> None:
    answer = api.promo({"genre_affinity": ["crime"]}).json()
    receipt, text = answer["receipt"], answer["blurbs"][0]["text"]

    def verify(receipt, text=None):
        return api.post(
            "/v1/receipts/verify", {"receipt": receipt, **({"text": text} if text else {})}
        ).json()

    assert verify(receipt, text) == {"valid": True, "reason": None}
    assert verify(receipt, "Another text.") == {"valid": False, "reason": "text_not_covered"}
    altered = {**receipt, "statement": {**receipt["statement"], "used": []}}
    assert verify(altered) == {"valid": False, "reason": "statement_altered"}
    assert verify({"id": "x"}) == {"valid": False, "reason": "not_a_receipt"}


@pytest.mark.parametrize(
    ("part", "doubled", "pointer"),
    [
        ('"attempts":', '"attempts": 9, "attempts":', "#/receipt/statement"),
        ('"statement":', '"statement": {}, "statement":', "#/receipt"),
        ('"receipt":', '"receipt": {}, "receipt":', "#"),
    ],
    ids=["in the statement", "the statement", "the receipt"],
)
def test_a_receipt_that_says_two_things_is_refused(api, part, doubled, pointer) -> None:
    body = json.dumps({"receipt": api.promo().json()["receipt"]})
    assert body.count(part) == 1

    def verify(body):
        headers = {**api.headers(), "Content-Type": "application/json"}
        return api.client.post("/v1/receipts/verify", content=body, headers=headers)

    assert verify(body).json() == {"valid": True, "reason": None}
    refused = verify(body.replace(part, doubled))
    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"detail": "a key stands twice", "pointer": pointer}]


def test_an_unknown_receipt_is_a_404(api) -> None:
    assert api.get("/v1/receipts/r-nothing").status_code == 404


def test_public_keys_verify_receipts_without_the_service(api) -> None:
    keys = read_keys(api.client.get("/.well-known/genservice-keys.json").content, file="keys")
    receipt = api.promo().json()["receipt"]
    assert verify(json.dumps(receipt).encode(), keys).valid


def test_the_openapi_document_shows_every_route_and_examples(api) -> None:
    document = api.get("/schema/openapi.json").json()
    promos = document["paths"]["/v1/promos"]["post"]
    assert promos["operationId"] == "write_promos"
    assert "crime" in str(promos["requestBody"]["content"]["application/json"]["examples"])
