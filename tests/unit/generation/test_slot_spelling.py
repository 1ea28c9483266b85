"""The grammar of slots, against a plain regular expression."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from genservice.generation.slot_spelling import Spelling
from tests.unit.generation.tiny_models import SLOTS

offered = st.frozensets(st.sampled_from(SLOTS), min_size=1)
texts = st.lists(
    st.sampled_from(
        [*(f"[{slot}]" for slot in SLOTS), "[", "]", "TITLE", "CAST_", "1", "2", "a ", "."]
    ),
    max_size=6,
).map("".join)
NAMES = re.compile(r"TITLE|LEAD|CAST_\d+")


def lawful(text, slots):
    names = re.findall(r"\[([A-Z_0-9]*)\]", text)
    rest = re.sub(r"\[[A-Z_0-9]*\]", "", text)
    once = all(names.count(slot) <= 1 for slot in names if not NAMES.fullmatch(slot))
    return set(names) <= slots and once and not re.search(r"[\[\]]", rest)


@given(offered, texts)
def test_a_text_is_complete_exactly_if_it_is_one_of_offered_slots_only(slots, text):
    spelling = Spelling(slots)
    place = spelling.advance(spelling.start, text)
    assert (place is not None and place.complete) == lawful(text, slots)


@given(offered, texts, st.integers(0, 40))
def test_a_text_leads_where_its_pieces_lead(slots, text, at):
    spelling = Spelling(slots)
    half = spelling.advance(spelling.start, text[:at])
    rest = spelling.advance(half, text[at:]) if half is not None else None
    assert rest == spelling.advance(spelling.start, text)


@given(offered, texts)
def test_wherever_a_text_stands_inside_a_slot_an_ending_completes_it(slots, text):
    spelling = Spelling(slots)
    place = spelling.advance(spelling.start, text)
    if place is not None and place.name is not None:
        endings = list(spelling.endings(place))
        assert endings
        for ending in endings:
            after = spelling.advance(place, ending)
            assert after is not None
            assert after.complete


def test_a_slot_whose_name_begins_with_another_can_be_spelled():
    spelling = Spelling({"CAST_1", "CAST_12"})
    place = spelling.advance(spelling.start, "[CAST_1")
    assert place is not None
    assert sorted(spelling.endings(place)) == ["2]", "]"]


def test_a_text_is_not_complete_before_it_said_what_it_must():
    spelling = Spelling({"TITLE", "GENRE"}, {"GENRE"})
    before = spelling.advance(spelling.start, "[TITLE].")
    after = spelling.advance(before, " A [GENRE].")
    assert not before.complete
    assert after.complete


def test_in_a_short_text_a_name_is_said_once():
    short, long = (Spelling({"TITLE"}, names_again=again) for again in (False, True))
    assert short.advance(short.start, "[TITLE]") is not None
    assert short.advance(short.start, "[TITLE] [TITLE]") is None
    assert long.advance(long.start, "[TITLE] [TITLE]") is not None


def test_a_slot_that_is_not_offered_cannot_be_asked_for():
    assert Spelling({"TITLE"}, {"LEAD"}).start.complete
