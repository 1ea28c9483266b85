"""The signing key rotated by a command while the service runs."""

from __future__ import annotations

import time

from click.testing import CliRunner

from genservice.api.service import STATE_KEY
from genservice.canonical import canonical
from genservice.cli import cli
from genservice.receipts import read_keys, verify

KEYS = "/.well-known/genservice-keys.json"


def test_a_running_service_signs_with_the_new_key_and_publishes_the_old_one(api, tmp_path) -> None:
    before = api.promo({"genre_affinity": ["crime"]}).json()["receipt"]
    keystore = str(api.client.app.state[STATE_KEY].signer._folder)

    done = CliRunner().invoke(cli, ["keys", "rotate-signing", "--keystore", keystore])
    assert done.exit_code == 0
    assert before["signature"]["key"] in done.output

    after = before
    until = time.monotonic() + 30
    while after["signature"]["key"] == before["signature"]["key"] and time.monotonic() < until:
        after = api.promo({"genre_affinity": ["crime"]}).json()["receipt"]
    assert after["signature"]["key"] in done.output
    assert after["id"] == before["id"]

    published = api.client.get(KEYS)
    listed = {key["kid"]: key for key in published.json()["keys"]}
    assert "exp" not in listed[after["signature"]["key"]]
    assert listed[before["signature"]["key"]]["exp"] >= listed[before["signature"]["key"]]["nbf"]
    keys = read_keys(published.content, file="keys")
    saved = tmp_path / "keys.json"
    saved.write_bytes(published.content)
    for receipt in (before, after):
        assert verify(canonical(receipt), keys).valid
        assert api.post("/v1/receipts/verify", {"receipt": receipt}).json()["valid"]
        for where in (["--keys", str(saved)], ["--keystore", keystore]):
            told = CliRunner().invoke(
                cli, ["receipt", "verify", "-", *where], input=canonical(receipt)
            )
            assert told.exit_code == 0, told.output
