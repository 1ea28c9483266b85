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
    from collections.abc import Sequence

    from genservice.domain import Brief, Slot

MEASURED = frozenset(
    {
        "title", "person", "character", "place", "period", "occasion", "accessibility", "tier",
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
_AROUND = {"who": 10, "goal": 14, "turn": 16, "where": 8, "sentence": 1}
"""Characters that the shortest phrases put around a part of the story."""
_CHAINS = (
    ("WHO", "GOAL", "WHERE"),
    ("WHO", "GOAL", "TURN"),
    ("WHO_PL", "GOAL", "WHERE"),
    ("WHO_PL", "GOAL", "TURN"),
    ("STORY_1", "STORY_2"),
)
"""Parts that one text may well say together, those it can least do without first."""
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
    room = _room(brief)
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
            fits = slot.kind == "title" or _length(slot, brief) <= room
            # A story may not be taken up in the middle.
            broken = broken or (base == "STORY" and not fits)
            if not fits or (base == "STORY" and broken):
                continue
        kept.append(slot)
    return _together(kept, brief, room)


def _length(slot: Slot, brief: Brief) -> int:
    """Characters of a slot with what the shortest phrases put around it."""
    return said_length(slot, brief) + _AROUND.get(slot.kind, 0)


def _together(slots: Sequence[Slot], brief: Brief, room: int) -> tuple[Slot, ...]:
    """Without parts of the story that fit alone but not in one text with those before them.

    Whoever adds up lengths is better off where every sum of parts fits: a small model above all.
    """
    lengths = {slot.name: _length(slot, brief) for slot in slots}
    dropped: set[str] = set()
    for chain in _CHAINS:
        total = 0
        for name in chain:
            if name in lengths and name not in dropped:
                total += lengths[name]
                if total > room:
                    dropped.add(name)
                    total -= lengths[name]
    # What goes on from a story stands or falls with it.
    story = [slot.name for slot in slots if slot.name.startswith("STORY")]
    gone = [at for at, name in enumerate(story) if name in dropped]
    dropped.update(story[min(gone, default=len(story)) :])
    return tuple(slot for slot in slots if slot.name not in dropped)


def _room(brief: Brief) -> int:
    """Characters for everything but the title, which promos always say."""
    titles = [slot for slot in brief.slots if slot.kind == "title"]
    said = titles[0].text if titles and brief.purpose != "synopsis" else ""
    return brief.limit - len(said) - (2 if said else 0)


def measured(slot: Slot, brief: Brief) -> int:
    """How many characters to count for a slot: for names and free text a full bucket."""
    length = said_length(slot, brief)
    return -(-length // BUCKET) * BUCKET if slot.kind in MEASURED else length


def said_length(slot: Slot, brief: Brief) -> int:
    """Characters of what fills a slot, names inside it among them."""
    if "[" not in slot.text:
        return len(slot.text)
    by_name = {other.name: other for other in (*brief.inner, *brief.slots)}
    return len(_SLOT.sub(lambda found: _inner(found, by_name), slot.text))


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
