"""The catalogue's vocabulary as policy's ladders take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.catalog import terms_in
from genservice.domain import Family, Term, Vocabulary
from genservice.policy import Words

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        sensitive=frozenset(
            term.name for terms in families.values() for term in terms if term.sensitive
        ),
        read=lambda text: terms_in(text, vocabulary),
    )
