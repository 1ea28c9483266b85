"""Ladders: from a raw value, level by level, to what may be seen of it.

Each level is worked out from the finer one before it and from nothing else, so what a level releases
is a function of the finer release. Coarse values are closed-vocabulary words: sorted, at most five,
without counts. A value is read only once policy has released it.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.domain import AgeBand, Family, Released, Signal, ValueKind
from genservice.errors import InvalidSignalError, Problem
from genservice.policy.regions import COUNTRIES
from genservice.policy.values import NONE, PolicySet, TitleTerms, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

MOST_WORDS = 5
MOST_PEOPLE = 20
LEFT_OUT_FAMILIES: tuple[Family, ...] = ("genres", "moods", "themes")
"""The families whose words viewers may leave out."""

CHAINS: dict[ValueKind, tuple[tuple[str, ...], ...]] = {
    "title_ids": (("titles", "genres"), ("titles", "themes"), ("titles", "moods")),
    "person_ids": (("people",),),
    "terms": (("words",),),
    "term": (("word",),),
    "number": (("years", "band"), ("minutes", "bucket")),
    "place": (("city", "country"),),
    "times": (("times", "hour", "daypart"),),
    "text": (("text", "terms"),),
}
"""The levels a kind of value can have, finest first; `none` ends every ladder."""

_ID = re.compile(r"[a-z0-9-]{1,64}")
_PERSON = re.compile(r"[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]{0,63}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PLACE_KEYS = frozenset({"country", "city"})
_NO_WORDS = frozenset[str]()
_CITY = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_CLOCK = re.compile(
    r"(?:\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ])?"
    r"(?P<hour>[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?"
)
_BANDS: tuple[tuple[int, AgeBand], ...] = (
    (12, "under_13"), (13, "age_13"), (14, "age_14"), (15, "age_15"), (17, "age_16_17"),
    (24, "age_18_24"), (34, "age_25_34"), (49, "age_35_49"), (64, "age_50_64"),
)  # fmt: skip
_BUCKETS = ((35, "short"), (75, "medium"))
_DAYPARTS = (
    (5, "night"), (8, "early_morning"), (12, "morning"), (17, "afternoon"), (21, "evening"),
    (24, "late_evening"),
)  # fmt: skip


class _Sources(msgspec.Struct, frozen=True):
    signal: Signal
    titles: Mapping[str, TitleTerms]
    words: Words


def is_ladder(kind: ValueKind, levels: Sequence[str]) -> bool:
    """Whether levels go down one of the kind's chains, from its finest, and end in `none`."""
    if not levels or levels[-1] != NONE:
        return False
    upper = tuple(levels[:-1])
    if not upper:
        return True
    return any(
        upper[0] == chain[0] and upper == tuple(level for level in chain if level in upper)
        for chain in CHAINS[kind]
    )


def release(
    signal: Signal,
    level: str,
    value: Any,
    *,
    titles: Mapping[str, TitleTerms],
    words: Words,
) -> Released | None:
    """What may be seen of a signal's value at a level; None when nothing is left of it.

    Args:
        signal: Its declaration.
        level: A level of its ladder: the decision's, or the first where it was released as sent.
        value: As the request or the store gave it.
        titles: What the titles it names coarsen to. Ids that are not there are left out.
        words: The catalogue's vocabulary.

    Raises:
        InvalidSignalError: The value does not have the signal's shape. It is not shown.
        ValueError: The signal's ladder has no such level.
    """
    if level not in signal.ladder:
        raise ValueError(f"{signal.name} has no level {level!r}")
    if level == NONE:
        return None
    sources = _Sources(signal, titles, words)
    seen = _CHECKS[signal.value](value, sources)
    for coarser in _down_to(signal.value, signal.ladder[0], level):
        seen = _STEPS[coarser](seen, sources)
    if seen in ((), "", None):
        return None
    return Released(signal=signal.name, level=level, value=seen)


@cache
def _down_to(kind: ValueKind, finest: str, level: str) -> tuple[str, ...]:
    """The levels by which a value of a kind comes from the finest of a ladder to another one of it."""
    chain = next(chain for chain in CHAINS[kind] if chain[0] == finest and level in chain)
    return chain[1 : chain.index(level) + 1]


def _shape(sources: _Sources, expected: str) -> InvalidSignalError:
    pointer = f"#/audience/signals/{sources.signal.name}"
    return InvalidSignalError(Problem(pointer=pointer, detail=f"expected {expected}"))


def _list(value: Any, sources: _Sources, shape: re.Pattern[str], what: str) -> tuple[str, ...]:
    most = sources.signal.max
    items = cast("Sequence[Any]", value) if isinstance(value, (list, tuple)) else None
    if items is None or len(items) > most:
        raise _shape(sources, f"a list of at most {most} {what}")
    for item in items:
        if not (isinstance(item, str) and shape.fullmatch(item)):
            raise _shape(sources, f"a list of at most {most} {what}")
    return tuple(items)


def _check_titles(value: Any, sources: _Sources) -> tuple[str, ...]:
    ids = _list(value, sources, _ID, "title ids")
    return tuple(sorted({title for title in ids if title in sources.titles}))


def _check_people(value: Any, sources: _Sources) -> tuple[str, ...]:
    people = dict.fromkeys(_list(value, sources, _PERSON, "person ids"))
    return tuple(sorted(list(people)[:MOST_PEOPLE]))


def vocabulary_of(signal: Signal, words: Words) -> frozenset[str]:
    """The words that a signal of kind `term` or `terms` may say: its own, else the catalogue's."""
    if signal.terms:
        return frozenset(signal.terms)
    families = words.families
    return frozenset[str]().union(
        *(families.get(family, frozenset()) for family in signal.answered_by or families)
    )


def _is_said(word: str, sources: _Sources) -> bool:
    """Whether a word is one of `vocabulary_of`, which need not be put together for that."""
    signal, families = sources.signal, sources.words.families
    if signal.terms:
        return word in signal.terms
    return any(word in families.get(family, ()) for family in signal.answered_by or families)


def barring(words: Words, policies: PolicySet) -> Words:
    """The words with those that the set's inference rules bar among the sensitive ones."""
    barred = policies.inferences.reads.barred
    return msgspec.structs.replace(words, sensitive=words.sensitive | barred)


def leaving_out(words: Words, left_out: Collection[str]) -> Words:
    """The words without those that a viewer keeps out of every signal: genres, moods and themes alone."""
    if not left_out:
        return words
    told = frozenset[str]().union(*(words.families.get(family, ()) for family in LEFT_OUT_FAMILIES))
    return msgspec.structs.replace(words, left_out=told.intersection(left_out))


def _tells(terms: TitleTerms, sources: _Sources) -> bool:
    """Whether a watched title could betray something of who watched it; then it is left out whole."""
    carried = (*terms.genres, *terms.moods, *terms.themes, *terms.alerts)
    return terms.sensitive or not sources.words.sensitive.isdisjoint(carried)


def _speakable(found: Iterable[str], sources: _Sources) -> list[str]:
    """Without the sensitive words, where the signal may be a reason given, and those left out.

    Words that a signal lists itself are not the catalogue's: `family` may be company, and no genre.
    """
    signal, words = sources.signal, sources.words
    sensitive = words.sensitive if signal.answered_by else _NO_WORDS
    left_out = _NO_WORDS if signal.terms else words.left_out
    return [word for word in found if word not in sensitive and word not in left_out]


def _check_terms(value: Any, sources: _Sources) -> tuple[str, ...]:
    what = "words of its vocabulary"
    found = _list(value, sources, _WORD, what)
    if not all(_is_said(word, sources) for word in found):
        raise _shape(sources, f"a list of at most {sources.signal.max} {what}")
    return tuple(sorted(set(_speakable(found, sources))))


def _check_term(value: Any, sources: _Sources) -> str | None:
    if not isinstance(value, str) or not _is_said(value, sources):
        raise _shape(sources, "a word of its vocabulary")
    return next(iter(_speakable([value], sources)), None)


def _check_number(value: Any, sources: _Sources) -> int:
    most = sources.signal.max
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _shape(sources, f"a whole number from 0 to {most}")
    return value


def _check_place(value: Any, sources: _Sources) -> dict[str, str]:
    place = _place(value)
    if place is None:
        raise _shape(sources, "a country (ISO 3166-1 alpha-2) and perhaps a city")
    return place


def _place(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    place = cast("dict[str, Any]", value)
    country, city = place.get("country"), place.get("city")
    if not isinstance(country, str) or country not in COUNTRIES or place.keys() - _PLACE_KEYS:
        return None
    if city is None:
        return {"country": country}
    if not isinstance(city, str) or not _CITY.fullmatch(city):
        return None
    return {"city": city, "country": country}


def _check_times(value: Any, sources: _Sources) -> tuple[str, ...]:
    return tuple(sorted(set(_list(value, sources, _CLOCK, "times (RFC 3339 or HH:MM)"))))


def _check_text(value: Any, sources: _Sources) -> str:
    most = sources.signal.max
    if not isinstance(value, str) or len(value) > most:
        raise _shape(sources, f"a text of at most {most} characters")
    return value.strip()


def _few(words: Iterable[str]) -> tuple[str, ...]:
    """The most frequent five, ties by the alphabet; sorted, so that no count is left in them."""
    said = list(words)
    found = set(said)
    if len(found) > MOST_WORDS:
        ranked = sorted(Counter(said).items(), key=lambda item: (-item[1], item[0]))
        found = {word for word, _ in ranked[:MOST_WORDS]}
    return tuple(sorted(found))


def _of_titles(family: str) -> Callable[[Any, _Sources], tuple[str, ...]]:
    def coarsen(ids: tuple[str, ...], sources: _Sources) -> tuple[str, ...]:
        known = (sources.titles[title] for title in ids)
        return _few(
            word
            for terms in known
            if not _tells(terms, sources)
            for word in _speakable(dict.fromkeys(getattr(terms, family)), sources)
        )

    return coarsen


def _hour(times: tuple[str, ...], _sources: _Sources) -> tuple[str, ...]:
    matches = (_CLOCK.fullmatch(time) for time in times)
    return _few(f"{match['hour']}:00" for match in matches if match)


def _daypart(hours: tuple[str, ...], _sources: _Sources) -> tuple[str, ...]:
    return _few(
        next(name for before, name in _DAYPARTS if int(hour[:2]) < before) for hour in hours
    )


def _band(years: int, _sources: _Sources) -> str:
    return next((band for most, band in _BANDS if years <= most), "age_65_plus")


def _bucket(minutes: int, _sources: _Sources) -> str:
    return next((bucket for most, bucket in _BUCKETS if minutes <= most), "long")


def _country(place: dict[str, str], _sources: _Sources) -> dict[str, str]:
    return {"country": place["country"]}


def _terms(text: str, sources: _Sources) -> tuple[str, ...]:
    read = sources.words.read(text)
    families: Iterable[Family | str] = sources.signal.answered_by or sorted(read)
    found = [word for family in families for word in sorted(set(read.get(family, ())))]
    return tuple(sorted(list(dict.fromkeys(_speakable(found, sources)))[:MOST_WORDS]))


_CHECKS: dict[ValueKind, Callable[[Any, _Sources], Any]] = {
    "title_ids": _check_titles,
    "person_ids": _check_people,
    "terms": _check_terms,
    "term": _check_term,
    "number": _check_number,
    "place": _check_place,
    "times": _check_times,
    "text": _check_text,
}
_STEPS: dict[str, Callable[[Any, _Sources], Any]] = {
    "genres": _of_titles("genres"),
    "themes": _of_titles("themes"),
    "moods": _of_titles("moods"),
    "band": _band,
    "bucket": _bucket,
    "country": _country,
    "hour": _hour,
    "daypart": _daypart,
    "terms": _terms,
}
