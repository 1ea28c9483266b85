"""Words put in the place of others: where a text quotes, it must quote exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking.free_text import EDGE, WHOLE, around
from genservice.checking.lexicon import NUMBER_WORDS, is_content
from genservice.checking.runs import SHORT
from genservice.checking.sources import FREE_KINDS
from genservice.checking.syntax import dangling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.checking.cover import Cover, Stretch
    from genservice.checking.runs import Run
    from genservice.checking.sources import Sources

_LONGEST_HOLE = 9
_ARTICLES = frozenset({"a", "the"})
_LOOSE = frozenset({"function", "word", "label", "name"})
_PLAIN = frozenset({"function", "word"})
_OF_PHRASES = frozenset({"phrase", "label", "slot", "name"})
_OF_FACTS = frozenset({"run", "word"})


def backed(covered: Cover, at: int, sources: Sources) -> bool:
    """Whether a single word of a fact stands next to another word of the same fact.

    One word of a fact says little; beside words of something else it may say anything.
    """
    passages = frozenset(sources.free.stems.get(covered.tokens[at].stem, ()))
    for step in (-1, 1):
        beside = _content_beside(covered, at, step)
        if beside is None or not _tells(covered.over[beside]):
            continue
        if not passages.isdisjoint(sources.free.stems.get(covered.tokens[beside].stem, ())):
            return True
    return False


def _tells(stretch: Stretch) -> bool:
    """Whether a stretch is of a fact's free text; names stand beside anything."""
    return stretch.kind in _OF_FACTS or (stretch.kind == "fill" and stretch.slot in FREE_KINDS)


def _content_beside(covered: Cover, at: int, step: int) -> int | None:
    at += step
    while 0 <= at < len(covered.tokens) and covered.tokens[at].kind != "stop":
        norm = covered.tokens[at].norm
        if is_content(norm):
            return None if norm in NUMBER_WORDS else at
        at += step
    return None


def altered(covered: Cover, sources: Sources) -> Iterable[int]:
    """Tokens that stand where a fact or a house phrase has another word."""
    norms = covered.norms
    for at, stretch in enumerate(covered.over):
        if stretch.kind not in _LOOSE or stretch.end - stretch.start > 1:
            continue
        if at in covered.explained or at in covered.said:
            continue
        if (
            _in_long_run(norms, at, sources)
            or (stretch.kind in _PLAIN and _in_short_run(covered, norms, at, sources))
            or _in_fact(covered, norms, at, sources)
            or dangling(covered, at)
        ):
            yield at


def _in_long_run(norms: tuple[str, ...], at: int, sources: Sources) -> bool:
    """Whether some longer run of a house phrase stands here but for this word."""
    holes = sources.phrases.holes
    for length in range(SHORT + 1, _LONGEST_HOLE + 1):
        for start in range(max(0, at - length + 1), min(at, len(norms) - length) + 1):
            pattern = (*norms[start:at], "*", *norms[at + 1 : start + length])
            if (words := holes.get(pattern)) is not None and norms[at] not in words:
                return True
    return False


def _in_short_run(covered: Cover, norms: tuple[str, ...], at: int, sources: Sources) -> bool:
    """Whether a short run stands here but for this word, among the neighbours it is declared with."""
    for start, end in ((at, at + 1), (at - 1, at + 1), (at, at + 2)):
        if start < 0 or end > len(norms):
            continue
        pattern = (*norms[start:at], "*", *norms[at + 1 : end])
        for run in sources.phrases.short_holes.get(pattern, ()):
            if run.phrase in sources.true_phrases and _stands(covered, start, end, run):
                return True
    return False


def _stands(covered: Cover, start: int, end: int, run: Run) -> bool:
    """Whether a run would stand here; articles begin too much to be the trace of another word."""
    if end - start == 1 and covered.tokens[start].norm in _ARTICLES:
        return False
    joining = run.left is not None or run.right is not None
    beside = covered.around
    return (
        beside.before(start, run, joining=joining)
        and beside.after(end, run, joining=joining)
        and beside.chained(start, end, run)
    )


def _in_fact(covered: Cover, norms: tuple[str, ...], at: int, sources: Sources) -> bool:
    """Whether the words around are a fact's, and the word among them is not."""
    window = _window(covered, norms, at)
    quoted = all(
        0 <= place < len(norms) and covered.over[place].kind == "run" for place in (at - 1, at + 1)
    )
    keys = (window, *around(window)) if quoted else around(window)
    if any(_strange(key, covered, at, sources) for key in keys):
        return True
    if covered.over[at].kind not in {"function", "label"}:
        return False
    # A quoted part may begin or end right here, next to words of the writer's own.
    begun, ended = (EDGE, EDGE, *window[2:]), (*window[:3], EDGE, EDGE)
    return any(
        _strange(key, covered, at, sources)
        for key in (begun[1:], begun[:4], ended[:4], ended[1:])
        if any(is_content(word) for word in key if word not in {EDGE, "*"})
    )


def _strange(key: tuple[str, ...], covered: Cover, at: int, sources: Sources) -> bool:
    """Whether a fact has these words, with another one in the place of the token."""
    expected, kind = sources.free.gaps.get(key), covered.over[at].kind
    if expected is None or covered.tokens[at].stem in expected:
        return False
    if len(key) == WHOLE or kind == "word":
        return True
    inside = "*" not in {key[0], key[-1]}
    firm = inside or (kind == "function" and all(is_content(w) for w in key if w != "*"))
    return firm and all(is_content(word) for word in expected)


def _window(covered: Cover, norms: tuple[str, ...], at: int) -> tuple[str, ...]:
    """The two words before and after, with an edge where a sentence or the house's own words begin."""
    window = ["*"]
    for step in (-1, 1):
        beside = [_seen(covered, norms, at, at + step * distance) for distance in (1, 2)]
        if EDGE in beside:
            beside = [*beside[: beside.index(EDGE)], EDGE, EDGE][:2]
        window = [*reversed(beside), *window] if step < 0 else [*window, *beside]
    return tuple(window)


def _seen(covered: Cover, norms: tuple[str, ...], at: int, place: int) -> str:
    outside = not 0 <= place < len(norms)
    if outside or covered.tokens[place].kind == "stop" or place in covered.said:
        return EDGE
    if place < at and covered.tokens[at].marked and covered.over[at].kind in _OF_PHRASES:
        return EDGE
    if place == at + 1 and covered.tokens[place].marked and covered.over[place].kind in _OF_PHRASES:
        return EDGE
    return norms[place]
