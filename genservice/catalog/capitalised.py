"""Capitalised words in free text: which are names, and where they begin and end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from genservice.catalog.capitals import (
    ALSO_FIRST_NAMES,
    HONORIFICS,
    MONTHS_AND_NAMES,
    is_ordinary_capital,
)
from genservice.catalog.everyday import (
    is_everyday,
    is_first_a_word,
    opens_as_participle,
    opens_as_plural,
)
from genservice.catalog.lexicon import is_third

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(
    r"(?<![^\W_])(?:(?:[^\W\d_]\.)+(?![^\W\d_])|[^\W\d_]+(?:['\u2019](?!s\b)[^\W\d_]+)*)"
)
"""A word, an initial or initialism with its stops; a possessive's ending is none of it."""
_PARTICLE = (
    r"(?:of the|of|the|de la|de los|de las|de|del|della|van der|van den|van|von|der|den|di|da|dos|du|des|la|le|"
    r"el|al|bin|ibn|y|e|zu|af|ter)"
)
_JOIN = re.compile(rf"(?: |-|\u2013|&| & | {_PARTICLE} )")
_ABBREVIATED = frozenset("Mr Mrs Ms Dr St Sgt Lt Capt Col Gen Prof Rev Gov Sen Jr Sr Ft Mt".split())
_PLACE_FIRST = frozenset(
    "Van Von De New North South East West Fort Port Great San Santa Saint Los Las El Mount Lake Upper Lower Old".split()
)
"""Words of place names that are ordinary words too: before a capital they begin a name."""
_ASKING = frozenset(("Will", "May"))
"""Names that begin questions as verbs."""
_MOVED_FROM = frozenset(
    ("based", "born", "bound", "bred", "raised", "area", "style", "educated", "era")
)
_APPOSITION = re.compile(r",\s(?:an?|the|who|whose|now|his|her|their|one)\b")
_AFTER_STOP = re.compile(r"(?:[!?\u2026]|\.\.\.|[,:][ ][\"\u201c\u2018])[\"\u201d\u2019)]* ?$")
_AFTER_PAUSE = re.compile(r"(?:[:;\u2014\u2013] |[\"\u201c\u2018(]|--)$")
_DATED = re.compile(
    r"(?:\b(?:in|on|of|since|until|by|from|to|early|late|last|next|every|each|this|and)|mid|\d)[ -]$",
    re.IGNORECASE,
)
_QUOTES = "\"\u201c\u2018'(["


class Run(msgspec.Struct, frozen=True):
    """One name as it stands in a text."""

    start: int
    end: int
    inside: bool
    """It stands inside a sentence, so its capital says that it is a name."""


class _Token(msgspec.Struct, frozen=True):
    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text != self.text.lower()


class Unresolved(msgspec.Struct, frozen=True):
    """A capitalised word that may be a name or a word."""

    start: int


def names_in(
    text: str,
    taken: Sequence[tuple[int, int]],
    *,
    starts: bool,
    known: frozenset[str],
    lower: frozenset[str],
) -> list[Run] | Unresolved:
    """Where the names of `text` stand, apart from what is taken already, or what could not be told.

    Args:
        text: A sentence or a part of one.
        taken: Start and end of stretches that are names already, sorted.
        starts: Whether a sentence starts with the text, and so with a capital whatever the word.
        known: Words that are names inside other sentences of the same title.
        lower: Words that the title's texts hold in lower case too, so that they are words.
    """
    tokens = [
        _Token(match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if not any(start <= match.start() < end for start, end in taken)
    ]
    if _shouts(tokens):
        return Unresolved(tokens[0].start)
    words = lower.difference(word.lower() for word in known)
    runs: list[Run] = []
    at = 0
    while at < len(tokens):
        if not tokens[at].capital or _honorific(text, tokens, at, taken):
            at += 1
            continue
        first = _is_start(text, tokens[at].start, starts=starts)
        pause = _pauses(text, tokens[at].start) and not _name_follows(text, tokens, at)
        if _ordinary(text, tokens, at, first=first, pause=pause, known=known, lower=words):
            at += 1
            continue
        last = _last(text, tokens, at)
        if first and last == at and not _certain(text, tokens[at], taken, known):
            return Unresolved(tokens[at].start)
        runs.append(Run(tokens[at].start, _end(text, tokens[last]), not first))
        at = last + 1
    return runs


def _shouts(tokens: list[_Token]) -> bool:
    """Whether most words are in capitals, so that capitals say nothing."""
    long = [token for token in tokens if len(token.text) > 1]
    return len(long) > 2 and sum(token.text.isupper() for token in long) * 2 > len(long)


def _is_start(text: str, start: int, *, starts: bool) -> bool:
    """Whether a word takes a capital because a sentence begins with it."""
    before = text[:start]
    if not before.strip(_QUOTES):
        return starts or bool(before)
    return _AFTER_STOP.search(before[-6:]) is not None


def _pauses(text: str, start: int) -> bool:
    """Whether a word stands behind a colon, a dash or an opening quote, where some writers take a capital."""
    return _AFTER_PAUSE.search(text[max(0, start - 2) : start]) is not None


def _honorific(text: str, tokens: list[_Token], at: int, taken: Sequence[tuple[int, int]]) -> bool:
    """Whether a word is a title of respect right before a name."""
    token = tokens[at]
    if token.text.rstrip(".") not in HONORIFICS or token.text in ("St", "Saint"):
        return False
    follows = token.end
    while text[follows : follows + 1] in (".", " ") and follows < len(text):
        follows += 1
    if any(start == follows for start, _ in taken):
        return True
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    return following is not None and following.start == follows and following.capital


def _ordinary(
    text: str,
    tokens: list[_Token],
    at: int,
    *,
    first: bool,
    pause: bool,
    known: frozenset[str],
    lower: frozenset[str],
) -> bool:
    """Whether a capitalised word is no name: a demonym, or the plain first word of a sentence."""
    token = tokens[at]
    following = text[token.end : token.end + 40]
    name_follows = _name_follows(text, tokens, at)
    stem = re.split("['\u2019]", token.text)[0]
    if stem in MONTHS_AND_NAMES and not first:
        return _DATED.search(text[: token.start]) is not None or following[1:2].isdigit()
    if is_ordinary_capital(stem):
        return not (name_follows and stem in ALSO_FIRST_NAMES)
    if following.startswith("-") and following[1:2].islower():
        part = re.match(r"[^\W\d_]+", following[1:])
        if len(token.text) == 1 or (first and not (part and part[0] in _MOVED_FROM)):
            return True
    if not (first or pause) or token.text in known:
        return False
    if name_follows and token.text in _PLACE_FIRST:
        return False
    if is_first_a_word(stem) or is_first_a_word(token.text) or token.text.lower() in lower:
        return True
    return first and (
        is_everyday(stem)
        or is_everyday(token.text)
        or (token.text in _ASKING and text.endswith("?"))
        or opens_as_participle(token.text, following)
        or opens_as_plural(token.text, following)
    )


def _name_follows(text: str, tokens: list[_Token], at: int) -> bool:
    """Whether another capitalised word that is no demonym comes right behind."""
    if at + 1 >= len(tokens) or not tokens[at + 1].capital:
        return False
    gap = text[tokens[at].end : tokens[at + 1].start]
    return gap == " " and not is_ordinary_capital(tokens[at + 1].text)


def _last(text: str, tokens: list[_Token], at: int) -> int:
    """The last token of the name that begins at a token."""
    while at + 1 < len(tokens):
        token, following = tokens[at], tokens[at + 1]
        gap = text[token.end : following.start]
        if token.text in _ABBREVIATED and gap == ". ":
            gap = " "
        if following.capital and (gap == " " or _JOIN.fullmatch(gap)):
            at += 1
            continue
        step = _over_particles(text, tokens, at)
        if step is None:
            return at
        at = step
    return at


def _over_particles(text: str, tokens: list[_Token], at: int) -> int | None:
    """The next capital behind one or two particles (`Knights of the Round Table`), or None."""
    for ahead in (at + 2, at + 3):
        if ahead >= len(tokens):
            return None
        gap = text[tokens[at].end : tokens[ahead].start]
        if tokens[ahead].capital and not is_ordinary_capital(tokens[ahead].text):
            return ahead if _JOIN.fullmatch(gap) else None
    return None


def _end(text: str, token: _Token) -> int:
    """Where a name ends: behind the stop of `Jr.`, if more text follows."""
    stop = token.text in _ABBREVIATED and text.startswith(". ", token.end)
    return token.end + 1 if stop else token.end


def _acts(following: str) -> bool:
    """Whether a verb of the third person follows, or what is somebody's: a noun would have an article."""
    if following.startswith(("'s ", "\u2019s ")):
        return True
    words = following.split()
    return following.startswith(" ") and bool(words) and is_third(words[0])


def _certain(
    text: str, token: _Token, taken: Sequence[tuple[int, int]], known: frozenset[str]
) -> bool:
    """Whether a lone first word is surely a name: known as one, an acronym, or followed like one."""
    if token.text in known or (len(token.text) > 1 and token.text.isupper()):
        return True
    if _APPOSITION.match(text, token.end) or _acts(text[token.end : token.end + 40]):
        return True
    pair = re.compile(r"(?:,| and| &) ").match(text, token.end)
    if pair is None:
        return False
    return text[pair.end() : pair.end() + 1].isupper() or any(
        start == pair.end() for start, _ in taken
    )
