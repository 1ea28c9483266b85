"""What a YAML library says of a broken text, in words that say what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.encodings import lines_of
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ruamel.yaml.error import MarkedYAMLError


class _Words(msgspec.Struct, frozen=True):
    """How one message of the library reads here."""

    message: re.Pattern[str]
    detail: str
    hint: str
    opening: bool = False
    """Whether the place to look at is where the thing began, and not where it failed."""


def _words(message: str, detail: str, hint: str, *, opening: bool = False) -> _Words:
    return _Words(re.compile(message, re.DOTALL), detail, hint, opening)


_TABLE = (
    _words(
        r".*found character '(\\t|\t)'.*", "a tab where YAML wants spaces", "use spaces instead"
    ),
    _words(
        r"found unexpected end of stream",
        "a quote that is never closed",
        "close it, or take it out",
        opening=True,
    ),
    _words(
        r"expected '<document start>', but found .*",
        "a line that begins with % stands above this",
        "take it out, or put the text in quotes",
    ),
    _words(
        r"found unexpected document separator",
        "a quote that is not closed before the next document",
        "close it, or take it out",
        opening=True,
    ),
    _words(
        r"could not find expected ':'",
        "a key without its colon",
        "write `key: value`, or put text of several words in quotes",
        opening=True,
    ),
    _words(
        r"expected ',' or '\]', but got .*",
        "the list that opens at {opened} is not closed before this",
        "close it with ], or put a comma before this",
    ),
    _words(
        r"expected ',' or '\}', but got .*",
        "the braces that open at {opened} are not closed before this",
        "close them with }, or put a comma before this",
    ),
    _words(
        r"while parsing a flow node.*",
        "a value is missing here",
        "write one, or close the bracket that is still open",
    ),
    _words(
        r".*but found '([\]}])'",
        r"a \1 that closes nothing",
        "take it out, or open it",
    ),
    _words(
        r".*but found '<scalar>'",
        "text that goes on after its closing quote",
        "put all of it between one pair of quotes",
    ),
    _words(
        r"while parsing a block mapping.*but found '-'",
        "an item of a list among keys",
        "indent it deeper than the key that holds the list",
    ),
    _words(
        r".*but found '<block (?:mapping|sequence) start>'",
        "indented unlike every line it could belong to",
        "give it the indentation of its neighbours",
    ),
    _words(
        r"found unknown escape character '(.*)'",
        r"\\\1 means nothing between double quotes",
        "write the backslash twice, or use single quotes",
    ),
    _words(
        r"found character '(.*)' that cannot start any token",
        r"plain text cannot begin with \1",
        "put it in quotes",
    ),
    _words(
        r"expected a single document.*",
        "a second document begins here",
        "keep one document in a file, and take out the line of --- or ...",
    ),
    _words(
        r"expected a comment or a line break, but found .*",
        "text on the same line as | or >",
        "begin it on the next line, or put it in quotes without | or >",
    ),
    _words(
        r"expected alphabetic or numeric character, but found .*",
        "plain text cannot begin with & or *",
        "put it in quotes",
    ),
)
"""Message of ruamel.yaml -> our words; the first that fits counts."""
_COLON = "mapping values are not allowed"
_KEY = re.compile(r"\s*(?:- +)*[^\s#'\"\[\]{}][^:]*:(?: |$)")


def explained(error: MarkedYAMLError, text: str, *, file: str) -> Problem:
    """The problem that keeps a text from being YAML, at its place."""
    marks: Any = error
    problem = str(marks.problem or marks.context or "not YAML").splitlines()[0]
    whole = f"{marks.context or ''}, {problem}"
    if problem.startswith(_COLON):
        return _colon(marks.problem_mark, file, lines_of(text))
    for words in _TABLE:
        hit = words.message.fullmatch(problem) or words.message.fullmatch(whole)
        if hit is not None:
            mark = marks.context_mark if words.opening else marks.problem_mark
            detail = hit.expand(words.detail).replace("{opened}", _place(marks.context_mark))
            return _at(mark or marks.problem_mark, file, detail, words.hint)
    shown = whole if problem.startswith("but found") else problem
    return _at(marks.problem_mark or marks.context_mark, file, shown, None)


def _colon(mark: Any, file: str, lines: Sequence[str]) -> Problem:
    """A colon that makes no key: inside plain text, or of a key that is indented into a text."""
    line = lines[int(mark.line)]
    if _KEY.match(line[: mark.column]):
        return _at(mark, file, "a colon and a space inside plain text", "put the text in quotes")
    return Problem(
        file=file,
        line=mark.line + 1,
        column=len(line) - len(line.lstrip()) + 1,
        detail="a key that is indented into the text above it",
        hint="give it the indentation of its neighbours",
    )


def _place(mark: Any) -> str:
    return f"{mark.line + 1}:{mark.column + 1}" if mark else "some place above"


def _at(mark: Any, file: str, detail: str, hint: str | None) -> Problem:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(file=file, line=line, column=column, detail=detail, hint=hint)
