"""The brief: what the writer is given, and the only thing it is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from genservice.briefing.angles import DISLIKES, choose_angle, disliked, sensitive_words
from genservice.domain import (
    Brief,
    Channel,
    Length,
    Purpose,
    Released,
    Signal,
    Slot,
    Title,
    Tone,
    Used,
    Vocabulary,
    limit_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.briefing.occasions import Occasion

GRAVE_ALERTS = frozenset({"abuse", "real_tragedy", "self_harm", "sexual_violence", "suicide"})
"""Alerts that rule out the playful and the urgent."""
_LIGHT = frozenset[Tone](("playful", "urgent"))

_TIGHT = 110
"""Up to this many characters there is room for one signal, not two."""
_BRIEF_STORY = 2
_LONG_STORY = 8
_ROOMY = 400
_AROUND = 12
"""Characters that go around a slot of the angle."""
_SOMETHING_MORE = 12
"""Characters for what a text says besides its story."""
_SENTENCES = frozenset({"sentence"})
_PARTS = frozenset({"who", "goal", "turn", "where"})
_SOURCES = frozenset({"/description", "/logline"})
"""Sentences that parts of the story may have been taken from."""
_HELD = re.compile(r"\[([A-Z0-9_]+)\]")
_LABELS = frozenset({"genre", "mood", "theme", "pace"})
_ANGLE_ONLY = frozenset({"minutes", "country"})
"""Facts that no neutral text needs; they are offered when the angle asks for them, or in long texts."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a text is asked for."""

    purpose: Purpose
    channel: Channel = "detail"
    length: Length = "medium"
    tone: Tone = "plain"


def tone_for(title: Title, wanted: Tone) -> Tone:
    """The tone a text of `title` takes: the one wanted unless editors or a grave alert rule it out."""
    grave = not GRAVE_ALERTS.isdisjoint(title.alerts)
    ruled_out = _LIGHT if grave else frozenset[Tone]()
    allowed: list[Tone] = [tone for tone in title.copy.tones if tone not in ruled_out]
    if wanted not in ruled_out and (not title.copy.tones or wanted in allowed):
        return wanted
    return allowed[0] if allowed else "plain"


def subjects(title: Title) -> frozenset[str]:
    """The words that `title` is about first of all, and those that its alerts warn of: never hidden."""
    return frozenset((*title.genres[:1], *title.themes[:1], *title.alerts))


def build(
    title: Title,
    slots: Sequence[Slot],
    released: Sequence[Released],
    options: Options,
    *,
    signals: Sequence[Signal],
    vocabulary: Vocabulary,
    occasions: Sequence[Occasion],
    reads_facts: frozenset[str],
    reads_signals: frozenset[str],
    leaning: frozenset[str] = frozenset(),
    barred: frozenset[str] = frozenset(),
    note: str | None = None,
) -> Brief:
    """The brief of a text, personalised as far as released signals meet the title's facts.

    Args:
        title: What is written about.
        slots: Every slot the title offers, screened. Slots of one name are one sentence in several
            lengths, the longest first: the longest that has room is offered.
        released: What policy released; empty for the twin.
        options: Purpose, channel, length and tone.
        signals: The declared signals.
        vocabulary: The catalogue's vocabulary.
        occasions: What times of day and company may become.
        reads_facts: Kinds of slots that the prompt declares.
        reads_signals: Signals that the prompt declares.
        leaning: Sentences of the story that make sense only right behind the one before; a text with
            little room gets none of them, and no text one whose forerunner it does not get.
        barred: Further words that are never a reason given, as policy has it. Unlike the sensitive ones
            of the vocabulary they are told like any other.
        note: An editor's screened note.
    """
    limit = limit_of(options.channel, options.length)
    sensitive = {term.name for term in vocabulary.themes if term.sensitive}
    # A sensitive theme is offered to nobody, and a barred word to everyone, whoever dislikes it.
    never = barred | sensitive_words(vocabulary)
    held = {slot.term for slot in slots if slot.term} - never
    dislikes = disliked(released) & held
    shun = dislikes - subjects(title)
    readable = [slot for slot in slots if slot.kind in reads_facts]
    angle, added = choose_angle(
        title,
        readable,
        released,
        signals,
        vocabulary=vocabulary,
        occasions=occasions,
        reads=reads_signals,
        most=1 if limit <= _TIGHT else 2,
        barred=barred,
    )
    wanted = frozenset(item.slot for item in angle)
    room = limit if limit > _ROOMY else limit - 4
    # A story of what is nobody's business gets the room that it has in the twin, whatever the angle.
    firm = not never.isdisjoint((*title.genres, *title.moods, *title.themes, *title.alerts))
    asked = frozenset[str]() if firm else wanted
    free = _free(title, slots, asked, limit, promo=options.purpose != "synopsis")
    fitting = _fitting(readable, slots, free if limit <= _ROOMY else limit)
    fitting = _of_one_sort(fitting, in_parts=options.purpose != "synopsis" and limit <= _ROOMY)
    told = _told(fitting, leaning, room=room, limit=limit)
    offered: list[Slot] = []
    for slot in (*fitting, *(slot for slot in added if slot.kind in reads_facts)):
        if _part_of_a_name(slot):
            continue
        if slot.name not in wanted:
            if slot.term in sensitive or slot.term in shun or len(slot.text) > room:
                continue
            if slot.kind in _ANGLE_ONLY and limit <= _ROOMY:
                continue
            if slot.kind in _SENTENCES and slot.name not in told:
                continue
        offered.append(slot)
    return Brief(
        title_id=title.id,
        revision=title.revision,
        purpose=options.purpose,
        kind=title.kind,
        channel=options.channel,
        length=options.length,
        tone=tone_for(title, options.tone),
        language=title.language,
        limit=limit,
        slots=tuple(offered),
        inner=_inner(slots, offered),
        angle=angle,
        avoid=tuple(sorted(word.lower() for word in title.copy.avoid)),
        shun=tuple(sorted(shun)),
        aside=tuple(
            slot.name for slot in offered if slot.kind in _LABELS and slot.term in dislikes
        ),
        note=note,
    )


def heeded(brief: Brief, released: Sequence[Released]) -> tuple[Used, ...]:
    """The released dislikes that shaped `brief`, with the words of its title that they name."""
    aside = (slot.term for slot in brief.slots if slot.name in brief.aside and slot.term)
    words = tuple(sorted({*brief.shun, *aside}))
    return tuple(
        Used(signal=item.signal, level=item.level, value=words)
        for item in released
        if item.signal == DISLIKES and words
    )


def _free(
    title: Title, slots: Sequence[Slot], wanted: frozenset[str], limit: int, *, promo: bool
) -> int:
    """Characters that a sentence of the story may have beside all else that the text has to say."""
    asked = sum(len(slot.text) + _AROUND for slot in slots if slot.name in wanted)
    named = len(title.name) + 2 if promo else 0
    more = 0 if limit <= _TIGHT or asked else _SOMETHING_MORE
    return limit - 1 - asked - named - more


def _fitting(readable: Sequence[Slot], slots: Sequence[Slot], free: int) -> tuple[Slot, ...]:
    """The slots, each name once: of several lengths the longest that fits, else the shortest."""
    texts = {slot.name: slot.text for slot in slots if slot.kind not in _SENTENCES}
    chosen: dict[str, Slot] = {}
    for slot in readable:
        held = chosen.get(slot.name)
        if held is None or _length(held, texts) > free:
            chosen[slot.name] = slot
    return tuple(chosen.values())


def _of_one_sort(slots: Sequence[Slot], *, in_parts: bool) -> tuple[Slot, ...]:
    """Parts taken out of a sentence, or the sentences: no text says both, which are the same.

    Args:
        slots: What the title offers.
        in_parts: Whether the text is better built on parts: a promo is, a synopsis has its own words.
    """
    taken = {slot.pointer for slot in slots if slot.kind in _PARTS and slot.pointer in _SOURCES}
    dropped = _SENTENCES if in_parts else _PARTS
    return tuple(slot for slot in slots if slot.kind not in dropped or slot.pointer not in taken)


def _told(
    slots: Sequence[Slot], leaning: frozenset[str], *, room: int, limit: int
) -> frozenset[str]:
    """The sentences of the story that a text gets: nothing without what it leans on."""
    told: list[str] = []
    before = last = ""
    for slot in slots:
        if slot.kind not in _SENTENCES:
            continue
        alone = slot.name not in leaning
        follows = limit > _ROOMY and bool(last) and before == last
        if len(slot.text) <= room and (alone or follows):
            told.append(slot.name)
            last = slot.name
        before = slot.name
    most = _LONG_STORY if limit > _ROOMY else _BRIEF_STORY
    return frozenset(told[: most + ("LOGLINE" in told)])


def _length(slot: Slot, texts: dict[str, str]) -> int:
    return len(_HELD.sub(lambda match: texts.get(match[1], match[0]), slot.text))


def _inner(slots: Sequence[Slot], offered: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots that free text among `offered` holds and that no sentence may be built on."""
    held = {name for slot in offered for name in _HELD.findall(slot.text)}
    names = {slot.name for slot in offered}
    return tuple(slot for slot in slots if slot.name in held and slot.name not in names)


def _part_of_a_name(slot: Slot) -> bool:
    """Names found in free text, and parts of names: they stand only where the catalogue put them."""
    return slot.kind == "name" or slot.name.endswith(("_FIRST", "_LAST"))
