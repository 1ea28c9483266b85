from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.catalog.sentences import split
from genservice.catalog.story import story_sentences


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("A gull waits. It leaves.", ["A gull waits.", "It leaves."]),
        (
            "Mr. Hale met Dr. Roy vs. St. Ives. It rained.",
            ["Mr. Hale met Dr. Roy vs. St. Ives.", "It rained."],
        ),
        ("J. R. Quill reads. He naps.", ["J. R. Quill reads.", "He naps."]),
        (
            "He left the U.S. Army at 2.30. Nobody saw.",
            ["He left the U.S. Army at 2.30.", "Nobody saw."],
        ),
        ("He left the U.S. The gull stayed.", ["He left the U.S.", "The gull stayed."]),
        ("Tom Roy Jr. returns. He naps.", ["Tom Roy Jr. returns.", "He naps."]),
        ('"Who is it?" A gull. "Go!" he says.', ['"Who is it?"', "A gull.", '"Go!" he says.']),
        ("Airplane! is a film. So is Up.", ["Airplane! is a film.", "So is Up."]),
        ("A gull waits...\nThen it leaves", ["A gull waits...", "Then it leaves"]),
        ("In 1943 it rained. 12 men left.", ["In 1943 it rained.", "12 men left."]),
        ("   ", []),
    ],
)
def test_paragraphs_are_split_into_sentences(paragraph: str, sentences: list[str]):
    assert list(split(paragraph)) == sentences


@given(st.text(alphabet="Aab .!?\u2026\"'\u201d)(\n1J", max_size=80))
def test_splitting_loses_no_character_but_space(paragraph: str):
    assert "".join("".join(split(paragraph)).split()) == "".join(paragraph.split())


@pytest.mark.parametrize(
    "sentence",
    [
        "Cold Quay is a 1982 American film directed by Noor Castellan.",
        "The film stars Imre Vale and Bea Lind.",
        "The film was released on 2 May 1982 in the United States.",
        "It premiered at a festival to mixed reviews.",
        "It received an award for best score.",
        "The soundtrack album was recorded by Wren Ito.",
        "The screenplay was written by Sol Adeyemi.",
        "It is based on the novel of the same name by Wren Ito.",
        "The film grossed $2 million against a budget of $3 million.",
        "Imre Vale, Bea Lind and Noor Castellan star.",
        "It is the third film in the series.",
        "Cold Quay was described as slow.",
        "Bea Lind plays Ada Thorne.",
        "Principal photography began in May in Whitby.",
        "Other key roles include Bea Lind as a diver who finds a car.",
        "The animation was provided by two studios in Kiel.",
        "The studio had previously produced the animated portions of a longer tale.",
        "The pilot is portrayed primarily by Imre Vale, who finds a car.",
        "Imre Vale created the story with Bea Lind.",
        "The pilot was influenced by the service of veterans in his family.",
        "The two would later collaborate again on a tale of divers.",
        "It has several motifs that became hallmarks of such tales.",
        "While the divers stay, a few plot twists are left out.",
        'Whether it is one tale or another, it is the same thing."',
    ],
)
def test_sentences_about_a_titles_making_and_selling_are_left_out(sentence: str):
    assert story_sentences(sentence, name="Cold Quay") == ()


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("A diver finds a car that nobody reported.", "A diver finds a car that nobody reported."),
        ("In the film, a diver finds a car.", "A diver finds a car."),
        ('A "quiet" diver finds a car.', 'A "quiet" diver finds a car.'),
        (
            "The pilot collaborates with a diver to find a car.",
            "The pilot collaborates with a diver to find a car.",
        ),
        ("Its plot follows a diver who finds a car.", "A diver finds a car."),
        (
            "Starring Bea Lind, the film follows a diver and a car.",
            "The film follows a diver and a car.",
        ),
        (
            "It stars Bea Lind and follows a diver who finds a car.",
            "A diver finds a car.",
        ),
        (
            "Cold Quay is a 1982 film about a diver who finds a car.",
            "A diver finds a car.",
        ),
        ("A diver (Bea Lind) finds a car (see below).", "A diver finds a car."),
        ("A diver (tired of the sea) finds a car.", "A diver (tired of the sea) finds a car."),
        (
            "A diver is released from prison and finds a car.",
            "A diver is released from prison and finds a car.",
        ),
        ("Bea Lind plays a diver who finds a car.", "A diver finds a car."),
    ],
)
def test_sentences_that_tell_the_story_are_kept(sentence: str, kept: str):
    assert story_sentences(sentence, name="Cold Quay") == (kept,)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "a, " * 1600,
        "and it " * 700,
        "It is a film " * 380,
        "\u2026 " * 2500,
        "\u2026" * 5000,
    ],
)
def test_odd_descriptions_are_no_work(text: str):
    assert story_sentences(text[:5000], name="It") == ()
