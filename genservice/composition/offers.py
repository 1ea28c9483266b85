"""What a brief allows texts to be made of."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import combinations, product
from typing import TYPE_CHECKING, NamedTuple

from genservice.composition.frames import base_of
from genservice.composition.pieces import standing
from genservice.prompting import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from genservice.composition.frames import Frame
    from genservice.composition.pieces import Piece, Standing
    from genservice.domain import Brief, Slot

_LABELS = frozenset({"genre", "mood", "theme"})
_ROOT = 5
"""Letters by which words of one root are known: a romantic romance."""
_ROOTED = re.compile(r"\w{4,}")
# How much is remembered between briefs; with one vocabulary there are 60 manners.
_MANNERS, _NAMES = 64, 4_096


class Manner(NamedTuple):
    """All of a brief that decides which phrases are for it, whatever its title has to offer."""

    purpose: str
    tone: str
    kind: str
    words: frozenset[str] | None


@lru_cache(maxsize=8)
def _same(words: frozenset[str]) -> frozenset[str]:
    """The vocabulary itself where an equal one came before: as part of a key it is then equal at a glance."""
    return words


@lru_cache(maxsize=_MANNERS)
def _suited(_: Manner) -> dict[Frame, bool]:
    """Which phrases are for briefs of one manner: filled in as they are asked for."""
    return {}


class Given(NamedTuple):
    """All of a brief that decides what its texts are made of: briefs that differ in limit and angle share it."""

    manner: Manner
    slots: tuple[Slot, ...]
    """Those that may be said, in the brief's order."""
    lengths: tuple[int, ...]
    """Characters of each."""
    avoid: tuple[str, ...]


def given_by(
    brief: Brief, measure: Callable[[Slot, Brief], int], words: frozenset[str] | None = None
) -> Given:
    """What a brief gives.

    Args:
        brief: The brief.
        measure: How many characters to count for a slot.
        words: The words and slots that texts may be made of; by default any.
    """
    slots = tuple(slot for slot in shown(brief) if words is None or f"[{slot.name}]" in words)
    manner = Manner(
        "synopsis" if brief.purpose == "synopsis" else "promo",
        brief.tone,
        brief.kind,
        None if words is None else _same(words),
    )
    return Given(manner, slots, tuple(measure(slot, brief) for slot in slots), brief.avoid)


class Stock:
    """What texts are made of, and how long each part of it is.

    Attributes:
        synopsis: Whether they are synopses.
        lengths: Characters of each slot that may be said, in the brief's order.
        story: Sentences of the story, in their order.
        echoes: Names that say each other: one person in two jobs, or a title with its star in it.
    """

    def __init__(self, given: Given) -> None:
        slots = given.slots
        self.synopsis = given.manner.purpose == "synopsis"
        self.lengths = {slot.name: n for slot, n in zip(slots, given.lengths, strict=True)}
        self.story = tuple(name for name in self.lengths if name.startswith("STORY"))
        self.echoes = _echoes(slots)
        self._given = given
        self._repeats = _repeats(slots)
        self._terms = {slot.name: slot.term for slot in slots if slot.term}
        self._named: dict[str, tuple[str, ...]] = {}
        for name in self.lengths:
            base = base_of(name)
            self._named[base] = (*self._named.get(base, ()), name)

    def phrases(self, frames: Iterable[Frame]) -> Iterator[Standing]:
        """Every phrase that may be said, once for every way to choose its slots, none twice."""
        manner, offered = self._given.manner, frozenset(self._named)
        suited = _suited(manner)
        avoided = frozenset(word for avoid in self._given.avoid for word in avoid.split())
        known: dict[tuple[object, ...], Sequence[tuple[str, ...]]] = {}
        for frame in frames:
            suits = suited.get(frame)
            if suits is None:
                suits = suited[frame] = _suits(frame, manner)
            if not suits or not frame.wanted <= offered:
                continue
            if avoided and not avoided.isdisjoint(frame.lower):
                continue
            # Many phrases have the same to choose.
            key = frame.names if frame.played else frame.bases
            if frame.bound:
                key = (key, *frame.bound.items())
            ways = known.get(key)
            if ways is None:
                ways = known[key] = self._ways(frame)
            for names in ways:
                yield standing(frame, names)

    def _ways(self, frame: Frame) -> Sequence[tuple[str, ...]]:
        """The ways to choose the phrase's slots, no two of them labels that repeat each other."""
        named, bound, terms = self._named, frame.bound, self._terms
        if frame.played:
            ways = [frame.names] if self.lengths.keys() >= {*frame.names} else []
        else:
            each = [
                [name for name in named[base] if terms.get(name) in bound[base]]
                if base in bound
                else named[base]
                for base in frame.bases
            ]
            ways = list(product(*each))
            if len(frame.wanted) < len(each):
                ways = [names for names in ways if len(set(names)) == len(names)]
        for pair in self._repeats:
            ways = [names for names in ways if not pair.issubset(names)]
        return ways

    def measured(self, pieces: Iterable[Piece]) -> dict[Piece, int]:
        """Characters of pieces once filled, at most, with the space before them inside a sentence."""
        lengths = self.lengths

        @cache
        def filled(slots: frozenset[str]) -> int:
            return sum([lengths[name] for name in slots])

        return {piece: piece.literal + filled(piece.slots) for piece in pieces}


class Offer:
    """What one brief allows, and what it asks for.

    Attributes:
        brief: The brief.
        stock: What its texts are made of.
        lengths: See `Stock`.
        wanted: Slots of the angle, which a text has to say.
    """

    def __init__(self, brief: Brief, stock: Stock) -> None:
        self.brief = brief
        self.stock = stock
        self.lengths = stock.lengths
        self.wanted = tuple(
            dict.fromkeys(angle.slot for angle in brief.angle if angle.slot in stock.lengths)
        )


def _suits(frame: Frame, manner: Manner) -> bool:
    """Whether a phrase is for such briefs, and can be written in their words."""
    phrase = frame.phrase
    return (
        (not phrase.purposes or manner.purpose in phrase.purposes)
        and (not phrase.tones or manner.tone in phrase.tones)
        and (not phrase.kinds or manner.kind in phrase.kinds)
        and (manner.words is None or _spelled(frame, manner.words))
    )


def _spelled(frame: Frame, known: frozenset[str]) -> bool:
    """Whether a model that knows these words can write the phrase, at the beginning and inside."""
    first = frame.words[0]
    said = (first[0].upper() + first[1:], *frame.words)
    return known.issuperset(word for word in said if word[0] != "[")


def _echoes(slots: Sequence[Slot]) -> dict[str, frozenset[str]]:
    """For each name the others that it says too, or that say it."""
    texts = {
        slot.name: slot.text.casefold()
        for slot in slots
        if slot.kind == "person" or slot.name == "TITLE"
    }
    found: dict[str, frozenset[str]] = {}
    for name, text in texts.items():
        same = {
            other
            for other, said in texts.items()
            if other != name
            and (
                said == text
                or (other == "TITLE" and text in said)
                or (name == "TITLE" and said in text)
            )
        }
        if same:
            found[name] = frozenset(same)
    return found


def _repeats(slots: Sequence[Slot]) -> tuple[frozenset[str], ...]:
    """The labels two of which share a word or its root: `part crime drama, part drama`."""
    labels = [(slot.name, _roots(slot.text)) for slot in slots if slot.kind in _LABELS]
    return tuple(
        frozenset({name, other})
        for (name, said), (other, again) in combinations(labels, 2)
        if not said.isdisjoint(again)
    )


@lru_cache(maxsize=_NAMES)
def _roots(text: str) -> frozenset[str]:
    return frozenset(word[:_ROOT].lower() for word in _ROOTED.findall(text))
