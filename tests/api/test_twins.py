"""Twins beforehand, in the service as it listens."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.cli.catalog import catalog
from genservice.generation import Scripted
from tests.small_service import LOCKED, WRITTEN, small_settings
from tests.unit.generation.local_server import completion
from tests.unit.generation.local_server import running as server_running

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def listening(settings, model=None, **parts: Any) -> Iterator[TestClient[Any]]:
    given = {"model": model, "reserve": Scripted(revision="reserve 1"), **parts}
    app = create_app(settings, **given)
    with TestClient(app) as client:
        with client.portal() as portal:
            key = portal.call(app.state[STATE_KEY].keys.create, "editor", "tests").key
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def until(client, state: str, **counts: int) -> dict[str, Any]:
    """Readiness, once the twins are in that state; a test that waits in vain ends with what they are in."""
    for _ in range(3000):
        ready = client.get("/health/ready").json()
        twins = ready["twins"]
        if twins["state"] == state and counts.items() <= twins.items():
            return ready
        time.sleep(0.01)
    pytest.fail(f"the twins are {twins}")


def promo(client, title: str, **changes: Any) -> dict[str, Any]:
    body = {
        "title_id": title,
        "context": {"region": "DE", "age_band": "age_25_34", "consents": []},
        **changes,
    }
    return client.post("/v1/promos", json=body).json()


def test_the_titles_imported_at_first_start_get_their_twins_and_readiness_counts_them(
    tmp_path,
) -> None:
    with listening(small_settings(tmp_path), Scripted()) as client:
        ready = until(client, "done")
    assert ready["status"] == "ok"
    assert ready["twins"] == {
        "state": "done",
        "written": WRITTEN,
        "missing": 0,
        "locked": LOCKED,
        "failed": 0,
    }


def test_a_dead_model_afterwards_brings_the_stored_twin_with_its_reason(tmp_path) -> None:
    settings = small_settings(tmp_path)
    with listening(settings, Scripted()) as client:
        until(client, "done")
        (twin,) = promo(client, "cold-quay")["blurbs"]
    away = msgspec.structs.replace(settings, model="http://127.0.0.1:9/v1")
    with listening(away) as client:
        ready = client.get("/health/ready").json()
        consents = ["content_profile", "content_use"]
        answer = promo(
            client,
            "cold-quay",
            context={"region": "DE", "age_band": "age_25_34", "consents": consents},
            audience={"signals": {"genre_affinity": ["crime"]}},
        )
    assert (ready["status"], ready["problems"]) == ("degraded", ["the model does not answer"])
    (blurb,) = answer["blurbs"]
    assert (blurb["source"], blurb["reason"]) == ("twin", "model_unavailable")
    assert blurb["text"] == twin["text"]


def test_a_restart_writes_nothing_again_and_goes_on_where_it_was_stopped(tmp_path) -> None:
    settings = small_settings(tmp_path)
    stopped = Scripted()
    stopped.hang()
    with listening(settings, stopped) as client:
        until(client, "writing", missing=WRITTEN + LOCKED)
    with listening(settings, Scripted()) as client:
        until(client, "done", written=WRITTEN)
    again = Scripted()
    with listening(settings, again) as client:
        until(client, "done", written=0)
    assert again.requests == []


def test_titles_put_texts_changed_and_titles_imported_get_their_twins_at_once(tmp_path) -> None:
    with listening(small_settings(tmp_path), Scripted()) as client:
        until(client, "done", written=WRITTEN)
        title = {"id": "new-one", "kind": "film", "name": "New One", "language": "en"}
        client.put("/v1/titles/new-one", json={**title, "genres": ["crime"]})
        until(client, "done", written=WRITTEN + 2)
        text = {"language": "en", "length": "long", "text": "A film of our own."}
        client.put("/v1/titles/new-one/texts", json={"texts": [text]})
        until(client, "done", written=WRITTEN + 4)
        client.post("/v1/titles/import?format=json", json=[{**title, "genres": ["drama"]}])
        until(client, "done", written=WRITTEN + 6)


def test_without_places_readiness_says_that_it_is_off(tmp_path) -> None:
    with listening(small_settings(tmp_path, twins=""), Scripted()) as client:
        assert client.get("/health/ready").json()["twins"]["state"] == "off"


def test_the_command_line_writes_what_is_missing_and_says_how_much(tmp_path) -> None:
    settings = small_settings(tmp_path)
    flags = [
        f"--{name}={getattr(settings, name)}" for name in ("data", "keystore", "catalogue", "twins")
    ]
    with server_running() as server:
        server.say = lambda body: completion("[TITLE].")
        command = ["twins", *flags, f"--model={server.address}"]
        first = CliRunner().invoke(catalog, command)
        asked = len(server.chats)
        second = CliRunner().invoke(catalog, [*command, "--json"])
    assert (first.exit_code, first.stdout) == (
        0,
        f"{WRITTEN} written, {LOCKED} left to the editors, 0 failed\n",
    )
    assert msgspec.json.decode(second.stdout)["written"] == 0
    assert asked == len(server.chats) > 0
