"""Problems as a good compiler shows them: the place, what is wrong, the line with its mark, what to do.

    promo.yaml:7:18: not an age band: 'under_31'
      7 |       age_band: [under_31, adults]
        |                  ^^^^^^^^
        = did you mean 'under_13'?

The first line of each is what editors know as `file:line:column: message`. Everything here is a
function of problems and texts; whether anything is coloured is for the caller to say.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from genservice.encodings import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genservice.errors import Problem

Part = Literal["place", "detail", "note", "gutter", "mark", "hint"]
"""What a piece of an excerpt is."""

WIDTH = 100
"""Cells of a line where nobody says otherwise."""
MOST = 50
"""Problems shown at once."""

_LEAST = 20
_FAR = 2000
"""Characters looked at on each side of a place: more than fit, and a file may be one line of a megabyte."""
_TAB = 4
_MORE = "\u2026"
_UNSEEN = "\ufffd"
_CONTROLS = 0x20
_PICTURES = 0x2400
"""Signs for control characters, in their order: U+2400 and on."""
_HIDING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_TOKEN = re.compile(
    r"""
    "(?:[^"\\]|\\.)*"?          # between double quotes
    | '(?:[^']|'')*'?           # between single quotes
    | [\[\]{},&*!|>%@`]         # a mark of YAML's own
    | -(?=\s|$)
    | :(?=\s|$)
    | [^\s\[\]{},](?:[^,\[\]{}:\#\s]|:(?![\s,\]}]|$)|(?<!\s)\#|\ +(?=[^\s\#,\[\]{}:]))*
    """,
    re.VERBOSE,
)

_ITEM = re.compile(r"[\s-]*-\s+")
_COLON = re.compile(r":\s+")


def plain(text: str, part: Part) -> str:
    """`text` as it is: what paints where there is no colour."""
    del part
    return text


def told(
    problems: Sequence[Problem],
    files: Mapping[str, str],
    *,
    width: int = WIDTH,
    most: int = MOST,
    paint: Callable[[str, Part], str] = plain,
    note: bool = False,
) -> str:
    """Every problem with its excerpt, an empty line between them.

    Args:
        problems: What is wrong.
        files: The texts they stand in, by name. Where one is missing, its line is not shown.
        width: Cells of a line; longer ones are cut around the place.
        most: How many are shown; of the rest, how many there are.
        paint: Colours a piece of text by what it is.
        note: Whether each is said to be a note.
    """
    lines = {name: _lines(files[name]) for name in _named(problems[:most]) if name in files}
    shown = [_shown(problem, lines, width, paint, note=note) for problem in problems[:most]]
    if len(problems) > most:
        shown.append(f"... and {len(problems) - most} more")
    return "\n\n".join(shown)


def excerpt(problem: Problem, text: str, *, width: int = WIDTH) -> str | None:
    """The line a problem stands in and the mark under its place; None where it names no place in `text`."""
    return Texts({problem.file or "": text}).excerpt(problem, width=width)


class Texts:
    """Texts by name, each taken apart into its lines when something of it is first shown."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._lines: dict[str, list[str]] = {}

    def excerpt(self, problem: Problem, *, width: int = WIDTH) -> str | None:
        """The same as `excerpt`, of the text that the problem names; None too where there is none."""
        name = problem.file or ""
        if name not in self._lines:
            self._lines[name] = _lines(self._files.get(name, ""))
        rows = _excerpt(problem, self._lines[name], width, plain)
        return "\n".join(rows) if rows else None


def _lines(text: str) -> list[str]:
    return lines_of(text.removeprefix("\ufeff"))


def _named(problems: Sequence[Problem]) -> set[str]:
    return {
        at.file for problem in problems for at in (problem, *problem.related) if at.file is not None
    }


def _shown(
    problem: Problem,
    files: Mapping[str, list[str]],
    width: int,
    paint: Callable[[str, Part], str],
    *,
    note: bool,
) -> str:
    where = ":".join(
        str(part) for part in (problem.file, problem.line, problem.column) if part is not None
    )
    place = paint(f"{where}: ", "place") if where else ""
    kind = paint("note: ", "note") if note else ""
    rows = [f"{place}{kind}{paint(problem.detail, 'detail')}"]
    rows += _excerpt(problem, files.get(problem.file or "", []), width, paint)
    if problem.hint:
        gutter = " " * (len(str(problem.line or "")) + 3)
        rows.append(f"{gutter}{paint('= ', 'gutter')}{paint(problem.hint, 'hint')}")
    rows += [_shown(other, files, width, paint, note=False) for other in problem.related]
    return "\n".join(rows)


def _excerpt(
    problem: Problem, lines: Sequence[str], width: int, paint: Callable[[str, Part], str]
) -> list[str]:
    """The line and the mark under it, each after its gutter."""
    if problem.line is None or problem.column is None or not problem.line <= len(lines):
        return []
    line = lines[problem.line - 1]
    at = min(problem.column - 1, len(line))
    end = max(at + 1, _end(line, at))
    number = str(problem.line)
    room = max(_LEAST, width - len(number) - 5)
    before, marked, after = _cut(
        _glyphs(line[max(0, at - _FAR) : at]),
        _glyphs(line[at : min(end, at + _FAR)]),
        _glyphs(line[end : end + _FAR]),
        room,
    )
    carets = "^" * max(1, _cells(marked))
    shown = f"{''.join(before)}{paint(''.join(marked), 'mark')}{''.join(after)}"
    bar, blank = paint(f"{number} |", "gutter"), paint(f"{' ' * len(number)} |", "gutter")
    return [
        f"  {bar} {shown}".rstrip(),
        f"  {blank} {' ' * _cells(before)}{paint(carets, 'mark')}",
    ]


def _end(line: str, at: int) -> int:
    """Where what stands at a place ends: a word; of an item of a list, its first key and value."""
    token = _TOKEN.match(line, at)
    if token is None:
        return at
    colon = _COLON.match(line, token.end())
    if colon is not None and _ITEM.fullmatch(line, 0, at):
        value = _TOKEN.match(line, colon.end())
        return value.end() if value else token.end()
    return token.end()


def _glyphs(text: str) -> list[str]:
    """What is shown for each character: tabs as spaces, what cannot be seen as a sign for it."""
    return [_glyph(char) for char in text]


def _glyph(char: str) -> str:
    if char == "\t":
        return " " * _TAB
    if ord(char) < _CONTROLS:
        return chr(_PICTURES + ord(char))
    return (
        _UNSEEN
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _HIDING
        else char
    )


def _cells(glyphs: Sequence[str]) -> int:
    """Cells of a terminal that glyphs take: two for wide characters, none for combining ones."""
    return sum(_cell(char) for glyph in glyphs for char in glyph)


def _cell(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(
    before: list[str], marked: list[str], after: list[str], room: int
) -> tuple[list[str], list[str], list[str]]:
    """The three parts of a line, shortened to `room` cells around the marked one."""
    if _cells([*before, *marked, *after]) <= room:
        return before, marked, after
    marked = _first(marked, room // 2)
    spare = room - _cells(marked)
    left = max(spare // 3, spare - _cells(after))
    before = _first(before[::-1], left)[::-1]
    return before, marked, _first(after, spare - _cells(before))


def _first(glyphs: list[str], room: int) -> list[str]:
    """As many as fit, the last of them a sign that there were more."""
    if _cells(glyphs) <= room:
        return glyphs
    kept: list[str] = []
    for glyph in glyphs:
        room -= _cells([glyph])
        if room < 1:
            break
        kept.append(glyph)
    return [*kept, _MORE]
