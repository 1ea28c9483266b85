"""Receipts, kept as the bytes that were signed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import msgspec
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import select

from genservice.canonical import canonical
from genservice.domain import Receipt, Signature, Statement
from genservice.errors import UnavailableError
from genservice.store.tables import ReceiptRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from genservice.store.appending import Appender
    from genservice.store.database import Database

CHUNK = 500
"""Most ids of one question to the database."""

_decoder = msgspec.json.Decoder(Statement)


class _Rows(SQLAlchemyAsyncRepository[ReceiptRow]):
    model_type = ReceiptRow


class Receipts:
    """Every receipt that was given out."""

    def __init__(
        self, database: Database, appender: Appender, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._appender = appender
        self._clock = clock

    async def add(self, receipt: Receipt) -> None:
        """Keep a receipt. One whose id is held already changes nothing: the first one stands.

        It is on disk when this returns; only then may it be given out.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        row = {
            "id": receipt.id,
            "statement": canonical(receipt.statement),
            "signature": receipt.signature.value,
            "key_id": receipt.signature.key,
            "stored_at": self._clock(),
        }
        try:
            await self._appender.add(cast("Any", ReceiptRow.__table__), row)
        except UnavailableError:
            # Most answers were given before, and reading goes on while the disk is full or locked.
            if not await self._is_held(receipt.id):
                raise

    async def _is_held(self, receipt_id: str) -> bool:
        query = select(ReceiptRow.id).where(ReceiptRow.id == receipt_id)
        async with self._database.reading() as session:
            return (await session.execute(query)).scalar_one_or_none() is not None

    async def get(self, receipt_id: str) -> Receipt | None:
        """The receipt of that id.

        Raises:
            UnavailableError: The database does not answer.
        """
        return (await self.get_many((receipt_id,))).get(receipt_id)

    async def get_many(self, receipt_ids: Iterable[str]) -> dict[str, Receipt]:
        """Those of the receipts that are held, by id.

        Raises:
            UnavailableError: The database does not answer.
        """
        found: dict[str, Receipt] = {}
        rest = iter(dict.fromkeys(receipt_ids))
        async with self._database.reading() as session:
            rows = _Rows(session=session, wrap_exceptions=False)
            while ids := list(islice(rest, CHUNK)):
                for row in await rows.get_many(ReceiptRow.id.in_(ids)):
                    found[row.id] = _receipt(row)
        return found


def _receipt(row: ReceiptRow) -> Receipt:
    try:
        statement = _decoder.decode(row.statement)
    except msgspec.DecodeError:
        raise UnavailableError("A stored receipt cannot be read.") from None
    signature = Signature(alg="Ed25519", key=row.key_id, value=row.signature)
    return Receipt(id=row.id, statement=statement, signature=signature)
