"""The tables of the keystore, in a database of its own."""

from __future__ import annotations

from advanced_alchemy.base import AdvancedDeclarativeBase, CommonTableAttributes, create_registry
from sqlalchemy import Index, LargeBinary, MetaData, String
from sqlalchemy.orm import Mapped, mapped_column

_NO_ROW_NUMBERS = {"sqlite_with_rowid": False}
"""Which would tell in what order viewers came."""


class KeystoreBase(CommonTableAttributes, AdvancedDeclarativeBase):
    """Base of the keystore's tables: none of them is ever in the data."""

    __abstract__ = True
    registry = create_registry()
    metadata = registry.metadata


class SecretRow(KeystoreBase):
    """A key of the keystore's own, wrapped. The master key of the one named `lookup` is the one in use."""

    __tablename__ = "keystore_secrets"
    __table_args__ = (_NO_ROW_NUMBERS,)

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    master: Mapped[str] = mapped_column(String(16))
    """The id of the master key that it is wrapped by."""


class ViewerKeyRow(KeystoreBase):
    """The key of one viewer, wrapped. Destroyed by an erasure, together with what leads to it."""

    __tablename__ = "viewer_keys"
    __table_args__ = (
        Index("ix_viewer_keys_subject", "subject", unique=True),
        Index("ix_viewer_keys_master", "master"),
        _NO_ROW_NUMBERS,
    )

    lookup: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """HMAC-SHA256 of the viewer's id."""
    subject: Mapped[bytes] = mapped_column(LargeBinary(16))
    """What the viewer is called in the data."""
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    master: Mapped[str] = mapped_column(String(16))


class ErasureRow(KeystoreBase):
    """An erasure that is going on: the key is destroyed, the rows may still be there."""

    __tablename__ = "erasures"
    __table_args__ = (_NO_ROW_NUMBERS,)

    subject: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)


class ErasedRow(KeystoreBase):
    """That a subject was erased, to know its rows by if a backup of the data brings them back."""

    __tablename__ = "erased"
    __table_args__ = (_NO_ROW_NUMBERS,)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    """SHA-256 of the subject, a random number that nothing else leads to."""
    asked: Mapped[bool]
    """Somebody asked for it; else nothing was held any more."""


def keystore_metadata() -> MetaData:
    """What the keystore's migrations must add up to."""
    return KeystoreBase.metadata
