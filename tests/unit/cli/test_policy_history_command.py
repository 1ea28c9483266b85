"""`genservice policy history`: the acts of a database, for people and for programs."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from genservice.cli.policy.history import command
from genservice.store import open_store

FIRST, SECOND = "sha256:" + "ab" * 32, "sha256:" + "cd" * 32


@pytest.fixture
def run(tmp_path):
    async def fill() -> None:
        def noon() -> datetime:
            return datetime(2026, 3, 1, 12, tzinfo=UTC)

        async with open_store(tmp_path / "genservice.db", clock=noon) as store:
            await store.migrate()
            await store.policies.accept(FIRST, {})
            await store.policies.upload(SECOND, {}, who="k3x9w2ab", why="A draft.", base=FIRST)
            await store.policies.activate(SECOND, who="k3x9w2ab", why="It cannot wait.")

    asyncio.run(fill())
    return lambda *words: CliRunner().invoke(command, ["--data", str(tmp_path), *words])


def test_the_last_act_comes_first_with_who_when_and_why(run):
    result = run()

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "   3  2026-03-01 12:00:00  k3x9w2ab  activated    sha256:abababababab -> sha256:cdcdcdcdcdcd, not shadowed before  It cannot wait.",
        "   2  2026-03-01 12:00:00  k3x9w2ab  uploaded     sha256:abababababab -> sha256:cdcdcdcdcdcd  A draft.",
        "   1  2026-03-01 12:00:00  start     activated    none                -> sha256:abababababab",
    ]  # fmt: skip


def test_programs_read_whole_versions_page_by_page(run):
    page = json.loads(run("--json", "--limit", "2").stdout)

    assert [item["what"] for item in page["items"]] == ["activated", "uploaded"]
    assert (page["items"][0]["from"], page["items"][0]["to"]) == (FIRST, SECOND)
    rest = json.loads(run("--json", "--cursor", page["next"]).stdout)
    assert [item["number"] for item in rest["items"]] == [1]
    assert rest["next"] is None
