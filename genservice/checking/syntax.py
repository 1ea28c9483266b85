"""Small words where no sentence has them: the trace of a word of content that was replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking.lexicon import is_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.checking.cover import Cover

_ARTICLES = frozenset({"a", "the", "its", "their"})
_AFTER_TEXT = "other same own such past near inside outside down up"
_AFTER_ARTICLE = frozenset(_AFTER_TEXT.split())
_ENDS_TEXT = """
it them themselves itself theirs there here then out off up down over on in inside outside around
through before after all each both others another this that these those once why how where do does
did past about
"""
_ENDS = frozenset(_ENDS_TEXT.split())
"""Small words that may end a sentence."""
_FOLLOWS_TEXT = "and but yet or in as to for with at by than from of about"
_FOLLOWS_ADJECTIVE = frozenset(_FOLLOWS_TEXT.split())
_ADJECTIVES = frozenset({"mood", "pace", "country", "year"})
_NEVER_LAST = _ARTICLES | frozenset({"and", "or", "of", "with", "from", "by", "for", "into"})
"""Small words that end no clause either."""
_GLUE_TEXT = """
a the and in of with by from for to about as is are its on at but or where who that this it into
"""
_GLUE = frozenset(_GLUE_TEXT.split())
"""Small words that join names and labels into a sentence."""
_LEADS_TO_ARTICLE = _GLUE - _ARTICLES
_JOINS = frozenset({"and", "but", "or", "is", "are", "it"})
_STORY = frozenset({"who", "goal", "turn", "where", "sentence"})
_WHOLE = frozenset({"slot", "name", "label", "fill", "phrase", "function", "claim"})


def dangling(covered: Cover, at: int) -> bool:
    """Whether a small word of the writer's own stands where only a word of content can.

    Right after an article; between a describing label and what it describes; as the last word of a
    sentence that such a word cannot end; or, in a sentence made of labels and names alone, where it
    joins nothing.
    """
    if covered.over[at].kind != "function":
        return False
    token = covered.tokens[at]
    before = covered.tokens[at - 1].norm if at else ""
    if before in _ARTICLES and token.norm not in _AFTER_ARTICLE and not token.marked:
        return True
    if _ends(covered, at) and token.norm not in _ENDS:
        return True
    if at and _describes(covered, at):
        year = covered.over[at - 1].slot == "year"
        if year or token.norm not in _FOLLOWS_ADJECTIVE:
            return True
    return _of_labels(covered, at) and not _glues(covered, at)


def _ends(covered: Cover, at: int) -> bool:
    following = covered.tokens[at + 1] if at + 1 < len(covered.tokens) else None
    if following is None or following.kind == "stop":
        return True
    return following.marked and covered.tokens[at].norm in _NEVER_LAST


def _describes(covered: Cover, at: int) -> bool:
    before = covered.over[at - 1]
    if before.slot not in _ADJECTIVES or covered.tokens[at].marked:
        return False
    return before.start > 0 and covered.tokens[before.start - 1].norm in _ARTICLES


def _of_labels(covered: Cover, at: int) -> bool:
    """Whether the sentence is made of names, labels and house phrases, and tells no story."""
    return all(
        covered.over[place].kind in _WHOLE and covered.over[place].slot not in _STORY
        for place in _sentence(covered, at)
    )


def _sentence(covered: Cover, at: int) -> Iterator[int]:
    for step in (-1, 1):
        place = at + step
        while 0 <= place < len(covered.tokens) and covered.tokens[place].kind != "stop":
            yield place
            place += step


def _glues(covered: Cover, at: int) -> bool:
    """Whether a small word joins what stands before it to what follows."""
    norm = covered.tokens[at].norm
    if norm not in _GLUE:
        return False
    following = covered.tokens[at + 1] if at + 1 < len(covered.tokens) else None
    if following is None or is_content(following.norm) or following.norm.startswith(("@", "[")):
        return True
    if following.norm in _ARTICLES:
        return norm in _LEADS_TO_ARTICLE
    return norm in _JOINS
