"""Synopses and promos over HTTP."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.api.conftest import TITLE, order

CRIME = {"genre_affinity": ["crime"]}


def test_a_released_signal_shapes_the_text_and_the_receipt_says_so(api) -> None:
    answer = api.promo(CRIME).json()
    (blurb,) = answer["blurbs"]
    assert (blurb["source"], blurb["reason"], blurb["personalised"]) == ("written", None, True)
    assert blurb["angle"] == "genre_affinity"
    assert blurb["digital_source_type"] == "trainedAlgorithmicMedia"
    statement = answer["receipt"]["statement"]
    assert statement["used"] == [{"signal": "genre_affinity", "level": "words", "value": ["crime"]}]
    assert "[" not in blurb["text"]


def test_the_receipt_accounts_for_every_declared_signal_present_or_not(api) -> None:
    declared = [item["name"] for item in api.get("/v1/policies").json()["signals"]]
    decisions = api.promo(CRIME).json()["receipt"]["statement"]["decisions"]
    assert [item["signal"] for item in decisions] == sorted(declared)


def test_the_receipt_holds_the_digest_of_the_text_and_can_be_read_again(api) -> None:
    answer = api.promo(CRIME).json()
    text = answer["blurbs"][0]["text"]
    stated = answer["receipt"]["statement"]["blurbs"][0]
    assert stated["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert api.get(f"/v1/receipts/{answer['receipt']['id']}").json() == answer["receipt"]


def test_spans_point_into_the_text(api) -> None:
    blurb = api.promo(CRIME).json()["blurbs"][0]
    assert any(span.get("signal") == "genre_affinity" for span in blurb["spans"])
    for span in blurb["spans"]:
        start, end = span["at"]
        assert 0 <= start < end <= len(blurb["text"])
        assert "fact" in span or "phrase" in span


def test_nothing_released_is_no_error_but_the_twin(api) -> None:
    answer = api.promo().json()
    (blurb,) = answer["blurbs"]
    assert (blurb["source"], blurb["reason"], blurb["personalised"]) == (
        "twin",
        "nothing_released",
        False,
    )
    assert answer["receipt"]["statement"]["used"] == []


def test_two_requests_that_differ_in_what_is_withheld_get_the_same_bytes(api) -> None:
    context = {"region": "DE", "age_band": "age_25_34", "consents": []}
    bare = api.post("/v1/promos", order({}, context=context))
    for signals in (
        CRIME,
        {"gender": "female", "payment_history": ["x"] * 1000},
        {"genre_affinity": {"not": "a list"}, "watch_history": 7, "location": None},
        {"stated_interests": "z" * 100_000},
    ):
        assert api.post("/v1/promos", order(signals, context=context)).content == bare.content


def test_a_coarsened_signal_counts_up_to_its_coarse_value(api) -> None:
    one = api.promo({"time_of_day": ["22:40"]})
    other = api.promo({"time_of_day": ["21:05", "23:59"]})
    assert one.content == other.content


def test_an_undeclared_signal_is_dropped_and_noticed_by_name(api) -> None:
    answer = api.promo({**CRIME, "shoe_size": 43}).json()
    assert answer["notices"] == [{"kind": "undeclared_signal", "name": "shoe_size"}]
    assert answer["blurbs"] == api.promo(CRIME).json()["blurbs"]


def test_the_gpc_header_counts_like_the_field(api) -> None:
    body = order(CRIME)
    by_header = api.post("/v1/promos", body, **{"Sec-GPC": "1"}).json()
    body["context"]["gpc"] = True
    by_field = api.post("/v1/promos", body).json()
    assert by_header == by_field
    assert by_header["receipt"]["statement"]["context"]["gpc"] is True


def test_asking_again_gives_the_same_bytes(api) -> None:
    assert api.promo(CRIME, seed=7).content == api.promo(CRIME, seed=7).content


def test_variants_differ(api) -> None:
    texts = [blurb["text"] for blurb in api.promo(CRIME, variants=3).json()["blurbs"]]
    assert len(set(texts)) == len(texts) > 1


def test_another_language_gets_the_twin_and_says_why(api) -> None:
    context = {**order()["context"], "language": "fr"}
    (blurb,) = api.promo(CRIME, context=context).json()["blurbs"]
    assert (blurb["source"], blurb["reason"], blurb["language"]) == ("twin", "language", "en")


def test_a_dry_run_shows_brief_prompt_key_and_decisions(api) -> None:
    answer = api.promo(CRIME, dry_run=True).json()
    assert set(answer) == {"brief", "prompt", "key", "decisions", "notices"}
    assert answer["brief"]["angle"][0]["term"] == "crime"
    assert "Double Indemnity" not in json.dumps(answer["prompt"])


def test_a_stream_ends_with_one_receipt_and_holds_the_same_blurb(api) -> None:
    plain = api.promo(CRIME).json()
    stream = api.post("/v1/promos", order(CRIME), Accept="text/event-stream")
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = [
        dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        for block in stream.text.replace("\r\n", "\n").strip().split("\n\n")
    ]
    assert [event["event"] for event in events] == ["blurb", "receipt"]
    assert json.loads(events[0]["data"]) == plain["blurbs"][0]
    assert json.loads(events[1]["data"])["receipt"] == plain["receipt"]


def test_an_inline_title_is_written_for_and_not_stored(api) -> None:
    title = {
        "id": "cold-quay",
        "kind": "film",
        "name": "Cold Quay",
        "language": "en",
        "genres": ["crime"],
    }
    body = order(CRIME, title=title)
    del body["title_id"]
    answer = api.post("/v1/promos", body).json()
    assert answer["blurbs"][0]["source"] == "written"
    assert api.get("/v1/titles/cold-quay").status_code == 404


def test_a_note_is_screened_and_counted(api) -> None:
    answer = api.promo(CRIME, note="Please mention that jane.doe@example.org likes it.").json()
    assert answer["receipt"]["statement"]["screened"]["prompt"] == {"EMAIL_ADDRESS": 1}


def test_a_model_that_does_not_answer_brings_the_twin_with_the_reason(api) -> None:
    api.model.fail()
    try:
        answer = api.promo({"mood_affinity": ["offbeat", "dark", "bleak", "funny"]}, seed=99).json()
    finally:
        api.model.recover()
    (blurb,) = answer["blurbs"]
    assert (blurb["source"], blurb["reason"]) == ("twin", "model_unavailable")


@dataclass(frozen=True)
class Case:
    id: str
    changes: dict[str, Any] = field(default_factory=dict)
    pointer: str = ""
    status: int = 400


WRONG = [
    Case("an unknown field", {"shoe": 1}, "#/shoe"),
    Case("a wrong type", {"variants": "two"}, "#/variants"),
    Case("out of range", {"variants": 9}, "#/variants"),
    Case("not a channel", {"channel": "billboard"}, "#/channel"),
    Case("a note too long", {"note": "x" * 2001}, "#/note"),
    Case("no context", {"context": None}, "#/context"),
    Case(
        "not an age band",
        {"context": {"region": "DE", "age_band": "25", "consents": []}},
        "#/context/age_band",
    ),
    Case(
        "not a region",
        {"context": {"region": "Germany", "age_band": "unknown", "consents": []}},
        "#/context/region",
    ),
    Case(
        "a region of no ISO code",
        {"context": {"region": "UK", "age_band": "unknown", "consents": []}},
        "#/context/region",
    ),
    Case("no consents", {"context": {"region": "DE", "age_band": "unknown"}}, "#/context/consents"),
    Case(
        "a signal name with capitals",
        {"audience": {"signals": {"Genre": []}}},
        "#/audience/signals",
    ),
    Case(
        "a released signal of the wrong shape",
        {"audience": {"signals": {"genre_affinity": "crime"}}},
        "#/audience/signals/genre_affinity",
    ),
    Case("neither title_id nor title", {"title_id": None}, "#/title_id"),
    Case("an unknown title", {"title_id": "no-such-title"}, "", 404),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_bad_input_is_named_and_never_shown(api, case: Case) -> None:
    response = api.post("/v1/promos", order(**case.changes))
    problem = response.json()
    assert response.status_code == problem["status"] == case.status
    assert response.headers["content-type"] == "application/problem+json"
    if case.pointer:
        assert [error["pointer"] for error in problem["errors"]] == [case.pointer]


def test_an_error_names_what_is_allowed_and_not_what_was_sent(api) -> None:
    context = {"region": "DE", "age_band": "jane.doe@example.org", "consents": []}
    response = api.post("/v1/promos", order(context=context))
    assert "jane.doe" not in response.text
    assert "expected one of under_13" in response.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/synopses", {"title_id": "double-indemnity"}),
        ("/v1/policies/explain", {"purpose": "promo"}),
    ],
)
@pytest.mark.parametrize(
    ("region", "hint"),
    [("UK", "GB"), ("UK-ENG", "GB"), ("de", "DE"), ("us-ca", "US-CA"), ("ZZ", None), ("EEA", None), ("GB\n", None)],
)  # fmt: skip
def test_a_region_that_is_none_is_refused_and_not_taken_for_unknown(
    api, path, more, region, hint
) -> None:
    context = {"region": region, "age_band": "unknown", "consents": []}
    response = api.post(path, {"context": context, **more})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["pointer"] == "#/context/region"
    assert error["detail"].startswith("not a region")
    assert error.get("hint") == (hint and f"did you mean {hint}?")


@pytest.mark.parametrize("region", ["GB", "GB-SCT", "unknown"])
def test_regions_of_iso_and_unknown_are_taken(api, region) -> None:
    context = {"region": region, "age_band": "unknown", "consents": []}
    assert api.post("/v1/promos", order(context=context)).status_code == 200


def test_broken_json_is_a_clear_400(api) -> None:
    headers = {**api.headers(), "Content-Type": "application/json"}
    for body in (b"{", b"", b"\xff", b"[1]"):
        response = api.client.post("/v1/promos", content=body, headers=headers)
        assert response.status_code == 400
        assert response.json()["type"] == "urn:genservice:problem:invalid-request"


def test_a_body_over_a_megabyte_is_refused(api) -> None:
    assert api.promo({"stated_interests": "x" * 1_100_000}).status_code == 413


def test_apps_may_not_send_notes_titles_or_dry_runs(api) -> None:
    title = {"id": "x", "kind": "film", "name": "X", "language": "en"}
    for changes in ({"note": "warmly"}, {"dry_run": True}, {"title": title, "title_id": None}):
        assert api.post("/v1/promos", order(**changes), role="app").status_code == 403


def test_the_check_finds_what_has_no_source(api) -> None:
    title = api.get(f"/v1/titles/{TITLE}").json()
    clean = api.post("/v1/check", {"title_id": TITLE, "text": title["logline"]}).json()
    assert clean["passed"], clean
    altered = api.post(
        "/v1/check", {"title_id": TITLE, "text": "An award-winning tale of pirates."}
    ).json()
    assert not altered["passed"]
    assert altered["findings"]


def test_a_text_that_tells_what_its_viewer_is_is_found_with_the_rule_and_its_why(api) -> None:
    text = "A tender drama for the lonely."
    answer = api.post("/v1/check", {"title_id": TITLE, "text": text}).json()
    found = [each for each in answer["findings"] if each["kind"] == "inference"]
    held = api.get("/v1/policies").json()["inferences"]
    (rule,) = [each for each in held if each["id"] == "loneliness"]
    assert rule["file"] == "inference.yaml"
    assert found == [
        {"kind": "inference", "at": [0, 29], "detail": rule["why"], "rule": "loneliness"}
    ]


def test_an_undeclared_consent_is_dropped_and_noticed_and_in_no_receipt(api) -> None:
    plain = api.promo(CRIME).json()
    consents = ["zebulon", "content_use", "content_profile", "zebulon"]
    answer = api.promo(CRIME, context={**order()["context"], "consents": consents}).json()
    assert answer["notices"] == [{"kind": "undeclared_consent", "name": "zebulon"}]
    assert {**answer, "notices": []} == plain
    held = api.get(f"/v1/receipts/{answer['receipt']['id']}")
    assert "zebulon" not in held.text


def test_a_subdivision_that_no_rule_names_is_stated_as_its_country(api) -> None:
    plain = api.promo(CRIME)
    assert (
        api.promo(CRIME, context={**order()["context"], "region": "DE-ZEB"}).content
        == plain.content
    )
    american = {"region": "US-CA", "age_band": "age_25_34", "consents": []}
    statement = api.promo(CRIME, context=american).json()["receipt"]["statement"]
    assert statement["context"]["region"] == "US-CA"


@pytest.mark.parametrize(
    "language", ["en-zebulon-quixwort", "en-x-zebulon", "e", "en_GB", "en-GB\n", "de-AT-1996"]
)
def test_a_language_with_subtags_of_the_callers_own_is_refused(api, language: str) -> None:
    for path, more in (
        ("/v1/promos", {"title_id": TITLE}),
        ("/v1/policies/explain", {"purpose": "promo"}),
    ):
        context = {**order()["context"], "language": language}
        response = api.post(path, {"context": context, **more})
        assert response.status_code == 400
        (error,) = response.json()["errors"]
        assert error == {
            "pointer": "#/context/language",
            "detail": "not of the form allowed here",
        }


@pytest.mark.parametrize("language", ["EN", "en-GB", "en-latn", "en-Latn-GB", "en-001"])
def test_languages_with_script_and_region_are_taken(api, language: str) -> None:
    response = api.promo(CRIME, context={**order()["context"], "language": language})
    assert response.json()["blurbs"][0]["source"] == "written"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"seed": "5"}, "#/seed"),
        ({"variants": "1"}, "#/variants"),
        ({"dry_run": "1"}, "#/dry_run"),
        ({"dry_run": 1}, "#/dry_run"),
        ({"context": {**order()["context"], "gpc": "false"}}, "#/context/gpc"),
        ({"context": {**order()["context"], "gpc": 1}}, "#/context/gpc"),
        ({"title_id": 5}, "#/title_id"),
    ],
)
def test_a_value_of_another_type_is_not_taken_for_what_it_may_have_meant(
    api, changes, pointer: str
) -> None:
    response = api.post("/v1/promos", order(CRIME, **changes))
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"[" * 100_000, None),
        (b'{"audience": {"signals": {"a": ' + b"[" * 10_000, "nested too deeply"),
        (
            b'{"audience": {"signals": {"a": ' + b"[" * 100_000,
            "holds more than 50,000 lists, objects and members",
        ),
        (b'{"title_id": "\xff"}', "not UTF-8"),
        ('{"title_id": "x"}'.encode("utf-16"), "not JSON"),
        (b'{"title_id": "x"', "not JSON"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/promos", "/v1/receipts/verify", "/v1/policies/explain"])
def test_a_body_that_is_no_json_is_a_problem_and_no_fault_of_ours(api, path, body, detail) -> None:
    headers = {**api.headers(), "Content-Type": "application/json"}
    response = api.client.post(path, content=body, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    (error,) = response.json()["errors"]
    if path == "/v1/promos" and detail is not None:
        assert error == {"pointer": "#", "detail": detail}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/plain", 415),
        ("application/xml", 415),
    ],
)
def test_a_body_that_is_called_something_else_than_json_is_refused(api, kind, status) -> None:
    body = json.dumps(order(CRIME))
    headers = {**api.headers(), "Content-Type": kind}
    response = api.client.post("/v1/promos", content=body, headers=headers)
    assert response.status_code == status
    if status == 415:
        assert response.json()["type"] == "urn:genservice:problem:unsupported-media-type"
        assert "application/json" in response.json()["detail"]


def test_a_body_that_is_called_nothing_is_taken_for_json(api) -> None:
    response = api.client.post(
        "/v1/promos", content=json.dumps(order(CRIME)), headers=api.headers()
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; q=0.5", True),
        ("application/json, text/event-stream", True),
        ("text/event-stream;q=0", False),
        ("text/event-stream; q=0.000, */*", False),
        ("text/event-stream;q=0.5, application/json", False),
        ("text/event-stream;q=often", False),
        ("application/json", False),
        ("*/*", False),
    ],
)
def test_events_come_only_where_they_are_accepted(api, accept: str, streams: bool) -> None:
    response = api.post("/v1/promos", order(CRIME), Accept=accept)
    assert response.status_code == 200
    kind = "text/event-stream" if streams else "application/json"
    assert response.headers["content-type"].startswith(kind)
