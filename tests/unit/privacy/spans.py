"""Tables of spans: texts with what is to be found in guillemets, read by the guard as it runs.

`«07700 900123»` is a finding of the table's own type, `«US_SSN:219-09-9999»` one of another. Names,
places and organisations are other recognisers' affair and left out of the comparison.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.privacy.screening import Engine, screen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.privacy import Side

NAMES = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})

_MARK = re.compile("«(?:([A-Z_]+):)?([^»]*)»")


def rows(table: str) -> tuple[str, ...]:
    """The lines of a table, without blank ones."""
    return tuple(line.strip() for line in table.splitlines() if line.strip())


def unmarked(row: str) -> str:
    """The text of a row."""
    return _MARK.sub(r"\2", row)


def expected(row: str, type_: str) -> tuple[tuple[str, str], ...]:
    """What is to be found in a row: type and words, in order."""
    return tuple((mark[1] or type_, mark[2]) for mark in _MARK.finditer(row))


def found(row: str, side: Side, engine: Engine) -> tuple[tuple[str, str], ...]:
    """What is found in a row: type and words, in order."""
    text = unmarked(row)
    return tuple(
        (finding.type, text[finding.start : finding.end])
        for finding in screen(text, side, engine=engine).findings
        if finding.type not in NAMES
    )


def types_shown(tables: Iterable[tuple[tuple[str, ...], str]]) -> set[str]:
    """Every type that some row of some table finds."""
    return {type_ for table, of in tables for row in table for type_, _ in expected(row, of)}
