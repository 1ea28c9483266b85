"""Our own title records, in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from genservice.catalog.drafts import Draft
from genservice.catalog.jsontext import lines, records
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.catalog.jsontext import Record


def read_json(raw: bytes) -> Iterator[Draft | Problem]:
    """Title records, in one array, alone, or one after the other."""
    yield from _titles(records(raw))


def read_json_lines(raw: bytes) -> Iterator[Draft | Problem]:
    """Title records, one a line."""
    yield from _titles(lines(raw))


def _titles(found: Iterator[Record | Problem]) -> Iterator[Draft | Problem]:
    for item in found:
        if isinstance(item, Problem):
            yield item
            continue
        if not isinstance(item.value, dict):
            yield not_a_record(item)
        elif "id" not in item.value:
            yield Problem(line=item.line, pointer=f"{item.at}/id", detail="missing")
        else:
            yield Draft(cast("dict[str, Any]", item.value), line=item.line, at=item.at)


def not_a_record(found: Record) -> Problem:
    """What is said of a record that is a list, a number or a text."""
    return Problem(line=found.line, pointer=found.at or None, detail="a title record is an object")
