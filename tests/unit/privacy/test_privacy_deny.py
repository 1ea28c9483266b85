"""Words that may not come back are found however they are written, and nothing else is."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.privacy import deny_terms

NOTE = (
    "For Emma Thornbury and Zoë, who adores quokkas. Rose Miller asked too, jo.lindqvist@example.com,"
    " 07700 900123, born 1988. Families, grief, <PERSON>, [PLACE]: a Slow-Burn crime drama."
)


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    found: tuple[str, ...] = ()


HITS = (
    Case("as written", "Emma comes home", ("Emma",)),
    Case("small", "so emma left", ("emma",)),
    Case("shouted, with a mark", "EMMA!", ("EMMA",)),
    Case("possessive", "Emma's boat", ("Emma's",)),
    Case("handle", "@emma", ("emma",)),
    Case("with a number", "emma88", ("emma",)),
    Case("diacritics", "Émmä", ("Émmä",)),
    Case("diacritics left out", "zoe", ("zoe",)),
    Case("spaced out", "e m m a", ("e m m a",)),
    Case("dotted", "E.M.M.A", ("E.M.M.A",)),
    Case("hyphened", "em-ma", ("em-ma",)),
    Case("underscored", "_emma_ e_m_m_a", ("emma", "e_m_m_a")),
    Case("zero width", "e\u200bm\u200cm\u200da", ("e\u200bm\u200cm\u200da",)),
    Case("Cyrillic", "Еmmа", ("Еmmа",)),
    Case("Greek capitals", "ΕΜΜΑ", ("ΕΜΜΑ",)),
    Case("full width", "Ｅｍｍａ", ("Ｅｍｍａ",)),
    Case("styled", "𝐄𝐦𝐦𝐚", ("𝐄𝐦𝐦𝐚",)),
    Case("figures for letters", "3mm4", ("3mm4",)),
    Case("signs for letters", "qu0kk@$", ("qu0kk@$",)),
    Case("inside a longer word", "Thornburyesque", ("Thornbury",)),
    Case("in two pieces", "thorn bury", ("thorn bury",)),
    Case("run together", "EmmaThornbury", ("EmmaThornbury",)),
    Case("full name of ordinary words", "rose miller", ("rose miller",)),
    Case("local part", "jo.lindqvist", ("jo.lindqvist",)),
    Case("part of a local part", "L1NDQVIST", ("L1NDQVIST",)),
    Case("number, spaced otherwise", "0-7700-900123", ("0-7700-900123",)),
    Case("part of a number", "(900123)", ("900123",)),
    Case("year", "in 1988", ("1988",)),
)

MISSES = (
    Case("ordinary words of the note", "families and grief, a slow-burn crime drama"),
    Case("a short term inside another word", "dilemma, Emmental"),
    Case("a short term across words", "the memma rye"),
    Case("letters that only meet across words", "it's a thorn, bury it"),
    Case("a word that is also a name", "a rose"),
    Case("inside a longer number", "19880, 219880"),
    Case("slots and place-holders", "<PERSON> [PLACE] [EMMA]".replace("[EMMA]", "[CAST_2]")),
    Case("nothing", ""),
)


@pytest.fixture(scope="module")
def deny():
    return deny_terms([NOTE])


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in (*HITS, *MISSES)])
def test_finds_exactly(case: Case, deny):
    assert tuple(case.text[start:end] for start, end in deny.spans_in(case.text)) == case.found
    assert deny.found_in(case.text) == len(case.found)


def test_a_note_never_denies_its_own_vocabulary():
    deny = deny_terms(["qorvex noir"], ordinary=frozenset({"qorvex"}))
    assert deny.words == ()


def test_nothing_entered_nothing_denied():
    deny = deny_terms([])
    assert len(deny) == 0
    assert deny.found_in("anything") == 0


def _disguised(word: str, draw: random.Random) -> str:
    signs = {"a": "4@а", "o": "0о", "e": "3е", "i": "1l", "s": "5$"}
    joint = draw.choice(["", "", "\u200b", ".", "-", " "])
    return joint.join(
        draw.choice([letter, letter.upper(), *signs.get(letter, "")]) for letter in word
    )


@given(
    word=st.text("bdgkmnrtvz", min_size=2, max_size=5).map(lambda w: f"qa{w}ox"),
    draw=st.randoms(use_true_random=False),
    before=st.sampled_from(["", "so, ", "[LEAD] ", "(", "mit\n"]),
    after=st.sampled_from(["", ".", " left", "'s boat", " [PLACE]"]),
)
def test_no_disguise_hides_a_term(word: str, draw: random.Random, before: str, after: str):
    shown = f"{before}{_disguised(word, draw)}{after}"
    assert deny_terms([f"about {word}"]).found_in(shown) >= 1
