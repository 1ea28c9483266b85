"""Names in text become slots: longest name first, exact case, whole words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.domain import Slot


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a slot stands, and which stretch of the text it stands for."""

    slot: Slot
    at: tuple[int, int]
    """Start and end of the name in the text as it was."""
    to: tuple[int, int]
    """Start and end of the slot, brackets included, in the text with slots."""


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """A text whose names are slots."""

    text: str
    places: tuple[Place, ...]
    """In the order of the text."""


def find(text: str, slots: Iterable[Slot]) -> list[tuple[int, int, Slot]]:
    """Where the texts of `slots` stand in `text`, sorted, without overlaps; earlier slots win ties."""
    found: list[tuple[int, int, Slot]] = []
    for slot in sorted(slots, key=lambda slot: -len(slot.text)):
        start = text.find(slot.text)
        while start >= 0:
            end = start + len(slot.text)
            if _whole(text, start, end) and all(end <= a or start >= b for a, b, _ in found):
                found.append((start, end, slot))
            start = text.find(slot.text, end)
    found.sort(key=lambda item: item[0])
    return found


def mask(text: str, found: Sequence[tuple[int, int, Slot]]) -> Masked:
    """`text` with a slot in place of every stretch found."""
    pieces: list[str] = []
    places: list[Place] = []
    size = at = 0
    for start, end, slot in found:
        stands = f"[{slot.name}]"
        pieces += (text[at:start], stands)
        size += start - at
        places.append(Place(slot=slot, at=(start, end), to=(size, size + len(stands))))
        size += len(stands)
        at = end
    pieces.append(text[at:])
    return Masked(text="".join(pieces), places=tuple(places))


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch is whole words: `Ada` is none in `Adam`, `Ada-Marie` or `McAda`."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if text[start].isalnum() and before and (before.isalnum() or before in "'\u2019"):
        return not before.isalnum() and not text[max(0, start - 2) : start - 1].isalnum()
    if text[start].isalnum() and before == "-" and text[start - 2 : start - 1].isalnum():
        return False
    if not text[end - 1].isalnum() or not after:
        return True
    if after[0].isalnum() or after[0] == "_":
        return False
    return not (after[0] == "-" and after[1:].isupper())
