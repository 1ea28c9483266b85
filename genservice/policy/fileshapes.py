"""The shape of every kind of policy file, as types: the keys that readers take, and the JSON Schema.

`Reader.fields` takes the keys of a mapping from here, and `genservice.policy.schemas` the schema with
its descriptions: the docstrings below are what an editor shows. Whether words fit together, a level
and its signal's ladder, is for the readers to say.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta

from genservice.domain import (
    CONTROL_RULES,
    AgeBand,
    Channel,
    Family,
    Processor,
    Purpose,
    Sensitivity,
    ValueKind,
)

W = TypeVar("W")

WORDS = "$comment"
"""The key under which a schema says for a while which words belong there; see `genservice.policy.schemas`."""


def _words(kind: str) -> Meta:
    return Meta(extra_json_schema={WORDS: kind})


Text = Annotated[str, Meta(pattern=r"\S", max_length=500)]
Label = Annotated[str, Meta(pattern=r"\S", max_length=100)]
Id = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
RuleId = Annotated[str, Meta(pattern=f"^(?!{CONTROL_RULES})[a-z0-9][a-z0-9-]{{0,63}}$")]
Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]
Phrase = Annotated[str, Meta(pattern=r"\S", max_length=80)]
Frame = Annotated[str, Meta(pattern=r"\S", max_length=300)]
Region = Annotated[str, _words("region")]
RegionPart = Annotated[str, _words("region_part")]
RegionOrGroup = Annotated[str, _words("region_or_group")]
Age = Annotated[str, _words("age_known")]
AgeOrGroup = Annotated[str, _words("age_or_group")]
ConsentName = Annotated[str, _words("consent")]
SignalName = Annotated[str, _words("signal")]
SignalOrGroup = Annotated[str, _words("signal_or_group")]
Level = Annotated[str, _words("level")]
SegmentName = Annotated[str, _words("segment")]

_UNIQUE = Meta(min_length=1, extra_json_schema={"uniqueItems": True})
_SOME = Meta(min_length=1)
Words = Annotated[tuple[W, ...], _UNIQUE]
Listed = Annotated[tuple[W, ...], _SOME]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys and values; those without a value of their own here must be there."""


class Not(Shape, Generic[W], frozen=True, kw_only=True, rename={"none": "not"}):
    """None of these."""

    none: W | Words[W]
    """The words that must not be."""


Choice = W | Words[W] | Not[W]
"""One word, a list of which any will do, or none of some."""
Maybe = msgspec.UnsetType


class SignalsFile(Shape, frozen=True, kw_only=True):
    """signals.yaml: every word beyond the built-in ones that rules may use."""

    signals: Annotated[dict[Name, Signal], _SOME]
    """Every signal that a request may carry, by name. What is not declared is dropped unread."""
    groups: Groups | Maybe = UNSET
    """Short names for regions, age bands and signals."""
    consents: dict[Name, Consent] | Maybe = UNSET
    """The consents that rules may ask for, by name."""


class Signal(Shape, frozen=True, kw_only=True):
    """One kind of preference or context data."""

    label: Label
    """What viewers read, in the second person: Titles you watched."""
    value: ValueKind
    """The kind of value that is sent."""
    data: Annotated[str, Meta(pattern=r"^user(\.[a-z_]+)*$", max_length=100)]
    """The fideslang data category, such as user.behavior.media_consumption."""
    sensitivity: Sensitivity
    """How much it would hurt if it got out."""
    ladder: Listed[Level]
    """The levels from the value as sent, each coarser, down to none. [none] alone: never used."""
    keep_days: Annotated[int, Meta(ge=0, le=3650)]
    """How long it may be stored for a viewer."""
    max: Annotated[int, Meta(ge=1, le=10_000)] | Maybe = UNSET
    """Most items of a list, most characters of a text, the largest number; 500 if left out."""
    terms: Words[Name] | Maybe = UNSET
    """For term and terms: the words allowed. Left out, the catalogue's words."""
    answered_by: Listed[Family] | Maybe = UNSET
    """The facts of a title that can answer it, best first. Left out, it is never the reason of a text."""
    weight: Annotated[int, Meta(ge=0, le=1000)] | Maybe = UNSET
    """Of several signals that a title answers, the heavier shapes the text."""
    context: bool | Maybe = UNSET
    """Whether it says only in which situation a text is shown: a viewer who lets nothing else count
    still lets this."""


class Groups(Shape, frozen=True, kw_only=True):
    """Short names. `unknown` is in no group: a rule that means it has to say so."""

    region: dict[str, Region | Words[Region]] | Maybe = UNSET
    """Name -> countries and parts of them, by their codes of ISO 3166."""
    age_band: dict[str, Age | Words[Age]] | Maybe = UNSET
    """Name -> age bands."""
    signal: dict[str, SignalName | Words[SignalName]] | Maybe = UNSET
    """Name -> signals."""


class Consent(Shape, frozen=True, kw_only=True):
    """A consent that rules may ask for."""

    tcf: Annotated[int, Meta(ge=1, le=11)] | Maybe = UNSET
    """The purpose of IAB TCF v2 that it stands for."""
    special_feature: Annotated[int, Meta(ge=1, le=2)] | Maybe = UNSET
    """The special feature of IAB TCF v2 that it stands for."""
    label: Annotated[str, Meta(pattern=r"\S", max_length=200)] | Maybe = UNSET
    """What viewers read."""


class RuleFile(Shape, frozen=True, kw_only=True):
    """Rules: what may be used of whom, and what for. Only `allow` grants; `coarsen` and `withhold` cap."""

    rules: Listed[Rule]
    """The rules. Their order never matters."""


class Rule(Shape, frozen=True, kw_only=True):
    """One rule."""

    id: RuleId
    """Lower-case letters, digits and hyphens; unique in the set. Receipts name it. `viewer-` begins no
    id: receipts call by it what viewers decided themselves."""
    why: Text
    """Plain words, with the source, for viewers and auditors."""
    signals: Choice[SignalOrGroup]
    """Signals or groups. Caps may also say `all`, or `{not: [...]}`; an allow names its signals."""
    decision: Literal["allow", "withhold"] | Coarsen
    """What the rule says: `allow`, `withhold` or `{coarsen: LEVEL}`."""
    when: When | Maybe = UNSET
    """When it speaks: every key that is here holds. Left out, always."""


class Coarsen(Shape, frozen=True, kw_only=True):
    """Cap to a level: nothing finer is used."""

    coarsen: Level
    """The finest level left: one of each signal's ladder."""


class When(Shape, frozen=True, kw_only=True):
    """What a rule asks of the context. A key left out matches everything."""

    purpose: Choice[Purpose] | Maybe = UNSET
    """What the text is for."""
    region: Choice[RegionOrGroup] | Maybe = UNSET
    """Countries, parts of them, groups, or `unknown`. A country includes its parts. An allow meets
    `unknown` only where it names it."""
    age_band: Choice[AgeOrGroup] | Maybe = UNSET
    """Age bands, groups, or `unknown`, which an allow meets only where it names it."""
    consents: Choice[ConsentName] | Maybe = UNSET
    """Consents that must all be given; with `not`, of which none may be."""
    channel: Choice[Channel] | Maybe = UNSET
    """Where the text is shown."""
    processor: Choice[Processor] | Maybe = UNSET
    """Who runs the model: in this process, on a server of one's own, or a third party."""
    gpc: bool | Maybe = UNSET
    """Whether Global Privacy Control is asserted."""


class SuiteFile(Shape, frozen=True, kw_only=True):
    """Tests of the rules. What `expect` does not list is expected withheld."""

    contexts: dict[str, Context]
    """Whom texts are shown, and where, by name."""
    tests: Listed[Expectation]
    """What every signal comes to in some of these contexts."""
    audiences: dict[str, dict[SignalName, Any]] | Maybe = UNSET
    """What requests send of viewers, by name."""
    titles: dict[str, Title] | Maybe = UNSET
    """Titles made up for these tests, by id."""
    expectations: dict[str, dict[SignalName, Level]] | Maybe = UNSET
    """Levels by signal, by a name that `expect` may say."""


class Context(Shape, frozen=True, kw_only=True):
    """One context; a test sets its purpose."""

    region: RegionPart
    """A country, a part of one, or `unknown`."""
    age_band: AgeBand
    """The viewer's age, or `unknown`."""
    consents: ConsentName | Annotated[tuple[ConsentName, ...], Meta(extra_json_schema={"uniqueItems": True})]  # fmt: skip
    """The consents given."""
    gpc: bool | Maybe = UNSET
    """Whether Global Privacy Control is asserted."""
    channel: Channel | Maybe = UNSET
    """Where the text is shown."""
    processor: Processor | Maybe = UNSET
    """Who runs the model."""


class Title(Shape, frozen=True, kw_only=True):
    """A title made up for tests."""

    genres: Listed[Text] | Maybe = UNSET
    """Words of the catalogue's genres."""
    moods: Listed[Text] | Maybe = UNSET
    """Words of its moods."""
    themes: Listed[Text] | Maybe = UNSET
    """Words of its themes."""
    alerts: Listed[Text] | Maybe = UNSET
    """What it warns of."""
    sensitive: bool | Maybe = UNSET
    """Whether it carries a theme that could betray a special category of data."""


class Expectation(Shape, frozen=True, kw_only=True):
    """One test. It runs in each of its contexts, for each of its purposes, with each value varied."""

    name: Text
    """What it shows; unique in the file."""
    contexts: str | Words[str]
    """Contexts of this file, by name."""
    purposes: Purpose | Words[Purpose]
    """What the texts are for."""
    expect: str | Listed[str | dict[SignalName, Level]] | dict[SignalName, Level]
    """The level of each signal, or an expectation by name, or a list of both, of which the later
    counts. A signal that is not listed is expected withheld."""
    vary: Vary | Maybe = UNSET
    """Keys of the context that take each of these values in turn."""
    audience: str | Maybe = UNSET
    """What is sent of the viewer: an audience of this file."""
    segment: SegmentName | Maybe = UNSET
    """What is sent besides: a segment of segments.yaml."""
    brief: dict[SignalName, Any] | Maybe = UNSET
    """What a brief sees of what is sent."""


class Vary(Shape, frozen=True, kw_only=True):
    """Values that keys of the context take in turn; groups stand for their members."""

    region: RegionOrGroup | Words[RegionOrGroup] | Maybe = UNSET
    """Countries, parts of them, groups, or `unknown`."""
    age_band: AgeOrGroup | Words[AgeOrGroup] | Maybe = UNSET
    """Age bands, groups, or `unknown`."""
    consents: Listed[Annotated[tuple[ConsentName, ...], Meta(extra_json_schema={"uniqueItems": True})]] | Maybe = UNSET  # fmt: skip
    """Sets of consents: [[], [content_use]]."""
    gpc: bool | Listed[bool] | Maybe = UNSET
    """Whether Global Privacy Control is asserted."""
    channel: Channel | Words[Channel] | Maybe = UNSET
    """Where the text is shown."""
    processor: Processor | Words[Processor] | Maybe = UNSET
    """Who runs the model."""


class SentenceFile(Shape, frozen=True, kw_only=True):
    """Tests of the inference rules: sentences that one forbids, and sentences that all permit."""

    forbidden: dict[str, Listed[Text]] | Maybe = UNSET
    """Id of an inference rule -> sentences that it forbids."""
    permitted: Listed[Text] | Maybe = UNSET
    """Sentences that every rule permits."""


class InferenceFile(Shape, frozen=True, kw_only=True):
    """What no text may tell or imply of its viewer, and the ways of saying it."""

    inferences: Listed[Inference] | Maybe = UNSET
    """The rules."""
    frames: Listed[Frame] | Maybe = UNSET
    """When the words of a rule are said of the viewer: "you are {being}"."""
    parts: dict[Name, Listed[Frame]] | Maybe = UNSET
    """Pieces of frames, by a name that frames may use."""
    lists: dict[Name, Words[Phrase]] | Maybe = UNSET
    """Words and phrases, by a name that frames may use."""


class Inference(Shape, frozen=True, kw_only=True):
    """One trait that no text may tell or imply of its viewer."""

    id: Id
    """Lower-case letters, digits and hyphens; unique in the set."""
    why: Text
    """Plain words, with the source."""
    who: Words[Phrase] | Maybe = UNSET
    """One who has it: a Catholic, a widow."""
    being: Words[Phrase] | Maybe = UNSET
    """What such a person is: lonely, left-wing."""
    state: Words[Phrase] | Maybe = UNSET
    """The same, but told only where it is said of somebody outright: broke, single."""
    having: Words[Phrase] | Maybe = UNSET
    """What such a person has: a faith, debts."""
    doing: Words[Phrase] | Maybe = UNSET
    """What such a person does: pray, vote left."""
    topic: Words[Phrase] | Maybe = UNSET
    """What a story may be about: queer love, illness."""
    said: Listed[Frame] | Maybe = UNSET
    """Frames that tell it by themselves."""
    permitted: Listed[Frame] | Maybe = UNSET
    """Frames in which its words mean something else: "faith in humanity"."""
    words: BarredWords | Maybe = UNSET
    """Words of the catalogue's vocabulary that are never a reason given."""


class BarredWords(Shape, frozen=True, kw_only=True):
    """Words of the catalogue's vocabulary, by family."""

    genres: Listed[Text] | Maybe = UNSET
    """Genres."""
    moods: Listed[Text] | Maybe = UNSET
    """Moods."""
    themes: Listed[Text] | Maybe = UNSET
    """Themes."""
    alerts: Listed[Text] | Maybe = UNSET
    """What titles warn of."""


class SegmentsFile(Shape, frozen=True, kw_only=True):
    """segments.yaml: named audiences for editors, each about nobody."""

    segments: Annotated[dict[Name, Segment], _SOME]
    """The segments, by the name that a request says."""


class Segment(Shape, frozen=True, kw_only=True):
    """A named audience, bound by the same rules as any other."""

    label: Label
    """What editors read."""
    why: Text
    """Plain words: what it is for."""
    signals: Annotated[dict[SignalName, Any], _SOME]
    """The values that a request would send: words, a number, a time of day, a country."""


class Country(Shape, frozen=True, kw_only=True):
    """A place, as far as a segment may say it."""

    country: Annotated[str, _words("country")]
    """A country of ISO 3166."""
