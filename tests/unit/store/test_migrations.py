from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from genservice.errors import UnavailableError
from genservice.store import migrations, open_store
from genservice.store.database import open_database
from genservice.store.migrations import read_scripts, upgrade
from genservice.store.tables import metadata

FOLDER = Path(migrations.__file__).parent
REVISIONS = [script.revision for script in read_scripts().walk_revisions()]


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def _differences(connection: sa.Connection, tables: sa.MetaData) -> list:
    context = MigrationContext.configure(connection, opts={"version_table": "migrations"})
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


def test_migrating_twice_changes_nothing(connection):
    upgrade(connection, read_scripts())
    connection.execute(sa.text("INSERT INTO policy_versions VALUES ('v1', 1, x'7b7d', '2026')"))

    upgrade(connection, read_scripts())

    assert connection.execute(sa.text("SELECT version FROM policy_versions")).all() == [("v1",)]


async def test_sets_accepted_before_acts_were_recorded_are_told_of_as_such(tmp_path):
    database = await open_database(tmp_path / "store.db", patience=1)
    async with database.writing() as session:
        connection = await session.connection()
        await connection.run_sync(upgrade, read_scripts(), to="0001")
        for version, position in (("v2", 3), ("v1", 2)):
            values = {
                "version": version,
                "position": position,
                "at": f"2026-03-0{position} 12:00:00",
            }
            await session.execute(
                sa.text("INSERT INTO policy_versions VALUES (:version, :position, x'7b7d', :at)"),
                values,
            )
    async with database.writing() as session:
        await (await session.connection()).run_sync(upgrade, read_scripts())
    await database.close()

    async with open_store(tmp_path / "store.db", clock=lambda: datetime.now(UTC)) as store:
        acts = (await store.history.acts()).items
        held = await store.policies.standing()

    assert [(act.number, act.who, act.what, act.before, act.after) for act in acts] == [
        (2, "start", "activated", "v1", "v2"),
        (1, "start", "activated", None, "v1"),
    ]
    assert acts[0].at == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert (held.in_force, held.since, held.shadow) == ("v2", acts[0].at, None)


def test_there_is_one_newest_revision():
    assert len(read_scripts().get_heads()) == 1


BROKEN = """
revision = "broken"
down_revision = {head!r}

def upgrade(op):
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""


async def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "migrations")
    broken = BROKEN.format(head=read_scripts().get_current_head())
    (tmp_path / "migrations/versions/m9999_broken.py").write_text(broken)
    scripts = read_scripts(tmp_path / "migrations")
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}", patience=1)

    with pytest.raises(UnavailableError):
        async with database.writing() as session:
            await (await session.connection()).run_sync(upgrade, scripts)

    async with database.reading() as session:
        assert (await session.execute(sa.text("SELECT name FROM sqlite_master"))).all() == []
    await database.close()


async def test_two_databases_can_be_migrated_side_by_side():
    def migrated() -> list:
        engine = sa.create_engine("sqlite://")
        with engine.connect() as opened:
            upgrade(opened, read_scripts())
            found = _differences(opened, metadata())
        engine.dispose()
        return found

    assert await asyncio.gather(*(asyncio.to_thread(migrated) for _ in range(4))) == [[]] * 4
