"""Sentences that cannot hold a name: the tagger need not read them.

Half of what people write, and nearly all of what the house phrases say, is everyday words in lower
case. Reading it costs milliseconds and finds nothing; this looks each word up instead.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from genservice.privacy.folding import BLANK
from genservice.privacy.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.privacy.lexicon import Lexicon

_PLAIN_CAPITALS = frozenset({"i", "i'm", "i'd", "i'll", "i've", "im", "ok", "tv"})


def quiet_in(lexicon: Lexicon) -> Callable[[str], bool]:
    """Whether a sentence (folded) is everyday words alone.

    It is not where anything is unknown, may name somebody, somewhere or a firm, has a digit, or has
    a capital that the start of the sentence does not explain.
    """
    doubtful = _shipped("doubtful-words.txt")
    known: dict[str, bool] = {}

    def everyday(word: str) -> bool:
        """Looked up once a word: what is kept are the words of the lexicon, not what people wrote."""
        if (held := known.get(word)) is not None:
            return held
        answer = (
            lexicon.knows(word)
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
        if not sentence.isascii() or any(character.isdigit() for character in sentence):
            return False
        return all(
            (not word.capital or word.initial or plain(word.lower)) and everyday(word.lower)
            for word in words_of(sentence)
        )

    return quiet


def nobody_words() -> frozenset[str]:
    """Words in lower case that name nobody by themselves, whatever a tagger thinks of them."""
    return _shipped("nobody-words.txt")


def _shipped(name: str) -> frozenset[str]:
    text = resources.files("genservice.privacy").joinpath("data", name).read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))
