from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from genservice.prompting.compact import compact, shown
from tests.unit.composition.making import HARBOUR, SPARSE, brief, slot


@dataclass(frozen=True)
class Case:
    id: str
    options: dict[str, object]
    prompt: str


CASES = [
    Case(
        "everything a tile has room for",
        {"channel": "tile", "length": "short", "tone": "tense", "angle": ("GENRE",)},
        "promo tile 90 tense season | angle [GENRE] crime | [TITLE] 2 [LEAD] 1 [CAST_2] 2"
        " [DIRECTOR] 2 [CHARACTER_1] 1 [PLACE] 1 [PERIOD] 1 [YEAR] [KIND] [GENRE] crime"
        " [MOOD] tense [THEME] grief [PACE] slow_burn [WHO] 3 [GOAL] 3"
        " [LOGLINE] 6 [STORY_1] 4 | write",
    ),
    Case(
        "a sparse title without signals",
        {"texts": SPARSE, "terms": {"GENRE": "horror"}, "kind": "film", "purpose": "synopsis"},
        "synopsis email 180 plain film | angle none | [TITLE] 1 [LEAD] 1 [YEAR] [GENRE] horror"
        " | write",
    ),
    Case(
        "slots that only the angle brings in",
        {"texts": {"TITLE": "Marrow"}, "angle": ("OCCASION", "MINUTES"), "kind": "film"},
        "promo email 180 plain film | angle [OCCASION] 2 [MINUTES]"
        " | [TITLE] 1 [OCCASION] 2 [MINUTES] | write",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_brief_reads_as_one_line(case: Case):
    assert compact(brief(**case.options)) == case.prompt


def test_free_text_and_names_never_reach_the_prompt():
    prompt = compact(brief())
    for text in ("Harbour", "Vale", "pilot", "dead", "Whitby", "1980s", "2024"):
        assert text not in prompt


def test_a_disliked_theme_is_not_told():
    made = msgspec.structs.replace(brief(), shun=("grief",))
    assert "[THEME]" not in compact(made)
    assert "[MOOD] tense" in compact(made)


def test_what_cannot_fit_is_not_told_and_a_story_is_not_taken_up_in_the_middle():
    texts = HARBOUR | {"STORY_1": "x" * 120}
    names = {told.name for told in shown(brief(texts, channel="tile"))}
    assert not {"STORY_1", "STORY_2"} & names
    long = brief(texts, channel="detail", length="long")
    assert {"STORY_1", "STORY_2"} <= {told.name for told in shown(long)}


@pytest.mark.parametrize("channel", ["tile", "push", "home_row", "email"])
@pytest.mark.parametrize("purpose", ["promo", "synopsis"])
def test_parts_of_a_story_are_told_only_where_they_fit_together(purpose, channel):
    made = brief(purpose=purpose, channel=channel)
    told = {slot.name: len(slot.text) for slot in shown(made)}
    title = len(HARBOUR["TITLE"]) if purpose == "promo" else 0
    for chain in (("WHO", "GOAL", "WHERE"), ("WHO", "GOAL", "TURN")):
        assert title + sum(told.get(name, 0) for name in chain) <= made.limit
    assert "WHO" in told


def test_the_title_is_told_however_long_it_is():
    assert "[TITLE] 9" in compact(brief({"TITLE": "x" * 88}, channel="tile"))


def test_names_inside_free_text_count_with_their_own_length():
    bare = brief({"TITLE": "Marrow", "LOGLINE": "x" * 18})
    held = brief({"TITLE": "Marrow", "LOGLINE": "[NAME_1]" + "x" * 18})
    held = msgspec.structs.replace(held, inner=(slot("NAME_1", "Y" * 30),))
    assert "[LOGLINE] 2" in compact(bare)
    assert "[LOGLINE] 5" in compact(held)


def test_a_place_that_the_setting_already_names_is_not_told_twice():
    texts = HARBOUR | {"WHERE": "on the quays of [PLACE]"}
    assert "[PLACE]" not in compact(brief(texts))


def test_every_purpose_but_synopses_is_written_as_a_promo():
    assert compact(brief(purpose="advertising")).startswith("promo ")


def test_parts_of_names_and_second_goals_are_not_told():
    made = brief()
    surname = msgspec.structs.replace(made.slots[1], name="LEAD_LAST", text="Vale")
    more = (slot("GOAL_2", "sell the boat"), surname)
    assert compact(msgspec.structs.replace(made, slots=made.slots + more)) == compact(made)
