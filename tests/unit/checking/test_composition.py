"""A text of house phrases reads as the house puts them together."""

from __future__ import annotations

from itertools import islice

import pytest

from genservice.catalog import load_vocabulary
from genservice.checking import load_phrases
from genservice.checking.composition import Composition
from genservice.shipped import shipped
from training.pairs import groups

PHRASES = load_phrases(shipped("prompts") / "phrases.yaml")
HOUSE = Composition(PHRASES)


def test_every_text_that_training_composes_is_lawful() -> None:
    drawn = groups(PHRASES, load_vocabulary(shipped("catalogue")), 11, answers=3)
    texts = [text for group in islice(drawn, 120) for text in group.texts]
    assert len(texts) > 200
    assert [text for text in texts if not HOUSE.makes(text)] == []


@pytest.mark.parametrize(
    "raw",
    [
        "It is a [MOOD], [MOOD_2], for [THEME].",
        "In [TITLE], [LEAD] in [TITLE], a [KIND] from [YEAR].",
        "[TITLE] [TITLE].",
        "a [GENRE] about",
        "",
    ],
)
def test_phrases_in_an_order_that_no_sentence_has_are_not(raw) -> None:
    assert not HOUSE.makes(raw)


def test_one_wrong_sentence_spoils_a_long_text() -> None:
    sentences = [phrase.text for phrase in PHRASES.phrases if phrase.role == "hook"]
    text = " ".join(sentences[:30])
    assert not HOUSE.makes(text + " and then")
