"""Who put which policy set in force, when and why; and what a set in shadow would have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    """Create the record of acts, and tell it what the accepted sets say of the time before."""
    acts = op.create_table(
        "policy_acts",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(16), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("why", sa.String(500), nullable=True),
        sa.Column("before", sa.String(71), nullable=True),
        sa.Column("after", sa.String(71), nullable=True),
        sa.Column("shadowed", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_policy_acts"),
    )
    op.create_table(
        "policy_shadow_counts",
        sa.Column("act", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("against", sa.String(71), nullable=False),
        sa.Column("counted", sa.String(16), nullable=False),
        sa.Column("signal", sa.String(64), nullable=False),
        sa.Column("was", sa.String(80), nullable=False),
        sa.Column("becomes", sa.String(80), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "act", "against", "counted", "signal", "was", "becomes", name="pk_policy_shadow_counts"
        ),
    )
    versions = sa.table(
        "policy_versions",
        sa.column("version", sa.String),
        sa.column("position", sa.Integer),
        sa.column("accepted_at", _TIME),
    )
    held = sa.select(versions.c.version, versions.c.accepted_at).order_by(versions.c.position)
    rows = op.get_bind().execute(held).all()
    before: str | None = None
    for number, row in enumerate(rows, start=1):
        op.get_bind().execute(
            acts.insert().values(
                number=number,
                at=row.accepted_at,
                who="start",
                what="activated",
                before=before,
                after=row.version,
            )
        )
        before = row.version
