"""What a text gives away: words and runs of words that only a spoiler holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking.free_text import SHORTEST_RUN
from genservice.checking.lexicon import is_content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.checking.cover import Cover
    from genservice.checking.sources import Sources

_TELLING = 2
"""Words of content that make a run of a spoiler's words telling."""
_WHOLE = 3
"""Words of content from which a sentence that holds all of a spoiler's tells it in other words."""


def told(covered: Cover, sources: Sources) -> Iterable[tuple[int, int]]:
    """The stretches of tokens that tell a spoiler: first token and the one after the last."""
    tokens = covered.tokens
    for at, token in enumerate(tokens):
        if token.stem in sources.free.spoiler_stems and covered.over[at].kind in {"open", "word"}:
            yield at, at + 1
    yield from _quoted(covered, sources)
    yield from _retold(covered, sources)


def _quoted(covered: Cover, sources: Sources) -> Iterable[tuple[int, int]]:
    norms = covered.norms
    for at in range(len(norms) - SHORTEST_RUN + 1 if sources.free.spoilers else 0):
        gram = norms[at : at + SHORTEST_RUN]
        if gram not in sources.free.spoiler_runs or gram in sources.free.runs:
            continue
        if sum(is_content(word) for word in gram) >= _TELLING:
            yield at, at + SHORTEST_RUN


def _retold(covered: Cover, sources: Sources) -> Iterable[tuple[int, int]]:
    """Sentences that hold every word of content of a spoiler, in whatever order."""
    begin = 0
    tokens = covered.tokens
    for end in [at for at, token in enumerate(tokens) if token.kind == "stop"] + [len(tokens)]:
        held = {token.stem for token in tokens[begin:end]}
        runs = {stretch.kind for stretch in covered.over[begin:end]}
        for told in sources.free.spoiling:
            if len(told) >= _WHOLE and told <= held and not runs <= {"run", "fill"}:
                yield begin, end
        begin = end + 1
