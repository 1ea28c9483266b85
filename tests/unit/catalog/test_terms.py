from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.catalog import TitleTerms, load_vocabulary, terms_in, terms_of
from genservice.domain import Title
from genservice.shipped import shipped

VOCABULARY = load_vocabulary(shipped("catalogue"))


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    found: dict[str, tuple[str, ...]]


CASES = [
    Case("names, labels and forms", "a slow-burn thriller with heists", {"genres": ("thriller",), "themes": ("heist",), "pace": ("slow_burn",)}),
    Case("longest phrase wins", "science fiction", {"genres": ("science_fiction",)}),
    Case("alone it is its own word", "science", {"genres": ("science",)}),
    Case("longest across families", "nature documentary", {"genres": ("nature",)}),
    Case("one word in two families", "war", {"genres": ("war",), "themes": ("war_and_peace",)}),
    Case("case and hyphens", "SCI-FI and Coming-Of-Age", {"genres": ("science_fiction", "teen")}),
    Case("plurals", "westerns, comedies, families", {"genres": ("comedy", "family", "western"), "themes": ("family_ties",)}),
    Case("diacritics", "rom\u00e1ntic m\u00e9lancholy", {"genres": ("romance",), "moods": ("melancholy", "romantic")}),
    Case("children's", "children\u2019s stories", {"genres": ("kids",)}),
    Case("country by name", "something from South Korea or Norway", {"countries": ("kr", "no")}),
    Case("country in capitals", "US crime", {"genres": ("crime",), "countries": ("us",)}),
    Case("us is no country", "a film about us", {}),
    Case("codes are no countries", "no, it is in de be at", {}),
    Case("nothing", "sjfh 42 \U0001f600", {}),
    Case("sorted without doubles", "war drama crime drama", {"genres": ("crime", "drama", "war"), "themes": ("war_and_peace",)}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_free_text_says_words_of_the_vocabulary(case: Case):
    assert terms_in(case.text, VOCABULARY) == case.found


@given(st.text(max_size=60))
def test_any_text_gives_only_words_that_are_declared_sorted(text: str):
    for family, words in terms_in(text, VOCABULARY).items():
        assert list(words) == sorted(set(words))
        assert set(words) <= {term.name for term in getattr(VOCABULARY, family)}


@pytest.mark.parametrize("family", ["genres", "moods", "themes", "pace", "alerts", "countries"])
def test_every_word_is_found_by_its_label_and_its_forms(family: str):
    for term in getattr(VOCABULARY, family):
        for said in (term.label, *term.forms):
            assert term.name in terms_in(f"give me {said}, please", VOCABULARY).get(family, ()), (
                said
            )


def test_a_title_comes_to_its_sorted_words():
    title = Title(
        id="t",
        kind="film",
        name="X",
        language="en",
        genres=("war", "drama"),
        moods=("tense",),
        themes=("grief",),
    )
    assert terms_of(title, VOCABULARY) == TitleTerms(
        genres=("drama", "war"), moods=("tense",), themes=("grief",), sensitive=False
    )


def test_a_theme_that_could_betray_a_special_category_makes_a_title_sensitive():
    title = Title(id="t", kind="film", name="X", language="en", themes=("grief", "faith"))
    assert terms_of(title, VOCABULARY).sensitive
