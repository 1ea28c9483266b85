"""The decision log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0003"
down_revision = "0002"


def upgrade(op: Operations) -> None:
    """Create its table."""
    op.create_table(
        "decision_log",
        sa.Column("hour", sa.String(13), nullable=False),
        sa.Column("writer", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.String(71), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "writer", "position", name="pk_decision_log"),
    )
