"""The quick reader says the same as the careful one, or leaves a text to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.documents import MAX_DEPTH, _parsed_with_care, parse
from genservice.errors import DocumentError
from genservice.shipped import shipped
from genservice.yaml12 import plain

CASES = Path(__file__).parent / "policy" / "invalid"
SHIPPED = [
    path
    for folder in ("policies", "catalogue", "prompts")
    for path in sorted(shipped(folder).rglob("*.yaml"))
]
SCALARS = st.one_of(
    st.sampled_from(
        [
            "NO",
            "no",
            "yes",
            "off",
            "on",
            "true",
            "True",
            "TRUE",
            "tRUE",
            "false",
            "null",
            "Null",
            "~",
            "13_15",
            "0x1F",
            "0o17",
            "017",
            "1_000",
            "1e5",
            "1e",
            "1.5",
            ".5",
            "5.",
            "-.5",
            "+1",
            "-1",
            "-",
            "+",
            "=",
            "<<",
            ".inf",
            "-.INF",
            ".nan",
            ".NaN",
            "1:30",
            "22:15",
            "190:20:30",
            "2024-01-02",
            "2024-01-02T10:11:12Z",
            "1.5e3",
            "1e-3",
            "12345678901234567890",
            "0.1.2",
            "0b1",
            "!",
        ]
    ),
    st.text("0123456789.eE+-_:xo", min_size=1, max_size=8),
    st.text(min_size=0, max_size=8),
)
LINES = st.text("ab:-#[]{},'\"\\ \t\n|>&*!%@?0é\u2028", max_size=40)


def both(text: str) -> tuple[object, object]:
    """What the quick reader says, and the careful one if the quick one says anything."""
    quick = plain(text, depth=MAX_DEPTH)
    if quick is None:
        return None, None
    careful = _parsed_with_care(text, "some.yaml")
    return (quick.value, quick.places, quick.keys), (careful.value, careful._places, careful._keys)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_files_are_read_quickly_and_alike(path: Path) -> None:
    quick, careful = both(path.read_text("utf-8"))
    assert quick is not None
    assert quick == careful


@given(SCALARS)
def test_a_scalar_means_the_same_to_both(scalar: str) -> None:
    for text in (f"key: {scalar}", f"- {scalar}", f"{scalar}: 1", f"[{scalar}, a]", f"'{scalar}'"):
        quick, careful = both(text)
        assert quick == careful
        # Values that compare equal may differ in kind: 1 and True, 1 and 1.0.
        assert repr(quick) == repr(careful)


@given(LINES)
def test_a_text_means_the_same_to_both_or_is_left_to_the_careful_one(text: str) -> None:
    quick, careful = both(text)
    assert repr(quick) == repr(careful)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "a: 1\na: 2\n",
        "<<: {a: 1}\n",
        "true: 1\n",
        "? [a]\n: 1\n",
        "a: 1\n---\nb: 2\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: [1\n",
        "a: \x01\n",
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "[" * 100_000,
    ],
)
def test_what_is_wrong_or_unusual_is_left_to_the_careful_reader(text: str) -> None:
    assert plain(text, depth=MAX_DEPTH) is None


def test_where_something_is_wrong_the_careful_reader_says_where() -> None:
    with pytest.raises(DocumentError, match=r"x\.yaml:2:1: the key 'a' stands twice here"):
        parse(b"a: 1\na: 2\n", file="x.yaml")
