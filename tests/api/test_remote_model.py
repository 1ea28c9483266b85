"""A model behind an address, in the service as it listens: what it is called is in every key."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from tests.api.test_twins import listening, promo, until
from tests.small_service import small_settings
from tests.unit.generation.local_server import Reply, completion, running


@pytest.fixture
def server():
    with running() as local:
        local.say = lambda body: completion("[TITLE].")
        yield local


@contextmanager
def asking(folder, server, **changes):
    settings = small_settings(folder, **{"model": server.address, "twins": "", **changes})
    with listening(settings) as client:
        yield client


def test_the_server_is_asked_for_its_name_at_the_start(tmp_path, server) -> None:
    with asking(tmp_path, server) as client:
        assert [path for path, _, _ in server.calls] == ["/v1/models"]
        assert client.get("/health/ready").json()["status"] == "ok"


def test_a_server_without_a_name_at_the_start_is_asked_again_before_a_key_is_made(
    tmp_path, server
) -> None:
    models, server.models = server.models, ()
    with asking(tmp_path, server) as client:
        ready = client.get("/health/ready").json()
        assert ready["problems"] == ["the model does not answer"]
        server.models = models
        answer = promo(client, "cold-quay")
        assert client.get("/health/ready").json()["status"] == "ok"
    assert answer["receipt"]["statement"]["model"] == "remote tiny-instruct"
    asked = len(server.chats)
    with asking(tmp_path, server, model_name="tiny-instruct") as client:
        assert promo(client, "cold-quay") == answer
    assert len(server.chats) == asked


def test_a_key_is_told_only_once_the_model_is_known(tmp_path, server) -> None:
    models, server.models = server.models, ()
    with asking(tmp_path, server) as client:
        refused = client.post("/v1/promos", json=body(dry_run=True))
        assert refused.status_code == 503
        server.models = models
        unnamed = client.post("/v1/promos", json=body(dry_run=True)).json()["key"]
    with asking(tmp_path, server, model_name="tiny-instruct") as client:
        assert client.post("/v1/promos", json=body(dry_run=True)).json()["key"] == unnamed
    with asking(tmp_path, server, model_name="another") as client:
        assert client.post("/v1/promos", json=body(dry_run=True)).json()["key"] != unnamed


def test_a_server_that_stops_answering_shows_in_readiness_until_it_answers(
    tmp_path, server
) -> None:
    with asking(tmp_path, server) as client:
        server.say = lambda body: Reply(status=401)
        promo(client, "cold-quay")
        ready = client.get("/health/ready").json()
        assert ready["problems"] == ["the model does not answer"]
        server.say = lambda body: completion("[TITLE].")
        promo(client, "cold-quay", seed=5)
        assert client.get("/health/ready").json()["problems"] == []


def test_twins_are_written_by_a_server_too(tmp_path, server) -> None:
    with asking(tmp_path, server, twins="promo/tile/short") as client:
        until(client, "done")
        asked = len(server.chats)
        answer = promo(client, "cold-quay", channel="tile", length="short")
    assert answer["receipt"]["statement"]["model"] == "remote tiny-instruct"
    assert len(server.chats) == asked


def body(**changes):
    return {
        "title_id": "cold-quay",
        "context": {"region": "DE", "age_band": "age_25_34", "consents": []},
        **changes,
    }
