"""Titles from schema.org JSON-LD, bare or in the script blocks of a page.

Read are Movie, TVSeries, TVSeason, TVEpisode and their like, wherever they stand in the graph. A
nested one that says nothing but its name is a mention (what somebody watched, what a film is based
on) and no record. Actors are billed in the order in which they stand.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.catalog.drafts import Draft, slug
from genservice.catalog.jsontext import decode
from genservice.catalog.plain import DESCRIPTION_ROOM, clean, minutes, shorten, year
from genservice.catalog.schemaorg import (
    countries,
    first,
    genres,
    language,
    listed,
    number,
    people,
    ratings,
    texts,
    types,
)
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS = {
    "Movie": "film",
    "TVSeries": "series",
    "CreativeWorkSeries": "series",
    "MovieSeries": "series",
    "TVSeason": "season",
    "TVEpisode": "episode",
}
_MENTION = frozenset({"@type", "@id", "@context", "name", "url", "sameAs", "image", "identifier"})
_MAX_DEPTH = 60
_OPEN = re.compile(r"<script\b([^>]{0,400})>", re.IGNORECASE)
_CLOSE = re.compile(r"</script\b", re.IGNORECASE)
_TYPE_KEY = re.compile(r'(?<!\\)"@type"\s*:')
_NUMBERED = re.compile(r"(?:season|series)\s+(\d{1,3})$", re.IGNORECASE)
_FIELDS = {
    "actor": "actor", "actors": "actor", "director": "director", "directors": "director",
    "creator": "creator", "author": "writer", "musicBy": "composer", "producer": "producer",
}  # fmt: skip


def read_jsonld(raw: bytes) -> Iterator[Draft | Problem]:
    """Titles of a JSON-LD file, or of a page or text with JSON-LD in script elements."""
    text = decode(raw)
    if isinstance(text, Problem):
        yield text
        return
    line, counted = 1, 0
    for start, end in _blocks(text):
        line += text.count("\n", counted, start)
        counted = start
        block = text[start:end]
        try:
            value = json.loads(block)
        except json.JSONDecodeError as error:
            yield Problem(line=line + error.lineno - 1, detail=f"not JSON: {error.msg}")
        except (ValueError, RecursionError):
            yield Problem(line=line, detail="not JSON")
        else:
            yield from _Graph(block, line).drafts(value)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every piece of JSON-LD."""
    if text.lstrip()[:1] in ("{", "["):
        yield 0, len(text)
        return
    at = 0
    while (opening := _OPEN.search(text, at)) is not None:
        closing = _CLOSE.search(text, opening.end())
        if closing is None:
            return
        if "ld+json" in opening[1].lower() and text[opening.end() : closing.start()].strip():
            yield opening.end(), closing.start()
        at = closing.end()


class _Above(msgspec.Struct, frozen=True):
    """The series that a node stands in, and the number of its season."""

    series: Draft | None
    season: int | None


def _below(above: _Above, draft: Draft, kind: str) -> _Above:
    if kind == "series":
        return _Above(draft, None)
    if kind == "season":
        return _Above(above.series, draft.value.get("part_of", {}).get("season"))
    return above


class _Graph:
    """The title records of one block."""

    def __init__(self, block: str, line: int) -> None:
        self._lines = _places(block, line)
        self._block_line = line
        self._language: str | None = None

    def drafts(self, value: Any) -> Iterator[Draft | Problem]:
        if isinstance(value, dict):
            self._language = _context_language(cast("dict[str, Any]", value))
        yield from self._walk(value, _Above(None, None), 0)

    def _walk(self, value: Any, above: _Above, depth: int) -> Iterator[Draft | Problem]:
        if depth > _MAX_DEPTH:
            yield Problem(line=self._block_line, detail=f"nested deeper than {_MAX_DEPTH} levels")
        elif isinstance(value, list):
            for item in cast("list[Any]", value):
                yield from self._walk(item, above, depth + 1)
        elif isinstance(value, dict):
            yield from self._node(cast("dict[str, Any]", value), above, depth)

    def _node(self, node: dict[str, Any], above: _Above, depth: int) -> Iterator[Draft | Problem]:
        kind = next((_KINDS[type_] for type_ in types(node) if type_ in _KINDS), None)
        draft: Draft | None = None
        if kind is not None and (depth == 0 or not _MENTION.issuperset(node)):
            draft = Draft({}, line=self._block_line, repeats=True)
            self._fill(draft, node, kind, above)
            above = _below(above, draft, kind)
        children: list[Draft | Problem] = []
        for key, member in node.items():
            if key == "@type":
                line = next(self._lines, self._block_line)
                if draft is not None:
                    draft.line = line
            elif isinstance(member, dict | list):
                children.extend(self._walk(member, above, depth + 1))
        if draft is not None:
            yield draft
        yield from children

    def _fill(self, draft: Draft, node: dict[str, Any], kind: str, above: _Above) -> None:
        value = draft.value
        name = next(texts(node.get("name")), None)
        value["kind"] = kind
        if name is not None:
            value["name"] = name
        value["language"] = language(node, self._language)
        _plain_members(draft, node)
        if kind in ("season", "episode"):
            _place(draft, node, above)
        else:
            draft.base = slug(value.get("name"), value.get("year"))
        if not value.get("name"):
            value.pop("name", None)


def _plain_members(draft: Draft, node: dict[str, Any]) -> None:
    """Everything but name, kind, language and place in a series."""
    value = draft.value
    if also := [other for other in texts(node.get("alternateName")) if other != value.get("name")]:
        value["also_named"] = also
    dates = (
        first(node.get(key))
        for key in ("datePublished", "dateCreated", "copyrightYear", "startDate")
    )
    value["year"] = next((found for date in dates if (found := year(date)) is not None), None)
    durations = (
        minutes(said) for key in ("duration", "timeRequired") for said in texts(node.get(key))
    )
    value["minutes"] = next((found for found in durations if found is not None), None)
    value["credits"] = [
        credit for key, job in _FIELDS.items() for credit in people(node.get(key), job)
    ]
    value["genres"] = genres(node.get("genre"))
    value["countries"] = countries(node.get("countryOfOrigin"))
    description = " ".join(texts(node.get("description"))) or " ".join(texts(node.get("abstract")))
    if description:
        value["description"] = shorten(clean(description), DESCRIPTION_ROOM)
    value["ratings"], unread = ratings(node.get("contentRating"))
    if unread:
        draft.warn("/ratings", "a content rating without a known board; left out")


def _place(draft: Draft, node: dict[str, Any], above: _Above) -> None:
    """Where a season or episode belongs, and an id that says so."""
    value = draft.value
    seasons = [
        cast("dict[str, Any]", item)
        for item in listed(node.get("partOfSeason"))
        if isinstance(item, dict)
    ]
    season = number(node.get("seasonNumber")) or next(
        (number(item.get("seasonNumber")) for item in seasons), None
    )
    episode = number(node.get("episodeNumber")) or number(node.get("position"))
    if value["kind"] == "season":
        numbered = _NUMBERED.search(value.get("name", ""))
        season = season or number(node.get("position")) or (numbered and int(numbered[1])) or None
        episode = None
    series = next((name for item in listed(node.get("partOfSeries")) for name in texts(item)), None)
    parent = above.series if series is None else None
    if value["kind"] == "episode" and season is None and parent is not None:
        season = above.season
    root = slug(series) if series else (parent.base if parent is not None else None)
    if root is None:
        draft.base = slug(value.get("name"), value.get("year"))
        return
    marks = "".join(f"{mark}{n}" for mark, n in (("s", season), ("e", episode)) if n is not None)
    own = marks or slug(value.get("name"))
    draft.base = f"{root[: 63 - len(own)]}-{own}"
    draft.parent = parent
    value["part_of"] = {"series": root, "season": season, "episode": episode}
    if value["kind"] == "season" and _NUMBERED.fullmatch(value.get("name", "season 1")):
        value["name"] = series or (parent.value.get("name") if parent else None)


def _context_language(node: dict[str, Any]) -> str | None:
    for context in listed(node.get("@context")):
        if isinstance(context, dict):
            said = cast("dict[str, Any]", context).get("@language")
            if isinstance(said, str):
                return said
    return None


def _places(block: str, line: int) -> Iterator[int]:
    """The line of the object that holds each "@type", in the order of the text."""
    counted = 0
    for match in _TYPE_KEY.finditer(block):
        brace = block.rfind("{", counted, match.start())
        start = brace if brace >= 0 and "}" not in block[brace : match.start()] else match.start()
        line += block.count("\n", counted, start)
        counted = max(counted, start)
        yield line
