"""What holds for every text: nothing new on a second reading, slots untouched, spans that fit."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genservice.privacy import SIDES, TYPES, Finding, Side
from genservice.privacy.folding import BLANK, blanks, fold
from genservice.privacy.screening import OVERLAP, WINDOW, resolve, screen, windows
from tests.unit.privacy.engines import Answering, Plain

SLOTS = ("[TITLE]", "[LEAD]", "[CAST_2]", "[CHARACTER_12]", "[WHO_PL]", "[STORY_1]", "[GENRE_2]")
PIECES = (
    *SLOTS,
    *(f"<{type_}>" for type_ in TYPES),
    "Emma", "emma", "my daughter ", "Thornbury", "Dr. ", "van ", "jr.", "I'm 34", "born ", "3 May 1988",
    "emma@example.com", "@emma_s", "07700 900123", "4111 1111 1111 1111", "GB82WEST12345698765432",
    "https://example.com/u", "192.168.1.1", "12 Harbour Street", "yo21 3pu", "account 12345678", "1994-2004",
    "[EMMA]", "<EMMA>", "мой", "Ｅｍｍａ", "e\u0301", "\u200b", "\x00", "\ud800", "\n", " ", " ", ". ", ", ",
    ": ", '"', "'s", "-", "slow-burn crime ", "Grace ", "the ", "5", "BBC ",
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=12).map("".join)
thorough = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(text=texts, side=st.sampled_from(SIDES))
@thorough
def test_screening_what_was_screened_changes_nothing(text: str, side: Side, engine):
    once = screen(text, side, engine=engine)
    twice = screen(once.text, side, engine=engine)
    assert twice.text == once.text
    assert twice.findings == ()


@given(text=texts, side=st.sampled_from(SIDES))
@thorough
def test_findings_are_spans_of_the_text_that_came_in(text: str, side: Side, engine):
    screening = screen(text, side, engine=engine)
    end, rebuilt = 0, ""
    for finding in screening.findings:
        assert end <= finding.start < finding.end <= len(text)
        rebuilt += f"{text[end : finding.start]}<{finding.type}>"
        end = finding.end
    rebuilt += text[end:]
    assert len(rebuilt) == len(screening.text)
    assert all(a in (b, "\ufffd") for a, b in zip(screening.text, rebuilt, strict=True))
    screening.text.encode()


@given(text=texts, side=st.sampled_from(SIDES))
@thorough
def test_slots_and_place_holders_are_never_reported(text: str, side: Side, engine):
    screening = screen(text, side, engine=engine)
    for start, end in blanks(text):
        assert not any(f.start < end and start < f.end for f in screening.findings)
    assert all(screening.text.count(slot) >= text.count(slot) for slot in SLOTS)


@given(text=st.text(max_size=40).map(lambda piece: piece * 3), cut=st.integers(0, 5))
def test_every_folded_character_knows_where_it_came_from(text: str, cut: int):
    folded = fold(text)
    for start in range(0, len(folded.text), cut + 1):
        for end in range(start + 1, min(start + 4, len(folded.text)) + 1):
            first, last = folded.written(start, end)
            assert 0 <= first < last <= len(text)


@given(st.lists(st.sampled_from(["word", "a", "\n", "x" * 900, BLANK * 50]), max_size=900))
def test_windows_cover_every_text_and_grow_no_longer_than_allowed(words: list[str]):
    text = " ".join(words)
    spans = list(windows(text))
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(end - start <= WINDOW for start, end in spans)
    for (start, end), (after, _) in itertools.pairwise(spans):
        assert start < after <= end - OVERLAP


def test_a_long_text_is_read_to_the_end_and_across_every_seam(engine):
    word = "calm "
    for at in (*range(WINDOW - 60, WINDOW + 5, 7), 100_000):
        text = word * (at // len(word)) + "mail emma@example.com or 07700 900123"
        found = screen(text, "viewer", engine=engine).findings
        assert [finding.type for finding in found] == ["EMAIL_ADDRESS", "PHONE_NUMBER"]


@dataclass(frozen=True)
class Odd:
    id: str
    text: str
    shown: str


ODD = (
    Odd("nothing", "", ""),
    Odd("space", " \n\t ", " \n\t "),
    Odd("NUL", "a\x00b", "a\ufffdb"),
    Odd("control characters", "a\x1b[0m\x7f", "a\ufffd[0m\ufffd"),
    Odd("lone surrogates", "a\ud800 \udfff", "a\ufffd \ufffd"),
    Odd("a name around NUL", "em\x00ma", "<PERSON>"),
    Odd("emoji", "crime 🕵️\u200d♀️ please", "crime 🕵️\u200d♀️ please"),
    Odd("right to left", "\u202eemma\u202c ", "\u202e<PERSON> "),
    Odd("ligature", "a ﬁlm for eﬀort", "a ﬁlm for eﬀort"),
    Odd("unassigned", "\U000e0fff \ufdd0", "\U000e0fff \ufdd0"),
    Odd("slots only", "[TITLE] [LEAD]", "[TITLE] [LEAD]"),
)


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.id) for odd in ODD])
def test_odd_text_has_a_defined_answer(odd: Odd, engine):
    screening = screen(odd.text, "viewer", engine=engine)
    assert screening.text == odd.shown
    screening.text.encode()


def test_overlapping_findings_become_one_that_covers_both():
    def finding(start: int, end: int, type_: str, score: float) -> Finding:
        return Finding(start=start, end=end, type=type_, score=score)

    text = "Whitby YO21 3PU, Emma  Vale"
    resolved = resolve(
        [
            finding(0, 9, "PERSON", 0.6),
            finding(7, 15, "ADDRESS", 0.5),
            finding(17, 21, "PERSON", 0.9),
            finding(23, 27, "PERSON", 0.4),
        ],
        text,
    )
    assert resolved == (finding(0, 15, "ADDRESS", 0.6), finding(17, 27, "PERSON", 0.9))


def test_what_shows_only_once_something_else_is_gone_is_found_too():
    engine = Answering(
        answer=lambda text: (
            Plain(words=("emma",)).find(text, "viewer")
            if "emma" in text
            else Plain(words=("vale",)).find(text, "viewer")
        )
    )
    screening = screen("emma, vale", "viewer", engine=engine)
    assert screening.text == "<PERSON>, <PERSON>"
    assert [(finding.start, finding.end) for finding in screening.findings] == [(0, 4), (6, 10)]


def test_a_finding_across_a_slot_leaves_the_slot_standing():
    def whole(text: str) -> list[Finding]:
        return [Finding(start=0, end=len(text), type="ADDRESS", score=0.5)] if "a" in text else []

    text = "a lane [PLACE] <PERSON>, [CAST_2]at sea"
    screening = screen(text, "output", engine=Answering(answer=whole))
    assert screening.text == "<ADDRESS> [PLACE] <PERSON><ADDRESS> [CAST_2]<ADDRESS>"
    assert [text[f.start : f.end] for f in screening.findings] == ["a lane", ",", "at sea"]
