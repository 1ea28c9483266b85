"""Schemathesis asks for everything that the OpenAPI document tells of, well and ill.

What comes back must be as the document says: no fault of ours, no status, type, body or header that it
does not tell of, nothing taken that it forbids, and no answer without a key. `make fuzz` asks for much more.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.openapi_service import (
    AGAIN,
    OWN,
    VIEWER,
    described,
    listening,
    schema_of,
    without_inline_titles,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case
    from schemathesis.core.transport import Response

    from tests.openapi_service import Listening

CAP = "rules:\n  - {id: no-moods, why: Moods tell too much., signals: [mood_affinity], decision: withhold}\n"
SCHEMA = schema_of(without_inline_titles(described()), examples=10)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    with listening(tmp_path_factory.mktemp("fuzzed")) as service:
        yield service


@SCHEMA.parametrize()
@AGAIN
def test_every_operation_answers_as_the_document_says(case: Case, service: Listening) -> None:
    service.hold(case)


def test_a_title_is_stored_changed_found_written_about_and_deleted(service: Listening) -> None:
    place = {"path_parameters": {"title_id": "flow"}}
    title = {
        "id": "flow",
        "kind": "film",
        "name": "Grey Flow",
        "language": "en",
        "genres": ["crime"],
    }
    first = service.ask("put_title", body=title, **place)
    text = {"language": "en", "length": "short", "text": "A river at night."}
    service.ask("put_title_texts", body={"texts": [text]}, headers=_if_match(first), **place)
    assert service.ask("get_title", "app", **place).json()["texts"][0]["text"] == text["text"]
    found = service.ask("list_titles", "app", query={"q": "grey", "limit": 1}).json()
    assert [each["id"] for each in found["items"]] == ["flow"]
    service.ask("check_text", body={"title_id": "flow", "text": "Grey Flow is a film."})
    service.ask("import_titles", body=[{**title, "id": "flow-two"}], media_type="application/json")
    for purpose in ("write_promos", "write_synopses"):
        service.ask(purpose, body=_order("flow"))
        service.ask(purpose, body={**_order("flow"), "dry_run": True})
        told = service.ask(purpose, body=_order("flow"), headers={"Accept": "text/event-stream"})
        assert "event: receipt" in told.text
    service.ask("delete_title", **place)
    assert service.status("get_title", **place) == 404


def test_a_receipt_is_read_explained_and_verified(service: Listening) -> None:
    answer = service.ask("write_promos", body=_order("cold-quay")).json()
    place = {"path_parameters": {"receipt_id": answer["receipt"]["id"]}}
    receipt = service.ask("get_receipt", "privacy_officer", **place).json()
    service.ask("explain_receipt", **place)
    service.ask("explain_receipt", headers={"Accept": "text/plain"}, **place)
    body = {"receipt": receipt, "text": answer["blurbs"][0]["text"]}
    assert service.ask("verify_receipt", body=body).json()["valid"]
    assert service.ask("get_public_keys", None).json()["keys"]


@pytest.mark.parametrize("caller", ["app", VIEWER])
def test_a_viewer_tells_is_shown_asks_why_takes_all_and_is_forgotten(
    service: Listening, caller: str
) -> None:
    viewer = {"viewer_id": OWN if caller == VIEWER else "v-flow"}
    own = {"path_parameters": viewer}
    if caller != VIEWER:
        service.ask("create_viewer_token", caller, body={"minutes": 1}, **own)
    acts = [
        {"consent": consent, "action": "given", "source": "sign-up", "text_version": "1"}
        for consent in ("content_profile", "content_use")
    ]
    service.ask("record_viewer_consents", caller, body={"acts": acts}, **own)
    signals = {"signals": {"genre_affinity": ["crime"]}}
    service.ask("replace_viewer_signals", caller, body=signals, **own)
    service.ask("change_viewer_signals", caller, body=signals, **own)
    one = {"path_parameters": {**viewer, "signal": "mood_affinity"}}
    service.ask("put_viewer_signal", caller, body={"value": ["tense"]}, **one)
    assert service.ask("get_viewer_signal", caller, **one).json()["held"]["value"] == ["tense"]
    service.ask("forget_viewer_signal", caller, **one)
    assert len(service.ask("list_viewer_signals", caller, **own).json()["items"]) == 1
    seen = service.ask("get_viewer_controls", caller, **own)
    controls = {"level": "full", "themes_left_out": []}
    service.ask("put_viewer_controls", caller, body=controls, headers=_if_match(seen), **own)
    purpose = {"path_parameters": {**viewer, "purpose": "advertising"}}
    service.ask("object_viewer", caller, **purpose)
    assert service.ask("list_viewer_objections", caller, **own).json()["objections"]
    service.ask("stop_objecting_viewer", caller, **purpose)
    order = {**_order("cold-quay"), "audience": {"viewer": viewer["viewer_id"]}}
    blurb = service.ask("write_promos", "app", body=order).json()["blurbs"][0]["id"]
    assert service.ask("list_viewer_explanations", caller, **own).json()["items"]
    why = {"path_parameters": {**viewer, "shown_id": blurb}}
    service.ask("explain_to_viewer", caller, **why)
    service.ask("explain_to_viewer", caller, headers={"Accept": "text/plain"}, **why)
    service.ask("withdraw_viewer_consents", caller, body={}, **own)
    assert service.ask("list_viewer_consents", caller, **own).json()["standing"] == []
    service.ask("forget_viewer_signals", caller, **own)
    service.ask("export_viewer", caller, **own)
    service.ask("export_viewer", caller, headers={"Accept": "text/html"}, **own)
    service.ask("erase_viewer", caller, **own)
    assert service.ask("list_viewer_consents", caller, **own).json()["items"] == []


def test_a_policy_set_is_drafted_tried_and_goes_live(service: Listening) -> None:
    seen = service.ask("get_policies", "policy_owner")
    files = {"cap.yaml": CAP}
    service.ask("validate_policies", "policy_owner", body={"files": files})
    service.ask("diff_policies", "policy_owner", body={"files": files})
    service.ask("replay_policies", "policy_owner", body={"files": files, "since": "1h"})
    context = {"region": "DE", "age_band": "age_25_34", "consents": []}
    service.ask("explain_policies", "editor", body={"purpose": "promo", "context": context})
    # Its tests would fail, and what fails its tests is refused.
    tests = {name: None for name in seen.json()["files"] if name.endswith("_test.yaml")}
    draft = {
        "files": {**tests, **files},
        "base": seen.json()["version"],
        "why": "Counsel asked for it.",
    }
    act = service.ask("upload_policies", body=draft, headers=_if_match(seen)).json()
    chosen = {"version": act["to"], "why": "Nothing unexpected."}
    service.ask("get_policy_version", path_parameters={"version": act["to"]})
    service.ask("shadow_policies", body=chosen, headers=_if_match(seen))
    service.ask("get_policy_shadow")
    service.ask("activate_policies", body=chosen, headers=_if_match(seen))
    now = service.ask("get_policies")
    assert now.json()["version"] == act["to"]
    service.ask("roll_back_policies", body={"why": "Too little is left."}, headers=_if_match(now))
    for listed in ("list_policy_versions", "list_policy_acts"):
        page = service.ask(listed, query={"limit": 1}).json()
        service.ask(listed, query={"limit": 1, "cursor": page["next"]})


def test_a_key_is_made_rotated_and_revoked(service: Listening) -> None:
    made = service.ask("create_key", body={"role": "app", "name": "the flow's"}).json()
    place = {"path_parameters": {"key_id": made["id"]}}
    service.ask("rotate_key", body={"overlap_minutes": 0}, **place)
    assert len(service.ask("list_keys").json()["items"]) > 1
    service.ask("revoke_key", **place)


def test_monitoring_and_auditors_read_what_is_for_them(service: Listening) -> None:
    service.ask("get_log_heads", "privacy_officer")
    for operation in ("get_liveness", "get_readiness", "get_metrics"):
        service.ask(operation, None)
    service.ask("get_metrics", None, headers={"Accept": "application/openmetrics-text"})


def test_every_operation_is_asked_for_in_good_order_above() -> None:
    named = set(re.findall(r'"(\w+)"', Path(__file__).read_text(encoding="utf-8")))
    told = described()["paths"].values()
    assert {each["operationId"] for item in told for each in item.values()} <= named


def _order(title_id: str) -> dict[str, Any]:
    context = {
        "region": "DE", "age_band": "age_25_34", "consents": ["content_profile", "content_use"],
    }  # fmt: skip
    return {"title_id": title_id, "context": context, "length": "short"}


def _if_match(seen: Response) -> dict[str, str]:
    """A header that names the revision of an answer."""
    return {"If-Match": seen.headers["etag"][0]}
