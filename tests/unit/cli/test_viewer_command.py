"""`genservice viewer`: confirmations hold offline or are said not to, and the schema printed is the published one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from genservice.cli.signed import MAX_BYTES
from genservice.cli.viewer import viewer
from genservice.confirmations import Counts, confirm
from genservice.signing import Signer

PUBLISHED = Path(__file__).parents[3] / "docs" / "schema" / "viewer-export.schema.json"
ID = "u-7f3a"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A confirmation with its secret and without, changed ones, and the keys."""
    made = tmp_path_factory.mktemp("confirmation")
    signer = Signer.open(made / "keystore")
    confirmed = confirm(
        ID,
        Counts(signals=3, consents=2, controls=1, servings=40),
        at=datetime(2026, 11, 26, tzinfo=UTC),
        signer=signer,
        random=bytes,
    )
    good = msgspec.json.encode(confirmed)
    (made / "confirmation.json").write_bytes(good)
    (made / "bare.json").write_bytes(msgspec.json.encode(confirmed.confirmation))
    (made / "altered.json").write_bytes(good.replace(b'"signals":3', b'"signals":0'))
    (made / "keys.json").write_bytes(msgspec.json.encode(signer.public_keys()))
    other = Signer.open(made / "another")
    (made / "other.json").write_bytes(msgspec.json.encode(other.public_keys()))
    (made / "text.json").write_text("Hello", encoding="utf-8")
    (made / "large.json").write_bytes(b" " * (MAX_BYTES + 1))
    return made


def run(folder: Path, file: str, *options: str, keys: str = "keys.json") -> Result:
    given = ["verify", str(folder / file), "--keys", str(folder / keys), *options]
    return CliRunner().invoke(viewer, given)


@pytest.mark.parametrize("file", ["confirmation.json", "bare.json"])
def test_a_genuine_one_is_valid(folder: Path, file: str) -> None:
    result = run(folder, file)
    assert (result.exit_code, result.output) == (0, "The confirmation is valid.\n")


def test_whose_it_is_shows_with_its_secret_alone(folder: Path) -> None:
    assert run(folder, "confirmation.json", "--viewer", ID).exit_code == 0
    for file, name in (("confirmation.json", "u-7f3b"), ("bare.json", ID)):
        result = run(folder, file, "--viewer", name)
        assert result.exit_code == 1
        assert "nothing in the file shows that it is about this viewer" in result.output


@pytest.mark.parametrize(
    ("file", "keys", "reason"),
    [
        ("altered.json", "keys.json", "statement_altered"),
        ("confirmation.json", "other.json", "unknown_key"),
        ("text.json", "keys.json", "not_a_confirmation"),
    ],
)
def test_one_that_does_not_hold_is_said_to_and_why(folder, file, keys, reason) -> None:
    result = run(folder, file, "--json", keys=keys)
    assert result.exit_code == 1
    assert json.loads(result.output) == {"valid": False, "reason": reason}


def test_the_keys_are_the_keystores_where_none_are_given(folder: Path) -> None:
    file, keystore = str(folder / "confirmation.json"), str(folder / "keystore")
    result = CliRunner().invoke(viewer, ["verify", file, "--keystore", keystore])
    assert result.exit_code == 0


def test_a_file_that_is_too_large_for_one_is_wrong_usage(folder: Path) -> None:
    assert run(folder, "large.json").exit_code == 2


def test_the_schema_printed_is_the_one_published() -> None:
    result = CliRunner().invoke(viewer, ["schema"])
    assert result.exit_code == 0
    assert result.output == PUBLISHED.read_text(encoding="utf-8")
