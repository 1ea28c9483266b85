"""Which house phrases a brief lets the writer use, and the slots that stand in them."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from genservice.checking.phrases import Needs
from genservice.prompting.compact import measured, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from genservice.checking.phrases import Phrase, Phrases
    from genservice.domain import Brief, Slot

SLOT = re.compile(r"\[([A-Z]+(?:_[A-Z]+)*(?:_\d+)?)\]")
_NUMBER = re.compile(r"_\d+$")
_FAMILIES = {"genre": "genres", "mood": "moods", "theme": "themes", "pace": "pace"}
_LIKELY_FIRST = 0.75
"""How often `[GENRE]` of a phrase stays the first genre where another one is offered too."""
_IN_TURN = frozenset({"STORY", "CAST"})
"""Slots that come in their own order unless the angle asks for one."""
_TRIES = 12


_PLAYED = "CHARACTER"


class Frame(NamedTuple):
    """A phrase, read once."""

    phrase: Phrase
    names: tuple[str, ...]
    bases: tuple[str, ...]
    """The names without their numbers."""


class Piece(NamedTuple):
    """One phrase, with the slots of a brief in it."""

    phrase: str
    """Its id."""
    role: str
    text: str
    slots: frozenset[str]
    length: int
    """Characters once filled, rounded up as the prompt rounds them."""


class Offers:
    """The phrases that hold for a brief, and what may fill them."""

    def __init__(self, brief: Brief, frames: Sequence[Frame]) -> None:
        """Pick the phrases whose purpose, tone, kind, needs and slots the brief meets."""
        slots = shown(brief)
        self.brief = brief
        self.lengths = {slot.name: measured(slot, brief) for slot in slots}
        self.wanted = tuple(
            dict.fromkeys(angle.slot for angle in brief.angle if angle.slot in self.lengths)
        )
        self._words = {
            slot.name: frozenset(slot.text.split()) for slot in slots if slot.kind == "genre"
        }
        self._bases: dict[str, list[str]] = {}
        for slot in slots:
            self._bases.setdefault(_base(slot.name), []).append(slot.name)
        terms = _terms(slots)
        self.by_role: dict[str, list[Frame]] = {}
        self._cache: dict[tuple[str, ...], tuple[list[Frame], list[int]]] = {}
        for frame in frames:
            if self._fillable(frame) and self._holds(frame.phrase, terms):
                self.by_role.setdefault(frame.phrase.role, []).append(frame)

    def has(self, name: str) -> bool:
        """Whether the brief offers a slot."""
        return name in self.lengths

    def choose(
        self, rng: Random, roles: Iterable[str], *, used: frozenset[str], want: str | None = None
    ) -> Piece | None:
        """A phrase of one of the roles with unused slots in it, and `want` if given; or None."""
        frames, weights = self._frames(tuple(roles))
        if want is not None:
            base = _base(want)
            bearing = [
                (frame, weight)
                for frame, weight in zip(frames, weights, strict=True)
                if base in frame.bases
            ]
            frames, weights = [f for f, _ in bearing], [w for _, w in bearing]
        if not frames:
            return None
        total = list(accumulate(weights))
        for _ in range(_TRIES):
            (frame,) = rng.choices(frames, cum_weights=total)
            piece = self.place(frame, rng, used=used, want=want)
            if piece is not None:
                return piece
        return None

    def _frames(self, roles: tuple[str, ...]) -> tuple[list[Frame], list[int]]:
        if roles not in self._cache:
            frames = [frame for role in roles for frame in self.by_role.get(role, ())]
            self._cache[roles] = (frames, [self._weight(frame.phrase) for frame in frames])
        return self._cache[roles]

    def place(
        self, frame: Frame, rng: Random, *, used: frozenset[str], want: str | None = None
    ) -> Piece | None:
        """The phrase with slots of the brief put in, none of them used before; or None."""
        taken: dict[str, str] = {}
        for name, base in zip(frame.names, frame.bases, strict=True):
            free = [s for s in self._bases[base] if s not in used and s not in taken.values()]
            if base == _PLAYED:
                # Beside a performer stands the part of that performer, and no other.
                free = [slot for slot in free if slot == name]
            if not free:
                return None
            wished = [slot for slot in free if slot in self.wanted]
            if want in free:
                taken[name] = want or name
            elif wished:
                taken[name] = wished[0]
            elif base in _IN_TURN or rng.random() < _LIKELY_FIRST:
                taken[name] = free[0]
            else:
                taken[name] = rng.choice(free)
        if want is not None and want not in taken.values():
            return None
        if len(taken) > 1 and self._echoes(taken.values()):
            return None
        phrase = frame.phrase
        text = SLOT.sub(lambda found: f"[{taken[found.group(1)]}]", phrase.text)
        return Piece(phrase.id, phrase.role, text, frozenset(taken.values()), self.measure(text))

    def _echoes(self, names: Iterable[str]) -> bool:
        """Whether two labels share a word: `part crime drama, part drama`."""
        words = [self._words[name] for name in names if name in self._words]
        return any(words[i] & words[j] for i in range(len(words)) for j in range(i))

    def measure(self, text: str) -> int:
        """Characters that a raw text has once filled, at most."""
        return len(SLOT.sub("", text)) + sum(self.lengths[name] for name in SLOT.findall(text))

    def _weight(self, phrase: Phrase) -> int:
        """Phrases made for a tone or for this sort of title come more often than those for all."""
        made_for = bool(phrase.tones) and self.brief.tone != "plain"
        return 1 + 2 * made_for + 6 * (phrase.needs != Needs())

    def _fillable(self, frame: Frame) -> bool:
        bases = self._bases
        return all(base in bases for base in frame.bases) and all(
            len(bases[base]) >= frame.bases.count(base) for base in frame.bases
        )

    def _holds(self, phrase: Phrase, terms: dict[str, frozenset[str]]) -> bool:
        brief, needs = self.brief, phrase.needs
        purpose = "synopsis" if brief.purpose == "synopsis" else "promo"
        if phrase.purposes and purpose not in phrase.purposes:
            return False
        if phrase.tones and brief.tone not in phrase.tones:
            return False
        if brief.kind not in (phrase.kinds or (brief.kind,)):
            return False
        wishes = (
            ("genres", needs.genres),
            ("moods", needs.moods),
            ("themes", needs.themes),
            ("pace", needs.pace),
        )
        return all(not words or terms[family].intersection(words) for family, words in wishes)


def frames(phrases: Phrases) -> tuple[Frame, ...]:
    """The phrases, read for composing."""
    read: list[Frame] = []
    for phrase in phrases.phrases:
        names = tuple(SLOT.findall(phrase.text))
        read.append(Frame(phrase, names, tuple(_base(name) for name in names)))
    return tuple(read)


def _terms(slots: Sequence[Slot]) -> dict[str, frozenset[str]]:
    return {
        family: frozenset(slot.term for slot in slots if slot.kind == kind and slot.term)
        for kind, family in _FAMILIES.items()
    }


def _base(name: str) -> str:
    return _NUMBER.sub("", name)
