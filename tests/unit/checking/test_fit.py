from __future__ import annotations

from dataclasses import dataclass

import pytest

from genservice.checking import fit
from genservice.checking.words import Names

NAMES = Names.of(
    [
        (name, name)
        for name in ("Airplane!", "Mr. & Mrs. Moss", "2001: A Voyage", "New York, New York")
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        "A tense crime drama.",
        "Watch Airplane!",
        "Airplane!, with a captain nobody asked for.",
        "Mr. & Mrs. Moss: an hour in an honest town.",
        "2001: A Voyage.",
        "New York, New York.",
        "She said “no” (twice), and meant it…",
        "From 1939 to 1945, a country of 41,500,000.",
        "An old captain's last voyage. What could go wrong?",
        "\"Quite\" is a word.",
    ],
)  # fmt: skip
def test_a_well_made_text_is_fit(text: str) -> None:
    assert fit(text, 90, names=NAMES) == ()


@dataclass(frozen=True)
class Case:
    id: str
    text: str
    kind: str


CASES = (
    Case("too long", "A " + "very " * 20 + "long text.", "length"),
    Case("empty", "", "length"),
    Case("a full stop first", ". A drama.", "punctuation"),
    Case("a dash first", "\u2014 A drama.", "punctuation"),
    Case("unfilled slot", "Watch [TITLE].", "bracket"),
    Case("half a slot", "Watch TITLE].", "bracket"),
    Case("half a bracket", "A drama (of sorts.", "bracket"),
    Case("open quotation", "A “drama.", "quote"),
    Case("open straight quotation", 'A "drama.', "quote"),
    Case("word twice", "A drama in in town.", "double"),
    Case("word twice, with a capital", "The the drama.", "double"),
    Case("two spaces", "A  drama.", "double"),
    Case("line break", "A drama.\nAnother.", "double"),
    Case("space before a mark", "A drama .", "double"),
    Case("two full stops", "A drama..", "double"),
    Case("comma and full stop", "A drama,.", "double"),
    Case("no space after a comma", "A drama,another.", "punctuation"),
    Case("no space after a full stop", "A drama.Another.", "punctuation"),
    Case("small letter at the start", "a drama.", "punctuation"),
    Case("small letter after a full stop", "A drama. another.", "punctuation"),
    Case("no end", "A drama", "punctuation"),
    Case("a before a vowel", "A old drama.", "article"),
    Case("an before a consonant", "In an tense town.", "article"),
    Case("e-mail", "Write to ann.moss@example.org.", "identifier"),
    Case("web address", "See www.example.org.", "identifier"),
    Case("account", "Ask @annmoss.", "identifier"),
    Case("telephone", "Call +44 20 7946 0958.", "identifier"),
    Case("card", "Paid with 4111 1111 1111 1111.", "identifier"),
    Case("address of a machine", "At 192.168.10.20.", "identifier"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_makes_a_text_unfit_is_found(case: Case) -> None:
    assert case.kind in {finding.kind for finding in fit(case.text, 90)}


def test_length_counts_code_points() -> None:
    text = "Zoë\u2019s café…"

    assert fit(text, len(text)) == ()
    assert [finding.kind for finding in fit(text, len(text) - 1)] == ["length"]
