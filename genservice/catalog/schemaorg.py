"""Values of schema.org properties, which may each be a text, a thing, or a list of either."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from genservice.catalog.plain import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOARDS = {
    "mpaa": ("US", "MPA"), "mpa": ("US", "MPA"), "bbfc": ("GB", "BBFC"), "fsk": ("DE", "FSK"),
    "cnc": ("FR", "CNC"), "ifco": ("IE", "IFCO"), "kijkwijzer": ("NL", "Kijkwijzer"),
    "acb": ("AU", "ACB"), "chvrs": ("CA", "CHVRS"), "eirin": ("JP", "EIRIN"),
}  # fmt: skip
_AMERICAN = {
    "PG-13": "MPA", "NC-17": "MPA", "TV-Y": "TV Parental Guidelines", "TV-Y7": "TV Parental Guidelines",
    "TV-G": "TV Parental Guidelines", "TV-PG": "TV Parental Guidelines",
    "TV-14": "TV Parental Guidelines", "TV-MA": "TV Parental Guidelines",
}  # fmt: skip
"""Values that one board alone gives."""
_AGES = frozenset({"BBFC", "FSK", "CNC", "Kijkwijzer"})
"""Boards whose numbers are ages below which nobody is let in."""
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LANGUAGES = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it",
    "portuguese": "pt", "dutch": "nl", "danish": "da", "swedish": "sv", "norwegian": "no",
    "finnish": "fi", "polish": "pl", "czech": "cs", "russian": "ru", "turkish": "tr", "greek": "el",
    "japanese": "ja", "korean": "ko", "chinese": "zh", "hindi": "hi", "arabic": "ar", "welsh": "cy",
    "irish": "ga", "icelandic": "is", "hungarian": "hu", "romanian": "ro", "ukrainian": "uk",
}  # fmt: skip
_BETWEEN = re.compile(r"\s*[,;/|]\s*")


def listed(value: Any) -> list[Any]:
    """`value` as a list: itself, or what it holds, or nothing."""
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def first(value: Any) -> Any:
    """The first item of a list, or the value itself; of a typed value, what it says."""
    item = next(iter(listed(value)), None)
    return cast("dict[str, Any]", item).get("@value") if isinstance(item, dict) else item


def types(node: dict[str, Any]) -> list[str]:
    """The types of a node, without schema.org's address."""
    return [
        type_.rpartition("/")[2].rpartition(":")[2]
        for type_ in listed(node.get("@type"))
        if isinstance(type_, str)
    ]


def texts(value: Any) -> Iterator[str]:
    """Every text a property gives: plain, in a language, or as the name of a thing."""
    for item in listed(value):
        said: Any = item
        if isinstance(item, dict):
            node = cast("dict[str, Any]", item)
            said = node.get("@value") or node.get("name")
        if isinstance(said, list | dict):
            yield from texts(said)
        elif isinstance(said, str) and (text := clean(said)):
            yield text


def number(value: Any) -> int | None:
    """A whole number, said as a number or as text."""
    said = first(value)
    if isinstance(said, bool):
        return None
    if isinstance(said, int):
        return said
    text = str(said).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def people(value: Any, job: str) -> Iterator[dict[str, Any]]:
    """Credits for persons, names, or roles that hold a person and a character's name."""
    billing = 0
    for item in listed(value):
        character: str | None = None
        person: Any = item
        if isinstance(item, dict):
            node = cast("dict[str, Any]", item)
            if "Organization" in types(node):
                continue
            if any(key in node for key in ("actor", "characterName", "director", "creator")):
                role = node.get("characterName", node.get("roleName"))
                character = next(texts(role), None)
                person = next(
                    (node[key] for key in ("actor", "director", "creator") if key in node), node
                )
        name = next(texts(person), None)
        if name is None:
            continue
        credit: dict[str, Any] = {"name": name, "job": job}
        if job == "actor":
            billing += 1
            credit["billing"] = billing
            if character:
                credit["character"] = character
        yield credit


def genres(value: Any) -> list[str]:
    """Genre words; "Action, Drama" and addresses that end in a word are taken apart."""
    found: list[str] = []
    for said in texts(value):
        if said.startswith("http"):
            found.append(said.rstrip("/").rpartition("/")[2])
        else:
            found.extend(part for part in _BETWEEN.split(said) if part)
    return found


def countries(value: Any) -> list[str]:
    """Codes or names of countries."""
    return list(texts(value))


def language(node: dict[str, Any], default: str | None) -> str:
    """The language of a node's texts: as its description or context says, else `inLanguage`, else English."""
    for item in (*listed(node.get("description")), *listed(node.get("name"))):
        if isinstance(item, dict):
            said = cast("dict[str, Any]", item).get("@language")
            if isinstance(said, str) and _TAG.fullmatch(said):
                return said
    if default is not None and _TAG.fullmatch(default):
        return default
    for item in listed(node.get("inLanguage")):
        found = (
            cast("dict[str, Any]", item).get("alternateName") if isinstance(item, dict) else item
        )
        for said in (*texts(found), *texts(item)):
            if said.lower() in _LANGUAGES:
                return _LANGUAGES[said.lower()]
            if _TAG.fullmatch(said) and len(said.split("-", 1)[0]) < 4:
                return said
    return "en"


def ratings(value: Any) -> tuple[list[dict[str, Any]], bool]:
    """Content ratings with their boards, and whether one was left out for want of a board."""
    found: list[dict[str, Any]] = []
    unread = False
    for item in listed(value):
        board, said = "", ""
        if isinstance(item, dict):
            node = cast("dict[str, Any]", item)
            board = next(texts(node.get("author")), "")
            said = next(texts(node.get("ratingValue")), "") or next(texts(node.get("name")), "")
        elif isinstance(item, str):
            said = clean(item)
        rating = _rating(board, said)
        if rating is not None:
            found.append(rating)
        else:
            unread = unread or bool(said)
    return found, unread


def _rating(board: str, said: str) -> dict[str, Any] | None:
    head, _, rest = said.partition(" ")
    if not board and rest and head.lower().strip(":") in _BOARDS:
        board, said = head.strip(":"), rest.strip()
    known = _BOARDS.get(board.lower())
    if known is None:
        system = _AMERICAN.get(said.upper())
        return {"region": "US", "system": system, "value": said.upper()} if system else None
    region, system = known
    rating: dict[str, Any] = {"region": region, "system": system, "value": said}
    digits = re.match(r"(\d{1,2})(?!\d)", said)
    if system in _AGES and digits and int(digits[1]) <= 21:
        rating["min_age"] = int(digits[1])
    return rating
