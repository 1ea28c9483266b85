from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from genservice.briefing import build
from genservice.briefing.build import Options
from genservice.catalog import load_vocabulary, slotted
from genservice.catalog.parts import parts_in
from genservice.domain import Slot, StoryElement, Title
from genservice.shipped import shipped

VOCABULARY = load_vocabulary(shipped("catalogue"))


@dataclass(frozen=True)
class Case:
    id: str
    said: str
    who: str
    goal: str
    more: dict[str, str] = field(default_factory=dict[str, str])


CASES = [
    Case("must", "A diver must find a lost car", "a diver", "find a lost car"),
    Case("tries to", "A retired diver tries to raise a sunken ferry", "a retired diver", "raise a sunken ferry"),
    Case("many", "Two divers set out to raise a sunken ferry", "two divers", "raise a sunken ferry"),
    Case("a group", "A group of divers want to raise a sunken ferry", "a group of divers", "raise a sunken ferry"),
    Case("somebody with a name", "Ada Thorne, a diver from Hull, has to find a lost car", "a diver from Hull", "find a lost car"),
    Case("a trade before a name", "Retired detective Mo Hale must find a lost car", "a retired detective", "find a lost car"),
    Case("a name behind it", "A diver named Ada must find a lost car", "a diver", "find a lost car"),
    Case("one who", "An orphan who can talk to stone sets out to wake a giant", "an orphan who can talk to stone", "wake a giant"),
    Case("when", "When a ferry sinks, a diver must find a lost car", "a diver", "find a lost car"),
    Case("where", "In a small Welsh town, a diver must find a lost car", "a diver", "find a lost car", {"where": "in a small Welsh town"}),
    Case("until", "A diver tries to raise a ferry until a gull steals the map", "a diver", "raise a ferry", {"turn": "a gull steals the map"}),
    Case("cut at a clause", "A diver must find a lost car before the tide takes the quay and everything that is left on it", "a diver", "find a lost car"),
    Case("cut at a comma", "A diver must find a lost car, which nobody in the whole town has ever reported", "a diver", "find a lost car"),
    Case("and must", "A diver meets a cook and must find a lost car", "a diver", "find a lost car"),
    Case("on a quest", "A diver goes on a quest to find a lost car", "a diver", "find a lost car"),
    Case("a journey", "Two cooks travel to the coast to win a contest of soups", "two cooks", "win a contest of soups"),
    Case("little time", "A diver has three days to find a lost car", "a diver", "find a lost car"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_who_wants_what_is_taken_out_of_a_sentence(case: Case):
    found = {part.part: part.text for part in parts_in(case.said)}
    assert found == {"who": case.who, "goal": case.goal, **case.more}


@pytest.mark.parametrize(
    ("sentence", "plural"),
    [
        ("A diver must find a lost car", False),
        ("Two divers must find a lost car", True),
        ("A pair of divers must find a lost car", True),
    ],
)
def test_who_tells_its_number(sentence: str, *, plural: bool):
    assert parts_in(sentence)[0].plural is plural


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("A diver finds a lost car", id="nothing wanted"),
        pytest.param("A diver must find her father", id="somebody said before"),
        pytest.param("Two divers must save their school", id="theirs"),
        pytest.param("A diver must find it", id="it"),
        pytest.param("Ada must find a lost car", id="a name alone"),
        pytest.param("The diver must find a lost car", id="somebody spoken of before"),
        pytest.param("A diver must find the car", id="what was spoken of before"),
        pytest.param("A diver must not find a lost car", id="a negation"),
        pytest.param("A diver must choose between a lost car", id="half a pair"),
        pytest.param("A diver meets a cook who must find a lost car", id="another's aim"),
        pytest.param("A diver is forced to find a lost car", id="against the will"),
        pytest.param("A diver refuses to find a lost car", id="a refusal"),
        pytest.param("A diver must master earth, water, air and fire", id="a list"),
        pytest.param("A diver must go", id="too short"),
        pytest.param("A blind diver must find a lost car", id="what defines somebody"),
        pytest.param("A diver must survive a terminal disease", id="what is grave"),
        pytest.param("Miami reporter Mo Hale must find a lost car", id="a place before a trade"),
    ],
)
def test_no_parts_are_taken_where_there_is_a_doubt(sentence: str):
    assert parts_in(sentence) == ()


def test_times_and_states_are_no_places():
    for opening in (
        "In 1950",
        "In a hot summer",
        "In an attempt to win",
        "On a stormy night",
        "At his home",
    ):
        found = {part.part for part in parts_in(f"{opening}, a diver must find a lost car")}
        assert found == {"who", "goal"}


# -- in a title's slots and briefs -----------------------------------------------------------------

MUST = "In a small Welsh town, a diver must find a lost car in Bangor, while a gull steals the map."
TITLE = Title(
    id="t",
    kind="film",
    name="Cold Quay",
    language="en",
    description=f"{MUST} She tells nobody about it.",
)
PARTS = frozenset({"who", "goal", "turn", "where"})


def parts_of(title: Title) -> list[tuple[str, str, str]]:
    return [
        (slot.name, slot.text, slot.pointer)
        for slot in slotted(title, VOCABULARY).slots
        if slot.kind in PARTS
    ]


def test_parts_are_slots_with_names_in_slots_and_point_to_their_sentence():
    assert parts_of(TITLE) == [
        ("WHO", "a diver", "/description"),
        ("GOAL", "find a lost car in [NAME_1]", "/description"),
        ("WHERE", "in a small Welsh town", "/description"),
    ]


def test_a_logline_is_asked_before_the_description():
    title = Title(
        id="t",
        kind="film",
        name="Cold Quay",
        language="en",
        logline="Two cooks must win a contest.",
        description=MUST,
    )
    assert parts_of(title) == [
        ("WHO_PL", "two cooks", "/logline"),
        ("GOAL", "win a contest", "/logline"),
    ]


def test_a_record_that_says_who_wants_what_is_not_added_to():
    story = (StoryElement(text="find a lost boat", part="goal"),)
    title = Title(
        id="t", kind="film", name="Cold Quay", language="en", story=story, description=MUST
    )
    assert parts_of(title) == [("GOAL", "find a lost boat", "/story/0/text")]


def test_a_sentence_that_leans_gives_no_parts():
    description = "It grossed $2 million. Then a diver must find a lost car."
    title = Title(id="t", kind="film", name="Cold Quay", language="en", description=description)
    assert parts_of(title) == []


def offered(options: Options, title: Title = TITLE) -> set[str]:
    found = slotted(title, VOCABULARY)
    brief = build(
        title,
        found.slots,
        (),
        options,
        signals=(),
        vocabulary=VOCABULARY,
        occasions=(),
        reads_facts=PARTS | {"sentence"},
        reads_signals=frozenset(),
        leaning=frozenset(found.leaning),
    )
    return {slot.name for slot in brief.slots}


def test_a_promo_gets_the_parts_and_a_synopsis_the_sentences_they_came_from():
    assert offered(Options(purpose="promo")) == {"WHO", "GOAL", "WHERE"}
    assert offered(Options(purpose="synopsis")) == {"LOGLINE"}
    assert offered(Options(purpose="promo", length="long")) == {"LOGLINE"}


def test_parts_of_an_editors_record_go_with_the_description():
    story = (
        StoryElement(text="a cook", part="who"),
        StoryElement(text="win a contest", part="goal"),
    )
    title = Title(
        id="t", kind="film", name="Cold Quay", language="en", story=story, description=MUST
    )
    assert offered(Options(purpose="synopsis")) == {"LOGLINE"}
    assert offered(Options(purpose="synopsis"), title) == {"WHO", "GOAL", "LOGLINE"}


def test_a_slot_is_kept_for_each_part_only_once():
    names = [slot.name for slot in slotted(TITLE, VOCABULARY).slots]
    assert len(names) == len(set(names))
    assert (
        Slot(name="WHO", kind="who", text="a diver", pointer="/description")
        in slotted(TITLE, VOCABULARY).slots
    )
