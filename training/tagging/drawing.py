"""The material of each pass: sets as they are or with other names, and sentences filled anew.

A pass is drawn by its number and the seed alone, so that several processes can draw side by side.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from training.tagging.corpora import MUSIC, Corpora
from training.tagging.examples import Example, tags_of
from training.tagging.filling import Filler, load_templates
from training.tagging.lists import load_lists
from training.tagging.noise import noised
from training.tagging.swapping import SWAPPED, swapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genservice.privacy.encoding import Encoder

UNMEASURED = -100
FILLED = -1
"""The part of a sentence that comes from a template: every label is known to be right."""
_EVERY_TENTH = 10
"""Of the templates, one in so many is kept aside."""


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what one pass holds."""

    filled: int = 42_000
    """Sentences filled from templates."""
    formal: float = 0.35
    """Share of the long formal examples (over `formal_words` words)."""
    formal_words: int = 28
    parts: int = 4
    """Parts that the sets are dealt into, for teachers that each leave one out."""
    seed: int = 11


class Rows(msgspec.Struct, frozen=True):
    """Sentences as the network learns from them, end to end."""

    pieces: NDArray[np.int32]
    cases: NDArray[np.int32]
    tags: NDArray[np.int32]
    """The index of each word's tag at its first piece, else `UNMEASURED`."""
    ends: NDArray[np.int64]
    """Where each sentence ends."""
    part: NDArray[np.int32]
    """Of each sentence: the part of the sets that it is dealt to, or `FILLED`."""

    def save(self, path: Path) -> None:
        """Write them to a file of numpy's."""
        np.savez(path, **msgspec.structs.asdict(self))


def load_rows(path: Path) -> Rows:
    """What `Rows.save` wrote."""
    with np.load(path) as held:
        return Rows(**{name: held[name] for name in Rows.__struct_fields__})


def rows_of(dealt: Iterable[tuple[int, Example]], encoder: Encoder) -> Rows:
    """Examples, each with its part, as rows."""
    dealt = list(dealt)
    pieces, cases, tags = list[int](), list[int](), list[int]()
    ends, parts = list[int](), list[int]()
    encoded = encoder.encode([example.text for _, example in dealt])
    for (part, example), sentences in zip(dealt, encoded, strict=True):
        for sentence in sentences:
            row = [UNMEASURED] * len(sentence.pieces)
            for head, tag in zip(sentence.heads, tags_of(example, sentence.words), strict=True):
                row[head] = tag
            pieces += sentence.pieces
            cases += sentence.cases
            tags += row
            ends.append(len(pieces))
            parts.append(part)
    return Rows(
        pieces=np.array(pieces, np.int32),
        cases=np.array(cases, np.int32),
        tags=np.array(tags, np.int32),
        ends=np.array(ends, np.int64),
        part=np.array(parts, np.int32),
    )


class Material:
    """What passes are drawn from."""

    def __init__(self, corpora: Corpora, drawing: Drawing) -> None:
        lists = load_lists()
        self._drawing = drawing
        self._corpora = corpora
        self._filler = Filler(lists, "learned")
        self._aside = Filler(lists, "aside")
        self._every = [text for texts in load_templates().values() for text in texts]
        self._templates = [text for at, text in enumerate(self._every) if at % _EVERY_TENTH]

    def drawn(self, number: int) -> list[tuple[int, Example]]:
        """The examples of pass `number`, each with its part."""
        drawing, rng = self._drawing, random.Random(f"{self._drawing.seed}/{number}")
        return [
            *self._of_the_sets(rng),
            *(
                (
                    FILLED,
                    noised(self._filler.fill(rng.choice(self._templates), rng), rng, typos=True),
                )
                for _ in range(drawing.filled)
            ),
        ]

    def _of_the_sets(self, rng: random.Random) -> Iterable[tuple[int, Example]]:
        drawing = self._drawing
        for name, examples in self._corpora.learned.items():
            for index, example in enumerate(examples):
                if (
                    example.text.count(" ") >= drawing.formal_words
                    and rng.random() > drawing.formal
                ):
                    continue
                if example.spans and rng.random() < SWAPPED:
                    example = swapped(example, self._filler, rng, performers=name == MUSIC)
                yield index % drawing.parts, noised(example, rng, typos=rng.random() < 0.5)

    def measured(self) -> dict[str, Sequence[Example]]:
        """What weights are compared by: the checked parts, and templates and names kept aside."""
        rng = random.Random(self._drawing.seed)
        filled = [
            noised(self._aside.fill(template, rng), rng, typos=True)
            for template in self._every[::_EVERY_TENTH]
            for _ in range(8)
        ]
        return {**self._corpora.checked, "own sentences (aside)": filled}
