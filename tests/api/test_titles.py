"""The catalogue over HTTP."""

from __future__ import annotations

import json

import pytest

TITLE = {
    "id": "cold-quay",
    "kind": "film",
    "name": "Cold Quay",
    "language": "en",
    "year": 2021,
    "genres": ["crime"],
}


@pytest.fixture
def stored(api):
    api.client.put("/v1/titles/cold-quay", json=TITLE, headers=api.headers())
    yield api.get("/v1/titles/cold-quay").json()
    api.client.delete("/v1/titles/cold-quay", headers=api.headers())


def put(api, record, **headers):
    return api.client.put("/v1/titles/cold-quay", json=record, headers={**api.headers(), **headers})


def test_a_title_comes_back_as_it_went_in_with_its_revision_as_etag(api, stored) -> None:
    response = api.get("/v1/titles/cold-quay")
    assert response.headers["etag"] == f'"{stored["revision"]}"'
    assert {**TITLE, "revision": stored["revision"]} == stored


def test_a_change_makes_a_new_revision_and_the_same_content_does_not(api, stored) -> None:
    assert put(api, TITLE).json()["revision"] == stored["revision"]
    assert put(api, {**TITLE, "year": 2022}).json()["revision"] == stored["revision"] + 1


def test_if_match_refuses_a_change_to_another_revision(api, stored) -> None:
    refused = put(api, {**TITLE, "year": 2022}, **{"If-Match": '"9999"'})
    assert refused.status_code == 412
    assert refused.json()["type"] == "urn:genservice:problem:precondition-failed"
    assert api.get("/v1/titles/cold-quay").json() == stored
    assert (
        put(api, {**TITLE, "year": 2022}, **{"If-Match": f'"{stored["revision"]}"'}).status_code
        == 200
    )


def test_a_record_of_the_wrong_shape_is_refused_and_nothing_changes(api, stored) -> None:
    for record, pointer in (
        ({**TITLE, "year": "old"}, "#/year"),
        ({**TITLE, "colour": "grey"}, "#/colour"),
        ({**TITLE, "kind": "book"}, "#/kind"),
        ({**TITLE, "id": "warm-quay"}, "#/id"),
        ({"id": "cold-quay", "kind": "film", "language": "en"}, "#/name"),
    ):
        response = put(api, record)
        assert response.status_code == 400
        assert response.json()["errors"][0]["pointer"] == pointer
    assert api.get("/v1/titles/cold-quay").json() == stored


@pytest.mark.parametrize(
    ("change", "pointer", "hint"),
    [
        ({"genres": ["crime", "thriler"]}, "#/genres/1", "did you mean 'thriller'?"),
        ({"genres": ["biopic"]}, "#/genres/0", "did you mean 'biography'?"),
        ({"moods": ["tence"]}, "#/moods/0", "did you mean 'tense'?"),
        ({"themes": ["zzzz"]}, "#/themes/0", None),
        ({"pace": "slowburn"}, "#/pace", "did you mean 'slow_burn'?"),
        ({"alerts": ["violense"]}, "#/alerts/0", "did you mean 'violence'?"),
    ],
)
def test_a_word_that_is_not_of_the_vocabulary_is_refused_with_the_one_meant(
    api, stored, change, pointer, hint
) -> None:
    response = put(api, {**TITLE, **change})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["pointer"], error["detail"]) == (pointer, "not a word of the vocabulary")
    assert error.get("hint") == hint
    assert api.get("/v1/titles/cold-quay").json() == stored


def test_a_file_and_a_single_record_are_told_the_same_of_a_word(api) -> None:
    record = {**TITLE, "id": "import-words", "genres": ["crime", "thriler"]}
    (error,) = api.client.put("/v1/titles/import-words", json=record, headers=api.headers()).json()[
        "errors"
    ]
    answer = api.client.post(
        "/v1/titles/import?format=json", content=json.dumps(record), headers=api.headers()
    ).json()
    (warning,) = answer["warnings"]
    assert warning["pointer"] == error["pointer"].removeprefix("#")
    assert warning["hint"] == error["hint"]
    assert warning["detail"] == f"{error['detail']}; left out"
    api.client.delete("/v1/titles/import-words", headers=api.headers())


def test_an_inline_title_is_held_to_the_vocabulary_too(api) -> None:
    title = {"id": "x", "kind": "film", "name": "X", "language": "en", "genres": ["thriler"]}
    context = {"region": "DE", "age_band": "unknown", "consents": []}
    for path, body in (
        ("/v1/promos", {"title": title, "context": context}),
        ("/v1/check", {"title": title, "text": "A thriller."}),
    ):
        (error,) = api.post(path, body).json()["errors"]
        assert error["pointer"] == "#/title/genres/0"


def test_characters_that_no_text_may_hold_are_refused_as_in_files(api, stored) -> None:
    response = put(api, {**TITLE, "name": "Cold\u202eQuay"})
    assert response.json()["errors"][0]["pointer"] == "#/name"
    text = {"language": "en", "length": "short", "text": "A\u0000 quay."}
    response = api.client.put(
        "/v1/titles/cold-quay/texts", json={"texts": [text]}, headers=api.headers()
    )
    assert response.json()["errors"][0]["pointer"] == "#/texts/0/text"
    assert api.get("/v1/titles/cold-quay").json() == stored


def test_search_finds_by_name_and_pages(api) -> None:
    first = api.get("/v1/titles", limit=2).json()
    second = api.get("/v1/titles", limit=2, cursor=first["next"]).json()
    assert len(first["items"]) == len(second["items"]) == 2
    assert {item["id"] for item in first["items"]}.isdisjoint(
        item["id"] for item in second["items"]
    )
    assert [item["id"] for item in api.get("/v1/titles", q="double indem").json()["items"]] == [
        "double-indemnity"
    ]
    assert api.get("/v1/titles", limit=0).status_code == 400
    assert api.get("/v1/titles", cursor="nonsense").status_code == 400


def test_a_pinned_text_beats_the_writer(api, stored) -> None:
    text = {
        "language": "en",
        "length": "medium",
        "text": "A cold quay, and a case.",
        "pinned": True,
    }
    response = api.client.put(
        "/v1/titles/cold-quay/texts", json={"texts": [text]}, headers=api.headers()
    )
    assert response.status_code == 200
    body = {
        "title_id": "cold-quay",
        "context": {"region": "DE", "age_band": "unknown", "consents": []},
    }
    (blurb,) = api.post("/v1/promos", body).json()["blurbs"]
    assert (blurb["text"], blurb["source"], blurb["reason"]) == (
        text["text"],
        "editorial",
        "title_locked",
    )
    assert blurb["digital_source_type"] == "digitalCreation"


def test_an_import_skips_bad_records_and_names_line_and_field(api) -> None:
    lines = [
        {"id": "import-one", "kind": "film", "name": "Import One", "language": "en"},
        {"id": "import-two", "kind": "film", "name": "Import Two", "language": "en", "year": "x"},
        {"id": "import-three", "kind": "series", "name": "Import Three", "language": "en"},
    ]
    raw = "\n".join(map(json.dumps, lines)).encode()
    answer = api.client.post(
        "/v1/titles/import?format=jsonl", content=raw, headers=api.headers()
    ).json()
    assert (answer["created"], answer["skipped"]) == (2, 1)
    (problem,) = answer["problems"]
    assert (problem["line"], problem["pointer"]) == (2, "/year")
    again = api.client.post(
        "/v1/titles/import?format=jsonl", content=raw, headers=api.headers()
    ).json()
    assert (again["created"], again["unchanged"]) == (0, 2)
    for title in ("import-one", "import-three"):
        assert api.client.delete(f"/v1/titles/{title}", headers=api.headers()).status_code == 204


def test_an_import_names_record_and_field_of_identifiers_and_never_says_them(api) -> None:
    plain = {"kind": "film", "name": "Import Plain", "language": "en"}
    told = {
        "id": "import-told",
        "kind": "film",
        "name": "Import Told",
        "language": "en",
        "year": 1987,
        "credits": [{"name": "jane.doe@example.org", "job": "actor"}],
        "logline": "A pilot's daughter answers 020 7946 0958 at night.",
        "description": "A drama film of 1987. It was paid with 4111 1111 1111 1111.",
        "story": [
            {"text": "Jane Doe comes home."},
            {"text": "She writes to jane.doe@example.org."},
        ],
        "texts": [{"language": "en", "length": "short", "text": "See jane.doe@example.org."}],
    }
    raw = "\n".join(map(json.dumps, ({"id": "import-plain", **plain}, told)))
    response = api.client.post("/v1/titles/import?format=jsonl", content=raw, headers=api.headers())
    answer = response.json()
    assert (answer["created"], answer["problems"]) == (2, [])
    assert [(warning["line"], warning["pointer"]) for warning in answer["warnings"]] == [
        (2, "/credits/0/name"),
        (2, "/logline"),
        (2, "/description"),
        (2, "/story/1/text"),
        (2, "/texts/0/text"),
    ]
    assert [warning["detail"] for warning in answer["warnings"]] == [
        "looks like an identifier: EMAIL_ADDRESS",
        "looks like an identifier: PHONE_NUMBER",
        "looks like an identifier: CREDIT_CARD",
        "looks like an identifier: EMAIL_ADDRESS",
        "looks like an identifier: EMAIL_ADDRESS",
    ]
    hints = [warning["hint"] for warning in answer["warnings"]]
    assert (
        hints == ["names are said as they stand"] + ["what holds it is left out of every text"] * 4
    )
    for said in ("jane.doe", "7946", "4111"):
        assert said not in response.text
    for title in ("import-plain", "import-told"):
        assert api.client.delete(f"/v1/titles/{title}", headers=api.headers()).status_code == 204


def test_an_import_that_is_nothing_we_read_is_a_clear_400(api) -> None:
    for raw, query in ((b"\x00\x01", ""), (b"{}", "?format=docx")):
        response = api.client.post(f"/v1/titles/import{query}", content=raw, headers=api.headers())
        assert response.status_code == 400
        assert response.json()["errors"]


def test_deleting_a_title_deletes_it_once(api) -> None:
    put(api, TITLE)
    assert api.client.delete("/v1/titles/cold-quay", headers=api.headers()).status_code == 204
    assert api.client.delete("/v1/titles/cold-quay", headers=api.headers()).status_code == 404


@pytest.mark.parametrize("tag", ['"' + "9" * 5000 + '"', "9" * 5000, "\u00b2", 'W/"1"', '""', "x"])
def test_an_if_match_that_no_revision_has_is_a_failed_condition(api, stored, tag: str) -> None:
    headers = {**api.headers(), "If-Match": tag.encode("latin-1")}
    for method, path, body in (
        ("PUT", "/v1/titles/cold-quay", {**TITLE, "year": 2022}),
        ("PUT", "/v1/titles/cold-quay/texts", {"texts": []}),
        ("DELETE", "/v1/titles/cold-quay", None),
    ):
        response = api.client.request(method, path, headers=headers, json=body)
        assert response.status_code == 412
    assert api.get("/v1/titles/cold-quay").json() == stored


def test_if_match_of_any_revision_wants_one_to_be_there(api) -> None:
    refused = put(api, TITLE, **{"If-Match": "*"})
    assert refused.status_code == 412
    assert api.get("/v1/titles/cold-quay").status_code == 404
    put(api, TITLE)
    changed = put(api, {**TITLE, "year": 2022}, **{"If-Match": "*"})
    assert (changed.status_code, changed.json()["year"]) == (200, 2022)
    tags = f'"777", "{changed.json()["revision"]}"'
    assert put(api, TITLE, **{"If-Match": tags}).status_code == 200
    headers = {**api.headers(), "If-Match": "*"}
    assert api.client.delete("/v1/titles/cold-quay", headers=headers).status_code == 204


def test_a_search_for_a_character_that_no_name_holds_is_refused(api) -> None:
    response = api.client.get("/v1/titles?q=%00", headers=api.headers())
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["#/q"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/x-ndjson", 200),
        ("text/csv; charset=utf-8", 200),
        ("application/octet-stream", 200),
        ("multipart/form-data; boundary=x", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/zip", 415),
    ],
)
def test_an_import_is_a_file_and_no_form(api, kind: str, status: int) -> None:
    headers = {**api.headers(), "Content-Type": kind}
    response = api.client.post("/v1/titles/import?format=jsonl", content=b"", headers=headers)
    assert response.status_code == status


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "  "}, "#/name"),
        ({"name": "[LEAD] of the Pack"}, "#/name"),
        ({"original_name": "\u2003"}, "#/original_name"),
        ({"credits": [{"name": "[CAST_2]", "job": "actor"}]}, "#/credits/0/name"),
        ({"credits": [{"name": "A", "job": "actor", "character": "\t"}]}, "#/credits/0/character"),
        ({"credits": [{"name": "A\u0000", "job": "actor"}]}, "#/credits/0/name"),
    ],
)
def test_a_name_that_no_text_can_say_is_refused(api, stored, change, pointer: str) -> None:
    response = put(api, {**TITLE, **change})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    title = {key: value for key, value in stored.items() if key != "revision"}
    body = {"title": {**title, **change}, "text": "A quay."}
    pointers = [error["pointer"] for error in api.post("/v1/check", body).json()["errors"]]
    assert pointers == [pointer.replace("#", "#/title")]


def test_an_import_tells_records_on_one_line_apart(api) -> None:
    plain = {"kind": "film", "name": "Import Plain", "language": "en"}
    records = [
        {"id": "import-bad", **plain, "year": "x"},
        {"id": "import-told", **plain, "logline": "Write to jane.doe@example.org."},
        {"id": "import-worse", **plain, "year": "y"},
    ]
    answer = api.client.post(
        "/v1/titles/import", content=json.dumps(records), headers=api.headers()
    ).json()
    assert (answer["created"], answer["skipped"]) == (1, 2)
    assert [problem["pointer"] for problem in answer["problems"]] == ["/0/year", "/2/year"]
    assert [warning["pointer"] for warning in answer["warnings"]] == ["/1/logline"]
    api.client.delete("/v1/titles/import-told", headers=api.headers())


def test_a_file_of_no_known_format_has_no_empty_name(api) -> None:
    response = api.client.post("/v1/titles/import", content=b"nothing", headers=api.headers())
    (error,) = response.json()["errors"]
    assert "file" not in error
    assert error["detail"] == "not a format that is known"
