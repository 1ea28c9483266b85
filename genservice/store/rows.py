"""Writing rows so that it does not matter who came first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.sql.schema import Table


def add_once(dialect: str, table: Table) -> Executable:
    """An insert that leaves a row which is already there as it is."""
    return _insert(dialect, table).on_conflict_do_nothing()


def put(dialect: str, table: Table) -> Executable:
    """An insert that replaces the row of the same primary key."""
    insert = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    rest = {name: insert.excluded[name] for name in table.columns.keys() if name not in keys}  # noqa: SIM118 - by itself it gives columns
    return insert.on_conflict_do_update(index_elements=keys, set_=rest)


def add_to(dialect: str, table: Table, counter: str) -> Executable:
    """An insert that adds its `counter` to that of the row of the same primary key."""
    insert = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    total = table.c[counter] + insert.excluded[counter]
    return insert.on_conflict_do_update(index_elements=keys, set_={counter: total})


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
