"""What a TV-Anytime BasicDescription says, as members of a title record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from genservice.catalog.plain import DESCRIPTION_ROOM, clean, minutes, shorten, year
from genservice.domain import LENGTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from genservice.catalog.drafts import Draft

_ROLES = {
    "actor": "actor", "key-character": "actor", "key-talent": "actor", "voice": "voice",
    "director": "director", "scriptwriter": "writer", "author": "writer", "writer": "writer",
    "creator": "creator", "composer": "composer", "producer": "producer", "narrator": "narrator",
    "presenter": "presenter", "ad6": "presenter", "v721": "presenter", "v32": "commentator",
}  # fmt: skip
"""Last part of a role's name, in MPEG-7's RoleCS and TV-Anytime's TVARoleCS."""
_BILLED = frozenset({"actor", "voice", "presenter", "narrator"})
_ALERTS = (
    ("6.1.5", "sexual_violence"), ("6.1", "sex"), ("6.2", "nudity"), ("6.3", "violence"),
    ("6.4", "animal_harm"), ("6.5", "threat"), ("6.6.10", "discrimination"),
    ("6.6.11", "discrimination"), ("6.6.12", "discrimination"), ("6.6", "language"),
    ("6.7.2", "real_tragedy"), ("6.7.3", "gore"), ("6.7.4", "gore"), ("6.7", "threat"),
    ("6.8", "discrimination"), ("6.9", "drugs"), ("6.10", "flashing_images"),
)  # fmt: skip
"""Terms of ContentAlertCS and the alert that each, and what is below it, comes to."""
_NO_ALERT = re.compile(r"6\.0(\.\d+)*|6\.\d+\.1")
_FILM = frozenset({"film", "movie", "feature film", "films"})
_EDITORIAL_ROOM = 1200


class Element:
    """One element of the document: local name, attributes by local name, language and line."""

    def __init__(self, name: str, attributes: Mapping[str, str], language: str, line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.language = language
        self.line = line
        self.parts: list[str] = []
        self.children: list[Element] = []

    @property
    def text(self) -> str:
        """What stands in the element itself, in one line."""
        return clean("".join(self.parts))

    def find(self, name: str) -> Element | None:
        """The first element below this one of that name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Element]:
        """Every element below this one of that name, in document order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)


def describe(draft: Draft, element: Element, persons: Mapping[str, Element]) -> None:
    """Put what the element's BasicDescription says into the draft."""
    basic = element.find("BasicDescription") or element
    value = draft.value
    _names(value, basic)
    _synopses(value, basic, element.language)
    value["genres"], value["alerts"] = _genres(basic)
    value["credits"] = list(_credits(basic, persons))
    for item in basic.all("Genre"):
        words = {name.text.lower() for name in item.all("Name")} | {item.text.lower()}
        if value["kind"] == "programme" and not _FILM.isdisjoint(words):
            value["kind"] = "film"
            value["genres"] = [
                said for said in value["genres"] if said.rpartition("|")[2].lower() not in _FILM
            ]
    date = basic.find("ProductionDate")
    if date is not None:
        value["year"] = next(
            (found for at in (date, *date.all("TimePoint")) if (found := year(at.text))), None
        )
    durations = (
        minutes(item.text) for name in ("Duration", "PublishedDuration") for item in basic.all(name)
    )
    value["minutes"] = next((found for found in durations if found), None)
    value["countries"] = [place.text for place in basic.all("ProductionLocation") if place.text]
    value["ratings"] = list(_ratings(draft, basic))
    available = [
        name
        for name, tag in (("subtitles", "CaptionLanguage"), ("signed", "SignLanguage"))
        if element.find(tag) is not None
    ]
    if available:
        value["accessibility"] = available


def _names(value: dict[str, Any], basic: Element) -> None:
    titles = [(item.attributes.get("type", "main"), item.text) for item in basic.all("Title")]
    said = {kind: text for kind, text in reversed(titles) if text}
    name = (
        said.get("episodeTitle")
        or said.get("main")
        or said.get("series")
        or said.get("seriesTitle")
    )
    if name:
        value["name"] = name
    if original := said.get("original"):
        value["original_name"] = original
    also = [text for kind, text in titles if kind in ("alternative", "popular") and text != name]
    if also:
        value["also_named"] = list(dict.fromkeys(also))


def _synopses(value: dict[str, Any], basic: Element, language: str) -> None:
    """Editorial texts of every language; the longest in the record's own is its description too."""
    texts: list[dict[str, Any]] = []
    own: list[str] = []
    for item in basic.all("Synopsis"):
        text = item.text
        if not text:
            continue
        if item.language == language:
            own.append(text)
        cut = shorten(text, _EDITORIAL_ROOM)
        length = next(name for name, most in LENGTHS.items() if len(cut) <= most)
        texts.append({"language": item.language, "length": length, "text": cut})
    if texts:
        value["texts"] = texts
    if own:
        value["description"] = shorten(max(own, key=len), DESCRIPTION_ROOM)


def _genres(basic: Element) -> tuple[list[str], list[str]]:
    """Genre words or numbers, and alerts."""
    genres: list[str] = []
    alerts: list[str] = []
    for item in basic.all("Genre"):
        href = item.attributes.get("href", "")
        if "ContentAlertCS" in href:
            alert = _alert(href.rpartition(":")[2])
            if alert and alert not in alerts:
                alerts.append(alert)
        else:
            named = next((name.text for name in item.all("Name") if name.text), item.text)
            number = href if "ContentCS" in href else ""
            genres.append("|".join(way for way in (number, named) if way))
    return [said for said in genres if said], alerts


def _alert(number: str) -> str | None:
    if _NO_ALERT.fullmatch(number):
        return None
    return next(
        (word for term, word in _ALERTS if number == term or number.startswith(f"{term}.")), None
    )


def _credits(basic: Element, persons: Mapping[str, Element]) -> Iterator[dict[str, Any]]:
    billing = 0
    for item in basic.all("CreditsItem"):
        job = _ROLES.get(item.attributes.get("role", "").rpartition(":")[2].lower())
        person = item.find("PersonName")
        link = item.find("PersonNameIDRef")
        id_ = link.attributes.get("ref") if link is not None else None
        if person is None and id_ is not None:
            person = persons.get(id_)
        name = _full_name(person)
        if job is None or not name:
            continue
        credit: dict[str, Any] = {"name": name, "job": job}
        if id_:
            credit["person"] = id_[:64]
        if job in _BILLED:
            billing += 1
            credit["billing"] = billing
            if character := _full_name(item.find("Character")):
                credit["character"] = character
        yield credit


def _full_name(element: Element | None) -> str:
    if element is None:
        return ""
    parts = [part.text for name in ("GivenName", "FamilyName") for part in element.all(name)]
    return " ".join(part for part in parts if part) or element.text


def _ratings(draft: Draft, basic: Element) -> Iterator[dict[str, Any]]:
    """Minimum ages with the region they hold in; one without a region is no rating of any board."""
    for guidance in basic.all("ParentalGuidance"):
        age = guidance.find("MinimumAge")
        if age is None or not age.text.isdigit():
            continue
        region = guidance.find("Region")
        if region is None or len(region.text) != 2:
            draft.warn("/ratings", "a minimum age without a region; left out")
            continue
        yield {
            "region": region.text.upper(),
            "system": "minimum age",
            "value": age.text,
            "min_age": int(age.text[:3]),
        }
