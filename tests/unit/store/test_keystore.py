"""The keystore's master keys: made once, missed clearly, changed while others work, and never half."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from genservice.errors import SettingsError, UnavailableError
from genservice.master_keys import MasterKeyPlace
from genservice.sealing import MasterKey, new_key
from genservice.store import KeystoreEntry, keystore_migrations, open_keystore
from genservice.store.keystore_tables import keystore_metadata
from genservice.store.migrations import read_scripts, upgrade
from tests.viewer_files import ADA, found

ROOT = Path(__file__).parents[3]


def own(folder: Path) -> MasterKeyPlace:
    return MasterKeyPlace(keystore=folder)


def entry() -> KeystoreEntry:
    return KeystoreEntry(new_key()[:16], new_key())


def told(_: int) -> None:
    """Nobody watches."""


class TestFirstKey:
    async def test_it_is_made_with_the_keystore_and_found_again(self, tmp_path):
        made = entry()
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            await keystore.add(ADA, made)
            secret = await keystore.secret("tokens")
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            assert await keystore.find(ADA) == made
            assert await keystore.secret("tokens") == secret
            assert await keystore.secret("others") != secret

    async def test_processes_that_start_at_once_have_the_same(self, tmp_path):
        async def first(number: int) -> bytes:
            async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
                await keystore.add(f"viewer-{number}", entry())
                return await keystore.secret("tokens")

        secrets = await asyncio.gather(*map(first, range(6)))

        assert len(set(secrets)) == 1
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    async def test_a_keystore_whose_key_is_missing_is_refused_and_no_other_key_is_made(
        self, tmp_path
    ):
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            await keystore.add(ADA, entry())
        kept = (tmp_path / "master.key").read_bytes()
        (tmp_path / "master.key").unlink()

        with pytest.raises(SettingsError, match=r"master\.key: No such file"):
            async with open_keystore(tmp_path / "viewers.db", own(tmp_path)):
                pass
        assert not (tmp_path / "master.key").exists()
        (tmp_path / "master.key").write_bytes(kept)
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            assert await keystore.find(ADA) is not None

    async def test_another_key_is_refused_by_name_and_nothing_is_lost(self, tmp_path):
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            await keystore.add(ADA, entry())
        right = own(tmp_path).read().first.id
        wrong = MasterKey(new_key())
        place = MasterKeyPlace(keystore=tmp_path, setting=wrong.text())

        with pytest.raises(SettingsError) as caught:
            async with open_keystore(tmp_path / "viewers.db", place):
                pass
        assert right in str(caught.value)
        assert wrong.id in str(caught.value)
        assert wrong.text() not in str(caught.value)
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            assert await keystore.find(ADA) is not None

    async def test_a_file_that_holds_none_is_refused(self, tmp_path):
        (tmp_path / "key").write_text("not a key")
        place = MasterKeyPlace(keystore=tmp_path / "keystore", file=tmp_path / "key")

        with pytest.raises(SettingsError, match="expected master keys"):
            async with open_keystore(tmp_path / "keystore" / "viewers.db", place):
                pass

    async def test_a_folder_that_cannot_be_made_is_named(self, tmp_path):
        (tmp_path / "file").write_text("")

        with pytest.raises(SettingsError, match="GENSERVICE_KEYSTORE"):
            async with open_keystore(tmp_path / "file" / "viewers.db", own(tmp_path / "file")):
                pass


class TestRotation:
    async def test_everything_is_wrapped_by_the_new_key_and_the_old_one_opens_nothing(
        self, tmp_path
    ):
        entries = {f"viewer-{number}": entry() for number in range(7)}
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            for name, made in entries.items():
                await keystore.add(name, made)
            secret = await keystore.secret("tokens")
            old = own(tmp_path).read().first
            own(tmp_path).with_new()
            # Seven viewers, and two secrets.
            assert await keystore.rotate(told, batch=3) == 9
            own(tmp_path).keep_first()
        new = own(tmp_path).read()

        assert new.ids != (old.id,)
        assert len(new.ids) == 1
        assert found(tmp_path, [old.id.encode(), old.text().encode()]) == []
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            assert await keystore.rotate(told) == 0
            assert await keystore.secret("tokens") == secret
            for name, made in entries.items():
                assert await keystore.find(name) == made
        place = MasterKeyPlace(keystore=tmp_path, setting=old.text())
        with pytest.raises(SettingsError):
            async with open_keystore(tmp_path / "viewers.db", place):
                pass

    async def test_a_service_that_runs_meanwhile_goes_on_and_wraps_by_the_new_key(self, tmp_path):
        async with (
            open_keystore(tmp_path / "viewers.db", own(tmp_path)) as running,
            open_keystore(tmp_path / "viewers.db", own(tmp_path)) as rotating,
        ):
            before, after = entry(), entry()
            await running.add("before", before)
            own(tmp_path).with_new()
            await rotating.rotate(told)
            own(tmp_path).keep_first()

            assert await running.find("before") == before
            await running.add("after", after)
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            assert await keystore.find("after") == after
            assert await keystore.rotate(told) == 0

    async def test_viewers_who_come_while_it_runs_are_not_left_behind(self, tmp_path):
        async with (
            open_keystore(tmp_path / "viewers.db", own(tmp_path)) as running,
            open_keystore(tmp_path / "viewers.db", own(tmp_path)) as rotating,
        ):
            made = {f"viewer-{number}": entry() for number in range(40)}
            own(tmp_path).with_new()

            async def come() -> None:
                for name, each in made.items():
                    await running.add(name, each)

            coming = asyncio.create_task(come())
            while not coming.done():
                await rotating.rotate(told, batch=2)
            await coming
            await rotating.rotate(told)
            own(tmp_path).keep_first()
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            for name, each in made.items():
                assert await keystore.find(name) == each

    async def test_a_service_without_the_new_key_refuses_and_adds_nothing_under_the_old(
        self, tmp_path
    ):
        old, new = MasterKey(new_key()), MasterKey(new_key())
        before = MasterKeyPlace(keystore=tmp_path, setting=old.text())
        both = MasterKeyPlace(keystore=tmp_path, setting=f"{new.text()},{old.text()}")
        made = entry()
        async with (
            open_keystore(tmp_path / "viewers.db", before) as running,
            open_keystore(tmp_path / "viewers.db", both) as rotating,
        ):
            await running.add(ADA, made)
            await rotating.rotate(told)

            with pytest.raises(UnavailableError):
                await running.find(ADA)
            with pytest.raises(UnavailableError):
                await running.add("bob", entry())
        alone = MasterKeyPlace(keystore=tmp_path, setting=new.text())
        async with open_keystore(tmp_path / "viewers.db", alone) as keystore:
            assert await keystore.find(ADA) == made

    async def test_one_killed_half_way_goes_on(self, tmp_path):
        made = {f"viewer-{number}": entry() for number in range(9)}
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            for name, each in made.items():
                await keystore.add(name, each)

        assert await asyncio.to_thread(_rotate_until_killed, tmp_path) == -signal.SIGKILL
        # Half of it is wrapped by either key: both are still here, and everything opens.
        assert len(own(tmp_path).read().ids) == 2
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            for name, each in made.items():
                assert await keystore.find(name) == each
            new = own(tmp_path).read().first.id
            assert own(tmp_path).with_new().first.id == new
            # Nine and the secret, less one batch and the secret.
            assert await keystore.rotate(told) == 5
            own(tmp_path).keep_first()
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            for name, each in made.items():
                assert await keystore.find(name) == each


def _rotate_until_killed(folder: Path) -> int:
    command = [sys.executable, "-c", ROTATE, str(folder)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


ROTATE = """
import asyncio, os, signal, sys
from pathlib import Path
from genservice.master_keys import MasterKeyPlace
from genservice.store import open_keystore

folder = Path(sys.argv[1])
place = MasterKeyPlace(keystore=folder)

async def main():
    async with open_keystore(folder / "viewers.db", place) as keystore:
        place.with_new()
        await keystore.rotate(lambda _: os.kill(os.getpid(), signal.SIGKILL), batch=4)

asyncio.run(main())
"""


class TestTables:
    def test_migrations_add_up_to_the_tables(self):
        engine = sa.create_engine("sqlite://")
        with engine.connect() as connection:
            scripts = read_scripts(Path(keystore_migrations.__file__).parent)
            upgrade(connection, scripts, version_table="keystore_migrations")
            context = MigrationContext.configure(
                connection, opts={"version_table": "keystore_migrations"}
            )
            assert compare_metadata(context, keystore_metadata()) == []
        engine.dispose()

    async def test_keys_moved_to_another_viewer_do_not_open(self, tmp_path):
        async with open_keystore(tmp_path / "viewers.db", own(tmp_path)) as keystore:
            await keystore.add(ADA, entry())
            await keystore.add("bob", entry())
            async with keystore._database.writing() as session:
                await session.execute(
                    sa.text(
                        "UPDATE viewer_keys SET wrapped = (SELECT wrapped FROM viewer_keys"
                        " WHERE lookup <> :lookup) WHERE lookup = :lookup"
                    ),
                    {"lookup": keystore._lookup(ADA)},
                )

            with pytest.raises(UnavailableError):
                await keystore.find(ADA)

    def test_an_entry_does_not_show_its_key(self):
        made = entry()

        assert repr(made.key) not in repr(made)
