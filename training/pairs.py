"""The endless stream of what the model learns from: prompts, and texts that answer them."""

from __future__ import annotations

import zlib
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from genservice.composition import Composition, frames
from genservice.prompting import compact, measured
from training.briefs import holding, made_up
from training.composing import compose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.checking.phrases import Phrases
    from genservice.domain import Vocabulary
    from training.composing import Composed
    from training.written import Joins

_HELD_OUT = 50
"""One in so many combinations of phrases is never trained on."""


class Group(NamedTuple):
    """One prompt and several texts, each of which answers it."""

    prompt: str
    texts: tuple[str, ...]


def groups(
    phrases: Phrases,
    vocabulary: Vocabulary,
    joins: Joins,
    seed: int,
    *,
    answers: int,
    held_out: bool = False,
) -> Iterator[Group]:
    """Groups from made-up briefs, without end; the same seed gives the same stream.

    Args:
        phrases: The house phrases.
        vocabulary: Where labels come from.
        joins: Which phrases went together in texts written by hand.
        seed: Of the whole stream.
        answers: Texts to a prompt; fewer where the brief allows no more different ones.
        held_out: Only texts whose combination of phrases training never sees, instead of the rest.
    """
    rng = Random(seed)
    read = frames(phrases.phrases)
    while True:
        brief = made_up(vocabulary, rng)
        composition = Composition(brief, holding(read, brief), measured)
        drawn = [compose(composition, joins, rng) for _ in range(answers)]
        texts = dict.fromkeys(
            text.text for text in drawn if text is not None and is_held_out(text) == held_out
        )
        if texts:
            yield Group(compact(brief), tuple(texts))


def is_held_out(composed: Composed) -> bool:
    """Whether a combination of phrases is kept for measuring how well new ones are understood."""
    return zlib.crc32(" ".join(sorted(composed.phrases)).encode()) % _HELD_OUT == 0
