"""An index that searches look through on SQLite, where a row is read with its record or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0007"
down_revision = "0006"


def upgrade(op: Operations) -> None:
    """Create it. PostgreSQL keeps records apart from rows, and its indices take no name of any length."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_index(
            "ix_titles_names",
            "titles",
            ["name_folded", "id", "names_folded"],
            sqlite_where=sa.text("record IS NOT NULL"),
        )
