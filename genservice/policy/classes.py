"""Contexts as far as rules can tell them apart: exact analysis over classes of values.

A rule asks of a context key by key, and each key of itself. So the values of a key fall into classes
that the rules speaking of a signal cannot tell apart, and what is true of one value of each class is
true of every context made of them. Walking the keys in order, the rules that still may hold are all
that counts; contexts are therefore looked at as a reduced, ordered decision diagram, in which equal
parts are built once (Bryant, 1986, "Graph-Based Algorithms for Boolean Function Manipulation"; with
many values a key: Kam et al., 1998, "Multi-valued decision diagrams").

The whole of the contexts: every purpose, age band, channel and processor; the 249 countries, `unknown`
and each subdivision that a rule names (another one is decided as its country is); every subset of the
consents declared; Global Privacy Control or not.
"""

from __future__ import annotations

from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES
from genservice.policy.index import NO, YES
from genservice.policy.regions import COUNTRIES, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from genservice.policy.index import Index
    from genservice.policy.values import PolicySet

V = TypeVar("V", bound="Hashable")

Masks = tuple[int, ...]
"""For each of the sets compared, rules as bits."""

PLAIN_KEYS = ("purpose", "region", "age_band", "gpc", "channel", "processor")
WITH, WITHOUT = "with", "without"


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """Every value that a context may have, for one set or for several looked at together."""

    words: dict[str, tuple[str, ...]]
    """Key -> its values."""
    consents: tuple[str, ...]

    def fixed(self, **words: str) -> Domain:
        """The contexts among these that have the given values."""
        kept = {key: (words[key],) if key in words else every for key, every in self.words.items()}
        return msgspec.structs.replace(self, words=kept)

    @property
    def size(self) -> int:
        """How many contexts there are."""
        return prod(len(words) for words in self.words.values()) * 2 ** len(self.consents)


class Box(msgspec.Struct, frozen=True):
    """Contexts: for each key some of its values, all of the values where a key is not here."""

    keys: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Key and values, in the order of `PLAIN_KEYS`, then the consents: each consent is a key of its own,
    with the value `with` or `without`."""

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of a key; None where all will do."""
        return next((words for name, words in self.keys if name == key), None)

    def size(self, domain: Domain) -> int:
        """How many contexts these are."""
        named = dict(self.keys)
        plain = prod(len(named.get(key, words)) for key, words in domain.words.items())
        return plain * 2 ** sum(name not in named for name in domain.consents)


class Part(msgspec.Struct, Generic[V], frozen=True):
    """Contexts that come to the same."""

    box: Box
    value: V


def domain_of(*sets: PolicySet) -> Domain:
    """The contexts of these sets, each of which may name regions and consents of its own."""
    told = chain.from_iterable(policies.index.region.told for policies in sets)
    return Domain(
        words={
            "purpose": PURPOSES,
            "region": tuple(sorted({*COUNTRIES, UNKNOWN, *told})),
            "age_band": AGE_BANDS,
            "gpc": (NO, YES),
            "channel": CHANNELS,
            "processor": PROCESSORS,
        },
        consents=tuple(
            sorted({consent.name for policies in sets for consent in policies.consents})
        ),
    )


def parts(
    indexes: Sequence[Index],
    speaking: Masks,
    domain: Domain,
    value: Callable[[Masks], V | None],
) -> list[Part[V]]:
    """The contexts that have a value, in parts that do not overlap and are together all of them.

    Args:
        indexes: Of the sets looked at.
        speaking: Of each, the rules that may speak: those that speak of a signal, say.
        domain: The contexts.
        value: What those rules that hold come to; None where that is of no interest. It is asked
            with rules that hold together in some context.
    """
    alive, keys = speaking, list[_Key]()
    for key in _keys(indexes, speaking, domain):
        if len(key.classes) == 1:
            # It tells no contexts apart, but may rule rules out.
            alive = _both(alive, key.classes[0][0])
        else:
            keys.append(key)
    diagram = _Diagram(keys, value)
    root = diagram.node(0, alive)
    return [] if root is None else _merged(diagram.paths(root), keys)


class _Key(msgspec.Struct, frozen=True):
    """One key: its values, and their classes by the rules that they leave."""

    name: str
    words: tuple[str, ...]
    classes: tuple[tuple[Masks, tuple[str, ...]], ...]


def _keys(indexes: Sequence[Index], speaking: Masks, domain: Domain) -> list[_Key]:
    """Every key with its classes."""
    found: list[_Key] = []
    for name in PLAIN_KEYS:
        asked = [getattr(index, name) for index in indexes]
        left = {
            word: tuple(
                key.of(index.region_of(word) if name == "region" else word)
                for index, key in zip(indexes, asked, strict=True)
            )
            for word in domain.words[name]
        }
        found.append(_key(name, left, speaking))
    for name in domain.consents:
        left = {
            WITH: tuple(index.consents.with_one(name) for index in indexes),
            WITHOUT: tuple(index.consents.without_one(name) for index in indexes),
        }
        found.append(_key(name, left, speaking))
    return found


def _key(name: str, left: Mapping[str, Masks], speaking: Masks) -> _Key:
    classes: dict[Masks, list[str]] = {}
    for word, masks in left.items():
        classes.setdefault(_both(masks, speaking), []).append(word)
    return _Key(name, tuple(left), tuple((masks, tuple(all_)) for masks, all_ in classes.items()))


def _both(masks: Masks, others: Masks) -> Masks:
    return tuple(mask & other for mask, other in zip(masks, others, strict=True))


class _Node(msgspec.Struct, Generic[V], frozen=True):
    """What contexts come to by the keys from some depth on: a value, or a way on for each word."""

    depth: int
    ways: tuple[tuple[tuple[str, ...], int], ...] = ()
    """Words of the key at that depth, and the number of the node that they lead to."""
    value: V | None = None


class _Diagram(Generic[V]):
    """Which value every context comes to. Nodes are numbered; those that are alike are one."""

    def __init__(self, keys: Sequence[_Key], value: Callable[[Masks], V | None]) -> None:
        self._keys = keys
        self._value = value
        self._nodes: list[_Node[V]] = []
        self._numbers: dict[_Node[V], int] = {}
        self._known: dict[tuple[int, Masks], int | None] = {}

    def node(self, depth: int, alive: Masks) -> int | None:
        """The node for the keys from `depth` on, with these rules alive; None where no value is."""
        if (depth, alive) in self._known:
            return self._known[depth, alive]
        made = self._leaf(depth, alive) if depth == len(self._keys) else self._inner(depth, alive)
        self._known[depth, alive] = made
        return made

    def _leaf(self, depth: int, alive: Masks) -> int | None:
        value = self._value(alive)
        return None if value is None else self._number(_Node(depth, value=value))

    def _inner(self, depth: int, alive: Masks) -> int | None:
        below: dict[int | None, list[str]] = {}
        for masks, words in self._keys[depth].classes:
            below.setdefault(self.node(depth + 1, _both(masks, alive)), []).extend(words)
        if len(below) == 1:
            # The key does not matter here.
            return next(iter(below))
        ways = tuple((tuple(words), child) for child, words in below.items() if child is not None)
        return self._number(_Node(depth, ways))

    def _number(self, node: _Node[V]) -> int:
        number = self._numbers.setdefault(node, len(self._nodes))
        if number == len(self._nodes):
            self._nodes.append(node)
        return number

    def paths(self, number: int) -> Iterator[tuple[dict[str, frozenset[str]], V]]:
        """Every way from a node to a value: what it asks of the keys on it, and the value."""
        node = self._nodes[number]
        if node.value is not None:
            yield {}, node.value
        for words, child in node.ways:
            for asked, value in self.paths(child):
                yield {self._keys[node.depth].name: frozenset(words), **asked}, value


_Cell = tuple[frozenset[str], ...]
"""For each key, in order, the values it may have."""


def _merged(
    found: Iterable[tuple[Mapping[str, frozenset[str]], V]], keys: Sequence[_Key]
) -> list[Part[V]]:
    """Cells that differ in one key alone, put together for as long as there are any."""
    every = {key.name: frozenset(key.words) for key in keys}
    cells = {
        (tuple(asked.get(name, words) for name, words in every.items()), value)
        for asked, value in found
    }
    before = -1
    while before != len(cells):
        before = len(cells)
        for place in range(len(keys)):
            cells = _merged_along(cells, place)
    made = [Part(_box(cell, keys), value) for cell, value in cells]
    return sorted(made, key=lambda part: (part.box.keys, repr(part.value)))


def _merged_along(cells: set[tuple[_Cell, V]], place: int) -> set[tuple[_Cell, V]]:
    grouped: dict[tuple[_Cell, _Cell, V], set[str]] = {}
    for cell, value in cells:
        grouped.setdefault((cell[:place], cell[place + 1 :], value), set()).update(cell[place])
    return {
        ((*before, frozenset(words), *after), value)
        for (before, after, value), words in grouped.items()
    }


def _box(cell: _Cell, keys: Sequence[_Key]) -> Box:
    return Box(
        tuple(
            (key.name, tuple(word for word in key.words if word in words))
            for key, words in zip(keys, cell, strict=True)
            if len(words) < len(key.words)
        )
    )
