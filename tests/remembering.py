"""What is held of viewers, in memory: for properties over thousands of viewers that no disk has to hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from genservice.domain import Held, HeldSignal
from genservice.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
MUCH_LATER = datetime(2126, 1, 1, tzinfo=UTC)


class Remembering:
    """Viewers as the path asks for them."""

    def __init__(self, **held: Held) -> None:
        self.held_of = held
        self.servings: list[tuple[str, str, tuple[str, ...]]] = []
        self.failing: dict[str, Exception] = {}
        """Method -> what it raises."""

    async def held(self, viewer: str) -> Held:
        self._fail("held")
        return self.held_of.get(viewer, Held())

    async def record_serving(
        self, viewer: str, receipt: str, blurbs: Sequence[str], *, known: bool = False
    ) -> None:
        self._fail("record_serving")
        if known and viewer not in self.held_of:
            raise ConflictError("Erased.")
        self.servings.append((viewer, receipt, tuple(blurbs)))

    def _fail(self, method: str) -> None:
        if (error := self.failing.get(method)) is not None:
            raise error


def held(signals: dict[str, Any] | None = None, **other: Any) -> Held:
    """What is held of a viewer with these signals."""
    return Held(
        signals=tuple(
            HeldSignal(name=name, value=value, source="app", at=LONG_AGO, expires_at=MUCH_LATER)
            for name, value in sorted((signals or {}).items())
        ),
        **other,
    )
