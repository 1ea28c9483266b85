"""JSON records one by one, each with the line where it starts."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = " \t\r\n"


class Record(NamedTuple):
    """One value of a file, and where it stands."""

    line: int
    """Where it starts, from 1."""
    value: Any
    at: str = ""
    """Pointer to it, where others of its array start on the same line; else empty."""


def decode(raw: bytes) -> str | Problem:
    """UTF-8 text, with or without a byte order mark, or the line where it stops being that."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Problem(line=line, detail="not UTF-8", hint="save the file as UTF-8")


def records(raw: bytes) -> Iterator[Record | Problem]:
    """Every record of a file that holds one array, one object, or several in a row.

    After a syntax error nothing more can be told apart: it is the last problem.
    """
    text = decode(raw)
    if isinstance(text, Problem):
        yield text
        return
    at = _skip(text, 0)
    places = _Lines(text)
    if text.startswith("[", at):
        yield from _where_needed(_array(text, at + 1, places))
    else:
        yield from _row(text, at, places)


def _where_needed(found: Iterator[Record | Problem]) -> Iterator[Record | Problem]:
    """Records without their pointer, unless the one before or behind starts on the same line."""
    before: int | None = None
    held: Record | None = None
    for item in chain(found, [None]):
        record = item if isinstance(item, Record) else None
        if held is not None:
            shares = held.line in (before, record and record.line)
            yield held if shares else held._replace(at="")
            before = held.line
        held = record
        if isinstance(item, Problem):
            yield item


def _array(text: str, at: int, places: _Lines) -> Iterator[Record | Problem]:
    """The items of an array, from behind its bracket."""
    index = 0
    at = _skip(text, at)
    closed = text.startswith("]", at)
    while not closed:
        line = places.of(at)
        value, at = _value(text, at, places)
        if isinstance(value, Problem):
            yield value
            return
        yield Record(line, value, f"/{index}")
        index += 1
        at = _skip(text, at)
        closed = text.startswith("]", at)
        if not closed and not text.startswith(",", at):
            detail = "not JSON: a comma is missing; the rest was not read"
            yield Problem(line=places.of(at), detail=detail)
            return
        at = at if closed else _skip(text, at + 1)
    after = _skip(text, at + 1)
    if after < len(text):
        yield Problem(line=places.of(after), detail="text after the end of the array")


def _row(text: str, at: int, places: _Lines) -> Iterator[Record | Problem]:
    """Values one after the other."""
    while at < len(text):
        line = places.of(at)
        value, at = _value(text, at, places)
        if isinstance(value, Problem):
            yield value
            return
        yield Record(line, value)
        at = _skip(text, at)


def lines(raw: bytes) -> Iterator[Record | Problem]:
    """Every record of a JSON Lines file. A bad line is a problem; the next is read."""
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        text = decode(line)
        if isinstance(text, Problem):
            yield Problem(line=number, detail=text.detail, hint=text.hint)
            continue
        try:
            yield Record(number, json.loads(text))
        except (ValueError, RecursionError):
            yield Problem(line=number, detail="not JSON")


class _Lines:
    """Line numbers of ever later places, counted once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def of(self, at: int) -> int:
        self._line += self._text.count("\n", self._at, at)
        self._at = max(self._at, at)
        return self._line


def _value(text: str, at: int, places: _Lines) -> tuple[Any, int]:
    """The value at a place and where it ends; a problem in its stead if it is not JSON."""
    try:
        return json.JSONDecoder().raw_decode(text, at)
    except json.JSONDecodeError as error:
        line = places.of(error.pos)
        return Problem(line=line, detail=f"not JSON: {error.msg}; the rest was not read"), at
    except (ValueError, RecursionError):
        return Problem(line=places.of(at), detail="not JSON; the rest was not read"), at


def _skip(text: str, at: int) -> int:
    end = len(text)
    while at < end and text[at] in _BLANK:
        at += 1
    return at
