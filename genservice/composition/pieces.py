"""House phrases with the slots of one brief in them: what texts are put together from."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations, product
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from genservice.checking import Needs
from genservice.composition.frames import base_of
from genservice.prompting import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from genservice.composition.clauses import Form
    from genservice.composition.frames import Frame
    from genservice.domain import Brief, Slot

_LABELS = frozenset({"genre", "mood", "theme"})
_ROOT = 5
"""Letters by which words of one root are known: a romantic romance."""
_ROOTED = re.compile(r"\w{4,}")
_IMPERATIVES = frozenset(
    re.findall(
        r"\w+",
        """
        Ask Begin Bring Call Carry Check Clear Come Consider Do Draw Drop Enter Find Follow Gather
        Give Go Hold Join Keep Leave Let Lock Look Make Meet Mind Never Pencil Picture Press Pull Put
        Roll Save Say See Set Settle Sit Sneak Spare Spend Spot Start Stay Stop Take Tread Try Watch
        """,
    )
)


# How much is remembered between briefs: the same phrases, slots and labels come again and again. With one
# vocabulary there are 60 manners.
_MANNERS, _PIECES, _NAMES = 64, 16_384, 4_096


class Piece(msgspec.Struct, frozen=True, eq=False):
    """A phrase as it stands in a text, or a mark between phrases; compared by identity.

    It holds for every brief that has its slots; how long it is there says `Offer.length`.
    """

    role: str
    """Of the phrase; `stop` and `closing` end a sentence made of clauses."""
    text: str
    words: tuple[str, ...]
    slots: frozenset[str]
    literal: int
    """Characters besides its slots, at most, with the space before it inside a sentence."""
    form: Form
    names: tuple[str, ...] = ()
    """The slots, in the order of the phrase's own."""
    phrase: str = ""
    """The id of the phrase; empty for marks."""
    special: bool = False
    """Whether the phrase was made for certain titles alone."""
    toned: bool = False
    """Whether it was made for certain tones alone."""
    long_words: frozenset[str] = frozenset()
    """Words that are noticed when they come again."""
    colons: int = 0
    implies: frozenset[str] = frozenset()
    """Slots that it says in words of its own: "No rush." leaves no need for [PACE]."""

    @property
    def imperative(self) -> bool:
        """Whether it tells the reader to do something."""
        return self.words[0] in _IMPERATIVES


class _Manner(NamedTuple):
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
def _suited(_: _Manner) -> dict[Frame, bool]:
    """Which phrases are for briefs of one manner: filled in as they are asked for."""
    return {}


class Offer:
    """What a brief allows texts to be made of, and how long each part of it is.

    Attributes:
        brief: The brief.
        lengths: Characters of each slot that may be said, in the brief's order.
        wanted: Slots of the angle, which a text has to say.
        story: Sentences of the story, in their order.
        echoes: Names that say each other: one person in two jobs, or a title with its star in it.
    """

    def __init__(
        self,
        brief: Brief,
        measure: Callable[[Slot, Brief], int],
        words: frozenset[str] | None = None,
    ) -> None:
        slots = [slot for slot in shown(brief) if words is None or f"[{slot.name}]" in words]
        self.brief = brief
        self.lengths = {slot.name: measure(slot, brief) for slot in slots}
        self.wanted = tuple(
            dict.fromkeys(angle.slot for angle in brief.angle if angle.slot in self.lengths)
        )
        self.story = tuple(name for name in self.lengths if name.startswith("STORY"))
        self.echoes = _echoes(slots)
        self._repeats = _repeats(slots)
        self._terms = {slot.name: slot.term for slot in slots if slot.term}
        self._named: dict[str, list[str]] = {}
        for name in self.lengths:
            self._named.setdefault(base_of(name), []).append(name)
        self._filled: dict[frozenset[str], int] = {}
        self._chosen: dict[tuple[str, ...], Sequence[tuple[str, ...]]] = {}
        self._manner = _Manner(
            "synopsis" if brief.purpose == "synopsis" else "promo",
            brief.tone,
            brief.kind,
            None if words is None else _same(words),
        )

    def pieces(self, frames: Iterable[Frame]) -> Iterator[Piece]:
        """Every phrase that the brief allows, once for every way to choose its slots, none twice."""
        offered = frozenset(self._named)
        suited = _suited(self._manner)
        avoided = frozenset(word for avoid in self.brief.avoid for word in avoid.split())
        for frame in frames:
            suits = suited.get(frame)
            if suits is None:
                suits = suited[frame] = _suits(frame, self._manner)
            if not suits or not frame.wanted <= offered:
                continue
            if avoided and not avoided.isdisjoint(frame.lower):
                continue
            for names in self._ways(frame):
                if not frame.bound or self._bound(frame, names):
                    yield _piece(frame, names)

    def _ways(self, frame: Frame) -> Sequence[tuple[str, ...]]:
        """The ways to choose the phrase's slots; many phrases have the same to choose."""
        asked = frame.names if frame.played else frame.bases
        if asked not in self._chosen:
            each = [self._named.get(base, ()) for base in asked]
            if frame.played:
                each = [(name,) if name in self.lengths else () for name in asked]
            self._chosen[asked] = [
                names
                for names in product(*each)
                if len(set(names)) == len(names)
                and not any(pair.issubset(names) for pair in self._repeats)
            ]
        return self._chosen[asked]

    def length(self, piece: Piece) -> int:
        """Characters of a piece once filled, at most, with the space before it inside a sentence."""
        slots = piece.slots
        filled = self._filled.get(slots)
        if filled is None:
            filled = self._filled[slots] = sum([self.lengths[name] for name in slots])
        return piece.literal + filled

    def _bound(self, frame: Frame, names: Sequence[str]) -> bool:
        """Whether the slots stand for words that the phrase was made for."""
        return all(
            base not in frame.bound or self._terms.get(name) in frame.bound[base]
            for name, base in zip(names, frame.bases, strict=True)
        )


def _suits(frame: Frame, manner: _Manner) -> bool:
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


@lru_cache(maxsize=_PIECES)
def _piece(frame: Frame, chosen: tuple[str, ...]) -> Piece:
    """A phrase with these slots."""
    phrase, words, parts = frame.phrase, frame.words, list(frame.parts)
    if chosen != frame.names:
        parts[1::2] = [f"[{name}]" for name in chosen]
        named = iter(parts[1::2])
        words = tuple(next(named) if word[0] == "[" else word for word in words)
    return Piece(
        role=phrase.role,
        text="".join(parts),
        words=words,
        slots=frozenset(chosen),
        literal=frame.literal,
        form=frame.form,
        names=chosen,
        phrase=phrase.id,
        special=phrase.needs != _NO_NEEDS,
        toned=bool(phrase.tones),
        long_words=frame.long_words,
        colons=frame.colons,
        implies=_PACE if phrase.needs.pace and "PACE" not in chosen else _NONE,
    )


@lru_cache(maxsize=_PIECES)
def begun(piece: Piece) -> Piece:
    """The piece as it stands at the beginning of a sentence."""
    first, *others = piece.words
    raised = first[0].upper() + first[1:]
    if raised == first:
        return piece
    return _changed(
        piece,
        text=piece.text[0].upper() + piece.text[1:],
        words=(raised, *others),
        long_words=piece.long_words - {first},
    )


@lru_cache(maxsize=_PIECES)
def joined(piece: Piece, mark: str = "") -> Piece:
    """The piece as it stands inside a sentence, after a mark or a space alone."""
    before = (mark,) if mark else ()
    return _changed(
        piece,
        text=f"{mark} {piece.text}",
        words=(*before, *piece.words),
        literal=piece.literal + len(mark) + 1,
    )


_changed = msgspec.structs.replace
_NO_NEEDS = Needs()
_PACE = frozenset({"PACE"})
_NONE = frozenset[str]()


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
