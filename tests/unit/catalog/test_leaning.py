from __future__ import annotations

from dataclasses import dataclass

import pytest

from genservice.catalog import load_vocabulary, slotted
from genservice.catalog.leaning import leans, points_back, subject_name
from genservice.domain import StoryElement, Title
from genservice.shipped import shipped

VOCABULARY = load_vocabulary(shipped("catalogue"))


@dataclass(frozen=True)
class Case:
    id: str
    said: str
    expected: bool


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("She finds a car.", True),
        ("However, nobody reported it.", True),
        ("On his way home, the diver finds a car.", True),
        ("It follows a diver.", False),
        ("The film follows a diver.", False),
        ("When a diver loses her way, a gull waits.", False),
        ("A diver finds a car.", False),
    ],
)
def test_sentences_that_need_the_one_before_are_told(sentence: str, *, expected: bool):
    assert leans(sentence) is expected


BACK = [
    Case("a pronoun that nobody stands before", "Waking up, he finds the harbour empty.", expected=True),
    Case("a possessive that nobody stands before", "Trying to win back his wife, he rows to Hull.", expected=True),
    Case("a pronoun for a thing's sake alone", "The ear then leads him to a cellar.", expected=True),
    Case("a pronoun behind its subject", "A diver loses her mask.", expected=False),
    Case("a pronoun behind a name", "Ada Thorne loses her mask.", expected=False),
    Case("a pronoun before its subject", "After losing her mask, a diver swims home.", expected=False),
    Case("a pronoun before a trade and a name", "When her brother is lost, diver Ada Thorne rows to Hull.", expected=False),
    Case("a pronoun behind a compound", "An ex-diver is lost when his boat sinks.", expected=False),
    Case("a pronoun before a subject that points back", "After losing her mask, the diver swims home.", expected=True),
    Case("they without many", "Soon they are lost.", expected=True),
    Case("they with many", "Two divers swim until they are lost.", expected=False),
    Case("a noun with its article alone", "The jury hears of a boat.", expected=True),
    Case("a noun that says which", "The captain of a ferry hears of a boat.", expected=False),
    Case("what there is one of", "The world hears of a boat.", expected=False),
    Case("the two without two", "A storm keeps the two ashore.", expected=True),
    Case("the two of two", "A diver and a cook meet, and the two row to Hull.", expected=False),
    Case("what results", "A diver and a cook quarrel in the ensuing chaos.", expected=True),
    Case("another", "Another body is found.", expected=True),
    Case("then", "A cook then burns the map.", expected=True),
    Case("a former somebody", "A diver meets a former cook.", expected=False),
    Case("they behind the film", "The film follows them as they swim.", expected=True),
    Case("the team behind the film", "The film follows the team looking for a friend.", expected=True),
    Case("the team of a ship", "The film follows the team of a lost ship.", expected=False),
    Case("somebody whom no list knows", "A croupier bets his own house.", expected=False),
    Case("those whom the film follows", "The film follows two divers as they swim.", expected=False),
]  # fmt: skip


@pytest.mark.parametrize("case", BACK, ids=lambda case: case.id)
def test_a_sentence_of_a_description_points_back_where_nobody_stands_before(case: Case):
    assert points_back(case.said) is case.expected


def test_what_opens_a_description_is_said_for_the_first_time():
    assert points_back("The potters throw a tea set.")
    assert not points_back("The potters throw a tea set.", first=True)
    assert points_back("She throws a tea set.", first=True)


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Thorne rows to Hull.", "Thorne"),
        ("When Thorne rows to Hull, a gull follows.", "Thorne"),
        ("Hiding in a boat, Thorne rows to Hull.", "Thorne"),
        ("Thorne, a diver, rows to Hull.", None),
        ("Ada Thorne rows to Hull.", None),
        ("Boats are lost.", None),
    ],
)
def test_a_name_that_another_sentence_brings_in_is_known(sentence: str, name: str | None):
    assert subject_name(sentence) == name


# -- in a title's slots ----------------------------------------------------------------------------


def told(description: str) -> list[str]:
    title = Title(id="t", kind="film", name="Cold Quay", language="en", description=description)
    found = slotted(title, VOCABULARY)
    names = {slot.name: slot.text for slot in found.slots}
    texts: list[str] = []
    for slot in found.slots:
        if slot.kind == "sentence":
            text = slot.text
            for name, said in names.items():
                text = text.replace(f"[{name}]", said)
            texts.append(f"~{text}" if slot.name in found.leaning else text)
    return texts


def test_a_leaning_sentence_goes_with_the_one_before_into_the_place_of_a_logline():
    assert told("A diver finds a car. She tells nobody about it.") == [
        "A diver finds a car. She tells nobody about it"
    ]


def test_what_is_too_long_for_that_leans_on_it_from_a_slot_of_its_own():
    long = "She tells nobody about it, but writes letters to every garage between the Humber and the Tees, none of which is ever answered"
    assert told(f"A diver finds a car in the harbour. {long}.") == [
        "A diver finds a car in the harbour",
        f"~{long}",
    ]


def test_a_leaning_sentence_comes_in_one_slot_with_the_one_before():
    gull = "A gull waits on the quay."
    assert told(f"{gull} A diver finds a car. She tells nobody about it.") == [
        "A gull waits on the quay",
        "A diver finds a car. She tells nobody about it",
    ]


def test_a_leaning_sentence_without_the_one_before_is_not_told():
    assert told("It grossed $2 million. She tells nobody about it. A gull waits on the quay.") == [
        "A gull waits on the quay"
    ]


def test_a_sentence_between_two_keeps_them_apart():
    described = "A diver finds a car. It was released on 2 May 1982. She tells nobody about it."
    assert told(described) == ["A diver finds a car"]


def test_what_leans_on_a_sentence_that_is_not_told_is_not_told_either():
    described = (
        "It grossed $2 million. She tells nobody about it. Then she leaves the town for good."
    )
    assert told(described) == []


def test_a_long_passage_goes_on_in_a_slot_that_leans():
    long = "She writes letters to every garage between the Humber and the Tees, and not one of them is answered"
    described = f"A diver finds a car in the harbour of a small town. {long}. {long} twice. She tells nobody about it."
    _, first, second = told(f"A gull waits on the quay. {described}")
    assert first == f"A diver finds a car in the harbour of a small town. {long}"
    assert second == f"~{long} twice. She tells nobody about it"


def test_a_surname_alone_waits_for_the_sentence_that_brings_it_in():
    named = "Ada Thorne, a diver, finds a car."
    assert told(f"{named} A gull waits on the quay. Thorne tells nobody about it.") == [
        "Ada Thorne, a diver, finds a car",
        "A gull waits on the quay",
        "~Thorne tells nobody about it",
    ]
    cast = "Bea Lind plays Ada Thorne."
    assert told(f"{cast} Thorne tells nobody about it.") == []


def test_a_name_out_of_the_title_needs_nobody_to_bring_it_in():
    title = Title(
        id="t", kind="film", name="Thorne of Hull", language="en",
        description="Bea Lind plays Ada Thorne. Thorne tells nobody about a car.",
    )  # fmt: skip
    (story,) = (slot for slot in slotted(title, VOCABULARY).slots if slot.kind == "sentence")
    assert story.text.endswith("tells nobody about a car")


def test_an_event_that_leans_on_a_spoiler_is_not_told():
    story = (
        StoryElement(text="A diver finds a car."),
        StoryElement(text="The car is her father's.", spoiler="major"),
        StoryElement(text="She tells nobody."),
    )
    title = Title(id="t", kind="film", name="Cold Quay", language="en", story=story)
    found = slotted(title, VOCABULARY)
    assert [slot.text for slot in found.slots if slot.name.startswith("STORY_")] == [
        "A diver finds a car"
    ]
    assert found.withheld == 1
