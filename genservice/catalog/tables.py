"""Titles from CSV: one a row, columns named in the first row, in any order.

    column        what it holds
    id            [a-z0-9-]{1,64}; left out, it is made from name and year
    kind          film, series, season, episode or programme; film if the column is missing
    name          required
    language      BCP 47, of the texts in this row; en if the column is missing
    also_named    list
    original_name, year, minutes, pace, logline, description
    series        id of the series that a season or episode is part of; also season, episode
    countries     list of ISO 3166-1 codes or names
    genres, moods, themes, alerts
                  lists of words: ours, or what Wikipedia or TV-Anytime call them
    cast          list, lead first: "Imre Vale as Ada Thorne", or the name alone
    director, creator, writer, presenter, composer
                  lists of names
    place, period where and when the story plays

Items of a list stand between bars: `crime|drama`. Cells may be empty. Commas or semicolons separate
columns, as the first row does.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from genservice.catalog.drafts import Draft
from genservice.catalog.jsontext import decode
from genservice.catalog.plain import clean
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXTS = ("id", "kind", "name", "language", "original_name", "pace", "logline", "description")
_NUMBERS = ("year", "minutes")
_LISTS = ("also_named", "genres", "moods", "themes", "alerts")
_JOBS = ("director", "creator", "writer", "presenter", "composer")
COLUMNS = frozenset(
    (*_TEXTS, *_NUMBERS, *_LISTS, *_JOBS, "countries", "cast", "series", "season", "episode", "place", "period")
)  # fmt: skip
"""Every column that is read; others are named in a warning."""

_BAR = "|"
_AS = " as "
_CELL_ROOM = 1_000_000


def read_csv(raw: bytes) -> Iterator[Draft | Problem]:
    """Titles of a CSV file; see the columns above."""
    text = decode(raw)
    if isinstance(text, Problem):
        yield text
        return
    head = text.split("\n", 1)[0]
    csv.field_size_limit(_CELL_ROOM)
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=";" if head.count(";") > head.count(",") else ",",
        strict=True,
    )
    names: list[str] | None = None
    line = 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            yield Problem(
                line=line, detail="not CSV: the rest was not read", hint="check the quotes"
            )
            return
        if row is None:
            return
        if names is None:
            names = [cell.strip().lower() for cell in row]
            if "name" not in names:
                yield Problem(line=1, detail="no column 'name' in the first row")
                return
        elif any(cell.strip() for cell in row):
            yield from _record(names, row, line)
        line = rows.line_num + 1


def unknown_columns(raw: bytes) -> tuple[Problem, ...]:
    """A warning for every column that is not read."""
    text = decode(raw)
    if isinstance(text, Problem):
        return ()
    head = text.split("\n", 1)[0].strip()
    cells = head.split(";" if head.count(";") > head.count(",") else ",")
    return tuple(
        Problem(line=1, column=place, detail="a column that is not read")
        for place, cell in enumerate(cells, 1)
        if cell.strip().strip('"').lower() not in COLUMNS
    )


def _record(names: list[str], row: list[str], line: int) -> Iterator[Draft | Problem]:
    if len(row) > len(names):
        yield Problem(line=line, detail="more cells than the first row has columns")
        return
    cells = {name: clean(cell) for name, cell in zip(names, row, strict=False)}
    record: dict[str, Any] = {"kind": "film", "language": "en"}
    record.update({name: cells[name] for name in _TEXTS if cells.get(name)})
    record.update({name: _items(cells[name]) for name in _LISTS if cells.get(name)})
    record.update({name: _number(cells[name]) for name in _NUMBERS if cells.get(name)})
    if cells.get("countries"):
        record["countries"] = _items(cells["countries"])
    record["credits"] = list(_credits(cells))
    part_of = {"series": cells["series"]} if cells.get("series") else {}
    if part_of:
        for name in ("season", "episode"):
            if cells.get(name):
                part_of[name] = _number(cells[name])
        record["part_of"] = part_of
    setting = {name: cells[name] for name in ("place", "period") if cells.get(name)}
    if setting:
        record["setting"] = [setting]
    yield Draft(record, line=line)


def _credits(cells: dict[str, str]) -> Iterator[dict[str, Any]]:
    for billing, said in enumerate(_items(cells.get("cast", "")), 1):
        name, as_, character = said.partition(_AS)
        credit: dict[str, Any] = {"name": name.strip(), "job": "actor", "billing": billing}
        if as_ and character.strip():
            credit["character"] = character.strip()
        yield credit
    for job in _JOBS:
        for name in _items(cells.get(job, "")):
            yield {"name": name, "job": job}


def _items(cell: str) -> list[str]:
    return [item.strip() for item in cell.split(_BAR) if item.strip()]


def _number(cell: str) -> Any:
    """A whole number; anything else stays as it is, to be refused with its place."""
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 9 else cell
