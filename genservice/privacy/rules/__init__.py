"""Structured identifiers that Presidio has no recogniser for, or reads too narrowly: one rule a row.

Every pattern is bounded, so that its time grows with the text and no faster. Patterns read folded
text (see `genservice.privacy.folding`); a rule is tried only where the text has what it needs.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from genservice.privacy.folding import BLANK
from genservice.privacy.lexicon import load_lexicon
from genservice.privacy.rules import (
    accounts,
    addresses,
    births,
    devices,
    handles,
    national,
    phones,
)
from genservice.privacy.rules.family import family
from genservice.privacy.rules.rule import NOT_IN_TITLES, VIEWER, Rule, finder
from genservice.privacy.values import SIDES, Finding, Recogniser, Side

if TYPE_CHECKING:
    from collections.abc import Iterable

RULES: tuple[Rule, ...] = (
    *handles.RULES,
    *devices.RULES,
    *phones.RULES,
    *national.RULES,
    *accounts.RULES,
    *addresses.RULES,
    *births.RULES,
)

_OPAQUE = re.compile(rf"[!-~]{{256,}}|[^\s{BLANK}]{{1000,}}")
_LETTERS = re.compile(r"[^\W_]+(?:['\-][^\W_]+)*")


def opaque(text: str) -> Iterable[Finding]:
    """Runs too long to be words: tokens, keys, encoded files.

    The screener takes these out before anything else reads the text, which bounds every pattern.
    """
    for match in _OPAQUE.finditer(text):
        yield Finding(start=match.start(), end=match.end(), type="OPAQUE", score=0.5)


def structured() -> tuple[Recogniser, ...]:
    """The recognisers of this package: the rules of each side, other scripts, and families."""
    return (
        *(_ruled(side) for side in SIDES),
        Recogniser(
            name="other scripts", types=("OTHER_SCRIPT",), sides=NOT_IN_TITLES, find=_other_scripts
        ),
        Recogniser(name="families", types=("FAMILY",), sides=VIEWER, find=family(load_lexicon())),
    )


def _ruled(side: Side) -> Recogniser:
    rules = [rule for rule in RULES if side in rule.sides]
    return Recogniser(
        name=f"rules ({side})",
        types=tuple(sorted({rule.type for rule in rules})),
        sides=frozenset({side}),
        find=finder(rules),
    )


def _other_scripts(text: str) -> Iterable[Finding]:
    if text.isascii():
        return
    for match in _LETTERS.finditer(text):
        if not all(_latin(character) for character in match.group()):
            yield Finding(start=match.start(), end=match.end(), type="OTHER_SCRIPT", score=0.5)


@lru_cache(maxsize=4096)
def _latin(character: str) -> bool:
    if character.isascii() or not character.isalpha():
        return True
    return unicodedata.name(character, "").startswith("LATIN")
