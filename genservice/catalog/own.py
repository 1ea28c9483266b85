"""Our own title records and the films of the Wikipedia movie data, both JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from genservice.catalog.drafts import Draft
from genservice.catalog.jsontext import lines, records
from genservice.catalog.plain import DESCRIPTION_ROOM, clean, shorten
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOOTNOTE = re.compile(r"\s*\[[^\]]{1,30}\]$")


def read_json(raw: bytes) -> Iterator[Draft | Problem]:
    """Title records, in one array, alone, or one after the other."""
    yield from _titles(records(raw))


def read_json_lines(raw: bytes) -> Iterator[Draft | Problem]:
    """Title records, one a line."""
    yield from _titles(lines(raw))


def read_wikipedia(raw: bytes) -> Iterator[Draft | Problem]:
    """Films as github.com/prust/wikipedia-movie-data has them: title, year, cast, genres, extract.

    The order of the cast is the billing; `href` only tells two films of one name and year apart.
    """
    for item in records(raw):
        if isinstance(item, Problem):
            yield item
            continue
        line, record = item
        if not isinstance(record, dict):
            yield _not_a_record(line)
            continue
        yield Draft(_film(cast("dict[str, Any]", record)), line=line)


def _titles(found: Iterator[tuple[int, Any] | Problem]) -> Iterator[Draft | Problem]:
    for item in found:
        if isinstance(item, Problem):
            yield item
            continue
        line, record = item
        if not isinstance(record, dict):
            yield _not_a_record(line)
        elif "id" not in record:
            yield Problem(line=line, pointer="/id", detail="missing")
        else:
            yield Draft(cast("dict[str, Any]", record), line=line)


def _not_a_record(line: int) -> Problem:
    return Problem(line=line, detail="a title record is an object")


def _film(record: dict[str, Any]) -> dict[str, Any]:
    name = record.get("title")
    film: dict[str, Any] = {
        "kind": "film",
        "name": _FOOTNOTE.sub("", clean(name)) if isinstance(name, str) else name,
        "language": "en",
        "year": record.get("year"),
        "genres": record.get("genres") or [],
    }
    names: Any = record.get("cast")
    if isinstance(names, list):
        film["credits"] = [
            {
                "name": clean(person) if isinstance(person, str) else person,
                "job": "actor",
                "billing": billing,
            }
            for billing, person in enumerate(cast("list[Any]", names)[:200], 1)
        ]
    extract = record.get("extract")
    if isinstance(extract, str) and (text := clean(extract)):
        film["description"] = shorten(text, DESCRIPTION_ROOM)
    return film
