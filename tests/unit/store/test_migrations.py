from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from genservice.domain import Title
from genservice.errors import SettingsError, UnavailableError
from genservice.integrity import check
from genservice.store import migrations, open_store
from genservice.store.database import open_database
from genservice.store.migrations import read_scripts, upgrade
from genservice.store.tables import metadata
from genservice.store.titles import fold
from tests.unit.store import frozen_rows

FOLDER = Path(migrations.__file__).parent
ROOT = Path(__file__).parents[3]
OF_SQLITE = {"ix_titles_names"}
"""Indices that no other database has."""
REVISIONS = [script.revision for script in read_scripts().walk_revisions()]


@pytest.fixture
def connection(empty_database):
    url = (
        str(empty_database).replace("+aiosqlite", "").replace("postgresql:", "postgresql+psycopg:")
    )
    engine = sa.create_engine(url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def _differences(connection: sa.Connection, tables: sa.MetaData) -> list:
    def belongs(_item, name, _kind, _reflected, _other) -> bool:
        # Alembic does not ask of what databases an index is.
        return connection.dialect.name == "sqlite" or name not in OF_SQLITE

    context = MigrationContext.configure(
        connection, opts={"version_table": "migrations", "include_object": belongs}
    )
    return compare_metadata(context, tables)


def test_migrations_add_up_to_the_tables(connection):
    upgrade(connection, read_scripts())

    assert _differences(connection, metadata()) == []


def test_a_table_without_its_migration_is_noticed(connection):
    upgrade(connection, read_scripts())
    tables = sa.MetaData()
    for table in metadata().tables.values():
        table.to_metadata(tables)
    tables.tables["titles"].append_column(sa.Column("forgotten", sa.Integer()))
    sa.Table("more", tables, sa.Column("id", sa.Integer(), primary_key=True))

    found = _differences(connection, tables)

    assert {difference[0] for difference in found} == {"add_column", "add_table"}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_leads_to_the_newest(connection, revision):
    upgrade(connection, read_scripts(), to=revision)
    upgrade(connection, read_scripts())

    assert _differences(connection, metadata()) == []


async def test_a_search_reads_no_records_but_those_it_finds(tmp_path):
    file = tmp_path / "genservice.db"
    async with open_store(file, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        with sqlite3.connect(file) as connection:
            plan = connection.execute(
                "EXPLAIN QUERY PLAN SELECT record, revision, name_folded, id FROM titles"
                " WHERE record IS NOT NULL AND (names_folded LIKE '%' || ? || '%' ESCAPE '/')"
                " ORDER BY name_folded, id LIMIT 21",
                ("quay",),
            ).fetchall()
    assert [step[3] for step in plan] == ["SCAN titles USING INDEX ix_titles_names"]


def test_migrating_twice_changes_nothing(connection):
    upgrade(connection, read_scripts())
    frozen_rows.insert(connection, REVISIONS[0])
    before = _contents(connection)

    upgrade(connection, read_scripts())

    assert _contents(connection) == before


async def test_sets_accepted_before_acts_were_recorded_are_told_of_as_such(empty_database):
    database = await open_database(empty_database)
    async with database.writing() as session:
        connection = await session.connection()
        await connection.run_sync(upgrade, read_scripts(), to="0001")
        for version, position in (("v2", 3), ("v1", 2)):
            values = {
                "version": version,
                "position": position,
                "files": b"{}",
                "accepted_at": datetime(2026, 3, position, 12, tzinfo=UTC),
            }
            await session.execute(metadata().tables["policy_versions"].insert(), values)
    async with database.writing() as session:
        await (await session.connection()).run_sync(upgrade, read_scripts())
    await database.close()

    async with open_store(empty_database, clock=lambda: datetime.now(UTC)) as store:
        acts = (await store.history.acts()).items
        held = await store.policies.standing()

    assert [(act.number, act.who, act.what, act.before, act.after) for act in acts] == [
        (2, "start", "activated", "v1", "v2"),
        (1, "start", "activated", None, "v1"),
    ]
    assert acts[0].at == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert (held.in_force, held.since, held.shadow) == ("v2", acts[0].at, None)


def _contents(connection: sa.Connection) -> dict[str, list]:
    """The rows of every table, as the database tells them, in some order."""
    held = sa.MetaData()
    held.reflect(connection)
    return {
        table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
        for table in held.sorted_tables
    }


def test_every_table_has_rows_frozen_of_the_revision_that_brought_it():
    """If one has none: `python -m tests.unit.store.frozen_rows REVISION TABLE...`."""
    assert set(frozen_rows.tables(REVISIONS[0])) == set(metadata().tables)


@pytest.mark.parametrize("revision", frozen_rows.revisions())
async def test_what_was_stored_at_every_revision_is_whole_and_served_at_the_newest(
    empty_database, revision
):
    database = await open_database(empty_database)
    async with database.writing() as session:
        connection = await session.connection()
        await connection.run_sync(upgrade, read_scripts(), to=revision)
        await connection.run_sync(frozen_rows.insert, revision)
    await database.close()

    async with open_store(empty_database, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        report = await check(store.inspection, frozen_rows.keys())
        titles = (await store.titles.search("")).items
        in_force = await store.policies.latest()
        listed = await store.keys.list()
        # It goes on from there.
        written = await store.titles.put(msgspec.structs.replace(titles[0], year=1888))

    assert report.faults == ()
    frozen = frozen_rows.tables(revision)
    assert {name: report.rows[name] for name in frozen} == {
        name: len(rows) for name, rows in frozen.items()
    }
    assert len(titles) == len([row for row in frozen["titles"] if row["record"]])
    assert in_force is not None
    assert in_force.version == frozen["policy_versions"][-1]["version"]
    assert {key.name for key in listed} == {"the first", "the second"}
    assert written.revision == titles[0].revision + 1


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty_database):
    database = await open_database(empty_database)
    async with database.writing() as session:
        await (await session.connection()).run_sync(upgrade, read_scripts())
        await session.execute(sa.text("UPDATE migrations SET version_num = '9999'"))
    newest = read_scripts().get_current_head()

    async with open_store(empty_database, clock=lambda: datetime.now(UTC)) as store:
        for refused in (store.migrate, store.require_migrated):
            with pytest.raises(SettingsError, match=f"revision 9999, and this .* up to {newest}"):
                await refused()

    async with database.reading() as session:
        found = await session.execute(sa.text("SELECT version_num FROM migrations"))
        assert found.scalars().all() == ["9999"]
    await database.close()


async def test_a_database_that_stands_elsewhere_is_not_checked(empty_database):
    async with open_store(empty_database, clock=lambda: datetime.now(UTC)) as store:
        with pytest.raises(SettingsError, match="nothing of genservice in the database"):
            await store.require_migrated()
    database = await open_database(empty_database)
    async with database.writing() as session:
        await (await session.connection()).run_sync(upgrade, read_scripts(), to="0002")
    await database.close()
    async with open_store(empty_database, clock=lambda: datetime.now(UTC)) as store:
        with pytest.raises(SettingsError, match="stands at revision 0002"):
            await store.require_migrated()
        await store.migrate()
        await store.require_migrated()


async def test_text_is_compared_by_code_point_whatever_language_the_server_speaks(postgres):
    postgres.run(
        "CREATE DATABASE spoken TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'"
    )
    async with open_store(postgres.url("spoken"), clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        names = ["b", "B", "a b", "ab", "a-c", "z", "\u00e9t\u00e9", "_x"]
        await store.titles.put_all(
            Title(id=f"t-{place}", kind="film", name=name, language="en")
            for place, name in enumerate(names)
        )
        found = [title.name for title in (await store.titles.search("")).items]
    postgres.drop_database("spoken")

    assert found == sorted(names, key=lambda name: (fold(name), names.index(name)))


async def test_batches_logged_before_there_were_chains_are_kept_without_digests(tmp_path):
    database = await open_database(tmp_path / "store.db", patience=1)
    async with database.writing() as session:
        connection = await session.connection()
        await connection.run_sync(upgrade, read_scripts(), to="0004")
        await session.execute(
            sa.text("INSERT INTO decision_log VALUES ('2026-03-01T12', 'a', 1, 'v1', 3, x'00')")
        )
    await database.close()

    async with open_store(tmp_path / "store.db", clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        pages = [page async for page in store.decisions.read(since="", until="9999")]

    ((batch,),) = pages
    assert (batch.requests, batch.body, batch.previous, batch.digest) == (3, b"\0", None, None)


def test_there_is_one_newest_revision():
    assert len(read_scripts().get_heads()) == 1


BROKEN = """
revision = "broken"
down_revision = {head!r}

def upgrade(op):
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""


async def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(
    tmp_path, empty_database
):
    shutil.copytree(FOLDER, tmp_path / "migrations")
    broken = BROKEN.format(head=read_scripts().get_current_head())
    (tmp_path / "migrations/versions/m9999_broken.py").write_text(broken)
    scripts = read_scripts(tmp_path / "migrations")
    database = await open_database(empty_database)

    with pytest.raises(UnavailableError):
        async with database.writing() as session:
            await (await session.connection()).run_sync(upgrade, scripts)

    assert await _names(database) == []
    await database.close()


async def _names(database) -> list[str]:
    async with database.reading() as session:
        connection = await session.connection()
        return await connection.run_sync(lambda one: sa.inspect(one).get_table_names())


STANDS = """
revision = "stands"
down_revision = {head!r}

def upgrade(op):
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("DELETE FROM titles")
    print("half", flush=True)
    while True:
        pass
"""
MIGRATES = """
import asyncio, sys
from pathlib import Path
from genservice.store.database import open_database
from genservice.store.migrations import read_scripts, upgrade

async def main():
    database = await open_database(sys.argv[1])
    async with database.writing("migrations", unlimited=True) as session:
        await (await session.connection()).run_sync(upgrade, read_scripts(Path(sys.argv[2])))

asyncio.run(main())
"""


def _migrating(database: str | Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", MIGRATES, str(database), folder]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)


async def test_a_migration_killed_half_way_leaves_the_database_as_it_was(
    tmp_path, lasting_database
):
    async with open_store(lasting_database, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        await store.titles.put(Title(id="t-1", kind="film", name="A film", language="en"))
        shutil.copytree(FOLDER, tmp_path / "migrations")
        stands = STANDS.format(head=read_scripts().get_current_head())
        (tmp_path / "migrations/versions/m9999_stands.py").write_text(stands)
        with _migrating(lasting_database, tmp_path / "migrations") as process:
            assert process.stdout.readline() == b"half\n"
            process.kill()

        # The server takes a moment to see that nobody is there any more.
        await store.migrate()
        await store.require_migrated()
        assert await store.titles.count() == 1
        assert "half" not in await _names(store._database)


async def test_processes_that_migrate_at_once_do_it_once(empty_database):
    started = [_migrating(empty_database, FOLDER) for _ in range(3)]

    assert [process.communicate() and process.returncode for process in started] == [0, 0, 0]

    async with open_store(empty_database, clock=lambda: datetime.now(UTC)) as store:
        await store.require_migrated()


async def test_two_databases_can_be_migrated_side_by_side():
    def migrated() -> list:
        engine = sa.create_engine("sqlite://")
        with engine.connect() as opened:
            upgrade(opened, read_scripts())
            found = _differences(opened, metadata())
        engine.dispose()
        return found

    assert await asyncio.gather(*(asyncio.to_thread(migrated) for _ in range(4))) == [[]] * 4
