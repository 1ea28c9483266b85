"""How the labelled facts of a title may be said: words of the vocabulary, years, numbers, kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from genservice.checking.words import tokens
from genservice.domain import plan_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from genservice.domain import Kind, SlotKind, Term, Title, Vocabulary

KIND_WORDS: dict[Kind, tuple[str, ...]] = {
    "film": ("film", "movie"),
    "series": ("series", "show"),
    "season": ("season", "series", "show"),
    "episode": ("episode", "series", "show"),
    "programme": ("programme", "program", "show"),
}
"""What a title of each kind may be called."""

_DECADES = {
    20: "twenties", 30: "thirties", 40: "forties", 50: "fifties", 60: "sixties", 70: "seventies",
    80: "eighties", 90: "nineties",
}  # fmt: skip
_CARDINALS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_ORDINALS = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
]
_ACCESS = {
    "subtitles": ("subtitles", "subtitled"),
    "audio_description": ("audio description", "audio-described"),
    "signed": ("signed", "sign language", "signing"),
}


class Label(NamedTuple):
    """A way of saying one fact in words of a closed list."""

    stems: tuple[str, ...]
    capitals: tuple[bool, ...]
    """Which words must have a capital: Polish, US."""
    kind: SlotKind | None
    pointer: str


def labels_of(title: Title, vocabulary: Vocabulary) -> Mapping[str, tuple[Label, ...]]:
    """The labels of a title by their first stem, longest first."""
    labels: dict[str, set[Label]] = {}
    for kind, pointer, text in _said(title, vocabulary):
        words = tokens(text)
        if words:
            label = Label(
                stems=tuple(word.stem for word in words),
                capitals=tuple(word.capital for word in words),
                kind=kind,
                pointer=pointer,
            )
            labels.setdefault(label.stems[0], set()).add(label)
    return {
        first: tuple(sorted(found, key=lambda label: (-len(label.stems), label.pointer)))
        for first, found in labels.items()
    }


_Said = tuple["SlotKind | None", str, str]


def _said(title: Title, vocabulary: Vocabulary) -> Iterable[_Said]:
    yield from _genres(title, vocabulary)
    yield from _terms("mood", "/moods", title.moods, vocabulary.moods)
    yield from _terms("theme", "/themes", title.themes, vocabulary.themes)
    yield from _terms("alert", "/alerts", title.alerts, vocabulary.alerts)
    countries = tuple(country.lower() for country in title.countries)
    yield from _terms("country", "/countries", countries, vocabulary.countries)
    if title.pace:
        for _, _, text in _terms("pace", "", (title.pace,), vocabulary.pace):
            yield "pace", "/pace", text
    for word in KIND_WORDS[title.kind]:
        yield "kind", "/kind", word
    yield from _numbers(title)
    yield from _others(title)


def _genres(title: Title, vocabulary: Vocabulary) -> Iterable[_Said]:
    """Genres as this kind of title is called: a series is no action film."""
    for kind, pointer, text in _terms("genre", "/genres", title.genres, vocabulary.genres):
        called = text.removesuffix(" film")
        if called == text:
            yield kind, pointer, text
        else:
            for word in KIND_WORDS[title.kind]:
                yield kind, pointer, f"{called} {word}"


def _terms(
    kind: SlotKind, field: str, words: tuple[str, ...], terms: tuple[Term, ...]
) -> Iterable[_Said]:
    by_name = {term.name: term for term in terms}
    for index, word in enumerate(words):
        term = by_name.get(word)
        for text in (term.label, *term.forms) if term else ():
            yield kind, f"{field}/{index}", text


def _numbers(title: Title) -> Iterable[_Said]:
    if title.year:
        decade = title.year // 10 * 10
        yield "year", "/year", str(title.year)
        yield "year", "/year", f"{decade}s"
        yield "year", "/year", f"{decade % 100}s"
        if decade % 100 in _DECADES:
            yield "year", "/year", _DECADES[decade % 100]
    if title.minutes:
        for unit in ("minute", "min"):
            yield "minutes", "/minutes", f"{title.minutes} {unit}"
    if title.part_of:
        for word, number in (("season", title.part_of.season), ("series", title.part_of.season)):
            yield from _counted("/part_of/season", word, number)
        yield from _counted("/part_of/episode", "episode", title.part_of.episode)


def _counted(pointer: str, word: str, number: int | None) -> Iterable[_Said]:
    if number is None:
        return
    yield None, pointer, f"{word} {number}"
    if number < len(_CARDINALS):
        yield None, pointer, f"{word} {_CARDINALS[number]}"
    if 0 < number < len(_ORDINALS):
        yield None, pointer, f"{_ORDINALS[number]} {word}"


def _others(title: Title) -> Iterable[_Said]:
    for index, setting in enumerate(title.setting):
        if setting.period:
            yield "period", f"/setting/{index}/period", setting.period
    for index, award in enumerate(title.awards):
        yield None, f"/awards/{index}/name", award.name
        if award.category:
            yield None, f"/awards/{index}/category", award.category
    for index, rating in enumerate(title.ratings):
        for before in (rating.system, "rated", "certificate"):
            yield None, f"/ratings/{index}/value", f"{before} {rating.value}"
    for index, word in enumerate(title.accessibility):
        for text in _ACCESS.get(word, ()):
            yield "accessibility", f"/accessibility/{index}", text
    for index, word in enumerate(title.tiers):
        yield "tier", f"/tiers/{index}", plan_of(word)
