"""Wrapped keys, and erasures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    """Create their tables."""
    op.create_table(
        "keystore_secrets",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keystore_secrets"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "viewer_keys",
        sa.Column("lookup", sa.LargeBinary(32), nullable=False),
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("lookup", name="pk_viewer_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_viewer_keys_subject", "viewer_keys", ["subject"], unique=True)
    op.create_index("ix_viewer_keys_master", "viewer_keys", ["master"])
    op.create_table(
        "erasures",
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_erasures"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erased",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_erased"),
        sqlite_with_rowid=False,
    )
