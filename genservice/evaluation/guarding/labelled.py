"""Marked texts: JSON Lines with spans that are personal data, and spans that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from genservice.errors import DocumentError, Problem
from genservice.privacy import SIDES, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Stretch(msgspec.Struct, frozen=True):
    """Part of a text, in Unicode code points from 0; the end is exclusive."""

    start: int
    end: int


class Span(Stretch, frozen=True):
    """A stretch that is personal data. Spans may lie within each other."""

    label: str


class Line(msgspec.Struct, frozen=True):
    """A text and where it comes from; whatever else its line says is left alone."""

    text: str
    side: str | None = None


class _Marked(Line, frozen=True):
    """A line of a marked file."""

    spans: tuple[Span, ...] = ()
    kept: tuple[Stretch, ...] = ()
    free: tuple[Stretch, ...] = ()
    group: str | None = None


AnyLine = TypeVar("AnyLine", bound=Line)


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """A marked text."""

    text: str
    side: Side
    spans: tuple[Span, ...] = ()
    """Everything in it that is personal data."""
    kept: tuple[Stretch, ...] = ()
    """What must not be touched, such as names of the catalogue."""
    free: tuple[Stretch, ...] = ()
    """What may go or stay ("my daughter" before a name): counts for nothing."""
    group: str | None = None
    """The group of names that its persons' names are from."""
    line: int
    """Where it stands in its file, from 1."""


def read_lines(raw_lines: Iterable[bytes], *, file: str, side: Side) -> Iterator[tuple[str, Side]]:
    """The texts of a JSON Lines file with their sides, marked or not, one by one.

    Args:
        raw_lines: The file's lines.
        file: How problems call it.
        side: Where texts come from that do not say so.

    Raises:
        DocumentError: A line is not what it should be; names it, and nothing of what it holds.
    """
    for _, line, known in _read(raw_lines, file, Line):
        yield line.text, known or side


def read_labelled(
    raw_lines: Iterable[bytes], *, file: str, side: Side = "viewer"
) -> Iterator[Labelled]:
    """The texts of a marked file, one by one; arguments as for `read_lines`.

    Raises:
        DocumentError: A line is not what it should be; names it, and nothing of what it holds.
    """
    for number, line, known in _read(raw_lines, file, _Marked):
        detail = _misplaced(line)
        if detail is not None:
            raise _problem(file, number, detail)
        yield Labelled(
            text=line.text,
            side=known or side,
            spans=line.spans,
            kept=line.kept,
            free=line.free,
            group=line.group,
            line=number,
        )


def _read(
    raw_lines: Iterable[bytes], file: str, type_: type[AnyLine]
) -> Iterator[tuple[int, AnyLine, Side | None]]:
    for number, raw in enumerate(raw_lines, start=1):
        try:
            line = msgspec.json.decode(raw, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _problem(file, number, _wrong(raw, error)) from None
        known: Side | None = next((each for each in SIDES if each == line.side), None)
        if line.side is not None and known is None:
            raise _problem(file, number, f"side is none of {', '.join(SIDES)}")
        yield number, line, known


def _problem(file: str, line: int, detail: str) -> DocumentError:
    return DocumentError(Problem(file=file, line=line, detail=detail))


def _wrong(raw: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error) if raw.strip() else "an empty line"


def _misplaced(line: _Marked) -> str | None:
    for name in ("spans", "kept", "free"):
        stretches: tuple[Stretch, ...] = getattr(line, name)
        for index, each in enumerate(stretches):
            if not 0 <= each.start < each.end <= len(line.text):
                return f"{name}[{index}] lies outside the text, or is empty"
    for index, each in enumerate(line.kept):
        if any(each.start < span.end and span.start < each.end for span in line.spans):
            return f"kept[{index}] is personal data too"
    return None
