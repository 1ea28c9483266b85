"""Signals, contexts and what policy says of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Purpose = Literal["synopsis", "promo", "recommendation", "advertising", "measurement"]
AgeBand = Literal[
    "under_13", "age_13", "age_14", "age_15", "age_16_17",
    "age_18_24", "age_25_34", "age_35_49", "age_50_64", "age_65_plus", "unknown",
]  # fmt: skip
Channel = Literal["tile", "push", "home_row", "email", "detail"]
Processor = Literal["in_process", "own_server", "third_party"]
Sensitivity = Literal["low", "medium", "high"]
ValueKind = Literal["title_ids", "person_ids", "terms", "term", "number", "place", "times", "text"]
Family = Literal[
    "genres",
    "moods",
    "themes",
    "pace",
    "people",
    "countries",
    "minutes",
    "occasion",
    "accessibility",
    "tiers",
]
"""A family of facts that can answer a signal, and so carry an angle."""
Outcome = Literal["released", "coarsened", "withheld"]

AGE_BANDS: tuple[AgeBand, ...] = (
    "under_13", "age_13", "age_14", "age_15", "age_16_17",
    "age_18_24", "age_25_34", "age_35_49", "age_50_64", "age_65_plus", "unknown",
)  # fmt: skip
CHANNELS: tuple[Channel, ...] = ("tile", "push", "home_row", "email", "detail")
PURPOSES: tuple[Purpose, ...] = (
    "synopsis",
    "promo",
    "recommendation",
    "advertising",
    "measurement",
)
PROCESSORS: tuple[Processor, ...] = ("in_process", "own_server", "third_party")

Region = Annotated[str, Meta(pattern=r"^(unknown|[A-Z]{2}(-[A-Z0-9]{1,3})?)$(?!\n)")]
"""ISO 3166-1 alpha-2 or ISO 3166-2, or `unknown`. A rule that names `US` matches `US-CA` too."""

SignalName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)")]


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One declared kind of preference or context data."""

    name: SignalName
    label: str
    value: ValueKind
    data: str
    """fideslang data category."""
    sensitivity: Sensitivity
    ladder: tuple[str, ...]
    """Levels from the finest to `none`; the first is the value as sent."""
    keep_days: int
    max: int = 500
    """Most items of a list, most characters of a text, largest number."""
    terms: tuple[str, ...] = ()
    """For `term` and `terms` outside the catalogue's vocabulary: the words allowed."""
    answered_by: tuple[Family, ...] = ()
    """The families of facts that may answer it in an angle; empty: never an angle."""
    weight: int = 0
    """Among several signals that a title answers, the heavier one shapes the text; ties by name."""
    context: bool = False
    """It says only in which situation a text is shown, and nothing of the viewer's past or person."""


class Context(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """Everything rules may ask about."""

    purpose: Purpose
    region: Region
    age_band: AgeBand
    consents: tuple[str, ...] = ()
    """Sorted, without doubles."""
    gpc: bool = False
    """Global Privacy Control was asserted, in the body or by the Sec-GPC header, or a GPP string opts out."""
    channel: Channel = "detail"
    language: str = "en"
    processor: Processor = "in_process"


class Decision(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What one policy set says of one signal in one context, and what a viewer's controls leave of it."""

    signal: SignalName
    outcome: Outcome
    level: str | None = None
    """The level it may be used at; None when withheld or released as sent."""
    rules: tuple[str, ...] = ()
    """Ids of every rule that spoke, in file-independent order: allows, then caps, each by id; last the one
    that stands for a viewer's control, where the control made it stricter."""


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """One signal as later steps may see it: coarse, closed-vocabulary, sorted."""

    signal: SignalName
    level: str
    value: Any
    """A tuple of words, one word, a number, or screened text, as the level says."""


def region_within(region: str, named: str) -> bool:
    """Whether `region` is `named` or a subdivision of it (`US-CA` lies within `US`)."""
    return region == named or region.startswith(f"{named}-")


__all__ = [
    "AGE_BANDS", "CHANNELS", "PROCESSORS", "PURPOSES", "AgeBand", "Channel", "Context", "Decision", "Family",
    "Outcome", "Processor", "Purpose", "Region", "Released", "Sensitivity", "Signal", "SignalName",
    "ValueKind", "region_within",
]  # fmt: skip
