"""What the free text of a title says, ready for looking up."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from genservice.checking.lexicon import NEGATIONS, NEVER_ALONE, is_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SHORTEST_RUN = 3
"""Words in a row that count as a quotation of a fact."""
EDGE = "|"
"""Stands for the beginning and the end of a sentence among the words around a gap."""
WHOLE = 5
"""Words of the widest window: two before, the place itself, two after."""

K = TypeVar("K")
V = TypeVar("V")


class Passage(NamedTuple):
    """A sentence of the title's free text, or a whole part of it."""

    pointer: str
    norms: tuple[str, ...]
    stems: tuple[str, ...]


class FreeText:
    """Sentences that vouch for words, and those that spoil.

    What only a check looks things up in is made at the first one: a title of which all texts stand
    never needs it, and it is most of what a title takes in memory.

    Attributes:
        passages: What vouches.
        spoilers: What no text may give away.
    """

    def __init__(self, passages: Sequence[Passage], spoilers: Sequence[Passage]) -> None:
        self.passages = tuple(passages)
        self.spoilers = tuple(spoilers)

    def says_the_same(self, other: FreeText) -> bool:
        """Whether the other would find the same, so that one of them will do."""
        return (self.passages, self.spoilers) == (other.passages, other.spoilers)

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
    def spoiling(self) -> tuple[frozenset[str], ...]:
        """The stems of the words of content of each sentence that spoils."""
        return tuple(
            frozenset(
                stem
                for norm, stem in zip(passage.norms, passage.stems, strict=True)
                if is_content(norm)
            )
            for passage in self.spoilers
        )

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
