"""Our own title records, in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from genservice.catalog.drafts import Draft
from genservice.catalog.jsontext import lines, records
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_json(raw: bytes) -> Iterator[Draft | Problem]:
    """Title records, in one array, alone, or one after the other."""
    yield from _titles(records(raw))


def read_json_lines(raw: bytes) -> Iterator[Draft | Problem]:
    """Title records, one a line."""
    yield from _titles(lines(raw))


def _titles(found: Iterator[tuple[int, Any] | Problem]) -> Iterator[Draft | Problem]:
    for item in found:
        if isinstance(item, Problem):
            yield item
            continue
        line, record = item
        if not isinstance(record, dict):
            yield not_a_record(line)
        elif "id" not in record:
            yield Problem(line=line, pointer="/id", detail="missing")
        else:
            yield Draft(cast("dict[str, Any]", record), line=line)


def not_a_record(line: int) -> Problem:
    """What is said of a record that is a list, a number or a text."""
    return Problem(line=line, detail="a title record is an object")
