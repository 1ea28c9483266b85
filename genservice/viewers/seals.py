"""What belongs to one viewer, sealed and opened with that viewer's key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from genservice.canonical import canonical
from genservice.domain.viewers import ConsentRecord, Controls, HeldSignal, Serving
from genservice.errors import UnavailableError
from genservice.sealing import seal, unseal
from genservice.store import KeystoreEntry, SealedRow

Struct = TypeVar("Struct", bound=msgspec.Struct)


class Seals:
    """Seals and opens what belongs to one viewer; UnavailableError: what is stored is damaged."""

    def __init__(self, entry: KeystoreEntry) -> None:
        self._key = entry.key
        self._subject = entry.subject.hex()

    def seal(self, kind: str, name: str | int, value: msgspec.Struct) -> bytes:
        """A value, for a row of that kind and that name or number."""
        content = canonical(value)
        if isinstance(value, ConsentRecord):
            # To withdraw must not show as longer than to give.
            content += b" " * (len("withdrawn") - len(value.action))
        return seal(self._key, content, kind, self._subject, str(name))

    def signals(self, rows: Sequence[SealedRow], now: datetime) -> tuple[HeldSignal, ...]:
        """Those of the rows that are signals and have not expired."""
        found = (self._open(row, row.name, HeldSignal) for row in rows if row.kind == "signal")
        return tuple(signal for signal in found if signal.expires_at > now)

    def consents(self, rows: Sequence[SealedRow]) -> tuple[ConsentRecord, ...]:
        """Those of the rows that are acts of consent."""
        kept = (row for row in rows if row.kind == "consent")
        return tuple(self._open(row, row.number, ConsentRecord) for row in kept)

    def standing(self, rows: Sequence[SealedRow]) -> tuple[str, ...]:
        """The consents that were given and not withdrawn since, by the rows in order; sorted."""
        last = {record.consent: record.action for record in self.consents(rows)}
        return tuple(sorted(consent for consent, action in last.items() if action == "given"))

    def controls(self, rows: Sequence[SealedRow]) -> tuple[Controls, int]:
        """The controls among the rows and their revision; none set, and 0, where there are none."""
        for row in rows:
            if row.kind == "controls":
                return self._open(row, row.number, Controls), row.number
        return Controls(), 0

    def servings(self, rows: Sequence[SealedRow]) -> tuple[Serving, ...]:
        """Those of the rows that are servings."""
        kept = (row for row in rows if row.kind == "serving")
        return tuple(self._open(row, row.number, Serving) for row in kept)

    def _open(self, row: SealedRow, name: str | int, shape: type[Struct]) -> Struct:
        opened = unseal(self._key, row.sealed, row.kind, self._subject, str(name))
        try:
            return msgspec.json.decode(opened, type=shape)
        except msgspec.DecodeError:
            raise UnavailableError("What is stored of a viewer cannot be read.") from None
