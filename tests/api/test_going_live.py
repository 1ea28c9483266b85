"""How a policy set goes live over HTTP, and what requests notice of it."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager

import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from tests.api.conftest import Api, order
from tests.small_service import small_settings

CAP = "rules:\n  - {id: no-genres, why: Counsel., when: {region: [DE]}, signals: [genre_affinity], decision: withhold}\n"
FILM = "cold-quay"


@contextmanager
def running(folder, **changes):
    """A service of four titles; no twins are written beforehand."""
    model = Scripted()
    settings = small_settings(folder, **{"twins": "", "policy_source": "registry", **changes})
    app = create_app(settings, model=model, reserve=Scripted())
    with TestClient(app, raise_server_exceptions=False) as client:
        service = app.state[STATE_KEY]
        with client.portal() as portal:
            keys = {
                role: portal.call(service.keys.create, role, role).key
                for role in ("app", "editor", "policy_owner", "privacy_officer")
            }
        yield Api(client, model, keys)


@pytest.fixture(scope="module")
def shared_registry(tmp_path_factory):
    with running(tmp_path_factory.mktemp("registry")) as api:
        api.first = in_force(api)
        yield api


@pytest.fixture
def registry(shared_registry):
    """A service whose registry rules, with the set in force that it started with."""
    api = shared_registry
    if in_force(api) != api.first:
        assert act(api, "rollback", {"why": "Begin anew.", "to": api.first}).status_code == 200
    if shadow(api)["version"] is not None:
        assert act(api, "shadow", {"version": None}).status_code == 200
    return api


def in_force(api):
    return api.get("/v1/policies").json()["version"]


def shadow(api):
    return api.get("/v1/policies/shadow").json()


def act(api, name, body, *, seen=None, role="policy_owner"):
    """Something that an owner does, who has seen the set in force if nothing else is said."""
    tag = in_force(api) if seen is None else seen
    headers = {"If-Match": f'"{tag}"'} if tag else {}
    return api.post(f"/v1/policies/{name}", body, role=role, **headers)


def draft(api, files=None, why="A draft."):
    """The version of a draft that changes the set in force; its tests are left out with what they test."""
    files = {"cap.yaml": CAP} if files is None else files
    tests = {name: None for name in api.get("/v1/policies").json()["files"] if name.endswith("_test.yaml")}  # fmt: skip
    body = {"files": {**tests, **files}, "base": in_force(api), "why": why}
    answer = act(api, "versions", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["to"]


def promo(api, **changes):
    return api.promo({"genre_affinity": ["crime"]}, title_id=FILM, **changes)


def genres(answer):
    (found,) = [
        decision
        for decision in answer.json()["receipt"]["statement"]["decisions"]
        if decision["signal"] == "genre_affinity"
    ]
    return found["outcome"]


def test_a_draft_goes_live_and_back_in_three_calls(registry) -> None:
    first = in_force(registry)
    assert genres(promo(registry)) == "released"
    capped = draft(registry)
    assert in_force(registry) == first
    activated = act(registry, "activate", {"version": capped, "why": "Agreed."})
    assert activated.status_code == 200
    told = activated.json()
    assert (told["what"], told["from"], told["to"]) == ("activated", first, capped)
    assert (told["why"], told["shadowed"]) == ("Agreed.", False)
    assert genres(promo(registry)) == "withheld"
    assert registry.get("/health/ready").json()["policy"] == capped
    back = act(registry, "rollback", {"why": "Too strict."}).json()
    assert (back["what"], back["to"]) == ("rolled_back", first)
    assert genres(promo(registry)) == "released"


def test_who_acts_must_name_the_version_in_force(registry) -> None:
    response = registry.get("/v1/policies")
    assert response.headers["ETag"] == f'"{response.json()["version"]}"'
    capped = draft(registry)
    for name, body in (
        ("activate", {"version": capped, "why": "On."}),
        ("rollback", {"why": "Back."}),
        ("shadow", {"version": capped}),
        ("versions", {"files": {"x.yaml": "rules: []"}, "why": "A draft."}),
    ):
        for wanting in ("", "*"):
            headers = {"If-Match": wanting} if wanting else {}
            missing = registry.post(f"/v1/policies/{name}", body, role="policy_owner", **headers)
            assert missing.status_code == 428, name
            assert missing.json()["type"] == "urn:genservice:problem:precondition-required"
    for name, body in (
        ("activate", {"version": capped, "why": "On."}),
        ("rollback", {"why": "Back.", "to": capped}),
        ("shadow", {"version": capped}),
        ("versions", {"files": {"cap.yaml": CAP + "# again\n"}, "base": capped, "why": "Again."}),
    ):
        moved = act(registry, name, body, seen="sha256:" + "0" * 64)
        assert moved.status_code == 412, name
    assert in_force(registry) == response.json()["version"]


@pytest.mark.parametrize("role", ["app", "editor", "privacy_officer"])
def test_only_owners_act(registry, role) -> None:
    for name, body in (
        ("activate", {"version": in_force(registry), "why": "On."}),
        ("rollback", {"why": "Back."}),
        ("shadow", {"version": None}),
        ("versions", {"files": {"x.yaml": ""}, "why": "A draft."}),
    ):
        assert act(registry, name, body, role=role).status_code == 403, name


def test_of_two_owners_at_once_exactly_one_wins(registry) -> None:
    seen = in_force(registry)
    drafts = [draft(registry), draft(registry, {"cap.yaml": CAP.replace("Counsel", "Brand")})]
    answers = []

    def activate(version):
        answers.append(act(registry, "activate", {"version": version, "why": "Mine."}, seen=seen))

    threads = [threading.Thread(target=activate, args=(version,)) for version in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (won,) = [answer.json()["to"] for answer in answers if answer.status_code == 200]
    assert in_force(registry) == won


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"version": "sha256:" + "0" * 64}, "#/why"),
        ({"version": "sha256:" + "0" * 64, "why": "x" * 501}, "#/why"),
        ({"version": "v1", "why": "On."}, "#/version"),
        ({"version": "sha256:" + "0" * 64, "why": "On.", "now": True}, "#/now"),
    ],
)
def test_what_an_act_lacks_is_named(registry, body, pointer) -> None:
    answer = act(registry, "activate", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_bad_draft_is_refused_with_its_place_and_not_stored(registry) -> None:
    before = registry.get("/v1/policies/versions").json()["items"]
    body = {"files": {"cap.yaml": CAP.replace("affinity", "afinity")}, "base": in_force(registry)}
    refused = act(registry, "versions", {**body, "why": "A slip."})
    assert refused.status_code == 400
    error = refused.json()["errors"][0]
    assert (error["file"], error["line"]) == ("cap.yaml", 2)
    assert "genre_affinity" in error["hint"]
    body = {"files": {"cap.yaml": CAP}, "base": in_force(registry), "why": "Its tests fail."}
    refused = act(registry, "versions", body)
    assert refused.status_code == 400
    assert "genre_affinity" in refused.text
    assert registry.get("/v1/policies/versions").json()["items"] == before


def test_unknown_versions_are_404(registry) -> None:
    unknown = "sha256:" + "0" * 64
    assert registry.get(f"/v1/policies/versions/{unknown}").status_code == 404
    assert act(registry, "activate", {"version": unknown, "why": "On."}).status_code == 404
    assert act(registry, "rollback", {"to": unknown, "why": "On."}).status_code == 404
    assert act(registry, "shadow", {"version": unknown}).status_code == 404


def test_what_is_in_force_cannot_come_into_force(registry) -> None:
    version = in_force(registry)
    assert act(registry, "activate", {"version": version, "why": "On."}).status_code == 409
    assert act(registry, "shadow", {"version": version}).status_code == 409


def test_versions_and_acts_are_listed_page_by_page(registry) -> None:
    capped = draft(registry, why="To be listed.")
    act(registry, "shadow", {"version": capped, "why": "A look."})
    items, cursor = [], None
    while True:
        page = registry.get("/v1/policies/versions", limit=1, **({"cursor": cursor} if cursor else {})).json()  # fmt: skip
        items += page["items"]
        if (cursor := page["next"]) is None:
            break
    states = {item["version"]: item["state"] for item in items}
    assert states[in_force(registry)] == "in_force"
    assert states[capped] == "shadow"
    assert len(items) == len(states)
    files = registry.get(f"/v1/policies/versions/{capped}").json()["files"]
    assert files["cap.yaml"] == CAP
    acts = registry.get("/v1/policies/acts", limit=2).json()
    assert [item["what"] for item in acts["items"]] == ["shadowed", "uploaded"]
    assert acts["items"][1]["why"] == "To be listed."
    assert len(acts["items"][0]["who"]) == 8
    assert acts["next"] is not None


def test_the_shadow_counts_what_it_would_change_and_changes_nothing(registry) -> None:
    def told(answer):
        """What a caller gets, save for headers that no two answers share."""
        return answer.content

    plain = [told(promo(registry)), told(registry.promo(title_id=FILM))]
    counted_before = shadow(registry)
    assert counted_before["version"] is None
    capped = draft(registry)
    begun = act(registry, "shadow", {"version": capped, "why": "A look."}).json()
    beside = [told(promo(registry)), told(registry.promo(title_id=FILM))]
    assert beside == plain
    uninvolved = promo(
        registry, context={"region": "unknown", "age_band": "unknown", "consents": []}
    )
    assert uninvolved.status_code == 200

    found = shadow(registry)
    assert (found["version"], found["against"]) == (capped, in_force(registry))
    assert found["since"] == begun["at"]
    assert (found["requests"], found["differing"]) == (3, 2)
    assert (found["missed"], found["failed"]) == (0, 0)
    assert found["changes"] == [
        {
            "signal": "genre_affinity",
            "from": {"outcome": "released", "level": None},
            "to": {"outcome": "withheld", "level": None},
            "requests": 2,
        }
    ]
    assert "crime" not in json.dumps(found)
    metrics = registry.client.get("/metrics").text
    assert f'genservice_policy_shadow_info{{version="{capped}"}} 1.0' in metrics
    assert 'shadow_requests_total{counted="differing"}' in metrics
    assert 'genservice_policy_shadow_changes_total{becomes="withheld",signal="genre_affinity",was="released"}' in metrics  # fmt: skip


def test_a_dry_run_is_served_to_nobody_and_so_not_counted(registry) -> None:
    act(registry, "shadow", {"version": draft(registry)})
    assert promo(registry, dry_run=True).status_code == 200
    assert shadow(registry)["requests"] == 0


def test_a_request_finishes_under_the_version_it_began_with(registry) -> None:
    first = in_force(registry)
    capped = draft(registry)
    registry.model.hang()
    asked = len(registry.model.requests)
    answers = []
    body = order({"genre_affinity": ["crime"]}, title_id=FILM, seed=77)
    waiting = threading.Thread(target=lambda: answers.append(registry.post("/v1/promos", body)))
    try:
        waiting.start()
        while len(registry.model.requests) == asked:
            time.sleep(0.01)
        act(registry, "activate", {"version": capped, "why": "In between."})
    finally:
        registry.model.recover()
        waiting.join()
    (answer,) = answers
    assert answer.json()["receipt"]["statement"]["policy"] == first
    assert genres(answer) == "released"
    after = registry.post("/v1/promos", body)
    assert after.json()["receipt"]["statement"]["policy"] == capped
    assert genres(after) == "withheld"


def test_metrics_are_open_and_tell_of_the_set_in_force(registry) -> None:
    answer = registry.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert f'genservice_policy_info{{source="registry",version="{in_force(registry)}"}} 1.0' in answer.text  # fmt: skip
    assert "genservice_policy_problems 0.0" in answer.text
    assert 'genservice_policy_loads_total{outcome="success"}' in answer.text


def test_what_came_into_force_is_so_after_a_restart(tmp_path) -> None:
    with running(tmp_path) as api:
        capped = draft(api)
        act(api, "activate", {"version": capped, "why": "On."})
    with running(tmp_path) as api:
        assert in_force(api) == capped
        assert genres(promo(api)) == "withheld"


def test_where_files_rule_drafts_and_shadows_are_there_and_force_is_not(tmp_path) -> None:
    with running(tmp_path, policy_source="files") as api:
        capped = draft(api)
        for name, body in (
            ("activate", {"version": capped, "why": "On."}),
            ("rollback", {"why": "Back."}),
        ):
            refused = act(api, name, body)
            assert (refused.status_code, refused.json()["detail"]) == (
                409, "The policy folder rules here: edit its files instead.",
            )  # fmt: skip
        assert act(api, "shadow", {"version": capped}).status_code == 200
        promo(api)
        assert shadow(api)["differing"] == 1
        assert act(api, "shadow", {"version": None}).json()["what"] == "withdrawn"
        assert shadow(api)["version"] is None
