"""Titles from TV-Anytime XML (ETSI TS 102 822-3-1): ProgramInformation and GroupInformation.

The document is read as it streams by, so that what stands before a syntax error is still imported.
Entities and external references are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree as Defused
from defusedxml.common import DefusedXmlException

from genservice.catalog.drafts import Draft, slug
from genservice.catalog.plain import clean
from genservice.catalog.tvadescription import Element, describe
from genservice.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RECORDS = {"ProgramInformation", "GroupInformation", "PersonName"}
_MAX_DEPTH = 60


def read_tva(raw: bytes) -> Iterator[Draft | Problem]:
    """Titles of a TV-Anytime document."""
    document = _Document()
    parser: Any = Defused.DefusedXMLParser(target=document, forbid_dtd=False)
    document.line_of = lambda: int(parser.parser.CurrentLineNumber)
    problem: Problem | None = None
    try:
        parser.feed(raw)
        parser.close()
    except ParseError as error:
        problem = Problem(line=error.position[0], detail="not XML; the rest was not read")
    except DefusedXmlException:
        problem = Problem(line=document.line_of(), detail="entities are not allowed")
    except (_TooDeepError, LookupError, ValueError):
        problem = Problem(line=document.line_of(), detail="not XML that can be read")
    yield from _drafts(document)
    if problem is not None:
        yield problem
    elif not document.seen_root:
        yield Problem(line=1, detail="not a TV-Anytime document", hint="the root is TVAMain")


class _TooDeepError(Exception):
    """The document is nested too deeply."""


class _Document:
    """Collects the records of a document while its parser runs (an ElementTree target)."""

    def __init__(self) -> None:
        self.seen_root = False
        self.programmes: list[Element] = []
        self.groups: list[Element] = []
        self.persons: dict[str, Element] = {}
        self.line_of: Callable[[], int] = lambda: 1
        self._open: list[Element] = []
        self._languages: list[str] = ["en"]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "TVAMain":
            self.seen_root = True
        plain = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        self._languages.append(plain.get("lang", self._languages[-1]))
        if len(self._languages) > _MAX_DEPTH:
            raise _TooDeepError
        if self._open or name in _RECORDS:
            element = Element(name, plain, self._languages[-1], self.line_of())
            if self._open:
                self._open[-1].children.append(element)
            self._open.append(element)

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1].parts.append(text)

    def end(self, tag: str) -> None:
        self._languages.pop()
        if not self._open:
            return
        element = self._open.pop()
        if self._open:
            return
        if element.name == "ProgramInformation":
            self.programmes.append(element)
        elif element.name == "GroupInformation":
            self.groups.append(element)
        elif (id_ := element.attributes.get("personNameId")) is not None:
            self.persons[id_] = element

    def close(self) -> None:
        """End of the document."""


def _drafts(document: _Document) -> Iterator[Draft]:
    groups = {element.attributes.get("groupId", ""): element for element in document.groups}
    series: dict[str, Draft] = {}
    for crid, element in groups.items():
        if _member_of(element) not in groups:
            series[crid] = _draft(element, "series", document)
            yield series[crid]
    seasons: dict[str, tuple[Draft, int | None]] = {}
    for crid, element in groups.items():
        above = _member_of(element)
        if above in series:
            draft = _draft(element, "season", document)
            number = _index(element)
            _belong(draft, series[above], season=number, episode=None)
            seasons[crid] = (draft, number)
            yield draft
    for element in document.programmes:
        yield _programme(element, series, seasons, document)


def _programme(
    element: Element,
    series: dict[str, Draft],
    seasons: dict[str, tuple[Draft, int | None]],
    document: _Document,
) -> Draft:
    above = _member_of(element)
    draft = _draft(element, "episode" if above else "programme", document)
    if above in seasons:
        season, number = seasons[above]
        if season.parent is not None:
            _belong(draft, season.parent, season=number, episode=_index(element))
    elif above in series:
        _belong(draft, series[above], season=None, episode=_index(element))
    elif above:
        draft.value["kind"] = "episode"
    return draft


def _draft(element: Element, kind: str, document: _Document) -> Draft:
    draft = Draft({"kind": kind, "language": element.language}, line=element.line, base="-")
    describe(draft, element, document.persons)
    draft.base = slug(draft.value.get("name"), draft.value.get("year"))
    return draft


def _belong(draft: Draft, parent: Draft, *, season: int | None, episode: int | None) -> None:
    """Make a season or episode part of its series, with an id that says so."""
    marks = "".join(f"{mark}{n}" for mark, n in (("s", season), ("e", episode)) if n is not None)
    own = marks or slug(draft.value.get("name"))
    draft.parent = parent
    draft.base = f"{parent.base[: 63 - len(own)]}-{own}"
    draft.value["part_of"] = {"series": parent.base, "season": season, "episode": episode}


def _member_of(element: Element) -> str | None:
    link = element.find("EpisodeOf") or element.find("MemberOf")
    return clean(link.attributes.get("crid", "")) or None if link is not None else None


def _index(element: Element) -> int | None:
    link = element.find("EpisodeOf") or element.find("MemberOf")
    said = link.attributes.get("index", "") if link is not None else ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None
