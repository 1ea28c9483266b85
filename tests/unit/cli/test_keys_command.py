from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from genservice.cli.keys import keys
from genservice.errors import NotFoundError
from genservice.store import KeyRecord, open_store


@pytest.fixture
def run(tmp_path):
    def run(*arguments: str) -> Result:
        command, *rest = arguments
        return CliRunner().invoke(keys, [command, "--data", str(tmp_path), *rest])

    return run


def opened(tmp_path, key: str) -> KeyRecord | None:
    async def verify() -> KeyRecord | None:
        url = f"sqlite+aiosqlite:///{tmp_path / 'genservice.db'}"
        async with open_store(url, clock=lambda: datetime.now(UTC)) as store:
            return await store.keys.verify(key)

    return asyncio.run(verify())


def test_a_key_made_for_programs_opens_and_has_the_promised_fields(run, tmp_path):
    result = run("create", "--role", "app", "--name", "living-room app", "--json")

    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert list(made) == ["id", "key", "role", "expires"]
    assert (made["role"], made["expires"]) == ("app", None)
    record = opened(tmp_path, made["key"])
    assert record is not None
    assert (record.id, record.role, record.name) == (made["id"], "app", "living-room app")


def test_a_key_made_for_people_is_alone_on_standard_output(run, tmp_path):
    result = run("create", "--role", "editor", "--name", "newsroom")

    assert re.fullmatch(r"gs_[a-z0-9]{8}_[A-Za-z0-9_-]{43}\n", result.stdout)
    assert "cannot be shown again" in result.stderr
    assert opened(tmp_path, result.stdout.strip()) is not None


@pytest.mark.parametrize(
    ("when", "moment"),
    [
        ("2127-01-31", "2127-01-31T00:00:00Z"),
        ("2127-01-31T12:30:00", "2127-01-31T12:30:00Z"),
        ("2127-01-31T12:30:00+02:00", "2127-01-31T10:30:00Z"),
    ],
)
def test_an_expiry_may_be_a_day_or_a_time(run, when, moment):
    result = run("create", "--role", "app", "--name", "a", "--expires", when, "--json")

    assert json.loads(result.stdout)["expires"] == moment


def test_an_expiry_may_be_days_from_now(run):
    result = run("create", "--role", "app", "--name", "a", "--expires", "90d", "--json")

    left = datetime.fromisoformat(json.loads(result.stdout)["expires"]) - datetime.now(UTC)
    assert timedelta(days=89) < left <= timedelta(days=90)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--role", "root", "--name", "a"),
        ("--name", "a"),
        ("--role", "app"),
        ("--role", "app", "--name", "a", "--expires", "soon"),
        ("--role", "app", "--name", "a", "--expires", "0d"),
        ("--role", "app", "--name", "a", "--expires", "0001-01-01T00:00:00+14:00"),
    ],
    ids=["role", "no-role", "no-name", "expiry", "no-days", "out-of-range"],
)
def test_wrong_usage_exits_with_two_and_makes_nothing(run, tmp_path, arguments):
    assert run("create", *arguments).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_expiry_in_the_past_is_refused(run):
    result = run("create", "--role", "app", "--name", "a", "--expires", "2001-01-01")

    assert result.exit_code == 2
    assert "Invalid value for --expires: not in the future" in result.stderr


def test_keys_are_listed_without_their_secrets(run):
    made = [
        json.loads(run("create", "--role", role, "--name", f"the {role}", "--json").stdout)
        for role in ("app", "admin")
    ]

    as_json, as_text = run("list", "--json"), run("list")

    listed = json.loads(as_json.stdout)["items"]
    assert [record["id"] for record in listed] == [key["id"] for key in made]
    assert [line.split()[:2] for line in as_text.stdout.splitlines()] == [
        [made[0]["id"], "app"],
        [made[1]["id"], "admin"],
    ]
    shown = as_json.stdout + as_text.stdout
    assert not any(key["key"][12:] in shown for key in made)
    assert "hash" not in shown


def test_a_revoked_key_opens_nothing_and_is_listed_as_such(run, tmp_path):
    made = json.loads(run("create", "--role", "app", "--name", "a", "--json").stdout)

    result = run("revoke", made["id"], "--json")

    assert json.loads(result.stdout)["revoked_at"] is not None
    assert opened(tmp_path, made["key"]) is None
    assert "revoked 2" in run("list").stdout


def test_a_key_that_was_never_made_cannot_be_revoked(run):
    assert isinstance(run("revoke", "00000000").exception, NotFoundError)


def test_a_rotated_key_is_shown_once_and_the_old_one_opens_for_the_overlap(run, tmp_path):
    old = json.loads(run("create", "--role", "app", "--name", "app", "--json").stdout)
    new = run("rotate", old["id"], "--overlap", "2h")
    assert re.fullmatch(r"gs_[a-z0-9]{8}_[A-Za-z0-9_-]{43}\n", new.stdout)
    made = opened(tmp_path, new.stdout.strip())
    kept = opened(tmp_path, old["key"])
    assert made is not None
    assert kept is not None
    assert kept.expires_at == made.created_at + timedelta(hours=2)
    assert made.expires_at is None


def test_a_rotated_key_made_for_programs_has_the_promised_fields(run, tmp_path):
    old = json.loads(run("create", "--role", "editor", "--name", "desk", "--json").stdout)
    new = json.loads(run("rotate", old["id"], "--overlap", "0h", "--json").stdout)
    assert list(new) == ["id", "key", "role", "expires"]
    assert new["role"] == "editor"
    assert opened(tmp_path, old["key"]) is None


@pytest.mark.parametrize("overlap", ["", "1", "h", "-1h", "1.5h", "1w", "99999h", "24 h"])
def test_an_overlap_is_a_length_of_time(run, overlap):
    result = run("rotate", "k3x9w2ab", "--overlap", overlap)
    assert result.exit_code == 2
    assert "24h" in result.stderr


@pytest.mark.parametrize("command", [[], ["create"], ["list"], ["rotate"], ["revoke"]])
def test_every_command_shows_an_example(command):
    shown = CliRunner().invoke(keys, [*command, "--help"]).stdout

    assert re.search(r"Example:\s+genservice keys", shown)
