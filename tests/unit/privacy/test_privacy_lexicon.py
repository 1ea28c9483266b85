"""Words: what is ordinary in any inflection, what names somebody, what the vocabulary allows."""

from __future__ import annotations

import pytest

from genservice.privacy import ordinary_words
from genservice.privacy.lexicon import load_lexicon


@pytest.mark.parametrize(
    "word",
    ["story", "stories", "stopped", "loving", "happier", "darkly", "rewatched", "slow-burn", "mother's", "won't"],
)  # fmt: skip
def test_ordinary_words_are_known_in_every_inflection(word: str):
    assert load_lexicon().knows(word)


@pytest.mark.parametrize("word", ["emma", "zorblax", "thornbury", "emma-jane", "emma's"])
def test_names_and_unknown_words_are_not_ordinary(word: str):
    assert not load_lexicon().knows(word)


def test_a_given_name_that_is_a_word_names_only_perhaps():
    lexicon = load_lexicon()
    assert all(map(lexicon.names, ("emma", "emma's", "anna-lena")))
    assert lexicon.may_name("grace")
    assert not lexicon.names("grace")
    assert not lexicon.may_name("table")


def test_a_name_that_the_caller_allows_names_only_perhaps():
    lexicon = load_lexicon(allowed=["Emma"])
    assert not lexicon.names("emma")
    assert lexicon.may_name("emma")


def test_the_vocabulary_allows_its_labels_and_forms(allowed: frozenset[str]):
    assert {"thriller", "british", "noir"} <= allowed


def test_shipped_words_are_lower_case_and_plain():
    lexicon = load_lexicon()
    for words in (lexicon.given, lexicon.ordinary, lexicon.neutral):
        assert words
        assert all(word == word.strip().lower() and word.isascii() for word in words)
    assert not any("#" in word for word in ordinary_words())
    assert len(lexicon.given) > 600
