"""Marked texts beside findings: what is counted, and what it comes to."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.domain import Title
from genservice.errors import DocumentError
from genservice.evaluation.guarding import (
    Labelled,
    Named,
    Span,
    Stretch,
    judge,
    kind_of,
    kind_of_finding,
    measured,
    names_in,
    names_kept,
    read_labelled,
    read_lines,
)
from genservice.evaluation.guarding.report import tables, told
from genservice.privacy import TYPES, Finding


def finding(start: int, end: int, type_: str = "PERSON") -> Finding:
    return Finding(start=start, end=end, type=type_, score=0.5)


def labelled(text: str, *spans: tuple[int, int, str], **more) -> Labelled:
    return Labelled(
        text=text, side="viewer", spans=tuple(Span(*span) for span in spans), line=1, **more
    )


EMMA = labelled("for Emma Watkins in Leeds", (4, 16, "PERSON"), (20, 25, "CITY"))


def test_a_span_is_found_when_half_of_it_is():
    assert [each.found for each in judge(EMMA, [finding(4, 10)]).met] == [False, False]
    assert [each.found for each in judge(EMMA, [finding(4, 11)]).met] == [True, False]


def test_two_findings_together_find_a_span():
    text = judge(EMMA, [finding(4, 8), finding(9, 16, "OPAQUE")])
    assert text.met[0].found
    assert (text.spans.right, text.spans.claimed) == (2, 2)


def test_a_finding_is_right_when_half_of_it_is_marked():
    assert judge(EMMA, [finding(0, 16)]).claims[0].right
    assert judge(EMMA, [finding(9, 19)]).claims[0].right
    assert not judge(EMMA, [finding(0, 5)]).claims[0].right


def test_one_finding_over_everything_is_no_way_to_be_right():
    line = labelled("a long text that names nobody but at the end Emma", (45, 49, "PERSON"))
    text = judge(line, [finding(0, 49)])
    assert text.met[0].found
    assert not text.claims[0].right
    assert [miss.what for miss in text.misses] == ["wrong"]


def test_exact_means_both_ends():
    text = judge(EMMA, [finding(4, 16), finding(19, 25, "LOCATION")])
    assert (text.exact.found, text.exact.marked, text.exact.claimed) == (1, 2, 2)
    assert text.spans.found == 2


def test_full_stops_and_spaces_count_for_nothing():
    line = labelled("Emma. ", (0, 4, "PERSON"))
    text = judge(line, [finding(0, 6)])
    assert text.claims[0].right
    assert (text.letters.right, text.letters.claimed) == (4, 4)


def test_a_finding_of_nothing_but_full_stops_is_wrong():
    assert [each.right for each in judge(labelled("well ..."), [finding(5, 8)]).claims] == [False]


def test_what_is_free_counts_for_nothing_either_way():
    line = labelled("my daughter Emma", (12, 16, "PERSON"), free=(Stretch(0, 11),))
    for found in ([finding(0, 16, "FAMILY")], [finding(12, 16)], [finding(0, 11), finding(12, 16)]):
        text = judge(line, found)
        assert (text.spans.right, text.spans.claimed) == (1, 1)
        assert text.words.right == text.words.claimed == text.words.marked == 1
        assert not text.misses


def test_what_must_be_kept_is_kept_only_if_nothing_touches_it():
    line = labelled("like The Great Escape, Emma", (23, 27, "PERSON"), kept=(Stretch(5, 21),))
    assert judge(line, [finding(23, 27)]).kept == (True,)
    text = judge(line, [finding(20, 27)])
    assert text.kept == (False,)
    assert [(miss.what, miss.start) for miss in text.misses] == [("touched", 20)]


def test_types_are_told_by_kind_and_labels_by_anybody():
    text = judge(EMMA, [finding(4, 16, "FAMILY"), finding(20, 25, "PERSON")])
    assert [(each.found, each.named) for each in text.met] == [(True, True), (True, False)]


def test_a_label_that_nobody_knows_counts_whatever_is_found_there():
    text = judge(labelled("so WOMBAT 12", (3, 12, "WOMBAT")), [finding(3, 12, "OPAQUE")])
    assert text.met[0].found
    assert text.met[0].named is None
    (entity,) = measured([text]).entities
    assert (entity.kind, entity.named) == (None, None)


@pytest.mark.parametrize(
    ("label", "kind"),
    [("GPE", "LOCATION"), ("LOC", "LOCATION"), ("city", "LOCATION"), ("STREET_ADDRESS", "ADDRESS"),
     ("street address", "ADDRESS"), ("B-PER", "PERSON"), ("per", "PERSON"), ("first-name", "PERSON"),
     ("ORG", "ORGANIZATION"), ("dob", "DATE_OF_BIRTH"), ("US_SSN", "ID"), ("National ID", "ID"), ("IBAN", "ACCOUNT"),
     ("TITLE", None), ("", None)],
)  # fmt: skip
def test_labels_of_others_are_known_by_what_they_mean(label: str, kind: str | None):
    assert kind_of(label) == kind


def test_every_type_the_guard_finds_is_of_a_kind_or_says_nothing_of_what_it_found():
    silent = {type_ for type_ in TYPES if kind_of_finding(type_) is None}
    assert silent == {"OPAQUE", "OTHER_SCRIPT", "DENY_TERM"}


def test_f2_is_four_times_as_hard_on_a_miss():
    texts = [judge(EMMA, [finding(4, 16), finding(0, 3), finding(17, 19)])]
    score = measured(texts).spans
    assert (score.precision.count, score.precision.of) == (1, 3)
    assert (score.recall.count, score.recall.of) == (1, 2)
    assert score.f2 == pytest.approx(5 * (1 / 3) * (1 / 2) / (4 / 3 + 1 / 2))


def test_nothing_marked_has_no_f2_and_nothing_found_has_f2_zero():
    assert measured([judge(labelled("nothing"), [])]).spans.f2 is None
    assert measured([judge(EMMA, [])]).spans.f2 == 0.0


def test_groups_are_ranked_by_the_persons_found_in_them():
    lines = [
        (labelled("Emma", (0, 4, "PER"), group="a"), [finding(0, 4)]),
        (labelled("Emma", (0, 4, "PER"), group="b"), []),
        (labelled("Emma in Leeds", (0, 4, "PER"), (8, 13, "GPE"), group="b"), [finding(0, 4)]),
        (labelled("Emma", (0, 4, "PER")), []),
    ]
    found = measured([judge(*line) for line in lines])
    assert [(group.group, group.found.share) for group in found.groups] == [("a", 1.0), ("b", 0.5)]
    assert found.gap == 50.0


def test_texts_with_nothing_in_them_are_counted_by_whether_they_are_left_alone():
    found = measured(
        [judge(labelled("calm"), []), judge(labelled("calm"), [finding(0, 4)]), judge(EMMA, [])]
    )
    assert (found.untouched.count, found.untouched.of) == (1, 2)


@st.composite
def marked_texts(draw) -> tuple[Labelled, list[Finding]]:
    text = draw(st.text(alphabet="ab .é7", max_size=30))
    if not text:
        return labelled(text), []

    def stretch(draw=draw):
        start = draw(st.integers(0, len(text) - 1))
        return start, draw(st.integers(start + 1, len(text)))

    spans = [(*stretch(), "PERSON") for _ in range(draw(st.integers(0, 3)))]
    free = tuple(Stretch(*stretch()) for _ in range(draw(st.integers(0, 2))))
    return labelled(text, *spans, free=free), [
        finding(*stretch()) for _ in range(draw(st.integers(0, 3)))
    ]


@given(marked_texts())
def test_no_figure_is_more_than_everything(case):
    text = judge(*case)
    for tally in (text.spans, text.exact, text.words, text.letters):
        assert 0 <= tally.found <= tally.marked
        assert 0 <= tally.right <= tally.claimed


@given(marked_texts())
def test_findings_that_are_the_marks_are_always_all_right(case):
    line, _ = case
    spans = [
        span
        for span in line.spans
        if any(letter.isalnum() for letter in line.text[span.start : span.end])
    ]
    line = msgspec.structs.replace(line, spans=tuple(spans), free=())
    text = judge(line, [finding(span.start, span.end) for span in spans])
    assert not text.misses
    assert text.letters.right == text.letters.claimed == text.letters.marked


def lines(*said: str) -> list[bytes]:
    return [each.encode() for each in said]


def test_a_marked_line_is_read_with_everything_it_says():
    raw = lines(
        '{"text": "for Emma", "side": "output", "spans": [{"start": 4, "end": 8, "label": "PER"}], "group": "g"}'
    )
    (line,) = read_labelled(raw, file="x")
    assert line == Labelled(
        text="for Emma", side="output", spans=(Span(4, 8, "PER"),), group="g", line=1
    )


@pytest.mark.parametrize(
    ("line", "detail"),
    [('{"text": "secret", "spans": [{"start": 0, "end": 9, "label": "PER"}]}', "spans[0] lies outside"),
     ('{"text": "secret", "spans": [{"start": 3, "end": 3, "label": "PER"}]}', "spans[0] lies outside"),
     ('{"text": "secret", "kept": [{"start": -1, "end": 3}]}', "kept[0] lies outside"),
     ('{"text": "secret", "kept": [{"start": 0, "end": 3}], "spans": [{"start": 2, "end": 4, "label": "PER"}]}',
      "kept[0] is personal data too"),
     ('{"text": "secret", "spans": [{"start": "secret", "end": 4, "label": "PER"}]}', "Expected `int`"),
     ('{"text": "secret", "spans": [[0, 4, "secret"]]}', "Expected `object`"),
     ('{"text": "secret", "side": "secret"}', "side is none of")],
)  # fmt: skip
def test_a_marked_line_that_is_wrong_is_named_without_its_words(line: str, detail: str):
    with pytest.raises(DocumentError) as caught:
        list(read_labelled(lines('{"text": ""}', line), file="marks.jsonl"))
    assert str(caught.value).startswith("marks.jsonl:2: ")
    assert detail in str(caught.value)
    assert "secret" not in str(caught.value)


def test_marks_do_not_matter_where_only_texts_are_read():
    raw = lines('{"text": "for Emma", "spans": [[4, 8]]}')
    assert list(read_lines(raw, file="x", side="title")) == [("for Emma", "title")]


def title(**more) -> Title:
    return msgspec.convert({"id": "t", "kind": "film", "language": "en", **more}, Title)


def test_names_are_sought_whole_and_the_longest_counts():
    film = title(
        name="Nora",
        credits=[{"name": "Ann Lee", "job": "actor", "character": "Nora"}],
        description="Nora Lane stars Ann Lee as Nora, not Noras or Ann Leeds.",
        also_named=["Nora Lane"],
    )
    assert names_in(film) == (Named(0, 9, "title"), Named(16, 23, "person"), Named(27, 31, "title"))


def test_a_name_is_kept_if_no_finding_touches_it():
    names = (Named(0, 4, "title"), Named(10, 14, "person"), Named(20, 24, "person"))
    kept = names_kept([(names, [finding(12, 16, "URL"), finding(30, 33, "AGE")])])
    assert {kind: (share.count, share.of) for kind, share in kept.kept.items()} == {
        "title": (1, 1),
        "person": (1, 2),
    }
    assert (kept.all.count, kept.all.of) == (2, 3)
    assert kept.findings == {"URL": 1, "AGE": 1}
    assert kept.touching == {"URL": 1}


def test_what_is_told_holds_no_text():
    figures = measured([judge(EMMA, [finding(4, 16), finding(0, 3)])])
    said = msgspec.json.encode(told(figures)).decode()
    assert "Emma" not in said
    assert told(figures)["spans"]["recall"]["share"] == 0.5
    assert [table.title for table in tables({"a.jsonl": figures})] == [
        "Whatever the type",
        "Recall, a.jsonl",
        "Precision, a.jsonl",
    ]
