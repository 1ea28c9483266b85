"""Where the verb of a sentence stands, by closed lists and the words around: no parser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from genservice.catalog.lexicon import agrees, is_auxiliary, is_base, is_past, is_third, may_be_noun

if TYPE_CHECKING:
    from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_SUBORDINATORS = _words("""
    who whom whose which that where when while after before as if unless until because since although though
    whether how why what whenever wherever once lest
    """)
_BEFORE_NOUN = _words("""
    a an the his her their its my your our this these those some any no every each both of in on at by for from with
    into onto over under between among against about without through during upon toward towards across behind
    beyond near inside outside another other new old young long more most last first second own two three four five six
    """)
_COORDINATE = frozenset(
    ("and", "or", "but", "then", "also", "later", "eventually", "ultimately", "finally")
)


class Verb(NamedTuple):
    """A finite verb: the word, where it begins and where it ends."""

    word: str
    start: int
    end: int


class Reading(NamedTuple):
    """What the words of a text show of its clauses."""

    verb: Verb | None
    """The first finite verb that belongs to no subordinate clause."""
    waits: bool
    """Whether a subordinate clause has begun whose verb does not come."""


def main_verb(text: str) -> Verb | None:
    """The first finite verb that belongs to no subordinate clause, or None if there is none to be seen."""
    return reading(text).verb


def reading(text: str) -> Reading:
    """Which verb is the main one, and whether every clause that begins has one."""
    words = list(_WORD.finditer(text))
    said = [match[0].lower() for match in words]
    waiting, subordinate = 0, False
    main: Verb | None = None
    for at, word in enumerate(said):
        if word in _SUBORDINATORS and not _is_preposition(said, at):
            waiting += 1
        elif _finite(text, words, said, at):
            if waiting:
                waiting -= 1
                subordinate = True
            elif main is None and not (subordinate and at and said[at - 1] in _COORDINATE):
                main = Verb(words[at][0], words[at].start(), words[at].end())
    return Reading(main, waiting > 0)


def _is_preposition(said: Sequence[str], at: int) -> bool:
    """Whether `as`, `after`, `that` and the like begin no clause here: no verb comes soon enough."""
    if said[at] == "as":
        return not any(said[at + 1 : at + 2]) or said[at + 1] in {"a", "an", "well", "the"}
    if said[at] == "that" and at:
        return said[at - 1] in {"in", "of", "at", "on", "after", "before"}
    if said[at] in {"after", "before", "since", "until", "once"}:
        return not any(_may_be_finite(word) for word in said[at + 1 : at + 7])
    return False


def _may_be_finite(word: str) -> bool:
    return is_third(word) or is_auxiliary(word) or is_past(word)


def _finite(text: str, words: Sequence[re.Match[str]], said: Sequence[str], at: int) -> bool:
    word = said[at]
    if not words[at][0].islower():
        return False
    before = said[at - 1] if at else ""
    if is_auxiliary(word):
        return True
    if is_third(word) or is_past(word):
        if before in _BEFORE_NOUN or not at:
            return False
        return not (may_be_noun(word) and _reads_as_noun(said, at))
    return (
        is_base(word)
        and at > 0
        and before not in _BEFORE_NOUN
        and before != "to"
        and (
            before.endswith("s")
            or before in {"people", "men", "women", "children", "who", "that", "they"}
        )
        and not before.endswith(("ss", "'s", "\u2019s"))
        and not text[words[at - 1].end() : words[at].start()].strip()
        and (not is_third(before) or may_be_noun(before))
    )


def _reads_as_noun(said: Sequence[str], at: int) -> bool:
    """Whether a word that is a verb or a plural noun has nothing behind it that a verb would have."""
    following = said[at + 1] if at + 1 < len(said) else ""
    return is_base(following) or following in {
        "of", "and", "or", "are", "were", "have", "must", "that", "who", "which", ""
    }  # fmt: skip


def begins_with_verb(text: str, *, plural: bool) -> bool:
    """Whether a text begins with a finite verb of such a subject, adverbs before it left aside."""
    for word in (match[0] for match in _WORD.finditer(text[:80])):
        if agrees(word, plural=plural):
            return True
        if not (
            word.endswith("ly")
            or word in _COORDINATE
            or word in {"now", "never", "always", "all", "both", "once", "soon", "still"}
        ):
            return False
    return False
