"""Reading catalogues: bytes in one of several formats to titles, problems and warnings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

from genservice.catalog.drafts import finish
from genservice.catalog.jsonld import read_jsonld
from genservice.catalog.own import read_json, read_json_lines
from genservice.catalog.tables import read_csv, unknown_columns
from genservice.catalog.tva import read_tva
from genservice.catalog.wikipedia import read_wikipedia
from genservice.domain import Title, Vocabulary
from genservice.errors import DocumentError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from genservice.catalog.drafts import Draft

Format = Literal["json", "jsonl", "csv", "jsonld", "tva", "wikipedia"]
FORMATS: tuple[Format, ...] = ("json", "jsonl", "csv", "jsonld", "tva", "wikipedia")

_READERS: dict[Format, Callable[[bytes], Iterator[Draft | Problem]]] = {
    "json": read_json,
    "jsonl": read_json_lines,
    "csv": read_csv,
    "jsonld": read_jsonld,
    "tva": read_tva,
    "wikipedia": read_wikipedia,
}
_SUFFIXES: dict[str, Format] = {
    "csv": "csv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "jsonld": "jsonld",
    "html": "jsonld",
    "htm": "jsonld",
    "xml": "tva",
}
_SNIFF = 20_000
_ROOT = re.compile(rb"<(?:[A-Za-z0-9]+:)?TVAMain\b")
_LINE_OF_JSON = re.compile(rb"\}\s*\n\s*\{\s*\"")
_LINKED_DATA = re.compile(rb'"@(?:context|type|graph)"|application/ld\+json')


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a file held."""

    titles: tuple[Title, ...]
    lines: tuple[int, ...]
    """Where the record of each title starts."""
    pointers: tuple[str, ...]
    """What leads to it in the file, where its line does not say which it is; else empty."""
    problems: tuple[Problem, ...] = ()
    """Records that were left out, and why, by line."""
    warnings: tuple[Problem, ...] = ()
    """What was left out of records that were read, such as unknown genre words."""
    file: str | None = None
    """How problems call the file."""


def read(
    raw: bytes,
    *,
    format: Format,  # noqa: A002 (what callers call it: `genservice catalog import --format`)
    vocabulary: Vocabulary,
    file: str | None = None,
) -> Reading:
    """The titles of a catalogue file.

    A record that is not right is skipped, and a problem names the line where it starts and the field;
    the rest is read. Genres, moods, themes, alerts and countries may be called what `Term.also`,
    labels and forms say; words that stay unknown are dropped with a warning.

    Args:
        raw: The file's content.
        format: What it is; see `detect`.
        vocabulary: The catalogue's vocabulary.
        file: How problems call the file.
    """
    titles, drafts, problems, warnings = finish(_READERS[format](raw), vocabulary)
    if format == "csv":
        warnings = [*unknown_columns(raw), *warnings]
    return Reading(
        titles=tuple(titles),
        lines=tuple(draft.line for draft in drafts),
        pointers=tuple(draft.at for draft in drafts),
        problems=tuple(msgspec.structs.replace(problem, file=file) for problem in problems),
        warnings=tuple(msgspec.structs.replace(problem, file=file) for problem in warnings),
        file=file,
    )


def detect(filename: str, raw: bytes) -> Format:
    """The format of a file, from its name's ending and its first bytes.

    Raises:
        DocumentError: Neither tells; the hint lists the formats to choose from.
    """
    suffix = filename.rpartition(".")[2].lower() if "." in filename else ""
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    head = raw[:_SNIFF].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _ROOT.search(head):
        return "tva"
    if _LINKED_DATA.search(head):
        return "jsonld"
    if head[:1] in (b"{", b"["):
        return _kind_of_json(head)
    if b"," in head.split(b"\n", 1)[0] and b"name" in head.split(b"\n", 1)[0].lower():
        return "csv"
    if _LINKED_DATA.search(raw):
        return "jsonld"
    raise DocumentError(
        Problem(
            file=filename or None,
            detail="not a format that is known",
            hint=f"name it: {', '.join(FORMATS)}",
        )
    )


def _kind_of_json(head: bytes) -> Format:
    if b'"title"' in head and b'"cast"' in head and b'"kind"' not in head:
        return "wikipedia"
    return "jsonl" if head[:1] == b"{" and _LINE_OF_JSON.search(head) else "json"
