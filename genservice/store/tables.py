"""The tables. Types are portable: text, whole numbers, bytes, and UTC times.

Records are canonical JSON in a bytes column: the database never looks into them, so that every
database stores the same bytes and a digest of them holds.
"""

from __future__ import annotations

from datetime import datetime

from advanced_alchemy.base import AdvancedDeclarativeBase, CommonTableAttributes, create_registry
from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, MetaData, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column


class Base(CommonTableAttributes, AdvancedDeclarativeBase):
    """Base of all tables, with a registry of its own: other libraries' tables are not ours."""

    __abstract__ = True
    registry = create_registry()
    metadata = registry.metadata


class TitleRow(Base):
    """One title in its present state; without a record once it is deleted."""

    __tablename__ = "titles"
    __table_args__ = (
        Index("ix_titles_name_folded_id", "name_folded", "id"),
        Index("ix_titles_change", "change"),
        # What a search looks through: without it each row is read with its whole record.
        Index(
            "ix_titles_names",
            "name_folded", "id", "names_folded",
            sqlite_where=text("record IS NOT NULL"),
        ).ddl_if(dialect="sqlite"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int]
    record: Mapped[bytes | None] = mapped_column(LargeBinary)
    kind: Mapped[str] = mapped_column(String(16))
    year: Mapped[int | None]
    name_folded: Mapped[str] = mapped_column(String(400))
    """What titles are ordered by."""
    names_folded: Mapped[str] = mapped_column(Text)
    """What a search looks through: every name it goes by, one a line."""
    updated_at: Mapped[datetime] = mapped_column(DateTimeUTC)
    change: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Grows with every transaction that changes titles: which it was that changed this one last."""


class BlurbRow(Base):
    """One text as it was written for a key. Nothing here knows of a viewer."""

    __tablename__ = "blurbs"
    __table_args__ = (
        Index(
            "ix_blurbs_twin",
            "title_id", "title_revision", "purpose", "channel", "length", "language", "neutral",
        ),
    )  # fmt: skip

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    title_id: Mapped[str] = mapped_column(String(64))
    title_revision: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    length: Mapped[str] = mapped_column(String(16))
    tone: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    neutral: Mapped[bool]
    value: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(DateTimeUTC)


class ReceiptRow(Base):
    """One receipt. The statement is kept as the bytes that were signed."""

    __tablename__ = "receipts"

    id: Mapped[str] = mapped_column(String(66), primary_key=True)
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[str] = mapped_column(String(86))
    key_id: Mapped[str] = mapped_column(String(32))
    stored_at: Mapped[datetime] = mapped_column(DateTimeUTC)


class PolicyRow(Base):
    """One policy set that was found valid: in force once, or a draft."""

    __tablename__ = "policy_versions"

    version: Mapped[str] = mapped_column(String(71), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)
    """Grows with every storing: clocks go back, and two sets may be stored in one second."""
    files: Mapped[bytes] = mapped_column(LargeBinary)
    accepted_at: Mapped[datetime] = mapped_column(DateTimeUTC)


class ActRow(Base):
    """One thing done to the policy set in force, or to a draft. Rows are only ever added."""

    __tablename__ = "policy_acts"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without gaps: whoever adds one has seen all before it, or is refused."""
    at: Mapped[datetime] = mapped_column(DateTimeUTC)
    who: Mapped[str] = mapped_column(String(16))
    what: Mapped[str] = mapped_column(String(16))
    why: Mapped[str | None] = mapped_column(String(500))
    before: Mapped[str | None] = mapped_column(String(71))
    after: Mapped[str | None] = mapped_column(String(71))
    shadowed: Mapped[bool | None]


class ShadowCountRow(Base):
    """How often a shadow set decided something. Neither values nor viewers are in here."""

    __tablename__ = "policy_shadow_counts"

    act: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The act that began the shadow."""
    against: Mapped[str] = mapped_column(String(71), primary_key=True)
    """The version in force beside it."""
    counted: Mapped[str] = mapped_column(String(16), primary_key=True)
    signal: Mapped[str] = mapped_column(String(64), primary_key=True)
    was: Mapped[str] = mapped_column(String(80), primary_key=True)
    becomes: Mapped[str] = mapped_column(String(80), primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger)


class DecisionRow(Base):
    """A batch of the decision log: what one writer counted of one hour under one policy version."""

    __tablename__ = "decision_log"

    hour: Mapped[str] = mapped_column(String(13), primary_key=True)
    writer: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    policy: Mapped[str] = mapped_column(String(71))
    requests: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """The digest of the writer's batch before; none in batches written before there were chains."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class KeyRow(Base):
    """One API key, without its secret."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC)
    expires_at: Mapped[datetime | None] = mapped_column(DateTimeUTC)
    last_used_at: Mapped[datetime | None] = mapped_column(DateTimeUTC)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTimeUTC)


class ViewerRow(Base):
    """That something may be held of a viewer. `subject` is random: only the keystore knows whose it is.

    It is added once and, taken out, never again: a row below it cannot come after an erasure. None of
    these tables has row numbers, which would tell in which order rows of several viewers came.
    """

    __tablename__ = "viewers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    subject: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    since: Mapped[str] = mapped_column(String(13))
    """The hour, as in `2026-11-25T22`."""


def _subject() -> Mapped[bytes]:
    return mapped_column(
        LargeBinary(16), ForeignKey("viewers.subject", ondelete="CASCADE"), primary_key=True
    )


class ViewerSignalRow(Base):
    """One signal of a viewer, sealed."""

    __tablename__ = "viewer_signals"
    __table_args__ = (
        Index("ix_viewer_signals_expires", "expires"),
        {"sqlite_with_rowid": False},
    )

    subject: Mapped[bytes] = _subject()
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires: Mapped[str] = mapped_column(String(13))
    """The hour in which it may be deleted; exact times would tell which request wrote it."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ViewerConsentRow(Base):
    """One act of consent of a viewer, sealed. Rows are only ever added: triggers see to it."""

    __tablename__ = "viewer_consents"
    __table_args__ = ({"sqlite_with_rowid": False},)

    subject: Mapped[bytes] = _subject()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ViewerControlsRow(Base):
    """What a viewer switched, sealed."""

    __tablename__ = "viewer_controls"
    __table_args__ = ({"sqlite_with_rowid": False},)

    subject: Mapped[bytes] = _subject()
    revision: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ServingRow(Base):
    """That a viewer was shown something, sealed."""

    __tablename__ = "servings"
    __table_args__ = (Index("ix_servings_expires", "expires"), {"sqlite_with_rowid": False})

    subject: Mapped[bytes] = _subject()
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    expires: Mapped[str] = mapped_column(String(13))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


def metadata() -> MetaData:
    """What migrations must add up to."""
    return Base.metadata
