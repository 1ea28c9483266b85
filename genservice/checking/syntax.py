"""Small words where no sentence has them: the trace of a word of content that was replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genservice.checking.cover import Cover

_ARTICLES = frozenset({"a", "the", "its", "their"})
_AFTER_ARTICLE = frozenset(
    {"other", "same", "own", "such", "past", "near", "inside", "outside", "down", "up"}
)
_ENDS = frozenset({"it", "them", "themselves", "itself", "theirs", "there", "here", "then", "out", "off", "up",
                   "down", "over", "on", "in", "inside", "outside", "around", "through", "before", "after",
                   "all", "each", "both", "others", "others'", "another", "this", "that", "these", "those",
                   "once", "why", "how", "where", "do", "does", "did", "past", "about"})  # fmt: skip
_FOLLOWS_ADJECTIVE = frozenset(
    {"and", "but", "yet", "or", "in", "as", "to", "for", "with", "at", "by", "than"}
)
_ADJECTIVES = frozenset({"mood", "pace", "country"})


def dangling(covered: Cover, at: int) -> bool:
    """Whether a small word of the writer's own stands where only a word of content can.

    Right after an article; between a describing label and what it describes; or as the last word of
    a sentence that such a word cannot end.
    """
    if covered.over[at].kind != "function":
        return False
    norm = covered.tokens[at].norm
    before = covered.tokens[at - 1].norm if at else ""
    if before in _ARTICLES and norm not in _AFTER_ARTICLE and not covered.tokens[at].marked:
        return True
    last = at + 1 == len(covered.tokens) or covered.tokens[at + 1].kind == "stop"
    if last and norm not in _ENDS:
        return True
    return at > 0 and norm not in _FOLLOWS_ADJECTIVE and _describes(covered, at)


def _describes(covered: Cover, at: int) -> bool:
    before = covered.over[at - 1]
    if before.slot not in _ADJECTIVES or covered.tokens[at].marked:
        return False
    start = before.start
    return start > 0 and covered.tokens[start - 1].norm in _ARTICLES
