"""Requests that name a segment of the policy set instead of signals, or besides."""

from __future__ import annotations

import pytest

from tests.api.conftest import order

REFUSED = {"region": "DE", "age_band": "age_25_34", "consents": []}
SLOW_BURN = {"genre_affinity": ["crime"], "pace_preference": "slow_burn"}


def audience(segment, signals=None, **changes):
    sent = {"segment": segment} if signals is None else {"segment": segment, "signals": signals}
    return {**order(**changes), "audience": sent}


def test_the_set_in_force_lists_its_segments_with_what_they_send(api) -> None:
    listed = {item["name"]: item for item in api.get("/v1/policies").json()["segments"]}
    assert len(listed) >= 12
    assert listed["slow_burn_crime"]["signals"] == SLOW_BURN
    assert all(item["label"] and item["why"] for item in listed.values())


@pytest.mark.parametrize("role", ["editor", "app"])
@pytest.mark.parametrize("consents", [["content_profile", "content_use"], []], ids=len)
def test_a_segment_is_byte_for_byte_the_signals_it_names(api, role, consents) -> None:
    context = {**REFUSED, "consents": consents}
    named = api.post("/v1/promos", audience("slow_burn_crime", context=context), role=role)
    sent = api.post("/v1/promos", order(SLOW_BURN, context=context), role=role)
    assert named.status_code == 200
    assert named.content == sent.content


def test_two_segments_that_differ_in_what_is_withheld_get_the_same_bytes(api) -> None:
    bare = api.post("/v1/promos", order(context=REFUSED))
    for segment in ("slow_burn_crime", "comfort_viewing", "armchair_travellers"):
        assert api.post("/v1/promos", audience(segment, context=REFUSED)).content == bare.content
    afternoon = api.post("/v1/promos", order({"time_of_day": ["16:10"]}, context=REFUSED))
    families = api.post("/v1/promos", audience("families_on_a_sunday", context=REFUSED))
    assert families.content == afternoon.content


def test_signals_sent_besides_join_those_of_the_segment(api) -> None:
    evening = {"time_of_day": ["20:00"]}
    joined = api.post("/v1/promos", audience("slow_burn_crime", evening))
    assert joined.content == api.promo({**SLOW_BURN, **evening}).content


def test_a_dry_run_answers_the_same_as_with_the_signals(api) -> None:
    named = api.post("/v1/promos", {**audience("slow_burn_crime"), "dry_run": True})
    sent = api.post("/v1/promos", {**order(SLOW_BURN), "dry_run": True})
    assert named.content == sent.content


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_segment_that_is_none_is_a_400_that_says_what_was_meant(api, accept) -> None:
    refused = api.post("/v1/promos", audience("slow_burn_krime"), Accept=accept)
    assert refused.status_code == 400
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert refused.json()["errors"] == [
        {
            "pointer": "#/audience/segment",
            "detail": "no such segment",
            "hint": "did you mean 'slow_burn_crime'?",
        }
    ]


def test_a_signal_in_both_is_a_400_whether_it_is_withheld_or_not(api) -> None:
    for context in (REFUSED, order()["context"]):
        both = audience("slow_burn_crime", {"genre_affinity": ["noir"]}, context=context)
        refused = api.post("/v1/promos", both)
        assert refused.status_code == 400
        (error,) = refused.json()["errors"]
        assert error["pointer"] == "#/audience/signals/genre_affinity"
        assert "noir" not in refused.text


def test_a_name_of_another_form_is_a_400(api) -> None:
    assert api.post("/v1/promos", audience("Slow burn")).status_code == 400


def test_a_draft_with_a_segment_whose_word_the_catalogue_lacks_is_refused_at_its_place(api) -> None:
    held = api.get("/v1/policies").json()["files"]["segments.yaml"]
    draft = (
        f"{held}  fans: {{label: Fans, why: For fans., signals: {{genre_affinity: [crimes]}}}}\n"
    )
    refused = api.post(
        "/v1/policies/validate", {"files": {"segments.yaml": draft}}, role="policy_owner"
    )
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert (error["file"], error["line"], error["hint"]) == (
        "segments.yaml",
        len(draft.splitlines()),
        "did you mean 'crime'?",
    )
    assert "crimes" in error["detail"]
