"""Which sentences of a story a brief offers, and in which length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from genservice.briefing import build
from genservice.briefing.build import Options
from genservice.catalog import load_vocabulary
from genservice.domain import Slot, Title
from genservice.shipped import shipped

if TYPE_CHECKING:
    from genservice.domain import Length, Purpose

VOCABULARY = load_vocabulary(shipped("catalogue"))
TITLE = Title(id="quay", kind="film", name="Cold Quay", language="en")
FULL = "A diver finds a car in the harbour of [NAME_1], which nobody has reported, while a cook in the next street burns a map of the town and of every cellar in it"
HALF = "A diver finds a car in the harbour of [NAME_1], which nobody has reported"
SHORT = "A diver finds a car in the harbour of [NAME_1]"


def sentence(name: str, text: str) -> Slot:
    return Slot(name=name, kind="sentence", text=text, pointer="/description")


NAMES = (
    Slot(name="TITLE", kind="title", text=TITLE.name, pointer="/name"),
    Slot(name="NAME_1", kind="name", text="Great Easterby-under-Sands", pointer="/description"),
)
LENGTHS = tuple(sentence("STORY_1", text) for text in (FULL, HALF, SHORT))


def offered(
    slots: tuple[Slot, ...],
    *,
    purpose: Purpose = "synopsis",
    length: Length = "medium",
    leaning: frozenset[str] = frozenset(),
) -> list[tuple[str, str]]:
    brief = build(
        TITLE,
        (*NAMES, *slots),
        (),
        Options(purpose=purpose, channel="detail", length=length),
        signals=(),
        vocabulary=VOCABULARY,
        occasions=(),
        reads_facts=frozenset({"title", "sentence"}),
        reads_signals=frozenset(),
        leaning=leaning,
    )
    return [(slot.name, slot.text) for slot in brief.slots if slot.kind == "sentence"]


@dataclass(frozen=True)
class Case:
    id: str
    purpose: Purpose
    length: Length
    text: str


CASES = [
    Case("all of it where there is room", "synopsis", "long", FULL),
    Case("less in a medium synopsis", "synopsis", "medium", HALF),
    Case("a promo keeps room for the title", "promo", "medium", HALF),
    Case("least in a short one", "synopsis", "short", SHORT),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_longest_version_that_fits_is_offered(case: Case):
    found = offered(LENGTHS, purpose=case.purpose, length=case.length)
    assert found == [("STORY_1", case.text)]


def test_names_count_as_what_they_stand_for():
    short = Slot(name="NAME_1", kind="name", text="Ey", pointer="/description")
    brief = build(
        TITLE,
        (NAMES[0], short, *LENGTHS),
        (),
        Options(purpose="synopsis", length="medium"),
        signals=(),
        vocabulary=VOCABULARY,
        occasions=(),
        reads_facts=frozenset({"sentence"}),
        reads_signals=frozenset(),
    )
    assert [slot.text for slot in brief.slots] == [FULL]


LEANS = sentence("STORY_2", "She tells nobody about it")


def test_a_leaning_sentence_comes_with_its_forerunner_where_there_is_room():
    slots = (*LENGTHS, LEANS)
    leaning = frozenset({"STORY_2"})
    assert offered(slots, length="long", leaning=leaning) == [
        ("STORY_1", FULL),
        ("STORY_2", LEANS.text),
    ]
    assert [name for name, _ in offered(slots, leaning=leaning)] == ["STORY_1"]


def test_a_leaning_sentence_never_comes_without_its_forerunner():
    endless = sentence("STORY_1", "A diver finds a car. " * 80)
    after = sentence("STORY_3", "A gull waits on the quay")
    found = offered((endless, LEANS, after), length="long", leaning=frozenset({"STORY_2"}))
    assert found == [("STORY_3", after.text)]
