from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.generation.endings import whole_sentences


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One. Two. Thr", "One. Two."),
        ("One! Two? Thr", "One! Two?"),
        ('He said "no." And th', 'He said "no."'),
        ("[LOGLINE]. [STO", "[LOGLINE]."),
        ("At 3.5 metres", "At 3.5 metres"),
        ("No end", "No end"),
        ("One.\nTw", "One."),
        ("", ""),
    ],
)
def test_a_cut_text_ends_with_its_last_whole_sentence(text, kept):
    assert whole_sentences(text) == kept


@given(st.text())
def test_what_is_kept_is_a_beginning_and_is_kept_again(text):
    kept = whole_sentences(text)
    assert text.startswith(kept)
    assert whole_sentences(kept) == kept
