from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.documents import parse, parse_text
from genservice.encodings import decoded, nearest
from genservice.errors import DocumentError

TEXT = "rules:\n  - why: Because of café.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_a_mark_or_without(encoding: str):
    assert decoded(TEXT.encode(encoding), file="a") == TEXT


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-16", "a:1:1: UTF-16, not UTF-8 (save the file as UTF-8)"),
        (
            "utf-16-le",
            "a:1:1: UTF-16 without a byte order mark, not UTF-8 (save the file as UTF-8)",
        ),
        (
            "utf-16-be",
            "a:1:1: UTF-16 without a byte order mark, not UTF-8 (save the file as UTF-8)",
        ),
        ("utf-32", "a:1:1: UTF-32, not UTF-8 (save the file as UTF-8)"),
        (
            "latin-1",
            "a:2:24: not UTF-8: the byte 0xE9 begins no character"
            " (save the file as UTF-8; it may be in Latin-1 or Windows-1252)",
        ),
    ],
)
def test_another_encoding_is_named(encoding: str, said: str):
    with pytest.raises(DocumentError) as caught:
        decoded(TEXT.encode(encoding), file="a")
    assert str(caught.value) == said


def test_the_column_of_a_wrong_byte_counts_characters():
    with pytest.raises(DocumentError, match=r"a:2:6: not UTF-8"):
        decoded("x\n名前: a".encode() + b"\xe9", file="a")


def test_what_is_shown_of_another_encoding_is_legible():
    assert nearest(TEXT.encode("utf-16")) == TEXT
    assert nearest(TEXT.encode("latin-1")) == TEXT.replace("é", "\ufffd")


def test_a_lone_surrogate_is_refused_at_its_place():
    with pytest.raises(DocumentError, match=r"a:1:4: the character U\+D800 is not allowed"):
        parse_text("a: \ud800", file="a")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_at_a_place(raw: bytes):
    problems = ()
    try:
        parse(raw, file="a")
    except DocumentError as error:
        problems = error.problems
    assert all(problem.line and problem.column for problem in problems)
