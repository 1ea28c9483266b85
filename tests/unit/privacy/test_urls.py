"""Addresses on the web: the quick look before Presidio's slow pattern hides none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from presidio_analyzer.predefined_recognizers import UrlRecognizer

from genservice.privacy.predefined import _run_on, _Url

PLAIN = UrlRecognizer(patterns=UrlRecognizer.PATTERNS[:2])
OURS = _Url()
PIECES = st.sampled_from(
    ["example", ".", "..", "com", "org", "co.uk", "http://", "https://", "www.", "www2.", " ", "-", "/", "a1",
     "K", "\u212a", "\u017f", "é", "1", "é.com", "\n", "\t", "_", "xn--p1ai", "(", "@"]
)  # fmt: skip


def found(recogniser: UrlRecognizer, text: str) -> list[tuple[int, int]]:
    results = recogniser.analyze(text, ["URL"])
    return sorted({(each.start, each.end) for each in results if not _run_on(text, each)})


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=30))
def test_whatever_presidio_finds_is_found(text: str) -> None:
    assert found(OURS, text) == found(PLAIN, text)


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("Look at example.com for more.", 1),
        ("https://whitby.example.org/boats and www.example.net", 2),
        ("Nothing here. Another sentence. The end.", 0),
        ("Version 1.2.3 of it", 0),
    ],
)
def test_addresses_are_found_and_sentences_are_not(text: str, many: int) -> None:
    assert len(found(OURS, text)) == many
