"""Made-up briefs: slots of every kind, of random lengths, with random words of the vocabulary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec

from genservice.domain import CHANNELS, LENGTHS, Angle, Brief, Slot, SlotKind, Tone, limit_of
from genservice.prompting import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from genservice.checking import Needs
    from genservice.composition import Frame
    from genservice.domain import Family, Kind, Purpose, Term, Vocabulary

TONES: tuple[Tone, ...] = ("plain", "urgent", "warm", "dry", "tense", "playful")
KINDS: tuple[Kind, ...] = ("film", "series", "season", "episode", "programme")
NUMBERED = {
    "GENRE": 8, "MOOD": 8, "THEME": 8, "COUNTRY": 4, "CAST": 24, "CHARACTER": 12, "DIRECTOR": 3,
    "CREATOR": 3, "STORY": 12, "PLACE": 3, "PERIOD": 3, "OCCASION": 2, "ACCESS": 3,
}  # fmt: skip
"""How far slots are numbered; a higher number is an unknown word to the model."""
_PURPOSES: tuple[Purpose, ...] = ("promo", "synopsis")
_NEEDED = {"genre": "genres", "mood": "moods", "theme": "themes", "pace": "pace"}
_TIGHT = 110
_ROOMY = 400
_WHERE = {"rich": 0.55, "logline": 0.2, "import": 0.1, "sparse": 0.0}
_LOGLINE = {"rich": 0.75, "logline": 1.0, "import": 0.2, "sparse": 0.0}
"""How often each sort of title has what."""
_FURTHER = 0.3
"""How often an angle's slot is numbered higher than titles of this size have them."""
_UNSEEN = 0.04
"""How often a label's word is one that no vocabulary has."""


_changed = msgspec.structs.replace


class _Family(NamedTuple):
    family: Family
    kinds: tuple[SlotKind, ...]


_ANSWERS = (
    _Family("genres", ("genre",)),
    _Family("moods", ("mood",)),
    _Family("themes", ("theme",)),
    _Family("pace", ("pace",)),
    _Family("people", ("person",)),
    _Family("countries", ("country",)),
    _Family("minutes", ("minutes",)),
    _Family("occasion", ("occasion",)),
    _Family("accessibility", ("accessibility",)),
    _Family("tiers", ("tier",)),
)


def made_up(vocabulary: Vocabulary, rng: Random) -> Brief:
    """A brief of a title that does not exist, as genservice.briefing would build it."""
    purpose: Purpose = rng.choices(_PURPOSES, [65, 35])[0]
    if purpose == "promo":
        channel = rng.choices(CHANNELS, [24, 20, 20, 20, 16])[0]
        length = rng.choices(list(LENGTHS), [10, 70, 20])[0]
    else:
        channel = rng.choices(CHANNELS, [4, 3, 4, 4, 85])[0]
        length = rng.choices(list(LENGTHS), [30, 40, 30])[0]
    limit = limit_of(channel, length)
    slots = _slots(vocabulary, rng)
    angle = angle_for(slots, rng, most=1 if limit <= _TIGHT and rng.random() < 0.9 else 2)
    slots, angle = _further_down(slots, angle, rng)
    tone = rng.choice(TONES)
    if not angle and rng.random() < 0.6:
        tone = "plain"
    return Brief(
        title_id="made-up",
        revision=0,
        purpose=purpose,
        kind=rng.choices(KINDS, [45, 20, 8, 10, 17])[0],
        channel=channel,
        length=length,
        tone=tone,
        language="en",
        limit=limit,
        slots=offered(slots, angle, limit, rng),
        angle=angle,
    )


def _further_down(
    slots: tuple[Slot, ...], angle: tuple[Angle, ...], rng: Random
) -> tuple[tuple[Slot, ...], tuple[Angle, ...]]:
    """Now and then the angle asks for the fifteenth of a cast, or the fourth of the genres."""
    taken = {slot.name for slot in slots}
    renamed: dict[str, str] = {}
    for item in angle:
        base, _, number = item.slot.rpartition("_")
        if (
            number.isdigit()
            and base in {"CAST", "GENRE", "MOOD", "THEME"}
            and rng.random() < _FURTHER
        ):
            name = f"{base}_{rng.randint(int(number), NUMBERED[base])}"
            if name not in taken:
                renamed[item.slot] = name
    return (
        tuple(_changed(slot, name=renamed.get(slot.name, slot.name)) for slot in slots),
        tuple(_changed(item, slot=renamed.get(item.slot, item.slot)) for item in angle),
    )


def offered(
    slots: tuple[Slot, ...], angle: tuple[Angle, ...], limit: int, rng: Random
) -> tuple[Slot, ...]:
    """Without what only an angle brings in: occasions, and minutes and countries in short texts."""
    wanted = {item.slot for item in angle}
    dropped = {"occasion", "accessibility", "tier"}
    if limit <= _ROOMY and rng.random() < 0.85:
        dropped |= {"minutes", "country"}
    kept = [slot for slot in slots if slot.name in wanted or slot.kind not in dropped]
    if limit <= _ROOMY:
        kept = [slot for slot in kept if not re.fullmatch(r"STORY_(?!1$|2$)\d+", slot.name)]
    return tuple(kept)


def holding(frames: Iterable[Frame], brief: Brief) -> tuple[Frame, ...]:
    """The phrases that hold for a made-up title: it is known by its labels alone."""
    terms = {
        family: frozenset(slot.term for slot in shown(brief) if slot.kind == kind and slot.term)
        for kind, family in _NEEDED.items()
    }

    def holds(needs: Needs) -> bool:
        wanted = {
            "genres": needs.genres,
            "moods": needs.moods,
            "themes": needs.themes,
            "pace": needs.pace,
        }
        return all(
            not words or terms[family].intersection(words) for family, words in wanted.items()
        )

    return tuple(frame for frame in frames if holds(frame.phrase.needs))


def _slots(vocabulary: Vocabulary, rng: Random) -> tuple[Slot, ...]:
    """What a title offers: a rich record, one with a logline, a paragraph, or next to nothing."""
    sort = rng.choices(["rich", "logline", "import", "sparse"], [50, 15, 20, 15])[0]
    slots = [_free("TITLE", "title", rng, 3, 32), *_people(rng, sort)]
    slots += _labels(vocabulary, rng, sort)
    if rng.random() < {"rich": 0.85, "logline": 0.3, "import": 0.15, "sparse": 0}[sort]:
        who = rng.choice(["WHO", "WHO", "WHO_PL"])
        slots.append(_free(who, "who", rng, 6, 48))
        slots += _some(rng, 0.95, _free("GOAL", "goal", rng, 8, 54))
        slots += _some(rng, 0.6 * (sort == "rich"), _free("TURN", "turn", rng, 14, 64))
    slots += _some(rng, _WHERE[sort], _free("WHERE", "where", rng, 8, 46))
    slots += _some(rng, _LOGLINE[sort], _free("LOGLINE", "sentence", rng, 25, 150))
    if sort != "sparse":
        paragraph = sort == "import"
        count = rng.choice((1, 2, 3, 4, 5, 6, 8) if paragraph else (0, 1, 2, 3, 4))
        low, high = (40, 240) if paragraph else (25, 110)
        slots += [_free(f"STORY_{i + 1}", "sentence", rng, low, high) for i in range(count)]
    slots += _some(rng, 0.25, _free("OCCASION", "occasion", rng, 10, 24))
    slots += _some(rng, 0.2, _free("ACCESS", "accessibility", rng, 6, 20))
    slots += _some(rng, 0.15, _free("TIER", "tier", rng, 10, 30))
    return tuple(slots)


def _people(rng: Random, sort: str) -> list[Slot]:
    """Cast, makers, characters and places, in the order of genservice.catalog.slots."""
    slots: list[Slot] = []
    cast_size = 0
    if rng.random() < 0.8:
        slots.append(_free("LEAD", "person", rng, 7, 22))
        cast_size = rng.choice((0, 1, 2, 3, 4)) if sort != "sparse" else rng.choice((0, 0, 1))
        slots += [_free(f"CAST_{i + 2}", "person", rng, 7, 22) for i in range(cast_size)]
    slots += _some(rng, 0.5, _free("DIRECTOR", "person", rng, 7, 22))
    slots += _some(rng, 0.2, _free("CREATOR", "person", rng, 7, 22))
    if slots and slots[0].name == "LEAD" and sort in {"rich", "logline"} and rng.random() < 0.7:
        played = rng.randint(1, cast_size + 1)
        slots += [_free(f"CHARACTER_{i + 1}", "character", rng, 3, 20) for i in range(played)]
    often = {"rich": 0.5, "logline": 0.5, "import": 0.15, "sparse": 0.05}[sort]
    return slots + _some(rng, often, _free("PLACE", "place", rng, 4, 20))


def _labels(vocabulary: Vocabulary, rng: Random, sort: str) -> list[Slot]:
    often = {"rich": 0.85, "logline": 0.7, "import": 0.3, "sparse": 0.15}[sort]
    slots = _some(rng, often * 0.6, _free("PERIOD", "period", rng, 4, 18))
    slots += _some(rng, 0.8, _plain("YEAR", "year", str(rng.randint(1920, 2027))))
    slots += _some(rng, 0.7, _plain("MINUTES", "minutes", f"{rng.randint(5, 190)} minutes"))
    slots += _some(rng, 0.95, _plain("KIND", "kind", rng.choice(("film", "series", "programme"))))
    for name, kind, terms, most, share in (
        ("COUNTRY", "country", vocabulary.countries, 1, 0.7),
        ("GENRE", "genre", vocabulary.genres, 3, 0.95),
        ("MOOD", "mood", vocabulary.moods, 3, often),
        ("THEME", "theme", vocabulary.themes, 3, often),
        ("PACE", "pace", vocabulary.pace, 1, often * 0.8),
    ):
        if rng.random() < share:
            chosen = rng.sample(terms, rng.randint(1, most))
            slots += [
                _label(f"{name}_{i + 1}" if i else name, cast("SlotKind", kind), term, rng)
                for i, term in enumerate(chosen)
            ]
    return slots


def angle_for(slots: tuple[Slot, ...], rng: Random, *, most: int) -> tuple[Angle, ...]:
    """Signals that some of the slots answer, at most so many."""
    count = min(most, rng.choices([0, 1, 2], [30, 45, 25])[0])
    families = [family for family in _ANSWERS if any(s.kind in family.kinds for s in slots)]
    # What is rarely offered is asked for whenever it is.
    rare = {"occasion", "accessibility", "tiers", "minutes", "pace", "countries"}
    rng.shuffle(families)
    families.sort(key=lambda family: family.family not in rare or rng.random() < 0.4)
    return tuple(_answer(family, slots, rng) for family in families[:count])


def _answer(family: _Family, slots: tuple[Slot, ...], rng: Random) -> Angle:
    slot = rng.choice([slot for slot in slots if slot.kind in family.kinds])
    return Angle(
        signal="made_up",
        level="made_up",
        family=family.family,
        term=slot.term or slot.name,
        slot=slot.name,
        pointer=slot.pointer,
    )


def _some(rng: Random, share: float, slot: Slot) -> list[Slot]:
    return [slot] if rng.random() < share else []


def _free(name: str, kind: SlotKind, rng: Random, low: int, high: int) -> Slot:
    return _plain(name, kind, "x" * rng.randint(low, high))


def _plain(name: str, kind: SlotKind, text: str) -> Slot:
    return Slot(name=name, kind=kind, text=text, pointer=f"/{name.lower()}")


def _label(name: str, kind: SlotKind, term: Term, rng: Random) -> Slot:
    word = "made_up" if rng.random() < _UNSEEN else term.name
    return Slot(name=name, kind=kind, text=term.label, pointer=f"/{name.lower()}", term=word)
