"""YAML is read as it shows, and whatever is wrong is named with its place."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.documents import MAX_BYTES, parse, read, suggestion
from genservice.errors import DocumentError


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    expected: str


BROKEN = [
    Case(
        "a key that stands twice",
        "a: 1\na: 2\n",
        "f.yaml:2:1: the key 'a' stands twice here (keep one of them)",
    ),
    Case(
        "an anchor",
        "a: &x 1\nb: *x\n",
        "f.yaml:1:4: anchors and aliases are not allowed (write the value out)",
    ),
    Case("a tab", "a:\n\tb: 1\n", "f.yaml:2:1: a tab where YAML wants spaces (use spaces instead)"),
    Case(
        "a list that does not end",
        "a: [1\n",
        "f.yaml:2:1: the list that opens at 1:4 is not closed before this (close it with ], or put a comma before this)",
    ),
    Case(
        "a tag",
        "a: !!python/object 1\n",
        "f.yaml:1:4: a tag (tags are not allowed; use plain text, numbers, true, false or null)",
    ),
    Case(
        "a second document",
        "a: 1\n---\nb: 2\n",
        "f.yaml:2:1: a second document begins here (keep one document in a file, and take out the line of --- or ...)",
    ),
    Case(
        "a list as key",
        "? [1]\n: 2\n",
        "f.yaml:1:3: a key must be text, and this is more than that",
    ),
]


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.id)
def test_what_is_wrong_is_named_with_its_place(case: Case) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(case.text.encode(), file="f.yaml")
    assert str(caught.value) == case.expected


def test_words_that_yaml_1_1_would_turn_into_something_else_stay_words() -> None:
    document = parse(
        b"country: NO\nband: 13_15\nday: 2026-01-02\nanswer: no\noctal: 0o17\n", file="f.yaml"
    )
    assert document.value == {
        "country": "NO",
        "band": "13_15",
        "day": "2026-01-02",
        "answer": "no",
        "octal": "0o17",
    }


def test_numbers_booleans_and_null_are_what_they_look_like() -> None:
    document = parse(b"[1, -2, 2.5, true, false, null, ~]", file="f.yaml")
    assert document.value == [1, -2, 2.5, True, False, None, None]


def test_a_billion_laughs_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
    )
    with pytest.raises(DocumentError, match="anchors"):
        parse(bomb.encode(), file="bomb.yaml")


@pytest.mark.parametrize("depth", [21, 3000], ids=["one level too many", "more than a stack holds"])
def test_deep_nesting_is_refused_before_anything_is_composed(depth: int) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(b"[" * depth + b"]" * depth, file="deep.yaml")
    assert str(caught.value) == "deep.yaml:1:21: nested deeper than 20 levels"


def test_twenty_levels_are_read() -> None:
    assert str(parse(b"[" * 20 + b"a" + b"]" * 20, file="f.yaml").value).count("[") == 20


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(DocumentError, match="larger than"):
        parse(b"#" * (MAX_BYTES + 1), file="large.yaml")


def test_bytes_that_are_not_utf_8_are_named_by_line_and_column() -> None:
    with pytest.raises(DocumentError) as caught:
        parse(b"a: 1\nb: caf\xe9\n", file="latin.yaml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, 7)


def test_a_missing_file_is_a_document_error(tmp_path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path / "absent.yaml")


class _Shape(msgspec.Struct):
    name: str
    items: list[int]


def test_a_value_of_the_wrong_shape_is_named_where_it_stands() -> None:
    document = parse(b"name: x\nitems:\n  - 1\n  - two\n", file="f.yaml")
    with pytest.raises(DocumentError) as caught:
        document.convert("", document.value, _Shape)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (4, 5)


def test_a_near_miss_gets_a_suggestion_and_a_far_one_none() -> None:
    assert suggestion("under13", ["under_13", "age_13"]) == "did you mean 'under_13'?"
    assert suggestion("zzz", ["under_13"]) is None


@given(st.binary(max_size=200))
def test_any_bytes_give_a_document_or_a_document_error(raw: bytes) -> None:
    try:
        found = parse(raw, file="any.yaml").place("")
    except DocumentError as error:
        found = (len(error.problems), 1)
    assert found >= (1, 1)
