"""People's names by rule: capitals out of place, known given names, and what announces one.

Strict where it stands alone: a capital that nothing explains is somebody's name. Beside the tagger,
which has read the whole sentence, such a capital is no more than a doubt; known names and what is
announced as one still count, whatever the tagger thinks of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.values import Finding
from genservice.privacy.words import HONORIFICS, Word, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genservice.privacy.lexicon import Lexicon

CERTAIN, LIKELY, UNSURE, DOUBTED = 0.9, 0.6, 0.4, 0.2
"""The last is below what counts (see `genservice.privacy.presidio`), unless a surer word stands beside it."""

FUNCTION = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "did", "do", "does", "for",
    "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is",
    "it", "its", "me", "my", "no", "nor", "not", "of", "on", "or", "our", "out", "over", "she",
    "so", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "through", "to", "too", "under", "until", "up", "was", "we", "were", "what",
    "when", "where", "which", "while", "who", "why", "will", "with", "would", "yes", "you",
    "your",
})  # fmt: skip
RELATIONS = frozenset({
    "aunt", "auntie", "aunty", "baby", "boss", "boy", "boyfriend", "bride", "brother", "child",
    "colleague", "cousin", "dad", "daughter", "ex", "father", "fiance", "fiancee", "flatmate",
    "friend", "girl", "girlfriend", "godson", "goddaughter", "gran", "grandad", "granddad",
    "granddaughter", "grandfather", "grandma", "grandmother", "grandpa", "grandson", "granny",
    "groom", "housemate", "hubby", "husband", "kid", "kiddo", "lad", "lass", "mate", "mother",
    "mum", "mom", "mummy", "nan", "nanny", "neighbour", "neighbor", "nephew", "niece",
    "partner", "roommate", "sis", "sister", "son", "spouse", "stepdad", "stepdaughter",
    "stepmother", "stepson", "teacher", "toddler", "twin", "uncle", "wife", "wifey",
})  # fmt: skip
_OWNERS = frozenset({"my", "our", "your", "his", "her", "their"})
_CALLED = frozenset({"called", "named", "nicknamed", "aka", "name", "signed", "i'm", "im"})
_NEVER_AFTER_I_AM = frozenset({"rich", "frank", "sandy", "guy", "will", "may", "sue", "patience"})
_VERBS = frozenset({"will", "may", "can", "sue", "drew"})
_AFTER_A_NAME = frozenset({
    "is", "was", "has", "likes", "loves", "wants", "said", "says", "and", "also", "hates",
    "enjoys", "prefers", "watched", "watches",
})  # fmt: skip
_PARTICLES = frozenset({
    "van", "von", "der", "den", "de", "la", "le", "du", "da", "di", "dos", "das", "del",
    "della", "bin", "ibn", "al", "el", "ap", "ter", "ten", "y", "e",
})  # fmt: skip
_SUFFIXES = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv"})
_AWARDS = frozenset({"oscar", "emmy", "tony", "cesar", "goya"})
_WON = frozenset({
    "award", "awards", "bait", "contender", "contenders", "nominated", "nomination", "nominations",
    "nominee", "nominees", "winner", "winners", "winning",
})  # fmt: skip
_JOINS = re.compile(r"(?:\.?[ \t]{1,3}|\.|, ?|['\-])")


def names_in_viewer_text(
    lexicon: Lexicon, *, beside_tagger: bool = False
) -> Callable[[str], Iterable[Finding]]:
    """A reader of what viewers write: when unsure, it is a name.

    Args:
        lexicon: Words.
        beside_tagger: Whether a tagger reads the text too, so that a capital alone tells nothing.
    """
    capital = DOUBTED if beside_tagger else LIKELY
    return lambda text: _Reading(words_of(text), lexicon, strict=True, capital=capital).findings()


def names_in_output(lexicon: Lexicon) -> Callable[[str], Iterable[Finding]]:
    """A reader of a model's raw text: strict within sentences, exact where one starts."""
    return lambda text: _Reading(words_of(text), lexicon, strict=False).findings()


class _Reading:
    """One text being read. `scores` holds a score for every word that is (part of) a name."""

    def __init__(
        self,
        words: tuple[Word, ...],
        lexicon: Lexicon,
        *,
        strict: bool,
        capital: float = LIKELY,
    ) -> None:
        self.words = words
        self.capital = capital
        self.lexicon = lexicon
        self.strict = strict
        self.scores: dict[int, float] = {}

    def findings(self) -> Iterable[Finding]:
        for index, word in enumerate(self.words):
            score = self._score(index, word)
            if score:
                self.scores[index] = score
        self._widen()
        return self._joined()

    def _score(self, index: int, word: Word) -> float:
        if word.lower == "i" or self._is_award(index, word):
            return 0.0
        if self.lexicon.names(word.lower):
            return CERTAIN
        if word.capital and word.informative and not word.initial:
            return 0.0 if self._explained(word) else self._by_capital(word)
        if word.capital and not word.informative:
            return 0.0 if self.lexicon.knows(word.lower) else self.capital
        if word.capital:
            return self._score_initial(index, word)
        return self._score_lower(index, word)

    def _is_award(self, index: int, word: Word) -> bool:
        """Whether a name is an award's: "Oscar winners", "Oscar-nominated"."""
        name, _, won = word.lower.partition("-")
        after = self.words[index + 1 : index + 2]
        if not won and after and after[0].gap == " ":
            won = after[0].lower
        return name in _AWARDS and won in _WON

    def _by_capital(self, word: Word) -> float:
        """What a capital that nothing explains is worth: more where the word may be a name."""
        return LIKELY if self.lexicon.may_name(word.lower) else self.capital

    def _explained(self, word: Word) -> bool:
        """Whether a capital within a sentence names nobody."""
        bare = re.sub(r"'.*", "", word.lower)
        parts = bare.split("-")
        return (
            bare in FUNCTION
            or bare in self.lexicon.neutral
            or (len(parts) > 1 and parts[0] in self.lexicon.neutral and self.lexicon.knows(bare))
        )

    def _score_initial(self, index: int, word: Word) -> float:
        known = self.lexicon.knows(word.lower)
        if known and not self.lexicon.may_name(word.lower):
            return 0.0
        after = self._next(index)
        if after is not None and after.capital and after.informative and not self._explained(after):
            return self._by_capital(word)
        if not self.strict:
            return 0.0
        if not known:
            return self.capital
        telling = after is not None and after.lower in _AFTER_A_NAME
        return UNSURE if telling else 0.0

    def _score_lower(self, index: int, word: Word) -> float:
        if not self.strict:
            return 0.0
        ambiguous = self.lexicon.may_name(word.lower)
        unknown = not ambiguous and not self.lexicon.knows(word.lower)
        if not ambiguous and not unknown:
            return 0.0
        one, two = self._before(index, 1), self._before(index, 2)
        if two in _OWNERS and one in RELATIONS:
            return UNSURE if word.lower not in _VERBS else 0.0
        if one in HONORIFICS:
            return UNSURE
        if one in _CALLED or (one in {"is", "it's"} and two in {"name", "this"}):
            exempt = one in {"i'm", "im"} and word.lower in _NEVER_AFTER_I_AM
            return 0.0 if exempt or (one == "name" and word.lower in _VERBS) else UNSURE
        if one == "am" and two == "i":
            return UNSURE if word.lower not in _NEVER_AFTER_I_AM else 0.0
        return UNSURE if one == "with" and ambiguous else 0.0

    def _next(self, index: int) -> Word | None:
        if index + 1 >= len(self.words):
            return None
        after = self.words[index + 1]
        return after if not after.initial and _JOINS.fullmatch(after.gap) else None

    def _before(self, index: int, steps: int) -> str:
        for step in range(steps):
            if index - step < 1 or not _JOINS.fullmatch(self.words[index - step].gap):
                return ""
        return self.words[index - steps].lower

    def _widen(self) -> None:
        """Take in what belongs to a name on either side: honorifics, surnames, particles, "jr"."""
        for index in range(1, len(self.words)):
            word, before = self.words[index], self.words[index - 1]
            if not _JOINS.fullmatch(word.gap):
                continue
            if index in self.scores:
                if before.lower in HONORIFICS:
                    self.scores[index - 1] = max(self.scores.get(index - 1, 0.0), LIKELY)
                continue
            if index - 1 in self.scores and self._belongs(index, word, before):
                self.scores[index] = UNSURE

    def _belongs(self, index: int, word: Word, before: Word) -> bool:
        if word.lower in _SUFFIXES:
            return True
        if "," in word.gap:
            return False
        if word.lower in _PARTICLES:
            return self._leads_to_name(index)
        surname = self.strict and not word.capital and not before.capital
        return surname and not self.lexicon.knows(word.lower)

    def _leads_to_name(self, index: int) -> bool:
        after = self._next(index)
        while after is not None and after.lower in _PARTICLES:
            index += 1
            after = self._next(index)
        return after is not None and (index + 1 in self.scores)

    def _joined(self) -> Iterable[Finding]:
        run: list[int] = []
        for index in sorted(self.scores):
            if run and (run[-1] != index - 1 or not self._adjoins(index)):
                yield self._finding(run)
                run = []
            run.append(index)
        if run:
            yield self._finding(run)

    def _adjoins(self, index: int) -> bool:
        word = self.words[index]
        if "," in word.gap:
            return word.lower in _SUFFIXES
        return _JOINS.fullmatch(word.gap) is not None and not word.initial

    def _finding(self, run: list[int]) -> Finding:
        return Finding(
            start=self.words[run[0]].start,
            end=self.words[run[-1]].end,
            type="PERSON",
            score=max(self.scores[index] for index in run),
        )
