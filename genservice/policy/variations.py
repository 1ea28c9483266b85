"""Many cases from few lines: expectations by name, and contexts with some of their keys varied."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS
from genservice.policy import fileshapes
from genservice.policy.declarations import region_words
from genservice.policy.reader import quoted
from genservice.policy.regions import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from genservice.policy.declarations import Declarations
    from genservice.policy.reader import Reader

MOST_CASES = 5_000
"""Most cases that one test may come to."""
KEYS = ("region", "age_band", "consents", "gpc", "channel", "processor")

Vary = dict[str, tuple[Any, ...]]


def refuse_clock(reader: Reader, pointer: str, value: Any) -> Any:
    """`value` without the key `now`, which is noted as wrong: no decision depends on the time."""
    if not isinstance(value, dict) or "now" not in value:
        return value  # pyright: ignore[reportUnknownVariableType]
    reader.wrong_key(
        f"{pointer}/now",
        "a test has no clock: nothing that rules may ask depends on the time",
        hint="leave it out",
    )
    return {key: item for key, item in value.items() if key != "now"}  # pyright: ignore[reportUnknownVariableType]


def read_vary(reader: Reader, pointer: str, value: Any, declared: Declarations) -> Vary:
    """The values that each key takes in turn, in a fixed order; groups stand for their members."""
    fields = reader.fields(pointer, value, "vary", fileshapes.Vary)
    groups = declared.groups
    regions = region_words(UNKNOWN, *groups.region)
    bands = (*AGE_BANDS, *groups.age_band)
    read: dict[str, Callable[[str, Any], tuple[Any, ...]]] = {
        "region": lambda at, item: _members(
            reader.words(at, item, "a region of ISO 3166 or a group", regions), groups.region
        ),
        "age_band": lambda at, item: _members(
            reader.words(at, item, "an age band", bands), groups.age_band
        ),
        "channel": lambda at, item: reader.words(at, item, "a channel", CHANNELS),
        "processor": lambda at, item: reader.words(at, item, "a processor", PROCESSORS),
        "consents": lambda at, item: _consents(reader, at, item, declared.consents),
        "gpc": lambda at, item: _truths(reader, at, item),
    }
    return {key: read[key](f"{pointer}/{key}", fields[key]) for key in KEYS if key in fields}


def check_size(reader: Reader, pointer: str, vary: Vary, cases: int) -> None:
    """Note a test that comes to more cases than anyone would read, given those it has without."""
    count = math.prod((cases, *map(len, vary.values())))
    if count > MOST_CASES:
        reader.wrong(
            pointer,
            f"this comes to {count:,} cases, and a test may have {MOST_CASES:,}",
            hint="vary fewer keys at once",
        )


def read_expected(
    reader: Reader,
    pointer: str,
    value: Any,
    named: Mapping[str, dict[str, str]],
    levels: Callable[[str, Any], dict[str, str]],
) -> dict[str, str]:
    """Levels by signal: written out, by the name of an expectation, or a list of both.

    Of a list what stands later counts, signal by signal: "as agreed, but".
    """
    if isinstance(value, str):
        name = reader.word(pointer, value, "an expectation", named)
        return {} if name is None else dict(named[name])
    if not isinstance(value, list):
        return levels(pointer, value)
    expected: dict[str, str] = {}
    for index, item in enumerate(reader.items(pointer, value, "expect")):
        at = f"{pointer}/{index}"
        if isinstance(item, list):
            reader.wrong(at, "this must be a name, or keys and values")
            continue
        expected |= read_expected(reader, at, item, named, levels)
    return expected


def _members(words: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    members = {member for word in words for member in groups.get(word, (word,))}
    # Age bands have an order of their own, which is the one people read them in.
    return tuple(sorted(members, key=lambda word: (_BAND.get(word, 0), word)))


def _consents(
    reader: Reader, pointer: str, value: Any, declared: Collection[str]
) -> tuple[tuple[str, ...], ...]:
    found: dict[tuple[str, ...], None] = {}
    for index, item in enumerate(reader.items(pointer, value, "the list")):
        at = f"{pointer}/{index}"
        if not isinstance(item, list):
            hint = "a list of lists, such as [[], [content_use]]"
            reader.wrong(at, f"a set of consents must be a list: {quoted(item)}", hint=hint)
            continue
        found[reader.words(at, item, "a consent", declared, empty=True)] = None
    return tuple(found)


def _truths(reader: Reader, pointer: str, value: Any) -> tuple[bool, ...]:
    if not isinstance(value, list):
        truth = reader.boolean(pointer, value, "gpc")
        return () if truth is None else (truth,)
    found = [
        reader.boolean(f"{pointer}/{index}", item, "gpc")
        for index, item in enumerate(reader.items(pointer, value, "the list"))
    ]
    return tuple(dict.fromkeys(truth for truth in found if truth is not None))


_BAND = {band: place for place, band in enumerate(AGE_BANDS)}
