"""Titles of the catalogue and their facts, as SHAPES and docs/catalogue.md describe them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Kind = Literal["film", "series", "season", "episode", "programme"]
Spoiler = Literal["none", "minor", "major"]
Length = Literal["short", "medium", "long"]
Tone = Literal["plain", "urgent", "warm", "dry", "tense", "playful"]
Part = Literal["event", "who", "goal", "turn", "where"]
Pronouns = Literal["she", "he", "they"]

# The negative look-ahead refuses the newline that "$" alone would let pass, in Python and in ECMAScript.
TitleId = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,64}$(?!\n)")]
Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)")]
"""A word of a closed vocabulary: a genre, mood, theme, pace or alert by its name, never its label."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Sentence = Annotated[str, Meta(min_length=1, max_length=500)]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)")]
Year = Annotated[int, Meta(ge=1870, le=2100)]


class _Record(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Base of everything a title record holds: immutable, strict, and short on the wire."""


class PartOf(_Record, frozen=True, kw_only=True):
    """Where a season or episode belongs."""

    series: TitleId
    season: Annotated[int, Meta(ge=0, le=999)] | None = None
    episode: Annotated[int, Meta(ge=0, le=99999)] | None = None


class Credit(_Record, frozen=True, kw_only=True):
    """One person's part in making a title. Billing 1 and 2 are the leads."""

    name: Name
    job: Annotated[str, Meta(pattern=r"^[a-z][a-z_]{0,31}$(?!\n)")]
    """`actor`, `director`, `creator`, `writer`, `presenter`, `narrator`, `voice`, `composer`, ..."""
    person: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    billing: Annotated[int, Meta(ge=1, le=999)] | None = None
    character: Name | None = None
    character_pronouns: Pronouns | None = None
    pronouns: Pronouns | None = None


class Setting(_Record, frozen=True, kw_only=True):
    """Where and when a story plays."""

    place: Name | None = None
    period: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    """A decade ("1980s"), a year ("1943") or a phrase that follows "in" ("the near future")."""


class StoryElement(_Record, frozen=True, kw_only=True):
    """One piece of the story, in words that may be quoted.

    `part` tells the grammatical kind, so that a writer can build on it:
    `event` is a whole sentence; `who` a noun phrase ("a harbour pilot's daughter"); `goal` a bare
    infinitive ("clear his name", read after "must" or "to"); `turn` a clause that stands after
    "until" or "when" ("the tide brings up a boat nobody missed"); `where` a prepositional phrase
    ("in a town that keeps its dead close").
    """

    text: Sentence
    part: Part = "event"
    plural: bool = False
    """For `who`: takes a plural verb ("two brothers")."""
    spoiler: Spoiler = "none"


class Rating(_Record, frozen=True, kw_only=True):
    """A content rating as a board gave it."""

    region: Country
    system: Annotated[str, Meta(min_length=1, max_length=40)]
    value: Annotated[str, Meta(min_length=1, max_length=40)]
    min_age: Annotated[int, Meta(ge=0, le=21)] | None = None


class Award(_Record, frozen=True, kw_only=True):
    """An award won or a nomination."""

    name: Name
    year: Year
    result: Literal["won", "nominated"]
    category: Name | None = None


class Availability(_Record, frozen=True, kw_only=True, rename={"from_": "from"}):
    """When a title may be watched in a region; RFC 3339 times, `until` null when open."""

    region: Country
    from_: Annotated[str, Meta(max_length=40)] | None = None
    until: Annotated[str, Meta(max_length=40)] | None = None


class EditorialText(_Record, frozen=True, kw_only=True):
    """A text a person wrote. A pinned one is served instead of the writer's."""

    language: Language
    length: Length
    text: Annotated[str, Meta(min_length=1, max_length=1200)]
    pinned: bool = False


class Copy(_Record, frozen=True, kw_only=True):
    """How editors let a title be written about."""

    mode: Literal["open", "editorial_only"] = "open"
    avoid: tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...] = ()
    tones: tuple[Tone, ...] = ()
    """The tones allowed; empty means all."""


class Title(_Record, frozen=True, kw_only=True):
    """A film, series, season, episode or programme with its facts.

    Facts are named by JSON Pointer (RFC 6901) into this record: `/genres/0`, `/credits/1/name`.
    """

    id: TitleId
    kind: Kind
    name: Name
    language: Language
    also_named: Annotated[tuple[Name, ...], Meta(max_length=50)] = ()
    original_name: Name | None = None
    part_of: PartOf | None = None
    year: Year | None = None
    minutes: Annotated[int, Meta(ge=1, le=1500)] | None = None
    countries: Annotated[tuple[Country, ...], Meta(max_length=20)] = ()
    credits: Annotated[tuple[Credit, ...], Meta(max_length=200)] = ()
    genres: Annotated[tuple[Word, ...], Meta(max_length=12)] = ()
    moods: Annotated[tuple[Word, ...], Meta(max_length=12)] = ()
    themes: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    pace: Word | None = None
    setting: Annotated[tuple[Setting, ...], Meta(max_length=12)] = ()
    logline: Sentence | None = None
    """One sentence that may be quoted."""
    description: Annotated[str, Meta(min_length=1, max_length=5000)] | None = None
    """A paragraph, as imports bring it; its sentences reach a brief once their names are slots."""
    story: Annotated[tuple[StoryElement, ...], Meta(max_length=60)] = ()
    ratings: Annotated[tuple[Rating, ...], Meta(max_length=60)] = ()
    alerts: Annotated[tuple[Word, ...], Meta(max_length=30)] = ()
    awards: Annotated[tuple[Award, ...], Meta(max_length=100)] = ()
    available: Annotated[tuple[Availability, ...], Meta(max_length=300)] = ()
    accessibility: Annotated[tuple[Word, ...], Meta(max_length=12)] = ()
    """`subtitles`, `audio_description`, `signed`: what exists for this title."""
    tiers: Annotated[tuple[Word, ...], Meta(max_length=12)] = ()
    """`free_with_ads`, `basic`, `standard`, `premium`: the subscriptions that include this title."""
    texts: Annotated[tuple[EditorialText, ...], Meta(max_length=60)] = ()
    copy: Copy = Copy()
    revision: Annotated[int, Meta(ge=0)] = 0
    """Set by the service; 0 until stored."""


def plan_of(tier: str) -> str:
    """How texts call a subscription, without an article: `premium plan`, `free plan with adverts`."""
    plan, _, with_what = tier.partition("_with_")
    said = f"{plan} plan with {with_what}" if with_what else f"{plan} plan"
    return said.replace("_", " ").replace("with ads", "with adverts")


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about a title."""

    pointer: str
    """JSON Pointer into the title record."""
    value: str | int
    spoiler: Spoiler = "none"


class Term(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One word of the catalogue's vocabulary and how it may be said."""

    name: Word
    label: str
    """How it reads in a text, in the form its family asks for: see `Vocabulary`."""
    forms: tuple[str, ...] = ()
    """Other words that say the same, for checking texts and for reading free text."""
    sensitive: bool = False
    """Never a reason given, and left out when watched titles coarsen to genres (GDPR Art. 9)."""
    also: tuple[str, ...] = ()
    """Names other vocabularies use (Wikipedia's genres, TV-Anytime terms), for readers."""


class Vocabulary(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True
):
    """The closed vocabulary of the catalogue: the only words by which signals enter a brief.

    Labels have one grammatical form per family, so that a writer can place them: genres are count
    nouns ("thriller", "crime drama"), moods and pace adjectives ("tense", "slow-burn"), themes noun
    phrases that stand after "of" or "about" ("grief", "class and money"), alerts noun phrases.
    """

    genres: tuple[Term, ...]
    moods: tuple[Term, ...]
    themes: tuple[Term, ...]
    pace: tuple[Term, ...]
    alerts: tuple[Term, ...]
    countries: tuple[Term, ...]
    """ISO 3166-1 code in lower case -> adjective ("British"), forms hold the country's names."""
