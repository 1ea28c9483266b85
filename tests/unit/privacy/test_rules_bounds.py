"""Rules take time that grows with the text and no faster, whatever the text."""

from __future__ import annotations

import re
from itertools import cycle, islice

import pytest

from genservice.privacy import SIDES
from genservice.privacy.rules import RULES, structured
from genservice.privacy.screening import WINDOW

_PARSER = re._parser  # pyright: ignore[reportAttributeAccessIssue] - the only reader of patterns there is
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}

HOSTILE = (
    "1", "1 ", "1-", "0 ", "(1", "+1", "1.", "12 a ", "a", "a ", "a1", "a-", "a.", "@", "a@", "a@a.", "@a.", ":", "a:",
    "12 the old ", "12 st ", "12 avenue de la ", "rue de la ", "via ", "via a ", "a' ", "strasse ", "my ", "my two ",
    "my son ", "my son's ", "one ", "zero double ", "oh o", "eyj.", "ga1.1.", "0:", "ff:", "ff-", "twin and ", "born on the ",
    "account number ", "order #", "insta is ", "at dot ", "a at a dot ", "i'm ", "i'm just ", "kids are 1, ", "1, ", "1 and ",
    "A1 1A", "12345 A", "12 Aa ", "u/", "/", "http://x.com/", "x.com/a/", "flat 1 ", "#1", "\n", " ", "1990-", "3 may ",
)  # fmt: skip


def _unbounded(parsed) -> bool:
    for operation, argument in parsed:
        if str(operation) in _REPEATS and (argument[1] is _PARSER.MAXREPEAT):
            return True
        if any(_unbounded(each) for each in _within(argument)):
            return True
    return False


def _within(argument):
    if isinstance(argument, _PARSER.SubPattern):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for each in argument:
            yield from _within(each)


@pytest.mark.parametrize("pattern", sorted({rule.pattern for rule in RULES}))
def test_no_pattern_repeats_without_an_end(pattern):
    assert not _unbounded(_PARSER.parse(pattern))


@pytest.mark.parametrize("piece", HOSTILE)
def test_every_rule_comes_to_an_end_on_hostile_text(piece):
    text = "".join(islice(cycle(piece), WINDOW))
    for recogniser in structured():
        for finding in recogniser.find(text):
            assert 0 <= finding.start < finding.end <= len(text)


def test_each_side_has_its_rules():
    assert {side for recogniser in structured() for side in recogniser.sides} == set(SIDES)
