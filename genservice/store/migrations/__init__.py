"""Alembic migrations, run from code: `upgrade` brings a database to the newest revision.

There is no env.py: a migration gets its operations as an argument, not through a global, so that
several databases can be migrated side by side. A new one is a module in versions/ that declares
`revision` and `down_revision` and has `upgrade(op)`; a test compares their sum with the tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

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


def upgrade(connection: Connection, scripts: ScriptDirectory, *, to: str = "heads") -> None:
    """Bring a database up to a revision, in the transaction of its connection."""

    def steps(present: tuple[str, ...], _context: MigrationContext) -> Iterable[Any]:
        # What alembic's own `upgrade` command calls; there is no public name for it.
        return scripts._upgrade_revs(to, present)  # pyright: ignore[reportArgumentType, reportPrivateUsage] # noqa: SLF001

    # The transaction is ours and holds all steps, on SQLite too, where alembic expects none.
    context = MigrationContext.configure(
        connection, opts={"fn": steps, "transactional_ddl": True, "version_table": "migrations"}
    )
    context.run_migrations(op=Operations(context))
