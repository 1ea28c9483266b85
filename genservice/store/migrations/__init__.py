"""Alembic migrations, run from code: `upgrade` brings a database to the newest revision.

There is no env.py: a migration gets its operations as an argument, not through a global, so that
several databases can be migrated side by side. A new one is a module in versions/ that declares
`revision` and `down_revision` and has `upgrade(op)`; a test compares their sum with the tables.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import text

from genservice.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_FOLDER = Path(__file__).parent


def read_scripts(folder: Path = _FOLDER) -> ScriptDirectory:
    """Every migration in `folder`/versions, read from disk; else those of this package."""
    scripts = ScriptDirectory(folder)
    for _ in scripts.walk_revisions():
        # Walking loads the modules, so that nothing is read from disk later.
        pass
    return scripts


def upgrade(
    connection: Connection,
    scripts: ScriptDirectory,
    *,
    to: str = "heads",
    version_table: str = "migrations",
) -> None:
    """Bring a database up to a revision, in the transaction of its connection.

    Raises:
        SettingsError: A newer version of this package has migrated it, or another program has.
    """

    def steps(present: tuple[str, ...], _context: MigrationContext) -> Iterable[Any]:
        # What alembic's own `upgrade` command calls; there is no public name for it.
        return scripts._upgrade_revs(to, present)  # pyright: ignore[reportArgumentType, reportPrivateUsage] # noqa: SLF001

    # The transaction is ours and holds all steps, on SQLite too, where alembic expects none.
    context = MigrationContext.configure(
        connection, opts={"fn": steps, "transactional_ddl": True, "version_table": version_table}
    )
    _require_known(context, scripts)
    context.run_migrations(op=Operations(context))
    if connection.dialect.name == "postgresql":
        _compare_by_code_point(connection)


def require_newest(connection: Connection, scripts: ScriptDirectory) -> None:
    """Return if a database stands at the newest revision.

    Raises:
        SettingsError: It does not.
    """
    context = MigrationContext.configure(connection, opts={"version_table": "migrations"})
    _require_known(context, scripts)
    stands, newest = ", ".join(context.get_current_heads()), scripts.get_current_head()
    if stands != newest:
        raise SettingsError(
            f"The database stands at revision {stands}, and this version of genservice is at {newest}: start "
            "the service once, which upgrades it."
            if stands
            else "There is nothing of genservice in the database: start the service once, which sets it up."
        )


def _require_known(context: MigrationContext, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if unknown := sorted(set(context.get_current_heads()) - known):
        raise SettingsError(
            f"The database is of a newer version of genservice: it stands at revision {', '.join(unknown)}, and "
            f"this version knows those up to {scripts.get_current_head()}. Install the newer version, or "
            "restore a backup made before the upgrade."
        )


def _compare_by_code_point(connection: Connection) -> None:
    """Have the server compare our text as SQLite does, whatever language it was set up for.

    Pages then come in the same order everywhere, and no update of the server's language data leaves
    an index in an order that is no longer right. Nothing is done to columns that are so already.
    """
    columns = connection.execute(_OTHERWISE_COMPARED).all()
    quote = connection.dialect.identifier_preparer.quote
    for table, rows in groupby(columns, key=lambda row: row.table_name):
        changes = ", ".join(
            f'ALTER COLUMN {quote(row.column_name)} TYPE {row.type} COLLATE "C"' for row in rows
        )
        connection.exec_driver_sql(f"ALTER TABLE {quote(table)} {changes}")


_OTHERWISE_COMPARED = text(
    """
    SELECT class.relname AS table_name, attribute.attname AS column_name,
           format_type(attribute.atttypid, attribute.atttypmod) AS type
    FROM pg_attribute AS attribute
    JOIN pg_class AS class ON class.oid = attribute.attrelid
    JOIN pg_collation AS compared ON compared.oid = attribute.attcollation
    WHERE class.relnamespace = current_schema()::text::regnamespace AND class.relkind = 'r'
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND compared.collname <> 'C'
    ORDER BY class.relname, attribute.attnum
    """
)
