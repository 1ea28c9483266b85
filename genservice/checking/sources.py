"""Everything that may vouch for a word of a text about one title, ready for looking up."""

from __future__ import annotations

import re
from copy import copy
from itertools import chain
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

from genservice.checking.free_text import FreeText, Passage
from genservice.checking.labels import Label, labels_of
from genservice.checking.lexicon import FUNCTION_WORDS
from genservice.checking.words import Names, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.checking.phrases import Phrases
    from genservice.checking.words import Token
    from genservice.domain import Slot, SlotKind, Title, Vocabulary

NAME_KINDS: frozenset[SlotKind] = frozenset({"title", "person", "character", "place", "name"})
FREE_KINDS: frozenset[SlotKind] = frozenset({"who", "goal", "turn", "where", "sentence"})
_SLOT = re.compile(r"\[([A-Z][A-Z0-9_]*)\]")


class Fill(NamedTuple):
    """What a slot says once it is filled."""

    norms: tuple[str, ...]
    kind: SlotKind
    pointer: str


class Named(NamedTuple):
    """What a name stands for: one of possibly several facts that hold it."""

    pointer: str
    kind: SlotKind


class Sources:
    """What vouches for texts about one title. Costs milliseconds to make; keep one per title.

    Attributes:
        title: The title.
        slots: Every slot that the title offers, by name.
        phrases: The house phrases.
        true_phrases: The ids of those that may be said of this title.
        names: The names that a filled text may hold.
        named: What each full name stands for.
        free: Its free text.
    """

    def __init__(
        self,
        title: Title,
        slots: Sequence[Slot],
        vocabulary: Vocabulary,
        phrases: Phrases,
        *,
        like: Sources | None = None,
    ) -> None:
        """Work them out.

        Args:
            title: The record.
            slots: Every slot that it offers.
            vocabulary: The catalogue's.
            phrases: The house phrases.
            like: Others of the same title, of which all is taken that no slot changes.
        """
        self.title = title
        self.slots: Mapping[str, Slot] = {slot.name: slot for slot in slots}
        self.phrases = phrases
        # The very same if it can be, for others remember by it what they made of it.
        self.true_phrases = phrases.true_of(title) if like is None else like.true_phrases
        self._vocabulary = vocabulary
        surfaces, named = _names(title, slots)
        self.names = Names.of(surfaces)
        self.named: Mapping[str, tuple[Named, ...]] = named
        self.full_names: Mapping[str, str] = dict(surfaces)
        self.labels: Mapping[str, tuple[Label, ...]] = (
            labels_of(title, vocabulary) if like is None else like.labels
        )
        texts = list(_free_texts(title))
        self.fills = _by_first(self._filling(slots))
        known = {text for _, text in texts}
        texts += [
            (slot.pointer, filled(slot.text, self.slots))
            for slot in slots
            if slot.kind in FREE_KINDS and slot.text not in known
        ]
        self.capitals = frozenset(self._capitals(texts))
        free = FreeText(self._passages(texts), self._passages(_spoilers(title)))
        self.free = like.free if like is not None and free.says_the_same(like.free) else free

    def offering(self, slots: Iterable[Slot]) -> Sources:
        """What vouches for texts about the same title that have these slots instead."""
        return Sources(self.title, tuple(slots), self._vocabulary, self.phrases, like=self)

    def with_labels(self, slots: Sequence[Slot]) -> Sources:
        """The same with further slots, of labels: neither of names nor of free text."""
        if any(slot.kind in NAME_KINDS | FREE_KINDS for slot in slots):
            raise ValueError("what names and free text vouch for has to be worked out anew")
        made = copy(self)
        made.slots = {**self.slots, **{slot.name: slot for slot in slots}}
        made.fills = _by_first((*chain.from_iterable(self.fills.values()), *self._filling(slots)))
        made.capitals = self.capitals.union(*(self._capitals_in(slot.text) for slot in slots))
        return made

    @classmethod
    def of(
        cls,
        title: Title,
        *,
        slots: Iterable[Slot],
        vocabulary: Vocabulary,
        phrases: Phrases,
    ) -> Sources:
        """Sources of a title.

        Args:
            title: The record.
            slots: Every slot that it offers, those of angles (occasions) included.
            vocabulary: The catalogue's.
            phrases: The house phrases.
        """
        return cls(title, tuple(slots), vocabulary, phrases)

    def read(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text about this title; name slots and names compare alike."""
        return tokens(text, self.names, slot_norm=self.slot_norm)

    def slot_norm(self, name: str) -> str:
        """What a slot compares as: like its name in plain text, or as a slot."""
        slot = self.slots.get(name)
        if slot is None or slot.kind not in NAME_KINDS:
            return f"[{name}]"
        return f"@{self.full_names.get(slot.text, slot.text)}"

    def _capitals(self, texts: Sequence[tuple[str, str]]) -> Iterable[str]:
        """The words that take a capital in what vouches, wherever they stand in a sentence."""
        yield from self.phrases.capitals
        said = [text for _, text in texts]
        said += [slot.text for slot in self.slots.values() if slot.kind not in FREE_KINDS]
        said += [award.name for award in self.title.awards]
        for text in said:
            yield from self._capitals_in(text)
        for term in self._vocabulary.countries:
            if term.name.upper() in self.title.countries:
                for form in (term.label, *term.forms):
                    yield from (token.norm for token in tokens(form))

    def _capitals_in(self, text: str) -> Iterable[str]:
        return (token.norm for token in self.read(text) if token.capital)

    def _filling(self, slots: Iterable[Slot]) -> Iterable[Fill]:
        for slot in slots:
            if slot.kind not in NAME_KINDS:
                norms = tuple(token.norm for token in self.read(slot.text))
                if norms:
                    yield Fill(norms, slot.kind, slot.pointer)

    def _passages(self, texts: Iterable[tuple[str, str]]) -> tuple[Passage, ...]:
        found: list[Passage] = []
        for pointer, text in texts:
            sentence: list[Token] = []
            for token in (*self.read(text), None):
                if token is not None and token.kind != "stop":
                    sentence.append(token)
                elif sentence:
                    # Thousands of titles are kept, and most of their words are the same.
                    norms = tuple(intern(token.norm) for token in sentence)
                    stems = tuple(intern(token.stem) for token in sentence)
                    found.append(Passage(pointer, norms, stems))
                    sentence = []
        return tuple(found)


def _by_first(fills: Iterable[Fill]) -> Mapping[str, tuple[Fill, ...]]:
    """Fills by their first word, longest first."""
    found: dict[str, list[Fill]] = {}
    for fill in fills:
        found.setdefault(fill.norms[0], []).append(fill)
    return {
        first: tuple(sorted(fills, key=lambda fill: -len(fill.norms)))
        for first, fills in found.items()
    }


def filled(text: str, slots: Mapping[str, Slot]) -> str:
    """A text with the slots in it replaced by what they stand for, and no more than that."""
    for _ in range(3):
        if "[" not in text:
            break
        text = _SLOT.sub(lambda m: slots[m[1]].text if m[1] in slots else m[0], text)
    return text


def _free_texts(title: Title) -> Iterable[tuple[str, str]]:
    if title.logline:
        yield "/logline", title.logline
    for index, element in enumerate(title.story):
        if element.spoiler == "none":
            yield f"/story/{index}", element.text
    if title.description:
        yield "/description", title.description
    for index, text in enumerate(title.texts):
        yield f"/texts/{index}/text", text.text


def _spoilers(title: Title) -> Iterable[tuple[str, str]]:
    for index, element in enumerate(title.story):
        if element.spoiler != "none":
            yield f"/story/{index}", element.text


def _names(
    title: Title, slots: Sequence[Slot]
) -> tuple[list[tuple[str, str]], dict[str, tuple[Named, ...]]]:
    """Pairs of spelling and full name, the full ones first, and what each full name stands for."""
    named: dict[str, list[Named]] = {}
    short: list[tuple[str, str]] = []

    def add(name: str | None, pointer: str, kind: SlotKind) -> None:
        if name:
            named.setdefault(name, []).append(Named(pointer, kind))

    add(title.name, "/name", "title")
    add(title.original_name, "/original_name", "title")
    for index, name in enumerate(title.also_named):
        add(name, f"/also_named/{index}", "title")
    for index, credit in enumerate(title.credits):
        add(credit.name, f"/credits/{index}/name", "person")
        add(credit.character, f"/credits/{index}/character", "character")
        short += [(part, credit.name) for part in _parts(credit.name)[1:][-1:]]
        short += [(part, credit.character or "") for part in _parts(credit.character or "")]
    for index, setting in enumerate(title.setting):
        add(setting.place, f"/setting/{index}/place", "place")
    for slot in slots:
        if slot.kind in NAME_KINDS and "[" not in slot.text:
            add(slot.text, slot.pointer, slot.kind)
    pairs = [(name, name) for name in named]
    pairs += [(spelling, full) for spelling, full in short if spelling not in named]
    return pairs, {name: tuple(dict.fromkeys(found)) for name, found in named.items()}


def _parts(name: str) -> list[str]:
    """The capitalised words of a name that can stand for it."""
    return [
        part
        for part in name.split()
        if len(part) > 2 and part[0].isupper() and part.lower() not in FUNCTION_WORDS
    ]
