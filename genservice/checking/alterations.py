"""Words put in the place of others: where a text quotes, it must quote exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking.lexicon import is_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.checking.cover import Cover
    from genservice.checking.sources import Sources
    from genservice.checking.words import Token

_LONGEST_HOLE = 9
_FIRM = frozenset({"run", "fill", "phrase", "claim"})


def backed(covered: Cover, at: int, sources: Sources) -> bool:
    """Whether a single word of a fact stands next to another word of the same fact.

    One word of a fact says little; beside words of something else it may say anything.
    """
    passages = sources.stems.get(covered.tokens[at].stem, frozenset())
    return any(
        passages & sources.stems.get(neighbour.stem, frozenset())
        for neighbour in (_content_beside(covered.tokens, at, -1), _content_beside(covered.tokens, at, 1))
        if neighbour is not None
    )  # fmt: skip


def _content_beside(tokens: Sequence[Token], at: int, step: int) -> Token | None:
    at += step
    while 0 <= at < len(tokens) and tokens[at].kind != "stop":
        if is_content(tokens[at].norm):
            return tokens[at]
        at += step
    return None


def altered(covered: Cover, sources: Sources) -> Iterable[int]:
    """Tokens that stand where a fact or a house phrase has another word."""
    norms = tuple(token.norm for token in covered.tokens)
    for at, stretch in enumerate(covered.over):
        if stretch.kind in _FIRM or stretch.kind in {"stop", "slot", "open"}:
            continue
        if at in covered.explained:
            continue
        if stretch.end - stretch.start > 1:
            continue
        if _in_phrase(norms, at, sources) or _in_fact(covered, at, sources):
            yield at


def _in_phrase(norms: tuple[str, ...], at: int, sources: Sources) -> bool:
    """Whether some run of a house phrase stands here but for this word."""
    holes = sources.phrases.holes
    for length in range(3, _LONGEST_HOLE + 1):
        for start in range(max(0, at - length + 1), min(at, len(norms) - length) + 1):
            around = (*norms[start:at], "*", *norms[at + 1 : start + length])
            if (words := holes.get(around)) is not None and norms[at] not in words:
                return True
    return False


def _in_fact(covered: Cover, at: int, sources: Sources) -> bool:
    """Whether the words around are a fact's, and the word between or beside them is not."""
    tokens = covered.tokens
    sides = [("|", at - 1, at + 1)]
    if covered.over[at].kind == "word":
        sides += [("<", at - 2, at - 1), (">", at + 1, at + 2)]
    for key, one, other in sides:
        if one < 0 or other >= len(tokens):
            continue
        expected = sources.gaps.get((key, tokens[one].norm, tokens[other].norm))
        if expected is None or tokens[at].stem in expected:
            continue
        if covered.over[at].kind != "function" or all(is_content(word) for word in expected):
            return True
    return False
