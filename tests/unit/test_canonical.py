"""One byte form per value, and texts that hold two."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.canonical import doubled

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{"a": 1, "b": [1, {"a": 1}]}', ()),
        ('{"a": 1, "a": 1}', ("",)),
        ('{"a": {"b": 1, "b": 2}}', ("/a",)),
        ('{"a": [0, {"b": 1, "\\u0062": 2}]}', ("/a/1",)),
        ('{"a": {"b": 1, "b": 2}, "a": {"c": 1, "c": 2, "c": 3}}', ("", "/a", "/a")),
        ('{"Jane Doe": {"b": 1, "b": 2}}', ("/*",)),
    ],
)
def test_every_object_with_a_doubled_key_is_named(text, places):
    assert doubled(text.encode()) == places


@given(value=VALUES)
def test_what_an_encoder_writes_has_no_doubled_key(value):
    assert doubled(json.dumps(value).encode()) == ()
