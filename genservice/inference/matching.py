"""Texts read by inference rules: what is told or implied of the viewer, where, and against which rule.

A frame says how something is said of the viewer, a rule's words say what. Both are compiled once: words
into tables by their first stem, frames by what they begin with, so that a text costs a look-up a word
and a few comparisons where a frame begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from genservice.canonical import digest
from genservice.inference.frames import Choice, Element, Frame, Mark, Open, Optional, parse_frame
from genservice.inference.reading import clauses, stems
from genservice.inference.rules import CLASSES, FAMILIES, Grammar, InferenceRule
from genservice.inference.sayings import Index, Needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from genservice.inference.reading import Clause, Piece
    from genservice.inference.sayings import Saying

_NO_DESCRIPTION_TEXT = """
a the this that these those my our his her its their your you he she it we they i who whom whose which
what when where why how as at by for from in into of off on onto out over through to under with without
and but or nor if because while until than so not is are was were be been am will would can could may
might must shall should do does did has have had about after before between against during us me him them
"""
_NO_DESCRIPTION = frozenset(_NO_DESCRIPTION_TEXT.split())
"""Words that begin another phrase: no description reaches over them."""


class Hit(NamedTuple):
    """A place that tells or implies something of the viewer."""

    start: int
    end: int
    rule: InferenceRule


class _Entry(NamedTuple):
    """A word or phrase of a list."""

    stems: tuple[str, ...]
    name: str
    rule: int | None
    """The rule whose trait it is, by number; None for the lists of frames."""


class _Way(NamedTuple):
    """How far a frame got: where it is, and the trait it met first."""

    at: int
    rule: int | None
    trait: tuple[int, int]
    described: bool
    """The last word was one of description: no comma follows it."""


class Inferences:
    """The rules of a policy set, ready for reading texts.

    Attributes:
        rules: The rules, by id.
        revision: Digest of everything that they say.
        words: Words of the catalogue's vocabulary that are never a reason given, by family.
        barred: The same words, all families together.
    """

    def __init__(
        self,
        rules: Iterable[InferenceRule],
        grammar: Grammar,
        parsed: Mapping[str, Frame] | None = None,
    ) -> None:
        """Compile rules.

        Args:
            rules: The rules.
            grammar: The lists, parts and frames that they share.
            parsed: Frames by text, as far as somebody has parsed them with this very grammar.

        Raises:
            FrameError: A frame is not in the language of frames.
        """
        self.rules = tuple(sorted(rules, key=lambda rule: rule.id))
        self.words: Mapping[str, frozenset[str]] = {
            family: frozenset(word for rule in self.rules for word in rule.words.get(family, ()))
            for family in FAMILIES
        }
        self.barred = frozenset[str]().union(*self.words.values())
        self.revision = digest({"rules": self.rules, "grammar": grammar})
        known, parts = {*CLASSES, *grammar.lists}, grammar.parts
        numbered = tuple(enumerate(self.rules))
        self._grammar = grammar
        self._parts = {
            name: tuple(parse_frame(text, known) for text in texts) for name, texts in parts.items()
        }
        said = [(text, None) for text in grammar.frames]
        said += [(text, number) for number, rule in numbered for text in rule.said]
        spared = [(text, number) for number, rule in numbered for text in rule.permitted]
        done = parsed or {}

        def frame(text: str) -> Frame:
            return done.get(text) or parse_frame(text, known, parts)

        self._needs = Needs()
        self._said = Index.of(((frame(text), rule) for text, rule in said), self._needs)
        self._permitted = Index.of(((frame(text), rule) for text, rule in spared), self._needs)

    @cached_property
    def _entries(self) -> Mapping[str, tuple[_Entry, ...]]:
        """Made when the first text is read: a set that only decides never needs it."""
        return _table(self.rules, self._grammar)

    def find(self, text: str, names: Sequence[tuple[int, int]] = ()) -> tuple[Hit, ...]:
        """What a text tells or implies of its viewer, in order of place; of one rule once at a place.

        Args:
            text: Finished, or raw: a slot counts as a name.
            names: Places of names, which say nothing of anybody.
        """
        if not self.rules:
            return ()
        return tuple(hit for clause in clauses(text, names) for hit in self._in_clause(clause))

    def _in_clause(self, clause: Clause) -> list[Hit]:
        reader = _Reader(clause, self._entries, self._parts, self._needs)
        found = sorted(reader.all(self._said))
        if not found:
            return []
        spared = list(reader.all(self._permitted))
        pieces = clause.pieces
        told: dict[int, int] = {}
        hits: list[Hit] = []
        for start, end, rule, (first, last) in found:
            if any(r == rule and s <= first and last <= e for s, e, r, _ in spared):
                continue
            if told.get(rule, -1) < end:
                told[rule] = end
                hits.append(Hit(pieces[start].start, pieces[end - 1].end, self.rules[rule]))
        return hits


def _table(rules: Sequence[InferenceRule], grammar: Grammar) -> Mapping[str, tuple[_Entry, ...]]:
    entries: set[_Entry] = set()
    for name, texts in grammar.lists.items():
        entries.update(_Entry(stems(text), name, None) for text in texts)
    for number, rule in enumerate(rules):
        for name, texts in rule.traits.items():
            entries.update(_Entry(stems(text), name, number) for text in texts)
    table: dict[str, list[_Entry]] = {}
    for entry in sorted(entries, key=lambda e: (-len(e.stems), e.name, e.stems, e.rule or 0)):
        if entry.stems:
            table.setdefault(entry.stems[0], []).append(entry)
    return {first: tuple(found) for first, found in table.items()}


_Entered = Mapping[str, Sequence[tuple[int, int | None]]]
"""Entries by the list that they are of: where each ends, and its rule."""
_NOTHING: _Entered = {}


class _Reader:
    """One clause, and what stands where in it."""

    def __init__(
        self,
        clause: Clause,
        entries: Mapping[str, tuple[_Entry, ...]],
        parts: Mapping[str, tuple[Frame, ...]],
        needs: Needs,
    ) -> None:
        self.pieces = clause.pieces
        self.asks = clause.asks
        self.stems = tuple(piece.stem for piece in clause.pieces)
        self.parts = parts
        self.here = [
            self._entered(at, found) if (found := entries.get(stem)) else _NOTHING
            for at, stem in enumerate(self.stems)
        ]
        names = chain(parts, chain.from_iterable(self.here))
        self.met = needs.met(self.stems, names, asks=clause.asks)

    def _entered(self, at: int, entries: tuple[_Entry, ...]) -> _Entered:
        """Those of the entries that stand here, by the list that they are of."""
        found: dict[str, list[tuple[int, int | None]]] = {}
        for entry in entries:
            end = at + len(entry.stems)
            if len(entry.stems) == 1 or self.stems[at:end] == entry.stems:
                found.setdefault(entry.name, []).append((end, entry.rule))
        return found

    def all(self, index: Index) -> Iterator[tuple[int, int, int, tuple[int, int]]]:
        """Every match: first piece, the one after the last, the rule, and the trait's own pieces."""
        lacking = ~self.met
        for at, stem in enumerate(self.stems):
            sayings = index.by_stem.get(stem, ())
            for name in self.here[at]:
                sayings += index.by_name.get(name, ())
            if at == 0:
                sayings += index.at_start
            for saying in sayings:
                if not saying.needs & lacking:
                    yield from self._matches(saying, at)

    def _matches(self, saying: Saying, at: int) -> Iterator[tuple[int, int, int, tuple[int, int]]]:
        begun = _Way(at, saying.rule, (at, at), described=False)
        for way in self._walk(saying.frame.pieces, 0, begun):
            if way.rule is not None and way.at > at:
                trait = way.trait if way.trait[1] > way.trait[0] else (at, way.at)
                yield at, way.at, way.rule, trait

    def _walk(self, pieces: tuple[Element, ...], number: int, way: _Way) -> Iterator[_Way]:
        """Every way of going through the pieces from one of them on."""
        if number == len(pieces):
            yield way
            return
        piece = pieces[number]
        for further in self._step(piece, way):
            yield from self._walk(pieces, number + 1, further)

    def _step(self, piece: Element, way: _Way) -> Iterator[_Way]:
        if isinstance(piece, Choice):
            if piece.least == 0:
                yield way
            yield from self._choose(piece, way, piece.most)
        elif isinstance(piece, Open):
            yield way
            yield from self._between(way, piece.most)
        elif isinstance(piece, Optional):
            yield way
            yield from self._walk(piece.pieces, 0, way)
        else:
            yield from self._marked(piece, way)

    def _choose(self, piece: Choice, way: _Way, most: int) -> Iterator[_Way]:
        at = self._past_comma(way)
        if at >= len(self.stems):
            return
        begun = _Way(at, way.rule, way.trait, described=False)
        first = self.stems[at]
        for words in piece.words:
            if words[0] == first and self.stems[at : at + len(words)] == words:
                yield _Way(at + len(words), way.rule, way.trait, described=False)
        for name in piece.names:
            for further in self._named(name, begun):
                yield further
                if most > 1:
                    yield from self._choose(piece, further, most - 1)

    def _named(self, name: str, way: _Way) -> Iterator[_Way]:
        for frame in self.parts.get(name, ()):
            if not frame.asks or self.asks:
                yield from self._walk(frame.pieces, 0, way)
        for end, rule in self.here[way.at].get(name, ()):
            if rule is None or way.trait[1] > way.trait[0]:
                yield _Way(end, way.rule, way.trait, described=False)
            elif way.rule in (None, rule):
                yield _Way(end, rule, (way.at, end), described=False)

    def _between(self, way: _Way, most: int) -> Iterator[_Way]:
        """The ways past words that a frame does not name: one that describes, or a few of any kind."""
        at = self._past_comma(way)
        for end in range(at + 1, min(at + most, len(self.stems)) + 1):
            piece = self.pieces[end - 1]
            if piece.kind == "comma" or (most == 1 and not _describes(piece)):
                return
            yield _Way(end, way.rule, way.trait, described=True)

    def _marked(self, mark: Mark, way: _Way) -> Iterator[_Way]:
        ends = way.at == len(self.stems)
        comma = not ends and self.pieces[way.at].kind == "comma"
        if mark.kind == "$" and (ends or comma):
            yield way
        elif mark.kind == "," and comma:
            yield _Way(way.at + 1, way.rule, way.trait, described=False)

    def _past_comma(self, way: _Way) -> int:
        at = way.at
        if not way.described and at < len(self.stems) and self.pieces[at].kind == "comma":
            return at + 1
        return at


def _describes(piece: Piece) -> bool:
    return piece.kind == "word" and piece.norm not in _NO_DESCRIPTION


NO_INFERENCES = Inferences((), Grammar(lists={}, parts={}, frames=()))
"""Of a set without such rules: nothing is found, and nothing barred."""
