"""segments.yaml: named audiences for editors, in the values that a request would send.

A segment is about nobody, so what only a person has is refused: what somebody watched, whom they
follow, what they typed, a place finer than a country, a moment finer than a time of day.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.documents import suggestion
from genservice.domain import Signal, ValueKind
from genservice.policy import fileshapes
from genservice.policy.reader import Reader, is_name, quoted
from genservice.policy.regions import COUNTRIES
from genservice.policy.values import NONE, Place, Segment, SegmentTerm

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.policy.declarations import Declarations

FILE = "segments.yaml"

_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_OF_A_PERSON: dict[ValueKind, tuple[str, str]] = {
    "title_ids": ("is what somebody watched", "name genres, moods or themes instead"),
    "person_ids": ("names people", "send it in the request, beside the segment"),
    "text": ("is somebody's own words", "name words of the vocabulary instead"),
}


def read_segments(reader: Reader, declared: Declarations) -> dict[str, Segment | None]:
    """The segments of the file by name, None for what is wrong; problems are left in the reader."""
    fields = reader.fields("", reader.document.value, FILE, fileshapes.SegmentsFile)
    segments = reader.mapping("/segments", fields.get("segments", {}), "the segments")
    if fields.get("segments") == {}:
        reader.wrong("/segments", "no segments are declared", hint="leave the file out")
    return {name: _segment(reader, name, value, declared) for name, value in segments.items()}


def _segment(reader: Reader, name: str, value: Any, declared: Declarations) -> Segment | None:
    pointer = f"/segments/{name}"
    before = len(reader.problems)
    reader.name(pointer, name, "a segment")
    fields = reader.fields(pointer, value, "a segment", fileshapes.Segment)
    label = reader.text(f"{pointer}/label", fields.get("label", "-"), "a label", most=100)
    why = reader.text(f"{pointer}/why", fields.get("why", "-"), "why")
    signals = reader.mapping(f"{pointer}/signals", fields.get("signals", {}), "the signals")
    if fields.get("signals") == {}:
        reader.wrong(f"{pointer}/signals", "a segment names at least one signal")
    terms: list[SegmentTerm] = []
    read = {
        signal: _value(reader, f"{pointer}/signals/{signal}", (signal, sent), declared, terms)
        for signal, sent in sorted(signals.items())
    }
    if len(reader.problems) > before:
        return None
    place = Place(reader.document.file, *reader.document.place(pointer))
    return Segment(name=name, label=label, why=why, signals=read, terms=tuple(terms), place=place)


def _value(
    reader: Reader,
    pointer: str,
    sent: tuple[str, Any],
    declared: Declarations,
    terms: list[SegmentTerm],
) -> Any:
    name, value = sent
    if name not in declared.signal_names:
        hint = suggestion(name, declared.signal_names)
        reader.wrong_key(pointer, f"not a signal: {quoted(name)}", hint=hint)
        return None
    signal = declared.signals.get(name)
    if signal is None:
        return None
    if signal.ladder == (NONE,):
        detail = f"{name!r} is never used: its ladder is [{NONE}]"
        reader.wrong_key(pointer, detail, hint="take it out of this segment")
        return None
    if signal.value in _OF_A_PERSON:
        says, hint = _OF_A_PERSON[signal.value]
        reader.wrong_key(pointer, f"{name!r} {says}, and a segment is about nobody", hint=hint)
        return None
    return _KINDS[signal.value](_At(reader, pointer, signal, terms), value)


class _At(msgspec.Struct, frozen=True):
    """Where a value is read, and of which signal."""

    reader: Reader
    pointer: str
    signal: Signal
    terms: list[SegmentTerm]
    """Words that only the catalogue's vocabulary can vouch for are added here."""

    def word(self, pointer: str, value: Any) -> str:
        """One word: of the signal's own terms, else of the form that the vocabulary's words have."""
        if self.signal.terms:
            return self.reader.word(pointer, value, "a word of it", self.signal.terms) or ""
        text = self.reader.text(pointer, value, "a word")
        if text and not is_name(text):
            detail = f"a word is lower-case letters, digits and _: {quoted(text)}"
            self.reader.wrong(pointer, detail)
        document = self.reader.document
        place = Place(document.file, *document.place(pointer))
        self.terms.append(SegmentTerm(signal=self.signal.name, word=text, place=place))
        return text

    def each(self, value: Any, read: Callable[[str, Any], str]) -> tuple[str, ...]:
        """Every item of a list, sorted; each stands once, and there are no more than may be sent."""
        items = self.reader.items(self.pointer, value, f"{self.signal.name!r}")
        if len(items) > self.signal.max:
            self.reader.wrong(self.pointer, f"longer than the {self.signal.max} that may be sent")
        found: set[str] = set()
        for index, item in enumerate(items):
            at = f"{self.pointer}/{index}"
            text = read(at, item)
            if text and text in found:
                self.reader.wrong(at, f"{quoted(text)} stands twice in this list")
            found.add(text)
        return tuple(sorted(found))


def _time(at: _At, pointer: str, value: Any) -> str:
    text = at.reader.text(pointer, value, "a time")
    if text and not _CLOCK.fullmatch(text):
        at.reader.wrong(pointer, f"not a time of day: {quoted(text)}", hint='HH:MM, as in "15:00"')
    return text


def _country(at: _At, value: Any) -> dict[str, Any]:
    place = at.reader.mapping(at.pointer, value, "a place")
    if "city" in place:
        detail = "a segment goes no finer than the country"
        at.reader.wrong_key(f"{at.pointer}/city", detail, hint="leave the city out")
        place = {key: item for key, item in place.items() if key != "city"}
    fields = at.reader.fields(at.pointer, place, "a place", fileshapes.Country)
    if "country" in fields:
        country = f"{at.pointer}/country"
        at.reader.word(country, fields["country"], "a country of ISO 3166", COUNTRIES)
    return fields


_KINDS: dict[ValueKind, Callable[[_At, Any], Any]] = {
    "term": lambda at, value: at.word(at.pointer, value),
    "terms": lambda at, value: at.each(value, at.word),
    "number": lambda at, value: at.reader.number(
        at.pointer, value, f"{at.signal.name!r}", low=0, high=at.signal.max
    ),
    "place": _country,
    "times": lambda at, value: at.each(value, lambda pointer, item: _time(at, pointer, item)),
}
