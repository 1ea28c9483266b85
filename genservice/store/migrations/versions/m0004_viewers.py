"""What is held of viewers, sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from alembic.operations import Operations

revision = "0004"
down_revision = "0003"

_SQLITE = (
    """
    CREATE TRIGGER viewer_consents_stay_as_written BEFORE UPDATE ON viewer_consents
    BEGIN SELECT RAISE(ABORT, 'viewer_consents are only added'); END
    """,
    # A row goes with its viewer, whose own row is gone by then; and in no other way.
    """
    CREATE TRIGGER viewer_consents_stay BEFORE DELETE ON viewer_consents
    WHEN EXISTS (SELECT 1 FROM viewers WHERE subject = OLD.subject)
    BEGIN SELECT RAISE(ABORT, 'viewer_consents are only added'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION viewer_consents_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM viewers WHERE subject = OLD.subject) THEN
            RAISE EXCEPTION 'viewer_consents are only added';
        END IF;
        RETURN OLD;
    END $$
    """,
    """
    CREATE TRIGGER viewer_consents_stay BEFORE UPDATE OR DELETE ON viewer_consents
    FOR EACH ROW EXECUTE FUNCTION viewer_consents_are_only_added()
    """,
)


def upgrade(op: Operations) -> None:
    """Create their tables, and see to it that acts of consent are only ever added."""
    op.create_table(
        "viewers",
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        sa.Column("since", sa.String(13), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_viewers"),
        sqlite_with_rowid=False,
    )
    _table(
        op,
        "viewer_signals",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("expires", sa.String(13), nullable=False),
        key="name",
    )
    _table(op, "viewer_consents", _number(), key="number")
    _table(op, "viewer_controls", sa.Column("revision", sa.Integer(), nullable=False))
    _table(
        op, "servings", _number(), sa.Column("expires", sa.String(13), nullable=False), key="number"
    )
    op.create_index("ix_viewer_signals_expires", "viewer_signals", ["expires"])
    op.create_index("ix_servings_expires", "servings", ["expires"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if sqlite else _POSTGRESQL:
        op.execute(statement)


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer(), autoincrement=False, nullable=False)


def _table(op: Operations, name: str, *columns: sa.Column[Any], key: str = "") -> None:
    op.create_table(
        name,
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        *columns,
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(*filter(None, ("subject", key)), name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["subject"],
            ["viewers.subject"],
            name=f"fk_{name}_subject_viewers",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
