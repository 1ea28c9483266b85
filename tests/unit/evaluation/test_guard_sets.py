"""The marked texts that the guard is measured on: what they hold is what was marked."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from benchmarks.guard.building import build, groups
from benchmarks.guard.marking import FOLDER, LABELS, lines_of, marked
from benchmarks.guard.public import convert
from genservice.evaluation.guarding import kind_of, read_labelled

FILES = build()


def read(name: str):
    return list(read_labelled(FILES[name].encode().splitlines(), file=name))


def test_marks_become_offsets():
    line = marked("ask [Will|per], {my mate}, about <Her>")
    assert line["text"] == "ask Will, my mate, about Her"
    places = [(each, line["text"][each["start"] : each["end"]]) for each in line["spans"]]
    assert places == [({"start": 4, "end": 8, "label": "PERSON"}, "Will")]
    assert [line["text"][each["start"] : each["end"]] for each in line["free"]] == ["my mate"]
    assert [line["text"][each["start"] : each["end"]] for each in line["kept"]] == ["Her"]


@pytest.mark.parametrize(
    "line", ["ask [Will|per", "ask [Will]", "ask [Will|who]", "ask {Will", "a < b"]
)
def test_a_mark_that_is_not_right_is_refused(line: str):
    with pytest.raises(ValueError, match=re.escape(line.partition("ask ")[2] or line)):
        marked(line)


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_those_that_the_marks_make(name: str):
    assert (FOLDER / name).read_text("utf-8") == FILES[name]


@pytest.mark.parametrize("source", ["viewer.txt", "identifiers.txt"])
def test_every_marked_word_is_where_the_file_says(source: str):
    lines = read(source.replace(".txt", ".jsonl"))
    sources = list(lines_of(source))
    assert len(lines) == len(sources)
    for line, said in zip(lines, sources, strict=True):
        words = re.findall(r"\[([^]|]+)\|([a-z]+)\]", said)
        assert [(line.text[span.start : span.end], span.label) for span in line.spans] == [
            (word, LABELS[label]) for word, label in words
        ]


@pytest.mark.parametrize("name", FILES)
def test_no_text_stands_twice(name: str):
    counts = Counter(line.text for line in read(name))
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", FILES)
def test_every_label_is_of_a_kind(name: str):
    assert {
        span.label for line in read(name) for span in line.spans if not kind_of(span.label)
    } == set()


def test_the_sets_are_as_large_as_their_figures_need():
    viewer, identifiers = read("viewer.jsonl"), read("identifiers.jsonl")
    assert len(viewer) >= 600
    assert sum(not line.spans for line in viewer) >= 200
    assert len(identifiers) >= 250
    assert sum(not line.spans for line in identifiers) >= 60


def test_every_group_of_names_stands_in_the_same_sentences_equally_often():
    lines = read("names.jsonl")
    bare: dict[str, Counter[str]] = {name: Counter() for name in groups()}
    for line in lines:
        (span,) = line.spans
        assert line.group is not None
        around = f"{line.text[: span.start]}_{line.text[span.end :]}".lower()
        bare[line.group][around] += 1
    assert len(bare) >= 14
    first, *others = bare.values()
    assert sum(first.values()) == 120
    assert all(other == first for other in others)


def test_names_differ_within_their_group():
    for group, names in groups().items():
        assert len(names) == 16, group
        for part in (0, 1):
            assert len({name[part] for name in names}) == 16, group


def test_public_sets_keep_their_spans_and_leave_open_what_is_not_personal(tmp_path):
    path = tmp_path / "wnut17-train" / "emerging.dev.conll"
    path.parent.mkdir()
    path.write_text(
        "@\tB-person\nemma_w\tB-person\nsaw\tO\nEmma\tB-person\nWatkins\tI-person\nin\tO\n"
        "Up\tB-creative-work\n!\tO\n\nhttp://t.example\tO\nLeeds\tB-location\n",
        "utf-8",
    )
    (file,) = convert(tmp_path, tmp_path / "out")
    one, two = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert one["text"] == "@emma_w saw Emma Watkins in Up!"
    words = [(one["text"][each["start"] : each["end"]], each["label"]) for each in one["spans"]]
    assert words == [("@emma_w", "HANDLE"), ("Emma Watkins", "PERSON")]
    assert [one["text"][each["start"] : each["end"]] for each in one["free"]] == ["Up"]
    assert (two["text"], len(two["free"]), two["spans"][0]["label"]) == (
        "http://t.example Leeds",
        1,
        "LOCATION",
    )
