"""Frames by what they begin with and what they need, so that hardly one is tried in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from genservice.inference.frames import Choice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from genservice.inference.frames import Frame

_ASKED = 1
"""The bit of frames that stand only in questions."""


class Saying(NamedTuple):
    """A frame, and the rule it belongs to."""

    frame: Frame
    rule: int | None
    needs: int
    """What a clause must hold for it, in bits of `Needs`."""


class Needs:
    """What frames need of a clause: a bit for each way of filling a place that must be filled.

    A clause is asked once for all of them, for it holds what hardly any frame needs.
    """

    def __init__(self) -> None:
        self._bits: dict[tuple[frozenset[str], frozenset[str]], int] = {}
        self._by_stem: dict[str, int] = {}
        self._by_name: dict[str, int] = {}

    def of(self, frame: Frame) -> int:
        """What a frame needs."""
        needs = _ASKED if frame.asks else 0
        for words, names in frame.needs:
            bit = self._bits.setdefault((words, names), _ASKED << 1 + len(self._bits))
            for held, by in ((words, self._by_stem), (names, self._by_name)):
                for word in held:
                    by[word] = by.get(word, 0) | bit
            needs |= bit
        return needs

    def met(self, stems: Iterable[str], names: Iterable[str], *, asks: bool) -> int:
        """What words, lists and parts meet, and that something is asked."""
        met = _ASKED if asks else 0
        for stem in stems:
            met |= self._by_stem.get(stem, 0)
        for name in names:
            met |= self._by_name.get(name, 0)
        return met


class Index(NamedTuple):
    """Frames by what they begin with."""

    by_stem: Mapping[str, tuple[Saying, ...]]
    by_name: Mapping[str, tuple[Saying, ...]]
    at_start: tuple[Saying, ...]

    @classmethod
    def of(cls, frames: Iterable[tuple[Frame, int | None]], needs: Needs) -> Index:
        """An index of frames with their rules; what they need is added to `needs`."""
        by_stem: dict[str, list[Saying]] = {}
        by_name: dict[str, list[Saying]] = {}
        at_start: list[Saying] = []
        for frame, rule in frames:
            saying = Saying(frame, rule, needs.of(frame))
            first = frame.pieces[0]
            if frame.begins or not isinstance(first, Choice):
                at_start.append(saying)
                continue
            for begin in {words[0] for words in first.words}:
                by_stem.setdefault(begin, []).append(saying)
            for name in first.names:
                by_name.setdefault(name, []).append(saying)
        return cls(
            {key: tuple(found) for key, found in by_stem.items()},
            {key: tuple(found) for key, found in by_name.items()},
            tuple(at_start),
        )
