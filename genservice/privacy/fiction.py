"""What stories are, and not who somebody is: titles in everyday words, the trade, where a story is set.

"Fight Club" and "The Perfect Match" look like names to a tagger that knows bands. Words of which none
is anybody's name cannot identify a person, so there a title stays. A word alone does not count: a
capital may well have made it somebody's ("tell Rocket"). Nor does what is announced as a person. A
studio is somebody's when they work there, and a place when they live there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.lexicon import shipped_words
from genservice.privacy.persons import FUNCTION, RELATIONS
from genservice.privacy.words import HONORIFICS, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.privacy.lexicon import Lexicon
    from genservice.privacy.values import Finding
    from genservice.privacy.words import Word

_NAMING = frozenset({"PERSON", "ORGANIZATION"})
_REACH = 40
"""Characters before a place in which a story may be set there."""
_SET = re.compile(
    r"\b(?:set|takes?\splace|taking\splace|filmed|shot)\s(?:in|on|at|around|near|outside)\s(?:[a-z\-]{1,14}\s){0,4}$",
    re.IGNORECASE,
)
_LIVES = re.compile(
    r"\b(?:(?:i|we|he|she|they)(?:'m|'re|\sam|\sare|\sis)?\s(?:(?:used\sto|also|both|all|now|still)\s)?(?:live[sd]?|living|grew|from|was\sborn|were\sborn|work(?:s|ed)?|moved|stay(?:ed)?)"
    r"|my|our|home|(?:near|by|from|with|around)\s(?:me|us|here)|where\s(?:i|we))\b",
    re.IGNORECASE,
)
_WORKS = re.compile(
    r"\b(?:work(?:s|ed|ing)?|jobs?|employ\w{0,3}|hired|boss|colleagues?|office|intern(?:s|ed)?|career|salary)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W_]+")
_CAPITAL = re.compile(r"[ \-]([A-Z][^\W\d_]*)")
_JOINS = re.compile(r"(?:'[sS])?(?: |: |, |-| & )")
_LINKS = frozenset({"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"})  # fmt: skip
_ANNOUNCING = RELATIONS | HONORIFICS | frozenset({
    "aka", "ask", "asked", "cc", "cheers", "dear", "greetings", "hello", "hey", "hi", "i'm",
    "im", "name", "name's", "regards", "signed", "sincerely", "tell", "thanks",
    "told", "wishes",
})  # fmt: skip
_NAMED_THINGS = frozenset({
    "book", "documentary", "drama", "episode", "film", "game", "it", "movie", "musical", "one", "play",
    "programme", "series", "show", "something",
})  # fmt: skip
_ONLY_PEOPLE = frozenset({
    "asked", "asks", "enjoys", "hates", "likes", "loves", "prefers", "said", "says", "thinks",
    "wants", "watched", "watches", "wrote",
})  # fmt: skip


def fiction_in(lexicon: Lexicon) -> Callable[[str, Finding], bool]:
    """Whether a finding of a tagger in a sentence (folded) is a story's, and nobody's data."""
    titled = _titled_in(lexicon)
    trade = shipped_words("trade.txt")

    def fiction(sentence: str, finding: Finding) -> bool:
        if finding.type == "LOCATION":
            return _is_set_in(sentence, finding)
        if finding.type not in _NAMING:
            return False
        words = _LETTERS.findall(sentence[finding.start : finding.end].lower())
        if words and trade.issuperset(words):
            return _WORKS.search(sentence) is None and not _surnamed(sentence, finding.end, lexicon)
        return finding.type == "PERSON" and titled(sentence, finding.start, finding.end)

    return fiction


def _surnamed(sentence: str, end: int, lexicon: Lexicon) -> bool:
    """Whether a word with a capital follows that nothing explains: "Marvel Okonkwo"."""
    after = _CAPITAL.match(sentence, end)
    return after is not None and not lexicon.knows(after[1].lower())


def _is_set_in(sentence: str, place: Finding) -> bool:
    """Whether a story is set there, and nobody lives there."""
    return (
        _SET.search(sentence, max(0, place.start - _REACH), place.start) is not None
        and _LIVES.search(sentence) is None
    )


def _titled_in(lexicon: Lexicon) -> Callable[[str, int, int], bool]:
    """Whether a stretch lies in two or more everyday words with capitals.

    Everyday words are those of the lexicon of which none is a name, a place or a firm as well.
    """
    names = shipped_words("name-words.txt") | shipped_words("doubtful-words.txt")

    def everyday(word: Word) -> bool:
        return all(
            not lexicon.may_name(part)
            and (
                part in FUNCTION
                or (lexicon.knows(part) and names.isdisjoint((part, part.removesuffix("s"))))
            )
            for part in word.lower.split("-")
        )

    def titled(text: str, start: int, end: int) -> bool:
        words = words_of(text)
        own = [at for at, word in enumerate(words) if word.start < end and start < word.end]
        if not own or any(map(str.isdigit, text[start:end])):
            return False
        if not all(map(everyday, words[own[0] : own[-1] + 1])):
            return False
        first = _grown(words, own[0], -1, everyday)
        last = _grown(words, own[-1], 1, everyday)
        if _announced(words, first) or _announced(words, own[0]) or _acts(words, last):
            return False
        # The start of a sentence explains a capital, unless a name was taken to begin there.
        return (
            sum(
                len(words[at].lower.split("-"))
                for at in range(first, last + 1)
                if _is_capital(words[at], text) and (not words[at].initial or at in own)
            )
            > 1
        )

    return titled


def _grown(words: Sequence[Word], at: int, step: int, everyday: Callable[[Word], bool]) -> int:
    """The outermost word with a capital that belongs to the same phrase as the one at `at`."""
    outermost = at
    while 0 <= at + step < len(words):
        if not _JOINS.fullmatch(words[max(at, at + step)].gap):
            break
        at += step
        if words[at].capital and everyday(words[at]):
            outermost = at
        elif words[at].lower not in _LINKS:
            break
    return outermost


def _is_capital(word: Word, text: str) -> bool:
    """Whether a word has a capital by choice, and is not shouted."""
    return word.capital and (word.informative or not text[word.start : word.end].isupper())


def _announced(words: Sequence[Word], first: int) -> bool:
    """Whether what stands before makes the phrase somebody: "my friend", "dear", "this is"."""
    one, two = (words[first - step].lower if first >= step else "" for step in (1, 2))
    if one in {"called", "named"}:
        return two not in _NAMED_THINGS
    return one in _ANNOUNCING or (one in {"is", "it's", "its"} and two in {"name", "this"})


def _acts(words: Sequence[Word], last: int) -> bool:
    """Whether what comes after is what people do: "likes", "said"."""
    return last + 1 < len(words) and words[last + 1].lower in _ONLY_PEOPLE
