"""Each figure says what it counts, and would say otherwise of other records."""

from __future__ import annotations

import csv
import io
from random import Random

import msgspec
import pytest

from genservice.domain import EditorialText, Title
from genservice.evaluation import Candidate, Known, Record, Share, blind, figures, openings, rows

GOOD = Record(
    title="cold-quay",
    purpose="promo",
    tone="plain",
    limit=90,
    angle=("GENRE",),
    available=8,
    candidates=(Candidate(raw="A [GENRE]: [TITLE]."), Candidate(raw="[TITLE]: a [GENRE].")),
    text="A drama: Cold Quay.",
    source="written",
    follows=True,
    stated=2,
)


def record(**changes):
    return msgspec.structs.replace(GOOD, **changes)


def found(*kinds: str):
    return (Candidate(raw="x", findings=kinds), Candidate(raw="y"))


def test_texts_without_a_fault_meet_every_aim():
    measured = figures([GOOD] * 3)
    assert all(row.met for row in rows(measured, None) if row.met is not None)
    assert measured.stated == {"short": 0.25}
    assert measured.copies is None


@pytest.mark.parametrize(
    ("bad", "figure"),
    [
        (record(candidates=found("unsupported")), "claims_before"),
        (record(candidates=found("name", "role")), "claims_before"),
        (record(findings=("number",)), "claims_after"),
        (record(candidates=found("slot")), "slots_before"),
        (record(findings=("bracket",)), "slots_after"),
        (record(source="twin", reason="check_failed", follows=False), "twins"),
        (record(text=""), "unanswered"),
    ],
    ids=["claim", "name", "claim served", "slot", "slot served", "twin", "nothing"],
)
def test_a_fault_is_counted_once_where_it_belongs(bad, figure):
    measured = figures([GOOD, bad])
    faults = ("claims_before", "claims_after", "slots_before", "slots_after", "twins", "unanswered")
    counts = {name: getattr(measured, name).count for name in faults}
    assert counts == {name: int(name == figure) for name in faults}


def test_candidates_that_fail_for_any_reason_do_not_pass():
    measured = figures([GOOD, record(candidates=found("length"))])
    assert (measured.passed.count, measured.passed.of) == (3, 4)
    assert measured.kinds == {"length": 1}


def test_a_text_over_its_limit_is_not_within():
    assert figures([GOOD, record(text="x" * 91)]).within.count == 1


def test_only_orders_with_an_angle_can_follow_one_or_miss_it():
    measured = figures([GOOD, record(follows=False), record(angle=(), follows=False)])
    assert (measured.follows.count, measured.follows.of) == (1, 2)


def test_facts_are_counted_by_the_room_there_was():
    measured = figures([GOOD, record(limit=180, stated=4), record(limit=1200, stated=8)])
    assert measured.stated == {"short": 0.25, "medium": 0.5, "long": 1.0}


def test_the_interval_of_a_share_is_wilson_s():
    # Newcombe (1998, Statistics in Medicine 17, 857-872), table I, method 3.
    share = Share.where([True] * 81 + [False] * 182)
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)
    none = Share.where([False] * 29 + [True])
    assert (round(none.low, 4), round(none.high, 4)) == (0.0059, 0.1667)
    assert Share.where([]).share == 0


def test_texts_differ_by_their_first_four_words_and_by_their_pairs():
    same = ["One two three four five.", "One two three four six."]
    other = ["Two doors down the lane.", "One two three four six."]
    measured = openings([same, other])
    assert measured.different == (1, 2)
    assert measured.texts == 2
    assert measured.distinct_1 == round((6 / 10 + 9 / 10) / 2, 3)
    assert openings([]).different == ()


KNOWN = Known(["[WHO] must [GOAL]. Then [TURN]. A [GENRE]. [TITLE].", "Lights down. [TITLE]."])


@pytest.mark.parametrize(
    ("raw", "near"),
    [
        ("[WHO] must [GOAL]. Then [TURN]. A [GENRE]. [TITLE].", True),
        ("[WHO] must [GOAL]. Then [TURN]. A [GENRE]. Watch [TITLE].", False),
        ("[WHO] must [GOAL]. Before long, [TURN]. A [GENRE]. [TITLE].", False),
        ("Lights down. [TITLE].", False),
        ("A [GENRE]. [TITLE].", False),
    ],
)
def test_a_near_copy_goes_on_as_one_training_text_does(raw, near):
    assert KNOWN.near(raw) == near
    assert figures([record(candidates=(Candidate(raw=raw),))], KNOWN).copies.count == near


def test_a_blind_sheet_tells_nobody_who_wrote_what():
    text = EditorialText(language="en", length="short", text="A pilot comes home.")
    title = Title(id="cold-quay", kind="film", name="Cold Quay", language="en", texts=(text,))
    sheet, key = io.StringIO(), io.StringIO()
    blind([GOOD, record(text="")], {"cold-quay": title}, Random(1), sheet, key)
    lines = list(csv.DictReader(io.StringIO(sheet.getvalue())))
    by = {row["number"]: row["written by"] for row in csv.DictReader(io.StringIO(key.getvalue()))}
    assert "model" not in sheet.getvalue()
    assert {(line["text"], by[line["number"]]) for line in lines} == {
        ("A drama: Cold Quay.", "model"),
        ("A pilot comes home.", "editor"),
    }
