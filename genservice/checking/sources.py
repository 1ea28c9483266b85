"""Everything that may vouch for a word of a text about one title, ready for looking up."""

from __future__ import annotations

import re
from functools import cached_property
from sys import intern
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from genservice.checking.labels import Label, labels_of
from genservice.checking.lexicon import FUNCTION_WORDS, NEGATIONS, NEVER_ALONE, is_content
from genservice.checking.words import Names, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.checking.phrases import Phrases
    from genservice.checking.words import Token
    from genservice.domain import Slot, SlotKind, Title, Vocabulary

NAME_KINDS: frozenset[SlotKind] = frozenset({"title", "person", "character", "place", "name"})
FREE_KINDS: frozenset[SlotKind] = frozenset({"who", "goal", "turn", "where", "sentence"})
SHORTEST_RUN = 3
"""Words in a row that count as a quotation of a fact."""

K = TypeVar("K")
V = TypeVar("V")

_SLOT = re.compile(r"\[([A-Z][A-Z0-9_]*)\]")


class Passage(NamedTuple):
    """A sentence of the title's free text, or a whole part of it."""

    pointer: str
    norms: tuple[str, ...]
    stems: tuple[str, ...]


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

    What only a check looks things up in is made at the first one: a title of which all texts stand
    never needs it, and it is most of what a title takes in memory.

    Attributes:
        title: The title.
        slots: Every slot that the title offers, by name.
        phrases: The house phrases.
        true_phrases: The ids of those that may be said of this title.
        names: The names that a filled text may hold.
        named: What each full name stands for.
    """

    def __init__(
        self,
        title: Title,
        slots: Sequence[Slot],
        vocabulary: Vocabulary,
        phrases: Phrases,
    ) -> None:
        self.title = title
        self.slots: Mapping[str, Slot] = {slot.name: slot for slot in slots}
        self.phrases = phrases
        self.true_phrases = phrases.true_of(title)
        surfaces, named = _names(title, slots)
        self.names = Names.of(surfaces)
        self.named: Mapping[str, tuple[Named, ...]] = named
        self.full_names: Mapping[str, str] = dict(surfaces)
        self.labels: Mapping[str, tuple[Label, ...]] = labels_of(title, vocabulary)
        texts = list(_free_texts(title))
        self.fills = self._fills(slots)
        known = {text for _, text in texts}
        texts += [
            (slot.pointer, filled(slot.text, self.slots))
            for slot in slots
            if slot.kind in FREE_KINDS and slot.text not in known
        ]
        self.passages = self._passages(texts)
        self.capitals = frozenset(self._capitals(texts, vocabulary))
        self.spoilers = self._passages(_spoilers(title))

    @cached_property
    def runs(self) -> Mapping[tuple[str, ...], tuple[tuple[int, int], ...]]:
        """Where every three words in a row stand in what vouches: passage and position."""
        return _grams(self.passages)

    @cached_property
    def stems(self) -> Mapping[str, tuple[int, ...]]:
        """Which passages hold a word, by its stem, in their order."""
        return _stems(self.passages)

    @cached_property
    def gaps(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        """What stands among the words around it in what vouches, by stem."""
        return _gaps(self.passages)

    @cached_property
    def spoiler_runs(self) -> Mapping[tuple[str, ...], tuple[tuple[int, int], ...]]:
        """Where every three words in a row stand in what spoils."""
        return _grams(self.spoilers)

    @cached_property
    def spoiler_stems(self) -> frozenset[str]:
        """The stems of words that stand in what spoils alone."""
        return frozenset(
            stem
            for passage in self.spoilers
            for norm, stem in zip(passage.norms, passage.stems, strict=True)
            if is_content(norm) and norm[0] != "@" and norm not in NEVER_ALONE
            if stem not in self.stems
        )

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

    def _capitals(self, texts: Sequence[tuple[str, str]], vocabulary: Vocabulary) -> Iterable[str]:
        """The words that take a capital in what vouches, wherever they stand in a sentence."""
        yield from self.phrases.capitals
        said = [text for _, text in texts]
        said += [slot.text for slot in self.slots.values() if slot.kind not in FREE_KINDS]
        said += [award.name for award in self.title.awards]
        for text in said:
            yield from (token.norm for token in self.read(text) if token.capital)
        for term in vocabulary.countries:
            if term.name.upper() in self.title.countries:
                for form in (term.label, *term.forms):
                    yield from (token.norm for token in tokens(form))

    def _fills(self, slots: Sequence[Slot]) -> Mapping[str, tuple[Fill, ...]]:
        fills: dict[str, list[Fill]] = {}
        for slot in slots:
            if slot.kind not in NAME_KINDS:
                norms = tuple(token.norm for token in self.read(slot.text))
                if norms:
                    fills.setdefault(norms[0], []).append(Fill(norms, slot.kind, slot.pointer))
        return {
            first: tuple(sorted(found, key=lambda fill: -len(fill.norms)))
            for first, found in fills.items()
        }

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


def _grams(passages: Sequence[Passage]) -> Mapping[tuple[str, ...], tuple[tuple[int, int], ...]]:
    grams: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for number, passage in enumerate(passages):
        norms = passage.norms
        for at in range(len(norms) - SHORTEST_RUN + 1):
            # A quotation that leaves a "not" out says the contrary.
            if not NEGATIONS.intersection(norms[max(0, at - 2) : at]):
                grams.setdefault(norms[at : at + SHORTEST_RUN], []).append((number, at))
    return {gram: tuple(found) for gram, found in grams.items()}


def _stems(passages: Sequence[Passage]) -> Mapping[str, tuple[int, ...]]:
    stems: dict[str, dict[int, None]] = {}
    for number, passage in enumerate(passages):
        for stem in passage.stems:
            stems.setdefault(stem, {})[number] = None
    return _compact({stem: tuple(found) for stem, found in stems.items()})


EDGE = "|"
"""Stands for the beginning and the end of a sentence among the words around a gap."""


WHOLE = 5
"""Words of the widest window: two before, the place itself, two after."""


def around(window: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """The ways by which an altered word in the middle of a window of five is known.

    Only ways in which another word says something count; the widest need two.
    """
    for first, last, wanted in ((0, 5, 2), (1, 4, 1), (0, 4, 1), (1, 5, 1), (0, 3, 1), (2, 5, 1)):
        key = tuple(window[first:last])
        if sum(is_content(word) for word in key if word not in {EDGE, "*"}) >= wanted:
            yield key


def _gaps(passages: Sequence[Passage]) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    gaps: dict[tuple[str, ...], set[str]] = {}
    for _, norms, stems in passages:
        for at, here in enumerate(stems):
            before = (EDGE, EDGE, *norms[:at])[-2:]
            after = (*norms[at + 1 : at + 3], EDGE, EDGE)[:2]
            window = (*before, "*", *after)
            for key in {window, *around(window)}:
                gaps.setdefault(key, set()).add(here)
    return _compact({key: tuple(sorted(found)) for key, found in gaps.items()})


def _compact(found: dict[K, tuple[V, ...]]) -> Mapping[K, tuple[V, ...]]:
    """The same with equal values kept once; a set of one word would take five times a tuple of it."""
    once: dict[tuple[V, ...], tuple[V, ...]] = {}
    return {key: once.setdefault(value, value) for key, value in found.items()}
