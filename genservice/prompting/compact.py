"""The embedded model's form of a brief: one line of words, slots and lengths.

    promo tile 90 tense film | angle [GENRE] crime | [TITLE] 2 [GENRE] crime [WHO] 3 [GOAL] 2 | write

After a label stands its word of the vocabulary, after a name or free text its length in tens of
characters, rounded up, so that the model learns what fits. What cannot fit, what a dislike names and
what the writer has no phrase for is left out. Training uses this very function.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genservice.domain import Brief, Slot

MEASURED = frozenset(
    {
        "title", "person", "character", "place", "period", "occasion", "accessibility",
        "who", "goal", "turn", "where", "sentence",
    }
)  # fmt: skip
"""Kinds of slots of which the length is told; of the others the word is."""

BUCKET = 10
LONGEST = 60
"""The largest length told, in buckets."""

_TOLD = 3
"""Of one kind of label or person no more than this many are told, besides the angle's."""
_SAID = 8
"""Sentences of the story that are told."""
_ONE = frozenset({"WHO", "WHO_PL", "GOAL", "TURN", "WHERE"})
"""Parts of the story that belong together: only the first of each is told."""
_SLOT = re.compile(r"\[([A-Z][A-Z0-9_]*)\]")
_NUMBER = re.compile(r"_\d+$")
_PARTS = ("_FIRST", "_LAST")
_NEVER = frozenset({"name", "alert"})


def compact(brief: Brief) -> str:
    """The brief as the embedded model reads it: plain words, no names, no free text."""
    purpose = "synopsis" if brief.purpose == "synopsis" else "promo"
    head = f"{purpose} {brief.channel} {brief.limit} {brief.tone} {brief.kind}"
    by_name = {slot.name: slot for slot in brief.slots}
    wanted = [
        _told(by_name[angle.slot], brief) for angle in brief.angle if angle.slot in by_name
    ] or ["none"]
    slots = [_told(slot, brief) for slot in shown(brief)]
    return " ".join([head, "| angle", *wanted, "|", *slots, "| write"])


def shown(brief: Brief) -> tuple[Slot, ...]:
    """The slots that the embedded model is told of, in the brief's order."""
    wanted = {angle.slot for angle in brief.angle}
    nested = {name for slot in brief.slots if slot.kind == "where" for name in _names(slot)}
    counted: dict[str, int] = {}
    kept: list[Slot] = []
    broken = False
    for slot in brief.slots:
        if (
            slot.kind in _NEVER
            or slot.name.endswith(_PARTS)
            or (slot.term is not None and slot.term in brief.shun)
        ):
            continue
        if slot.name not in wanted:
            base = _NUMBER.sub("", slot.name)
            most = _SAID if base == "STORY" else 1 if base in _ONE else _TOLD
            counted[base] = counted.get(base, 0) + 1
            if counted[base] > most or slot.name in nested:
                continue
            fits = measured(slot, brief) < brief.limit
            # A story may not be taken up in the middle.
            broken = broken or (base == "STORY" and not fits)
            if not fits or (base == "STORY" and broken):
                continue
        kept.append(slot)
    return tuple(kept)


def measured(slot: Slot, brief: Brief) -> int:
    """How many characters to count for a slot: for names and free text a full bucket."""
    by_name = {other.name: other for other in (*brief.inner, *brief.slots)}
    length = len(_SLOT.sub(lambda found: _inner(found, by_name), slot.text))
    return -(-length // BUCKET) * BUCKET if slot.kind in MEASURED else length


def _inner(found: re.Match[str], by_name: dict[str, Slot]) -> str:
    inner = by_name.get(found.group(1))
    return inner.text if inner is not None else found.group()


def _names(slot: Slot) -> list[str]:
    return _SLOT.findall(slot.text)


def _told(slot: Slot, brief: Brief) -> str:
    if slot.kind in MEASURED:
        return f"[{slot.name}] {min(measured(slot, brief) // BUCKET, LONGEST)}"
    if slot.term is not None and slot.kind not in {"year", "minutes", "country", "kind"}:
        return f"[{slot.name}] {slot.term}"
    return f"[{slot.name}]"
