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
from genservice.catalog.forms import may_stand_in_text, numbered, offered, others, parts
from genservice.catalog.labels import labels
from genservice.catalog.leaning import leans
from genservice.catalog.masking import Masked, find, mask
from genservice.catalog.parts import parts_in
from genservice.catalog.sentences import split
from genservice.catalog.story import stories
from genservice.catalog.trimming import shorter
from genservice.domain import Slot, SlotKind, Title, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from genservice.domain.titles import Part

_WORD = re.compile(r"[^\W\d_]+")
_LOWER = re.compile(r"(?<![^\W_])[^\W\d_]+")
_SLOT = re.compile(r"\[[A-Z0-9_]+\]")
_FINAL = tuple('?!\u2026"\u201d')
_DESCRIPTION = "/description"
_LOGLINE = 150
"""Most characters of a description's first sentence, with those that lean on it, in a logline's place."""
_PASSAGE = 240
"""Most characters of sentences that go into one slot."""
_NOUNS = {"season": "series"}
"""What a title of a kind is called in its own story, where that is not the kind's name."""
_KINDS: dict[Part, SlotKind] = {"who": "who", "goal": "goal", "turn": "turn", "where": "where"}


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


class _Text(msgspec.Struct, frozen=True):
    """One piece of free text on its way to a slot."""

    name: str
    kind: SlotKind
    text: str
    pointer: str
    number: int = 0
    """Of a sentence of the story: its place among all of them, the unusable ones included."""
    back: bool = False
    """It makes sense only right behind the sentence before it."""
    earlier: frozenset[int] = frozenset()
    """It makes sense only behind one of these."""

    @property
    def starts(self) -> bool:
        """Whether it begins with a capital whatever its first word."""
        return self.kind == "sentence"


def slotted(title: Title, vocabulary: Vocabulary) -> Slotted:
    """Every slot that `title` offers; see the order above."""
    names = _Names(title)
    free: list[Slot] = []
    told: list[tuple[_Text, Masked]] = []
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
    passages = _passages(told)
    withheld += len(told) - sum(len(passage.texts) for passage in passages)
    free = [*_parts(title, names, passages), *free]
    for name, passage in _named(title, passages):
        if passage.leans:
            leaning.append(name)
        versions = [
            Slot(name=name, kind="sentence", text=text, pointer=passage.pointer)
            for text in passage.versions(names)
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


class _Passage(msgspec.Struct, frozen=True):
    """A sentence of the story, and those that lean on it as far as they go with it into one slot."""

    texts: tuple[tuple[_Text, Masked], ...]
    leans: bool

    @property
    def pointer(self) -> str:
        return self.texts[0][0].pointer

    @property
    def length(self) -> int:
        return sum(len(piece.text) + 2 for piece, _ in self.texts) - 2

    def parted(self, room: int) -> tuple[_Passage | None, _Passage | None]:
        """As many of its sentences as fit into `room`, and the rest, which leans on them."""
        count = len(self.texts)
        while count and _Passage(self.texts[:count], self.leans).length > room:
            count -= 1
        head, tail = self.texts[:count], self.texts[count:]
        return (
            _Passage(head, self.leans) if head else None,
            _Passage(tail, leans=True) if tail else None,
        )

    def versions(self, names: _Names) -> list[str]:
        """The passage, and shorter versions of it, with names as slots; the longest first."""
        masked = [text.text for _, text in self.texts]
        found = [_row(masked[:count]) for count in range(len(masked), 0, -1)]
        first = self.texts[0][0]
        if first.pointer == _DESCRIPTION:
            for text in shorter(first.text):
                piece = msgspec.structs.replace(first, text=text)
                if (short := names.masked(piece)) is not None:
                    found.append(short.text)
        return list(dict.fromkeys(found))


def _named(title: Title, passages: Sequence[_Passage]) -> Iterator[tuple[str, _Passage]]:
    """The slots that passages go into: the first of a description is the logline where there is none."""
    rest = list(passages)
    if rest and title.logline is None and rest[0].pointer == _DESCRIPTION and not rest[0].leans:
        head, tail = rest[0].parted(_LOGLINE)
        if head is not None:
            yield "LOGLINE", head
            rest[:1] = [tail] if tail is not None else []
    for number, passage in enumerate(rest, 1):
        yield f"STORY_{number}", passage


def _parts(title: Title, names: _Names, passages: Sequence[_Passage]) -> list[Slot]:
    """Who wants what, from the logline or the first sentence of a description, if the record says neither."""
    own = {item.part for item in title.story if item.spoiler == "none"}
    if not own.isdisjoint({"who", "goal"}):
        return []
    said, pointer = title.logline, "/logline"
    if said is None and passages and not passages[0].leans:
        first = passages[0].texts[0][0]
        said, pointer = first.text, first.pointer
    if said is None or pointer not in (_DESCRIPTION, "/logline"):
        return []
    slots: list[Slot] = []
    for found in parts_in(_unstopped(said)):
        name = "WHO_PL" if found.plural else found.part.upper()
        piece = _Text(name, _KINDS[found.part], found.text, pointer)
        masked = names.masked(piece) if found.part not in own else None
        if masked is not None:
            slots.append(Slot(name=name, kind=piece.kind, text=masked.text, pointer=pointer))
    return slots if {"who", "goal"} <= {slot.kind for slot in slots} else []


def _row(sentences: Sequence[str]) -> str:
    """Sentences without their final full stops as one text without it."""
    return " ".join(
        text if at == len(sentences) - 1 or text[-1:] in _FINAL else f"{text}."
        for at, text in enumerate(sentences)
    )


def _passages(told: Sequence[tuple[_Text, Masked]]) -> list[_Passage]:
    """What of the story stands, sentence by sentence: nothing whose forerunner does not stand."""
    found: list[_Passage] = []
    stands: set[tuple[str, int]] = set()
    for piece, masked in told:
        source = piece.pointer.split("/")[1]
        if piece.back and (source, piece.number - 1) not in stands:
            continue
        if piece.earlier and not any((source, at) in stands for at in piece.earlier):
            continue
        stands.add((source, piece.number))
        last = found[-1] if found else None
        joins = piece.back and source == "description" and last is not None
        if joins and last is not None and last.length + len(piece.text) + 2 <= _PASSAGE:
            found[-1] = _Passage((*last.texts, (piece, masked)), last.leans)
        else:
            found.append(_Passage(((piece, masked),), piece.back or bool(piece.earlier)))
    return found


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
    return tuple(piece.text for piece in _texts(title))


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
        self.texts = tuple(_texts(title))
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

    def masked(self, piece: _Text) -> Masked | None:
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


def _doubtful(piece: _Text) -> bool:
    """Whether a piece begins with a word that somebody may be called."""
    first = _WORD.search(piece.text)
    return piece.starts and first is not None and not is_first_a_word(first[0])


def _texts(title: Title) -> Iterator[_Text]:
    """The free text that may be quoted: nothing that spoils, each without its final full stop."""
    unspoilt = [(i, item) for i, item in enumerate(title.story) if item.spoiler == "none"]
    for part, kind in _KINDS.items():
        number = 0
        for index, item in unspoilt:
            if item.part == part:
                number += 1
                base = "WHO_PL" if part == "who" and item.plural else part.upper()
                text = _unstopped(item.text)
                yield _Text(numbered(base, number), kind, text, f"/story/{index}/text")
    said: set[str] = set()
    if title.logline:
        said.add(_unstopped(title.logline))
        yield _Text("LOGLINE", "sentence", _unstopped(title.logline), "/logline")
    events = [(i, item) for i, item in enumerate(title.story) if item.part == "event"]
    for number, (index, item) in enumerate(events):
        text = _unstopped(item.text)
        if item.spoiler == "none" and text not in said:
            said.add(text)
            yield _Text("STORY", "sentence", text, f"/story/{index}/text", number, leans(text))
    if title.description:
        noun = _NOUNS.get(title.kind, title.kind)
        for told in stories(title.description, name=title.name, noun=noun):
            text = _unstopped(told.text)
            if text not in said:
                said.add(text)
                yield _Text(
                    "STORY", "sentence", text, _DESCRIPTION, told.number, told.back, told.earlier
                )


def _unstopped(sentence: str) -> str:
    """A sentence without its final full stop; an ellipsis, ? and ! stay."""
    text = sentence.strip()
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text
