"""Sentences that cannot hold a name: the tagger need not read them. And words that are none.

Half of what people write, and nearly all of what the house phrases say, is everyday words in lower
case. Reading it costs milliseconds and finds nothing; this looks each word up instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.folding import BLANK
from genservice.privacy.lexicon import shipped_words
from genservice.privacy.persons import FUNCTION
from genservice.privacy.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.privacy.lexicon import Lexicon

_PLAIN_CAPITALS = frozenset({"i", "i'm", "i'd", "i'll", "i've", "im", "ok", "tv"})
_RUN = re.compile(r"([a-z])\1{2,}")
_DECADE = re.compile(r"(?:\d\d)?\d0s")
_LAUGHTER = re.compile(
    r"a?(?:(?:ha|he|hi|ja|je|ke|wk|lo|hue|ah|xa){3,}[ahejklo]?|[hk]{4,}|lm+a+o+|lo+l+)"
)


def quiet_in(lexicon: Lexicon) -> Callable[[str], bool]:
    """Whether a sentence (folded) is everyday words alone.

    It is not where anything is unknown, may name somebody, somewhere or a firm, has a digit, or has
    a capital that the start of the sentence does not explain.
    """
    doubtful = shipped_words("doubtful-words.txt")
    chat = shipped_words("chat-words.txt")
    known: dict[str, bool] = {}

    def everyday(word: str) -> bool:
        """Looked up once a word: what is kept are the words of the lexicon, not what people wrote."""
        if (held := known.get(word)) is not None:
            return held
        answer = (
            (lexicon.knows(word) or word in chat)
            and not lexicon.may_name(word)
            and word.partition("'")[0] not in doubtful
        )
        if answer:
            known[word] = True
        return answer

    def plain(word: str) -> bool:
        return word in _PLAIN_CAPITALS or word.removesuffix("s") in lexicon.neutral

    def quiet(sentence: str) -> bool:
        sentence = sentence.replace(BLANK, " ")  # what was taken out names nobody any more
        if not sentence.isascii() or any(map(str.isdigit, sentence)):
            return False
        return all(
            (not word.capital or word.initial or plain(word.lower)) and everyday(word.lower)
            for word in words_of(sentence)
        )

    return quiet


def nobody_in(lexicon: Lexicon) -> Callable[[str], bool]:
    """Whether a word in lower case names nobody by itself, whatever a tagger thinks of it.

    Listed words, those of grammar, decades, laughter, and everyday words drawn out ("soooo", "crazyyyy").
    """
    listed = (
        shipped_words("nobody-words.txt") | shipped_words("chat-words.txt") | FUNCTION - {"will"}
    )
    doubtful = shipped_words("doubtful-words.txt")

    def everyday(word: str) -> bool:
        return word in listed or (
            lexicon.knows(word) and not lexicon.may_name(word) and word not in doubtful
        )

    def nobody(word: str) -> bool:
        if word in listed or _LAUGHTER.fullmatch(word) or _DECADE.fullmatch(word):
            return True
        if _RUN.search(word) is None:
            return False
        return everyday(_RUN.sub(r"\1", word)) or everyday(_RUN.sub(r"\1\1", word))

    return nobody
