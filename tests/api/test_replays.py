"""Drafts replayed over HTTP, and what the log holds after requests that carried canaries."""

from __future__ import annotations

import sqlite3
import zlib

import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.settings import Settings
from tests.api.conftest import Api, order

LESS = {
    "less.yaml": "rules:\n  - {id: less, why: Less., when: {purpose: [promo]}, signals: [genre_affinity], decision: withhold}\n"
}


@pytest.fixture
def opened(tmp_path):
    """The application with a log of its own, as `opened(days)`, and the folder of its database."""
    clients = []

    def with_days(**changes) -> Api:
        settings = Settings(data=tmp_path / "data", keystore=tmp_path / "keys", twins="", **changes)
        model = Scripted()
        app = create_app(settings, model=model, reserve=Scripted())
        client = TestClient(app, raise_server_exceptions=False)
        clients.append(client)
        client.__enter__()
        service = app.state[STATE_KEY]
        with client.portal() as portal:
            keys = {
                role: portal.call(service.keys.create, role, role).key
                for role in ("editor", "app", "policy_owner", "privacy_officer")
            }
        return Api(client, model, keys)

    yield with_days
    for client in clients:
        client.__exit__(None, None, None)


def replay(api: Api, files=LESS, role="policy_owner", **changes):
    body = {"files": files, "since": "7d", **changes}
    return api.post("/v1/policies/replay", body, role=role)


def test_a_draft_is_replayed_over_what_was_asked_for(opened) -> None:
    api = opened()
    for _ in range(3):
        assert api.promo({"genre_affinity": ["crime"]}).status_code == 200
    api.promo({"genre_affinity": ["crime"], "time_of_day": ["22:40"]})
    api.promo({"device": "tv"})
    api.post("/v1/synopses", order({"genre_affinity": ["crime"]}))

    found = replay(api).json()["replay"]

    assert (found["requests"], found["changed"]) == (6, 4)
    (effect,) = found["effects"]
    assert effect["change"]["signal"] == "genre_affinity"
    assert effect["change"]["will"] == {"outcome": "withheld", "level": "none"}
    assert effect["share"]["purposes"] == {"promo": 4}
    # The time of day is still there to answer one of the four.
    assert found["twin"]["requests"] == 3
    assert found["versions"] == {found["in_force"]: 6}
    assert found["draft"] != found["in_force"]


def test_nothing_changes_where_the_draft_is_the_set_in_force(opened) -> None:
    api = opened()
    api.promo({"genre_affinity": ["crime"]})
    found = replay(api, {}).json()["replay"]
    assert (found["requests"], found["changed"], found["effects"]) == (1, 0, [])


def test_a_dry_run_is_no_traffic(opened) -> None:
    api = opened()
    assert api.promo({"genre_affinity": ["crime"]}, dry_run=True).status_code == 200
    assert replay(api).json()["replay"]["requests"] == 0


def test_streams_are_traffic_too(opened) -> None:
    api = opened()
    api.post("/v1/promos", order({"genre_affinity": ["crime"]}), Accept="text/event-stream")
    assert replay(api).json()["replay"]["requests"] == 1


@pytest.mark.parametrize("role", ["app", "editor"])
def test_only_owners_of_policies_and_privacy_replay(api, role) -> None:
    assert replay(api, role=role).status_code == 403
    assert replay(api, role="privacy_officer").status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"since": "soon"}, "#/since"),
        ({"until": "2020-01-01"}, "#/until"),
        ({"against": "never"}, "#/against"),
        ({"files": []}, "#/files"),
        ({"more": 1}, "#/more"),
    ],
)
def test_what_cannot_be_replayed_is_named(api, changes, pointer) -> None:
    response = replay(api, **changes)
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == pointer


def test_a_broken_draft_is_told_with_file_line_and_column(api) -> None:
    response = replay(api, {"less.yaml": LESS["less.yaml"].replace("genre_aff", "gnre_aff")})
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert (error["file"], error["line"]) == ("less.yaml", 2)
    assert "genre_affinity" in error["hint"]


def test_a_replay_past_its_deadline_is_a_503_that_says_what_to_do(opened) -> None:
    api = opened(replay_timeout=0.01)
    api.promo({"genre_affinity": ["crime"]})
    service = api.client.app.state[STATE_KEY]
    with api.client.portal() as portal:
        portal.call(service.replays._turn.acquire)
    response = replay(api)
    assert response.status_code == 503
    assert "ask for fewer hours, or run `genservice policy replay`" in response.json()["detail"]
    assert response.headers["Retry-After"] == "60"


def test_readiness_tells_how_the_log_is(opened) -> None:
    api = opened()
    api.promo()
    replay(api)
    told = api.client.get("/health/ready").json()["decision_log"]
    assert told == {
        "state": "writing", "written": 1, "waiting": 0, "dropped": 0, "signed": 0, "heads": "kept",
    }  # fmt: skip
    metrics = api.client.get("/metrics").text
    assert 'genservice_decision_log_requests_total{outcome="written"} 1.0' in metrics
    assert "genservice_decision_log_waiting 0.0" in metrics


def test_switched_off_nothing_is_logged(opened) -> None:
    api = opened(decision_log_days=0)
    api.promo({"genre_affinity": ["crime"]})
    assert replay(api).json()["replay"]["requests"] == 0
    assert api.client.get("/health/ready").json()["decision_log"]["state"] == "off"


CANARY = "thornwick"


def test_no_canary_of_a_request_is_in_the_database_once_its_decisions_are_logged(
    opened, tmp_path
) -> None:
    api = opened()
    texts = (f"{CANARY} one", f"{CANARY} two", f"{CANARY}@example.org")
    signals = {signal["name"]: [*texts] for signal in api.get("/v1/policies").json()["signals"]}
    refused = {"region": "DE-TW", "age_band": "age_25_34", "consents": [f"{CANARY}_consent"]}
    context = {**refused, "language": "en-TW", "tcf": f"C{CANARY}", "gpp": f"D{CANARY}~{CANARY}"}
    undeclared = {f"{CANARY}_signal": texts[0]}
    carried = {
        name: value
        for name, value in signals.items()
        if name not in {"device", "language_preference", "time_of_day"}
    }
    answers = [
        api.promo({**carried, **undeclared}, context=context),
        api.promo({**carried, **undeclared}, context=context, note=f"Ask for {CANARY}."),
        api.promo({"search_terms": f"films with {CANARY} in them"}),
        api.promo({"stated_interests": CANARY, "followed_people": [CANARY]}),
        api.promo({"genre_affinity": [CANARY]}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    assert replay(api).json()["replay"]["requests"] == len(answers)

    held = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert len(held) > 100_000
    assert CANARY.encode() not in held.lower()
    with sqlite3.connect(tmp_path / "data" / "genservice.db") as database:
        rows = database.execute("SELECT * FROM decision_log").fetchall()
        names = [column[1] for column in database.execute("PRAGMA table_info(decision_log)")]
    database.close()
    assert names == [
        "hour", "writer", "position", "policy", "requests", "body", "previous", "digest",
    ]  # fmt: skip
    bodies = b"".join(zlib.decompress(row[5]) for row in rows)
    assert b"genre_affinity" in bodies
    for word in (CANARY, "DE-TW", "en-TW", "double-indemnity", "r-", "b-", "gs_"):
        assert word.encode().lower() not in bodies.lower(), word
