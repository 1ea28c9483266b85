"""Problems as they are shown: the line, the mark under the word, the hint."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.errors import Problem
from genservice.excerpts import excerpt, told


def problem(line: int | None = 1, column: int | None = 1, **more: object) -> Problem:
    return Problem(file="a.yaml", line=line, column=column, detail="wrong", **more)  # type: ignore[arg-type]


def shown(text: str, line: int, column: int, **options: int) -> list[str]:
    found = excerpt(problem(line, column), text, **options)
    assert found is not None
    return found.splitlines()


def marked(text: str, column: int) -> str:
    """What the mark stands under."""
    line, mark = shown(text, 1, column)
    return line[mark.index("^") : mark.rindex("^") + 1]


def test_a_problem_is_shown_in_its_line_with_a_hint_below():
    text = "rules:\n  - id: x\n    signals: [locaton]\n"
    assert told([problem(3, 15, hint="did you mean 'location'?")], {"a.yaml": text}) == (
        "a.yaml:3:15: wrong\n"
        "  3 |     signals: [locaton]\n"
        "    |               ^^^^^^^\n"
        "    = did you mean 'location'?"
    )


def test_the_gutter_is_as_wide_as_the_number():
    assert told([problem(100, 1, hint="do")], {"a.yaml": "\n" * 99 + "x"}).splitlines()[1:] == [
        "  100 | x",
        "      | ^",
        "      = do",
    ]


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("region: [DE, FR]", 14, "FR"),
        ("region: [DE, FR]", 9, "["),
        ("why: of many words, and more", 6, "of many words"),
        ("why: \"of 'many', words\" # so", 6, "\"of 'many', words\""),
        ("why: 'it''s so', x", 6, "'it''s so'"),
        ("why: words # comment", 6, "words"),
        ("purposes: [promo]", 1, "purposes"),
        ("why: a:b c", 6, "a:b c"),
        ("- x", 1, "-"),
        ("  - id: some-rule # so", 5, "id: some-rule"),
        ("  - id: some-rule", 9, "some-rule"),
        ("  - some: {a: b}", 5, "some: {"),
        ("a: 'never closed", 4, "'never closed"),
    ],
)
def test_the_mark_stands_under_the_whole_word(text: str, column: int, word: str):
    assert marked(text, column) == word


def test_a_tab_takes_four_cells_and_moves_the_mark():
    assert shown("\ta: b", 1, 2) == ["  1 |     a: b", "    |     ^"]
    assert shown("\ta: b", 1, 1) == ["  1 |     a: b", "    | ^^^^"]


def test_wide_characters_take_two_cells_and_combining_ones_none():
    assert shown("名前: bad", 1, 5) == ["  1 | 名前: bad", "    |       ^^^"]
    assert shown("cafe\u0301: bad", 1, 8)[1] == "    |       ^^^"
    assert shown("x: 名前", 1, 4)[1] == "    |    ^^^^"


def test_what_cannot_be_seen_is_shown_as_a_sign():
    line, mark = shown("a: x\0y\x1b", 1, 5)
    assert line == "  1 | a: x\u2400y\u241b"
    assert mark == "    |     ^^^"
    assert "\u202e" not in "".join(shown("a: \u202eb", 1, 4))


@pytest.mark.parametrize("column", [1, 5, 201, 397, 401])
def test_a_long_line_is_cut_around_the_place(column: int):
    text = "".join(f"{number:03} " for number in range(100))
    line, mark = shown(text, 1, column, width=60)
    assert len(line) <= 60
    assert "…" in line
    under = line[mark.index("^") :]
    if column < 400:
        assert under.startswith(text[column - 1 : column + 2].strip())


def test_a_long_word_is_cut_too():
    line, mark = shown("x" * 500, 1, 1, width=60)
    assert len(line) <= 60
    assert mark.count("^") <= 30


def test_of_a_line_as_long_as_a_file_the_same_is_shown_as_of_the_part_around_the_place():
    words = "lorem, ipsum, dolor, " * 20_000
    far = len("lorem, ipsum, dolor, ") * 9_000
    assert shown(words, 1, far + 8) == shown(words[far - 4200 : far + 4200], 1, 4208)


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_yaml_counts_them(breaks: str):
    assert shown(breaks.join(["a: 1", "b: 2", "c: 3"]), 2, 4)[0] == "  2 | b: 2"


def test_a_byte_order_mark_moves_nothing():
    assert shown("\ufeffa: b", 1, 4) == ["  1 | a: b", "    |    ^"]


def test_a_place_outside_the_text_or_none_at_all_shows_no_line():
    assert excerpt(problem(9, 1), "a") is None
    assert excerpt(problem(None, None), "a") is None
    assert told([problem(None, None)], {}) == "a.yaml: wrong"


def test_related_places_follow_with_their_lines():
    other = Problem(file="b.yaml", line=1, column=1, detail="withhold")
    assert told([problem(related=(other,))], {"a.yaml": "one", "b.yaml": "two"}).splitlines() == [
        "a.yaml:1:1: wrong",
        "  1 | one",
        "    | ^^^",
        "b.yaml:1:1: withhold",
        "  1 | two",
        "    | ^^^",
    ]


def test_of_many_problems_fifty_are_shown_and_the_rest_counted():
    text = told([problem() for _ in range(62)], {"a.yaml": "x"})
    assert text.count("a.yaml:1:1") == 50
    assert text.endswith("\n\n... and 12 more")


def test_a_note_says_that_it_is_one():
    assert told([problem()], {}, note=True) == "a.yaml:1:1: note: wrong"


def test_each_piece_is_painted_by_what_it_is():
    painted: list[tuple[str, str]] = []

    def paint(text: str, part: str) -> str:
        painted.append((part, text))
        return text

    told([problem(1, 4, hint="do")], {"a.yaml": "a: b"}, paint=paint)
    assert ("mark", "b") in painted
    assert ("mark", "^") in painted
    assert {part for part, _ in painted} == {"place", "detail", "gutter", "mark", "hint"}


@given(st.text(max_size=300), st.integers(1, 400), st.integers(30, 120))
def test_any_line_fits_and_the_mark_stands_under_something(text: str, column: int, width: int):
    found = excerpt(problem(1, column), text, width=width)
    assert found is not None
    line, mark = found.splitlines()
    assert "^" in mark

    def cells(row: str) -> int:
        wide = sum(unicodedata.east_asian_width(char) in "WF" for char in row)
        return (
            len(row) + wide - sum(unicodedata.category(char) in ("Mn", "Me", "Cf") for char in row)
        )

    assert cells(line) <= max(width, 30)
    assert cells(mark) <= max(width, 30) + 1
