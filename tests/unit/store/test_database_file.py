"""A database in a folder of any name: names hold what URLs have other uses for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from genservice.cli.keys import keys
from genservice.settings import Settings
from genservice.store import open_store

NAMES = ("what?", "a?mode=memory", "#1", "100%", "50%41", "a b&c=d", "file:x", "ünï", "@home:8")


@pytest.mark.parametrize("name", NAMES)
async def test_it_is_made_there_and_nowhere_else_and_is_found_again(tmp_path, name: str) -> None:
    place = Settings(data=tmp_path / name).database()
    for _ in range(2):
        async with open_store(place, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as store:
            await store.migrate()
            await store.keys.create("editor", "tests")
            count = len(await store.keys.list())
    assert count == 2
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "genservice.db").is_file()


def test_a_relative_folder_that_looks_like_a_uri_is_a_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(
        keys, ["create", "--role", "app", "--name", "x", "--data", "file:d?mode=memory"]
    )
    assert made.exit_code == 0
    assert Path("file:d?mode=memory/genservice.db").is_file()
