"""Titles, texts, receipts, policy sets and API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0001"
down_revision = None


def upgrade(op: Operations) -> None:
    """Create the first tables."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "titles",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("name_folded", sa.String(400), nullable=False),
        sa.Column("names_folded", sa.Text(), nullable=False),
        sa.Column("updated_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_titles"),
    )
    op.create_index("ix_titles_name_folded_id", "titles", ["name_folded", "id"])
    op.create_table(
        "blurbs",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("title_id", sa.String(64), nullable=False),
        sa.Column("title_revision", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("length", sa.String(16), nullable=False),
        sa.Column("tone", sa.String(16), nullable=False),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("neutral", sa.Boolean(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", time, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_blurbs"),
    )
    twin = ["title_id", "title_revision", "purpose", "channel", "length", "language", "neutral"]
    op.create_index("ix_blurbs_twin", "blurbs", twin)
    op.create_table(
        "receipts",
        sa.Column("id", sa.String(66), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.String(86), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("stored_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
    )
    op.create_table(
        "policy_versions",
        sa.Column("version", sa.String(71), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", time, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_policy_versions"),
        sa.UniqueConstraint("position", name="uq_policy_versions_position"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(8), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("expires_at", time, nullable=True),
        sa.Column("last_used_at", time, nullable=True),
        sa.Column("revoked_at", time, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
