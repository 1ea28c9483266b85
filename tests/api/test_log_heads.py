"""Heads over HTTP, and what `genservice log verify` says of the log of a service."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.cli import cli
from genservice.generation import Scripted
from genservice.settings import Settings
from tests.api.conftest import Api


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """The folder of a service that logged three requests and stopped, with what it answered then."""
    folder = tmp_path_factory.mktemp("service")
    settings = Settings(data=folder / "data", keystore=folder / "keystore", twins="")
    model = Scripted()
    app = create_app(settings, model=model, reserve=Scripted())
    with TestClient(app, raise_server_exceptions=False) as client:
        service = app.state[STATE_KEY]
        with client.portal() as portal:
            key = portal.call(service.keys.create, "editor", "editor").key
            officer = portal.call(service.keys.create, "privacy_officer", "officer").key
            api = Api(client, model, {"editor": key, "privacy_officer": officer})
            for genre in ("crime", "drama", "comedy"):
                api.promo({"genre_affinity": [genre]})
            portal.call(service.decisions.flush)
            portal.call(service.decisions._chain.sign)
        heads = api.get("/v1/log/heads", role="privacy_officer")
        assert heads.status_code == 200
        (folder / "heads.json").write_bytes(heads.content)
        keys = client.get("/.well-known/genservice-keys.json")
        (folder / "keys.json").write_bytes(keys.content)
    return folder


def verify(folder, *options: str):
    places = ["--data", str(folder / "data"), "--keystore", str(folder / "keystore")]
    return CliRunner().invoke(cli, ["log", "verify", *places, *options])


def change(folder, statement: str) -> None:
    with closing(sqlite3.connect(folder / "data" / "genservice.db")) as database, database:
        database.execute(statement)


def test_a_log_nobody_touched_is_whole(stopped) -> None:
    done = verify(stopped)
    assert done.exit_code == 0, done.output
    assert "Nothing was removed, altered or cut off since it was signed." in done.output
    told = json.loads(verify(stopped, "--json").stdout)
    assert (told["whole"], told["findings"], told["requests"], told["writers"]) == (True, [], 3, 1)


def test_heads_that_an_auditor_kept_verify_it_too(stopped) -> None:
    kept = json.loads((stopped / "heads.json").read_bytes())
    assert kept["next"] is None
    kinds = [item["record"]["kind"] for item in kept["items"]]
    assert kinds == ["genservice.log-beginning/1", "genservice.log-head/1"]
    assert kept["items"][1]["record"]["requests"] == 3
    done = verify(
        stopped, "--heads", str(stopped / "heads.json"), "--keys", str(stopped / "keys.json")
    )
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE decision_log SET requests = requests + 1", "was altered"),
        ("UPDATE decision_log SET policy = 'sha256:0'", "was altered"),
        ("DELETE FROM decision_log", "missing, and with it all of this writer, although signed"),
    ],
)
def test_what_was_done_to_it_is_told_with_writer_and_hour(stopped, statement, said) -> None:
    whole = (stopped / "data" / "genservice.db").read_bytes()
    try:
        change(stopped, statement)
        done = verify(stopped)
        assert done.exit_code == 1
        assert said in done.output
        assert json.loads(verify(stopped, "--json").stdout)["findings"][0]["writer"]
    finally:
        (stopped / "data" / "genservice.db").write_bytes(whole)


def test_wrong_usage_is_told_apart(stopped, tmp_path) -> None:
    for options in (
        ["--data", str(tmp_path)],
        ["--keystore", str(tmp_path)],
        ["--heads", str(tmp_path / "none")],
        ["--keys", str(stopped / "heads.json")],
        ["--days", "-1"],
    ):
        assert verify(stopped, *options).exit_code == 2, options


def test_heads_name_no_viewer_no_receipt_and_no_request(stopped) -> None:
    files = list((stopped / "keystore" / "log-heads").iterdir())
    items = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    assert items
    fields = {
        "at", "closed", "digest", "hour", "kind", "position", "requests", "writer",
        "record", "signature", "alg", "key", "value",
    }  # fmt: skip
    for item in items:
        assert {*item, *item["record"], *item["signature"]} <= fields
    # Not in the values of signatures: by chance these hold any letters.
    held = json.dumps([item["record"] for item in items])
    for word in ("r-", "b-", "gs_", "crime", "double-indemnity"):
        assert word not in held
