from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.catalog import load_vocabulary, slotted
from genservice.catalog.trimming import shorter
from genservice.checking import Sources, check, load_phrases
from genservice.domain import Credit, Title
from genservice.shipped import shipped


@dataclass(frozen=True)
class Case:
    id: str
    said: str
    shorter: tuple[str, ...]


CUT = [
    Case("a relative clause", "A diver finds a car in the harbour, which nobody has reported", ("A diver finds a car in the harbour",)),
    Case("where", "A diver moves to a town on the coast, where a gull waits", ("A diver moves to a town on the coast",)),
    Case("while", "A diver finds a car in the harbour, while a cook burns the map", ("A diver finds a car in the harbour",)),
    Case("after", "A diver finds a car in the harbour after she follows a gull", ("A diver finds a car in the harbour",)),
    Case("a participle", "A diver finds a car in the harbour, leading her to a burnt map", ("A diver finds a car in the harbour",)),
    Case("a semicolon", "A diver finds a car in the harbour; a cook burns the map", ("A diver finds a car in the harbour",)),
    Case("a second clause", "A diver finds a car in the harbour, and a cook burns the map", ("A diver finds a car in the harbour",)),
    Case("a second verb", "A diver finds a car in the harbour, and hides it from a cook", ("A diver finds a car in the harbour",)),
    Case("what comes before", "When a gull follows the boat, a diver finds a car in the harbour", ("A diver finds a car in the harbour",)),
    Case("a purpose", "A diver hides a car in the harbour, in order to save a friend", ("A diver hides a car in the harbour",)),
]  # fmt: skip


@pytest.mark.parametrize("case", CUT, ids=lambda case: case.id)
def test_what_only_adds_to_a_sentence_may_go(case: Case):
    assert shorter(case.said) == case.shorter


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param(
            "A diver will lose the car in the harbour, unless a gull helps", id="a condition"
        ),
        pytest.param("A diver looks for a car in the harbour, until a gull finds it", id="until"),
        pytest.param(
            "A diver does not look for a car in the harbour, but for a boat", id="not but"
        ),
        pytest.param("A diver finds a car in the harbour, only to lose it again", id="only to"),
        pytest.param(
            "A diver who finds a car in the harbour must hide it from a cook", id="which of all"
        ),
        pytest.param(
            "Ada, who has found a car in the harbour, must hide it", id="a verb that waits"
        ),
        pytest.param("Red, an outcast on an island of gulls, suspects a crew", id="an aside"),
        pytest.param("A diver must choose between a car in the harbour, and a boat", id="a pair"),
        pytest.param(
            "Either a diver finds a car in the harbour, or a cook finds it", id="either or"
        ),
        pytest.param("A diver claims that a gull follows the boat home", id="what is claimed"),
        pytest.param("A diver is about to leave the harbour, when a car is found", id="when"),
        pytest.param("A diver, a cook, and a vicar look for a car", id="a list"),
        pytest.param("The film tells the story of Ada Thorne, who finds a car", id="a name alone"),
        pytest.param(
            "After losing her mask, the diver finds a car in the harbour", id="somebody said before"
        ),
        pytest.param("A diver pretends to be a cook, while she looks for a car", id="pretence"),
    ],
)
def test_what_the_rest_needs_stays(sentence: str):
    assert shorter(sentence) == ()


def test_versions_come_longest_first():
    said = "A diver finds a car in the harbour, which nobody has reported, while a cook burns a map of the town"
    assert shorter(said) == (
        "A diver finds a car in the harbour, which nobody has reported",
        "A diver finds a car in the harbour",
    )


PIECES = st.sampled_from(
    ["A diver", "Ada Thorne", ", who", ", and", "finds", "a car", ", while", "until", "not", ";", "\u2014", '"', "(", ")", "the two", ", a cook,", "must"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=24).map(" ".join))
def test_a_shorter_version_holds_only_words_of_the_sentence_in_a_row(sentence: str):
    for text in shorter(sentence):
        assert text[1:] in sentence
        assert len(text) < len(sentence)


@pytest.mark.parametrize(
    "text", [", who" * 400, "a, " * 600, "\u2014 " * 800, "while he " * 250, "and the " * 250]
)
def test_odd_sentences_are_no_work(text: str):
    assert all(len(found) < len(text) for found in shorter(text[:420]))


# -- in a title's slots ----------------------------------------------------------------------------

VOCABULARY = load_vocabulary(shipped("catalogue"))
PHRASES = load_phrases(shipped("prompts") / "phrases.yaml")
DESCRIPTION = (
    "Cold Quay is a 1985 film about Ada Thorne, a diver who finds a car in Whitby, leading her to a burnt map. "
    "She does not tell the police about it, until a gull called Nelson leads them to the quay."
)
TITLE = Title(
    id="t",
    kind="film",
    name="Cold Quay",
    language="en",
    credits=(Credit(name="Bea Lind", job="actor", billing=1, character="Ada Thorne"),),
    description=DESCRIPTION,
)


def test_shorter_versions_stand_under_the_name_of_their_slot_with_names_as_slots():
    found = slotted(TITLE, VOCABULARY)
    first, _ = (slot for slot in found.slots if slot.kind == "sentence")
    assert (
        first.text == "[CHARACTER_1], a diver, finds a car in [NAME_1], leading her to a burnt map"
    )
    assert [(slot.name, slot.text, slot.pointer) for slot in found.shorter] == [
        (first.name, "[CHARACTER_1], a diver, finds a car in [NAME_1]", "/description")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ada Thorne, a diver, finds a car in Whitby, leading her to a burnt map.",
        "Ada Thorne, a diver, finds a car in Whitby.",
    ],
)
def test_shorter_versions_are_quotations_of_their_fact(text: str):
    found = slotted(TITLE, VOCABULARY)
    slots = (*found.slots, *found.shorter, *found.forms)
    report = check(
        text, sources=Sources.of(TITLE, slots=slots, vocabulary=VOCABULARY, phrases=PHRASES)
    )
    assert report.findings == ()
    assert {span.fact for span in report.spans} <= {"/description", "/credits/0/character"}


def test_an_editors_own_events_are_not_cut():
    assert slotted(TITLE, VOCABULARY).shorter != ()
    own = Title(
        id="t",
        kind="film",
        name="Cold Quay",
        language="en",
        logline="A diver finds a car, which nobody has reported.",
    )
    assert slotted(own, VOCABULARY).shorter == ()
