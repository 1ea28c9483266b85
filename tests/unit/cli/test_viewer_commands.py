"""`genservice keys rotate-master` and `genservice viewer tidy`, over what another process wrote."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from genservice.cli import cli
from genservice.domain.viewers import Exported
from genservice.errors import SettingsError
from genservice.master_keys import MasterKeyPlace
from genservice.sealing import MasterKey, new_key
from genservice.settings import Settings, read_settings
from tests.viewer_files import ADA, NOTHING, Clock, fill, found, in_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GENSERVICE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GENSERVICE_KEYSTORE", str(tmp_path / "keystore"))
    return tmp_path


def run(*arguments: str, **options) -> str:
    done = CliRunner().invoke(cli, list(arguments), catch_exceptions=False, **options)
    assert done.exit_code == 0, done.output
    return done.stdout


async def exported(folder: Path, clock=None) -> Exported:
    async with in_files(folder, clock or Clock()) as opened:
        return await opened.viewers.export(ADA)


async def filled(folder: Path, clock=None) -> Exported:
    async with in_files(folder, clock or Clock()) as opened:
        await fill(opened.viewers)
        return await opened.viewers.export(ADA)


class TestRotateMaster:
    def test_another_key_wraps_and_everything_is_read_as_before(self, folders):
        held = asyncio.run(filled(folders))
        old = (folders / "keystore" / "master.key").read_bytes().strip()

        told = json.loads(run("keys", "rotate-master", "--json"))

        assert told["wrapped"] == 2
        place = MasterKeyPlace(keystore=folders / "keystore")
        assert place.read().ids == (told["master_key"],)
        assert found(folders, [old]) == []
        assert asyncio.run(exported(folders)) == held

    def test_of_a_setting_the_first_wraps_and_the_second_may_go(self, folders, monkeypatch):
        old, new = MasterKey(new_key()), MasterKey(new_key())
        monkeypatch.setenv("GENSERVICE_MASTER_KEY", old.text())
        run("keys", "rotate-master")
        monkeypatch.setenv("GENSERVICE_MASTER_KEY", f"{new.text()},{old.text()}")

        assert "Wrapped 1 key anew" in run("keys", "rotate-master")

        monkeypatch.setenv("GENSERVICE_MASTER_KEY", new.text())
        assert "Wrapped 0 keys anew" in run("keys", "rotate-master")
        assert not (folders / "keystore" / "master.key").exists()

    def test_a_wrong_key_is_refused_and_named_by_its_setting(self, folders, monkeypatch):
        run("keys", "rotate-master")
        monkeypatch.setenv("GENSERVICE_MASTER_KEY", MasterKey(new_key()).text())

        with pytest.raises(SettingsError, match="GENSERVICE_MASTER_KEY: the keystore was wrapped"):
            run("keys", "rotate-master")


class TestTidy:
    def test_it_takes_out_what_expired_and_says_how_much(self, folders):
        long_ago = Clock(datetime.now(UTC) - timedelta(days=200))
        asyncio.run(filled(folders, long_ago))

        assert json.loads(run("viewer", "tidy", "--json")) == {
            "signals": 2,
            "servings": 1,
            "viewers": 0,
            "restored": 0,
        }
        assert "Taken out: 0 signals, 0 servings" in run("viewer", "tidy")

    def test_it_ends_an_erasure_that_was_begun(self, folders):
        async def begin() -> list[bytes]:
            async with in_files(folders, Clock()) as opened:
                await fill(opened.viewers)
                traces = await opened.traces(ADA)
                await opened.keystore.begin_erasure(ADA)
                return traces

        async def rows() -> dict[str, int]:
            async with in_files(folders, Clock()) as opened:
                return await opened.rows()

        traces = asyncio.run(begin())
        run("viewer", "tidy")

        assert asyncio.run(rows()) == NOTHING
        assert found(folders, traces) == []


class TestSettings:
    def test_data_and_keys_are_not_put_into_one_database(self):
        url = "postgresql://user:hunter2@host/one"
        settings = Settings(database_url=url, keystore_url=url)

        with pytest.raises(SettingsError, match="GENSERVICE_KEYSTORE_URL: another") as caught:
            settings.keystore_database()
        assert "hunter2" not in str(caught.value)

    def test_the_master_key_is_looked_for_in_one_place(self, folders):
        environ = {"GENSERVICE_MASTER_KEY": "x", "GENSERVICE_MASTER_KEY_FILE": "y"}

        with pytest.raises(SettingsError, match="GENSERVICE_MASTER_KEY_FILE"):
            read_settings(environ).master_keys()

    def test_a_file_elsewhere_is_read_and_never_made(self, folders):
        place = read_settings({"GENSERVICE_MASTER_KEY_FILE": str(folders / "k")}).master_keys()

        with pytest.raises(SettingsError, match="No such file"):
            place.read_or_make()
        (folders / "k").write_text(MasterKey(new_key()).text())
        assert len(place.read_or_make().ids) == 1
        with pytest.raises(SettingsError, match="not ours to change"):
            place.with_new()
