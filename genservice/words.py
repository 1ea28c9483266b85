"""Words of one part as another takes them: siblings never import each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.catalog import terms_in
from genservice.domain import Family, Term, Vocabulary
from genservice.policy import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.checking import Phrases


def policy_words(vocabulary: Vocabulary) -> Words:
    """The words that signals may become, and how free text is read for them."""
    families: Mapping[Family, tuple[Term, ...]] = {
        "genres": vocabulary.genres,
        "moods": vocabulary.moods,
        "themes": vocabulary.themes,
        "pace": vocabulary.pace,
    }
    return Words(
        families={
            family: frozenset(term.name for term in terms) for family, terms in families.items()
        },
        alerts=frozenset(term.name for term in vocabulary.alerts),
        sensitive=frozenset(
            term.name for terms in families.values() for term in terms if term.sensitive
        ),
        read=lambda text: terms_in(text, vocabulary),
    )


def words_of_phrases(phrases: Phrases) -> frozenset[str]:
    """Every word of the house phrases, in lower case: for the guard, words that are nobody's name."""
    slotless = (re.sub(r"\[[A-Z0-9_]+\]", " ", phrase.text) for phrase in phrases.phrases)
    return frozenset(word.lower() for text in slotless for word in re.findall(r"[^\W\d_]+", text))
