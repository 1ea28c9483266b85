"""Label slots: what a title's closed words and numbers read as in a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from genservice.catalog.forms import numbered
from genservice.domain import Kind, Slot, SlotKind, Term, Title, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_THE = re.compile(r"\d{3,4}s|\d{1,2}(?:st|nd|rd|th) century")
_CALLED: Mapping[Kind, str] = {
    "film": "film",
    "series": "series",
    "season": "series",
    "episode": "episode",
    "programme": "programme",
}
"""What a genre's label calls a title of each kind, where it calls it a film: an action series."""
_DOCUMENTARIES = ("documentary", "nature", "science")


def labels(title: Title, vocabulary: Vocabulary) -> tuple[Slot, ...]:
    """Period, year, minutes, kind, countries, genres, moods, themes, pace and alerts, in that order."""
    return tuple(_labels(title, vocabulary))


def _labels(title: Title, vocabulary: Vocabulary) -> Iterator[Slot]:
    periods = [(i, item.period) for i, item in enumerate(title.setting) if item.period]
    for number, (index, period) in enumerate(periods, 1):
        text = f"the {period}" if _THE.fullmatch(period) else period
        pointer = f"/setting/{index}/period"
        yield Slot(name=numbered("PERIOD", number), kind="period", text=text, pointer=pointer)
    if title.year is not None:
        yield Slot(name="YEAR", kind="year", text=str(title.year), pointer="/year")
    if title.minutes is not None:
        unit = "minute" if title.minutes == 1 else "minutes"
        text = f"{title.minutes} {unit}"
        yield Slot(name="MINUTES", kind="minutes", text=text, pointer="/minutes")
    yield _kind(title)
    countries = [code.lower() for code in title.countries]
    yield from _words("COUNTRY", "country", "/countries", countries, vocabulary.countries)
    yield from _genres(title, vocabulary)
    yield from _words("MOOD", "mood", "/moods", title.moods, vocabulary.moods)
    yield from _words("THEME", "theme", "/themes", title.themes, vocabulary.themes)
    for term in vocabulary.pace:
        if term.name == title.pace:
            yield Slot(name="PACE", kind="pace", text=term.label, pointer="/pace", term=term.name)
    yield from _words("ALERT", "alert", "/alerts", title.alerts, vocabulary.alerts)


def _kind(title: Title) -> Slot:
    """Film, series, season, episode or programme; a documentary by its genre."""
    for index, genre in enumerate(title.genres):
        if genre in _DOCUMENTARIES and title.kind in ("film", "programme"):
            pointer = f"/genres/{index}"
            return Slot(
                name="KIND", kind="kind", text="documentary", pointer=pointer, term=title.kind
            )
    return Slot(name="KIND", kind="kind", text=title.kind, pointer="/kind", term=title.kind)


def _genres(title: Title, vocabulary: Vocabulary) -> Iterator[Slot]:
    """The genres of a title, none of which calls a series a film."""
    for slot in _words("GENRE", "genre", "/genres", title.genres, vocabulary.genres):
        called = slot.text.removesuffix(" film")
        if called == slot.text:
            yield slot
        else:
            yield msgspec.structs.replace(slot, text=f"{called} {_CALLED[title.kind]}")


def _words(
    name: str, kind: SlotKind, pointer: str, words: Sequence[str], terms: Sequence[Term]
) -> Iterator[Slot]:
    """Slots of the words that the vocabulary knows, numbered in the title's order."""
    said = {term.name: term.label for term in terms}
    number = 0
    for index, word in enumerate(words):
        if word in said:
            number += 1
            yield Slot(
                name=numbered(name, number),
                kind=kind,
                text=said[word],
                pointer=f"{pointer}/{index}",
                term=word,
            )
