"""The digests that chain the decision log. Batches written before have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0005"
down_revision = "0004"


def upgrade(op: Operations) -> None:
    """Add them to its table."""
    op.add_column("decision_log", sa.Column("previous", sa.LargeBinary(32), nullable=True))
    op.add_column("decision_log", sa.Column("digest", sa.LargeBinary(32), nullable=True))
