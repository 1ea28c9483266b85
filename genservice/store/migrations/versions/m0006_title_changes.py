"""A number of each title's last change, so that processes learn which titles others changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0006"
down_revision = "0005"


def upgrade(op: Operations) -> None:
    """Add it; titles that stand have changed before all that will."""
    op.add_column(
        "titles", sa.Column("change", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.create_index("ix_titles_change", "titles", ["change"])
