"""Slots: what a writer sees of a title, names and facts alike.

`Slotted.slots` stands in this order, each kind only where the title has it:

    names        [TITLE] [LEAD] [CAST_2].. [DIRECTOR].. [CREATOR].. [CHARACTER_1].. [PLACE]..
    labels       [PERIOD] [YEAR] [MINUTES] [KIND] [COUNTRY].. [GENRE].. [MOOD].. [THEME].. [PACE] [ALERT]..
    free text    [WHO].. or [WHO_PL].. [GOAL].. [TURN].. [WHERE].. [LOGLINE] [STORY_1]..; without a logline
                 the first sentence of the description, and perhaps parts of it, stand in for these
    inner names  those that free text holds: [CHARACTER_1_FIRST], [LEAD_LAST], [NAME_1]..

A second of a kind is `_2`. [CHARACTER_n] is played by [CAST_n] ([LEAD] for 1). Filling every slot in
free text, one level deep, gives back the sentence as the catalogue has it, save its final full stop.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from genservice.catalog.capitalised import Run, Unresolved, names_in
from genservice.catalog.everyday import is_everyday, is_first_a_word
from genservice.catalog.forms import may_stand_in_text, offered, others, parts
from genservice.catalog.labels import labels
from genservice.catalog.masking import Masked, find, mask
from genservice.catalog.parts import parts_in
from genservice.catalog.passages import Passage, in_slots, passages_of
from genservice.catalog.pieces import DESCRIPTION, KINDS, Piece, pieces, unstopped
from genservice.catalog.sentences import split
from genservice.domain import Slot, Title, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_WORD = re.compile(r"[^\W\d_]+")
_LOWER = re.compile(r"(?<![^\W_])[^\W\d_]+")
_SLOT = re.compile(r"\[[A-Z0-9_]+\]")


class Slotted(msgspec.Struct, frozen=True, kw_only=True):
    """A title as slots."""

    slots: tuple[Slot, ...]
    """In the order above."""
    forms: tuple[Slot, ...] = ()
    """Further forms of the title's names, which its free text does not use but other texts may."""
    withheld: int = 0
    """Pieces of free text kept out: a capitalised word in them stays unresolved, or what they lean on is not there."""
    leaning: tuple[str, ...] = ()
    """Names of [STORY_n] slots that make sense only right behind the one before."""
    shorter: tuple[Slot, ...] = ()
    """Shorter versions of sentences, each under its slot's own name, the longest first."""


def slotted(title: Title, vocabulary: Vocabulary) -> Slotted:
    """Every slot that `title` offers; see the order above."""
    names = _Names(title)
    free: list[Slot] = []
    told: list[tuple[Piece, Masked]] = []
    withheld = 0
    for piece in names.texts:
        masked = names.masked(piece)
        if masked is None:
            withheld += 1
        elif piece.name == "STORY":
            told.append((piece, masked))
        else:
            free.append(
                Slot(name=piece.name, kind=piece.kind, text=masked.text, pointer=piece.pointer)
            )
    leaning: list[str] = []
    shorter: list[Slot] = []
    passages = passages_of(told)
    withheld += len(told) - sum(len(passage.texts) for passage in passages)
    free = [*_parts(title, names, passages), *free]
    for name, passage in in_slots(title, passages):
        if passage.leans:
            leaning.append(name)
        versions = [
            Slot(name=name, kind="sentence", text=text, pointer=passage.pointer)
            for text in passage.versions(names.masked)
        ]
        free.append(versions[0])
        shorter += versions[1:]
    count = len(free)
    free, inner = _renumbered([*free, *shorter], names.inner)
    free, shorter = free[:count], free[count:]
    held = {name[1:-1] for slot in free for name in _SLOT.findall(slot.text)}
    return Slotted(
        slots=(
            *names.offered,
            *labels(title, vocabulary),
            *free,
            *(slot for slot in inner if slot.name in held),
        ),
        forms=tuple(slot for slot in inner if slot.name not in held),
        withheld=withheld,
        leaning=tuple(leaning),
        shorter=tuple(shorter),
    )


def _parts(title: Title, names: _Names, passages: Sequence[Passage]) -> list[Slot]:
    """Who wants what, from the logline or the first sentence of a description, if the record says neither."""
    own = {item.part for item in title.story if item.spoiler == "none"}
    if not own.isdisjoint({"who", "goal"}):
        return []
    said, pointer = title.logline, "/logline"
    if said is None and passages and not passages[0].leans:
        first = passages[0].texts[0][0]
        said, pointer = first.text, first.pointer
    if said is None or pointer not in (DESCRIPTION, "/logline"):
        return []
    slots: list[Slot] = []
    for found in parts_in(unstopped(said)):
        name = "WHO_PL" if found.plural else found.part.upper()
        piece = Piece(name, KINDS[found.part], found.text, pointer)
        masked = names.masked(piece) if found.part not in own else None
        if masked is not None:
            slots.append(Slot(name=name, kind=piece.kind, text=masked.text, pointer=pointer))
    return slots if {"who", "goal"} <= {slot.kind for slot in slots} else []


def _renumbered(free: list[Slot], inner: Sequence[Slot]) -> tuple[list[Slot], list[Slot]]:
    """Free text and inner names with [NAME_n] counted in the order in which texts hold them."""
    said = [name[1:-1] for slot in free for name in _SLOT.findall(slot.text)]
    found = [name for name in (*said, *(slot.name for slot in inner)) if name.startswith("NAME_")]
    to = {name: f"NAME_{number}" for number, name in enumerate(dict.fromkeys(found), 1)}

    def text(slot: Slot) -> str:
        return _SLOT.sub(lambda match: f"[{to.get(match[0][1:-1], match[0][1:-1])}]", slot.text)

    replace = msgspec.structs.replace
    names = [replace(slot, name=to.get(slot.name, slot.name)) for slot in inner]
    names.sort(key=lambda slot: (slot.name in to.values(), _number(slot.name)))
    return [replace(slot, text=text(slot)) for slot in free], names


def _number(name: str) -> int:
    return int(name.removeprefix("NAME_")) if name.startswith("NAME_") else 0


def names(title: Title) -> tuple[str, ...]:
    """Every form in which the names of `title` may stand in a text, sorted; its free text's names too."""
    held = _Names(title)
    for piece in held.texts:
        held.masked(piece)
    said = {slot.text for slot in (*held.offered, *held.inner)}
    return tuple(sorted(said | set(others(title))))


def quotable(title: Title) -> tuple[str, ...]:
    """The free text of `title` that may become slots, as filling its slots gives it back."""
    return tuple(piece.text for piece in pieces(title))


def to_slots(text: str, slotted: Slotted) -> Masked:
    """`text` with the title's names as slots, and where each of them stands.

    Names only, in exact case, whole words, longest first. Everyday words that happen to be a title
    stay words.
    """
    kinds = ("title", "person", "character", "place", "name")
    usable = [
        slot
        for slot in (*slotted.slots, *slotted.forms)
        if slot.kind in kinds and may_stand_in_text(slot)
    ]
    return mask(text, find(text, _by_rank(usable)))


def _by_rank(slots: Sequence[Slot]) -> list[Slot]:
    """Where two slots have the same text: characters, then the title, people, places, other names."""
    ranks = {"character": 0, "title": 1, "person": 2, "place": 3}
    return sorted(slots, key=lambda slot: ranks.get(slot.kind, 4))


class _Names:
    """The names of one title, and the slots they become in its free text."""

    def __init__(self, title: Title) -> None:
        self.offered = offered(title)
        self.texts = tuple(pieces(title))
        self._others = others(title)
        self._parts = parts(self.offered)
        self._found: dict[str, Slot] = {}
        self._known = frozenset[str]()
        self._usable = self._all_usable()
        self._lower = frozenset(
            word for piece in self.texts for word in _LOWER.findall(piece.text) if word.islower()
        )
        heard = [(piece.text, piece.starts) for piece in self.texts]
        if title.description and any(_doubtful(piece) for piece in self.texts):
            # Sentences that are no story know names too; they are asked only when a word is in doubt.
            heard += [(text, True) for text in split(title.description)]
        self._known = self._learn(heard)

    @property
    def inner(self) -> tuple[Slot, ...]:
        """Forms that are no slots of their own: parts of names, and names found in free text."""
        return (*self._parts, *self._found.values())

    def masked(self, piece: Piece) -> Masked | None:
        """The piece with its names as slots, or None where a capital stays unresolved."""
        found = find(piece.text, self._usable)
        runs = self._runs(piece.text, found, starts=piece.starts)
        if isinstance(runs, Unresolved):
            return None
        for run in runs:
            text = piece.text[run.start : run.end]
            if "[" in text or "]" in text:
                return None
            found.append((run.start, run.end, self._slot(text, piece.pointer)))
        found.sort(key=lambda item: item[0])
        masked = mask(piece.text, found)
        return None if _imitates(masked) else masked

    def _slot(self, text: str, pointer: str) -> Slot:
        if text not in self._found:
            kind, pointer = self._others.get(text, ("name", pointer))
            name = f"NAME_{len(self._found) + 1}"
            self._found[text] = Slot(name=name, kind=kind, text=text, pointer=pointer)
        return self._found[text]

    def _all_usable(self) -> list[Slot]:
        usable = [slot for slot in (*self.offered, *self._parts) if may_stand_in_text(slot)]
        taken = {slot.text for slot in usable}
        for text, (kind, pointer) in self._others.items():
            slot = Slot(name="-", kind=kind, text=text, pointer=pointer)
            if text not in taken and may_stand_in_text(slot):
                usable.append(self._slot(text, pointer))
        return _by_rank(usable)

    def _runs(
        self, text: str, found: Sequence[tuple[int, int, Slot]], *, starts: bool
    ) -> list[Run] | Unresolved:
        taken = [(start, end) for start, end, _ in found]
        return names_in(text, taken, starts=starts, known=self._known, lower=self._lower)

    def _learn(self, texts: Iterable[tuple[str, bool]]) -> frozenset[str]:
        """Words that are names inside some sentence."""
        known: set[str] = set()
        for text, starts in texts:
            runs = self._runs(text, find(text, self._usable), starts=starts)
            if isinstance(runs, Unresolved):
                continue
            for run in runs:
                words = _WORD.findall(text[run.start : run.end])
                known.update(word for word in words if not is_everyday(word))
                if run.inside and words and not is_first_a_word(words[-1]):
                    known.add(words[-1])
        return frozenset(known)


def _imitates(masked: Masked) -> bool:
    """Whether brackets of the text itself are left, which could read as a slot."""
    bare = _SLOT.sub("", masked.text)
    return "[" in bare or "]" in bare or len(_SLOT.findall(masked.text)) != len(masked.places)


def _doubtful(piece: Piece) -> bool:
    """Whether a piece begins with a word that somebody may be called."""
    first = _WORD.search(piece.text)
    return piece.starts and first is not None and not is_first_a_word(first[0])
