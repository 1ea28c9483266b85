"""Names in disguise, on the way in: figures for letters, letters set apart, encodings."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.privacy.disguised import disguised
from genservice.privacy.lexicon import load_lexicon, shipped_words
from genservice.privacy.screening import screen

LEXICON = load_lexicon()
FIND = disguised(LEXICON)
GIVEN = sorted(
    name
    for name in shipped_words("given-names.txt")
    if len(name) > 3 and name.isascii() and name.isalpha() and LEXICON.names(name)
)
FIGURES = str.maketrans("aeiost", "431057")


def covered(text: str, hidden: str) -> bool:
    start = text.index(hidden)
    return any(
        finding.start <= start and finding.end >= start + len(hidden) for finding in FIND(text)
    )


@given(st.sampled_from(GIVEN), st.integers(1, 63))
def test_a_given_name_in_figures_is_found(name: str, which: int) -> None:
    """Any of its letters that have a figure may be one."""
    letters = [
        letter.translate(FIGURES) if which >> (at % 6) & 1 else letter
        for at, letter in enumerate(name)
    ]
    hidden = "".join(letters)
    plain = not any(map(str.isdigit, hidden)) or not any(map(str.isalpha, hidden))
    assert plain or covered(f"ask {hidden} today", hidden)


@given(st.sampled_from(GIVEN), st.sampled_from([" ", ".", "-", "*", "_", "/", ". ", " - "]))
def test_a_given_name_in_letters_set_apart_is_found(name: str, gap: str) -> None:
    hidden = gap.join(name)
    assert covered(f"ask {hidden} today", hidden)
    assert covered(f"ask {hidden.upper()} today", hidden.upper())


@given(st.sampled_from(GIVEN), st.sampled_from(["", " Smith", " O'Neil"]))
def test_a_name_in_base64_or_hexadecimal_is_found(name: str, surname: str) -> None:
    said = (name.title() + surname).encode()
    for hidden in (base64.b64encode(said).decode(), said.hex(), said.hex(" ")):
        if hidden.replace(" ", "").isdecimal() or (len(said) < 6 and not hidden.endswith("=")):
            continue  # a number, which others find; a word that chance makes as well
        assert covered(f"for {hidden} please", hidden)


@given(st.sampled_from(GIVEN), st.integers(0, 3), st.sampled_from(["&#{};", "&#x{:x};", "%{:x}"]))
def test_a_name_with_an_escaped_letter_is_found(name: str, at: int, escape: str) -> None:
    hidden = name[:at] + escape.format(ord(name[at])) + name[at + 1 :]
    assert covered(f"for {hidden} please", hidden)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("for 3mm4 5m1th please", "for <PERSON> please"),
        ("for E m m a   S m i t h please", "for <PERSON> please"),
        ("for RW1tYSBTbWl0aA== please", "for <OPAQUE> please"),
        ("for &#69;mma please", "for <OPAQUE> please"),
    ],
)
def test_a_disguise_is_taken_out_whole(text: str, shown: str, engine) -> None:
    assert screen(text, "viewer", engine=engine).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "Tom &amp; Jerry, caf&eacute; stories",
        "P L E A S E keep it short",
        "M*A*S*H and S.W.A.T. and F B I",
        "90s films in 4K, se7en, 3D, Numb3rs, 12 Angry Men, 28 Days Later",
        "sci-fi, feel-good, coming-of-age, rom-com/drama, LaLaLand",
        "PG-13, WALL-E, X-Men, Ocean's 11, E.T., A.I.",
        "50% action, 50% comedy, 100%fun, Q&A, R&B, D&D",
        "the years 1945 1946 1947 1948",
        "a b c d e f g",
    ],
)
def test_what_films_are_called_and_how_people_write_is_left(text: str) -> None:
    assert list(FIND(text)) == []
