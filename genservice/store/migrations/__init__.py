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
    """Bring a database up to a revision, in the transaction of its connection."""

    def steps(present: tuple[str, ...], _context: MigrationContext) -> Iterable[Any]:
        # What alembic's own `upgrade` command calls; there is no public name for it.
        return scripts._upgrade_revs(to, present)  # pyright: ignore[reportArgumentType, reportPrivateUsage] # noqa: SLF001

    # The transaction is ours and holds all steps, on SQLite too, where alembic expects none.
    context = MigrationContext.configure(
        connection, opts={"fn": steps, "transactional_ddl": True, "version_table": version_table}
    )
    context.run_migrations(op=Operations(context))
    if connection.dialect.name == "postgresql":
        _compare_by_code_point(connection)


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
