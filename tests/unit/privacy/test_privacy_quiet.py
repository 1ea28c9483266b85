"""Which sentences the tagger need not read."""

from __future__ import annotations

import pytest

from genservice.privacy.folding import BLANK
from genservice.privacy.lexicon import load_lexicon
from genservice.privacy.quiet import quiet_in


@pytest.mark.parametrize(
    "sentence",
    [
        "we love slow crime dramas with a strong sense of place.",
        "Nothing too scary please, the kids join us on Sundays",
        "I'm tired",
        f"{BLANK * 6} and I love a happy ending",
        f"from {BLANK * 20} with love",
        "",
    ],
)
def test_everyday_words_alone_are_quiet(sentence: str) -> None:
    assert quiet_in(load_lexicon())(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Emma hates it",
        "emma hates it",
        "ask will",
        "i live in bath",
        "we watch on sky",
        "somewhere near kiel",
        "we love Harbour nights",
        "at 14 mill lane",
        "with José",
        f"{BLANK * 6} and zorblax",
        "SLOW BURN FOR US",
    ],
)
def test_what_may_name_something_is_not(sentence: str) -> None:
    assert not quiet_in(load_lexicon())(sentence)
