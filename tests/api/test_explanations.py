"""Why: decisions explained over HTTP, and receipts in words."""

from __future__ import annotations

from tests.api.conftest import order

CONTEXT = order()["context"]
REFUSED = {**CONTEXT, "consents": []}


def explain(api, **body):
    return api.post("/v1/policies/explain", {"purpose": "promo", **body}, role="policy_owner")


def test_one_signal_is_explained_with_every_rule_its_why_and_its_place(api) -> None:
    answer = explain(api, context=CONTEXT, signal="watch_history").json()
    assert [item["signal"] for item in answer["decisions"]] == ["watch_history"]
    (told,) = answer["explanations"]
    assert (told["label"], told["outcome"], told["level"]) == (
        "Titles you watched", "coarsened", "genres",
    )  # fmt: skip
    assert {rule["rule"]: rule["decided"] for rule in told["rules"]} == {
        "history-with-consent": False,
        "history-as-genres": True,
    }
    assert all(rule["why"] and rule["place"]["line"] > 0 for rule in told["rules"])
    assert told["near"] == []


def test_what_nothing_allows_is_explained_by_what_would_allow_it(api) -> None:
    (told,) = explain(api, context=REFUSED, signal="genre_affinity").json()["explanations"]
    assert told["outcome"] == "withheld"
    nearest = told["near"][0]
    assert (nearest["rule"], nearest["place"]["file"]) == ("taste-with-consent", "eea.yaml")
    assert nearest["unmet"] == [
        {"key": "consents", "detail": "needs the consents content_profile and content_use"}
    ]


def test_without_a_signal_all_are_explained_in_the_order_of_the_decisions(api) -> None:
    answer = explain(api, context=CONTEXT).json()
    names = [item["signal"] for item in answer["decisions"]]
    assert names == [item["signal"] for item in answer["explanations"]]
    assert len(names) >= 20


def test_an_unknown_signal_is_refused_with_what_was_meant(api) -> None:
    response = explain(api, context=CONTEXT, signal="genre_afinity")
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error == {
        "pointer": "#/signal",
        "detail": "not a declared signal",
        "hint": "did you mean 'genre_affinity'?",
    }


def test_a_receipt_states_each_rule_that_accounts_for_a_decision_once(api) -> None:
    statement = api.promo({"genre_affinity": ["crime"]}).json()["receipt"]["statement"]
    says = {rule["id"]: rule["says"] for rule in statement["rules"]}
    assert list(says) == sorted(says)
    assert len(says) == len(statement["rules"])
    accounting = set()
    for decision in statement["decisions"]:
        heard = {rule: says.get(rule) for rule in decision.get("rules", [])}
        if decision["outcome"] != "withheld":
            allows = {rule for rule in heard if says.get(rule) == "allow"}
            assert allows
            accounting |= allows
            cap = f"coarsen to {decision.get('level')}"
            accounting |= {rule for rule, said in heard.items() if said == cap}
        else:
            accounting |= {rule for rule, said in heard.items() if said == "withhold"}
    assert accounting == set(says)
    whys = {rule["id"]: rule["why"] for rule in api.get("/v1/policies").json()["rules"]}
    assert all(rule["why"] == whys[rule["id"]] for rule in statement["rules"])


def test_a_receipt_is_told_in_words(api) -> None:
    receipt = api.promo({"genre_affinity": ["crime"]}).json()["receipt"]
    told = api.get(f"/v1/receipts/{receipt['id']}/explanation", role="app").json()
    assert (told["receipt"], told["purpose"]) == (receipt["id"], "promo")
    said = {
        item["signal"]: item["said"]
        for group in ("used", "not_needed", "not_used")
        for item in told[group]
    }
    assert sorted(said) == [decision["signal"] for decision in receipt["statement"]["decisions"]]
    assert said["gender"].startswith("Your gender: not used. Who you are")
    assert {item["signal"] for item in told["used"]} == {
        item["signal"] for item in receipt["statement"]["used"]
    }


def test_a_receipt_is_told_as_a_text_to_whoever_asks_for_one(api) -> None:
    receipt = api.promo().json()["receipt"]
    path = f"/v1/receipts/{receipt['id']}/explanation"
    text = api.client.get(path, headers={**api.headers("app"), "Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert "\n\nNothing that is known of you shaped it.\n\n" in text.text
    assert "- Your gender: not used. " in text.text
    plain = api.client.get(path, headers={**api.headers("app"), "Accept": "*/*"})
    assert plain.headers["content-type"].startswith("application/json")
    other = api.client.get(path, headers={**api.headers("app"), "Accept": "image/png"})
    assert other.status_code == 406


def test_an_unknown_receipt_has_no_explanation(api) -> None:
    assert api.get("/v1/receipts/r-none/explanation").status_code == 404
