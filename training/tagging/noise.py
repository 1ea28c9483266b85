"""How people write in haste: no capitals, all capitals, no commas, letters swapped or lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.folding import BLANK
from training.tagging.examples import Example, Pieces

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

BLANKED = 0.05
"""Share of texts in which one name has been taken out already, as the guard's second reading sees it."""

_WORD = re.compile(r"[a-zA-Z]{4,}")
_SIGNS = re.compile(r"[,;:!?\"()]|\.(?=\s|$)")


def noised(example: Example, rng: random.Random, *, typos: bool) -> Example:
    """The example, perhaps written in haste.

    Args:
        example: Plain letters.
        rng: Draws.
        typos: Whether letters may be wrong too.
    """
    if example.spans and rng.random() < BLANKED:
        example = _with_a_blank(example, rng)
    style = rng.random()
    if style < 0.28:
        example = _each(example, str.lower)
    elif style < 0.36:
        example = _each(example, lambda text: _SIGNS.sub("", text).lower())
    elif style < 0.41:
        example = _each(example, str.upper)
    elif style < 0.45:
        example = _each(example, lambda text: re.sub(r"\b[a-z]", lambda m: m[0].upper(), text))
    elif style < 0.50:
        example = _each(example, lambda text: _SIGNS.sub("", text))
    if typos and rng.random() < 0.22:
        example = _each(example, lambda text: _mistyped(text, rng))
    return example


def _parts(example: Example) -> Iterator[tuple[str, str | None]]:
    end = 0
    for span in example.spans:
        yield example.text[end : span.start], None
        yield example.text[span.start : span.end], span.label
        end = span.end
    yield example.text[end:], None


def _each(example: Example, change: Callable[[str], str]) -> Example:
    pieces = Pieces()
    for text, label in _parts(example):
        pieces.add(change(text), label)
    return pieces.example()


def _with_a_blank(example: Example, rng: random.Random) -> Example:
    taken = rng.randrange(len(example.spans))
    pieces, index = Pieces(), -1
    for text, label in _parts(example):
        index += label is not None
        if label is not None and index == taken:
            pieces.add(BLANK * len(text))
        else:
            pieces.add(text, label)
    return pieces.example()


def _mistyped(text: str, rng: random.Random) -> str:
    words = list(_WORD.finditer(text))
    if not words or rng.random() < 0.5:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[: at + 1] + text[at:]
    return text[:at] + rng.choice("aeiounrstl") + text[at + 1 :]
