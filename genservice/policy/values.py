"""What a policy set holds, as frozen values: rules as written, with the place of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from genservice.domain import Context, Purpose, Signal
from genservice.errors import Problem
from genservice.inference import NO_INFERENCES, InferenceRule, Inferences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genservice.policy.index import Index

Verb = Literal["allow", "coarsen", "withhold"]

NONE = "none"
"""The coarsest level of every ladder: nothing is released."""


class Place(msgspec.Struct, frozen=True):
    """Where something stands in the policy files; line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def problem(
        self, detail: str, *, hint: str | None = None, related: tuple[Problem, ...] = ()
    ) -> Problem:
        """A problem with what stands here."""
        return Problem(
            file=self.file,
            line=self.line,
            column=self.column,
            detail=detail,
            hint=hint,
            related=related,
        )


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that rules may ask for."""

    name: str
    tcf: int | None = None
    """The purpose of IAB TCF v2 that it stands for, 1 to 11."""
    special_feature: int | None = None
    """The special feature of IAB TCF v2 that it stands for, 1 or 2."""
    label: str | None = None


class Groups(msgspec.Struct, frozen=True, kw_only=True):
    """Short names for several regions, age bands or signals."""

    region: dict[str, tuple[str, ...]]
    age_band: dict[str, tuple[str, ...]]
    signal: dict[str, tuple[str, ...]]


class Choice(msgspec.Struct, frozen=True):
    """What a rule asks of one key: any of these words (of consents: all), or none of them."""

    words: tuple[str, ...]
    """Sorted, as written: group names are not resolved."""
    none_of: bool = False


class When(msgspec.Struct, frozen=True, kw_only=True):
    """When a rule speaks: every key that is there holds."""

    purpose: Choice | None = None
    region: Choice | None = None
    age_band: Choice | None = None
    consents: Choice | None = None
    channel: Choice | None = None
    processor: Choice | None = None
    gpc: bool | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. Only `allow` grants; `coarsen` and `withhold` cap."""

    id: str
    why: str
    when: When
    signals: tuple[str, ...]
    """Names of the signals it speaks of, sorted, groups resolved."""
    verb: Verb
    level: str | None
    """For `coarsen`: the finest level left."""
    place: Place

    @property
    def decision(self) -> str:
        """What it says, in words: `allow`, `coarsen to genres`, `withhold`."""
        return self.verb if self.level is None else f"{self.verb} to {self.level}"


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An inference rule and where it stands."""

    rule: InferenceRule
    place: Place


class Named(msgspec.Struct, frozen=True):
    """A word of the catalogue's vocabulary that an inference rule bars, and where it stands."""

    family: str
    word: str
    place: Place


class InferenceSet(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What no text may tell or imply of its viewer."""

    rules: tuple[Placed, ...] = ()
    """By id."""
    named: tuple[Named, ...] = ()
    reads: Inferences = NO_INFERENCES
    """The rules, made ready for reading texts."""


class SegmentTerm(msgspec.Struct, frozen=True, kw_only=True):
    """A word of a segment that only the catalogue's vocabulary can vouch for, and where it stands."""

    signal: str
    word: str
    place: Place


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A named audience that requests may send in place of signals. It grants nothing."""

    name: str
    label: str
    """How editors read of it."""
    why: str
    signals: dict[str, Any]
    """Signal -> the value, as a request would send it; sorted."""
    terms: tuple[SegmentTerm, ...]
    place: Place


class TitleTerms(Protocol):
    """What a watched title coarsens to."""

    @property
    def genres(self) -> tuple[str, ...]:
        """Words of the catalogue's genres."""
        ...

    @property
    def moods(self) -> tuple[str, ...]:
        """Words of its moods."""
        ...

    @property
    def themes(self) -> tuple[str, ...]:
        """Words of its themes."""
        ...

    @property
    def alerts(self) -> tuple[str, ...]:
        """What its alerts warn of."""
        ...

    @property
    def sensitive(self) -> bool:
        """Whether it carries a theme that could betray a special category of data; then it is left out."""
        ...


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue's closed vocabulary, as far as signals enter it."""

    families: Mapping[str, frozenset[str]]
    """Family -> its words."""
    alerts: frozenset[str] = frozenset()
    """What titles warn of: no signal becomes one of these."""
    sensitive: frozenset[str] = frozenset()
    """Words that could betray a special category of data: never a reason given."""
    left_out: frozenset[str] = frozenset()
    """Words that the viewer keeps out of every signal."""
    read: Callable[[str], Mapping[str, Sequence[str]]]
    """Free text -> the words it names, by family."""


class InventedTitle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A title made up for tests."""

    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    sensitive: bool = False


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """One test: what every signal comes to in some contexts, for some purposes."""

    name: str
    contexts: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    audience: str | None
    segment: str | None
    """A segment whose signals are sent, beside the audience's if there is one."""
    expect: dict[str, str]
    """Signal -> level. A declared signal that is not listed is expected withheld."""
    brief: dict[str, Any]
    """Signal -> the value a brief would see of what is sent."""
    place: Place
    vary: dict[str, tuple[Any, ...]] = {}
    """Key of a context -> the values it takes in turn, each with each of the other keys'."""


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """One test file."""

    file: str
    contexts: dict[str, Context]
    """By name; their purpose is a test's to set."""
    audiences: dict[str, dict[str, Any]]
    titles: dict[str, InventedTitle]
    tests: tuple[Expectation, ...]


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """One test of the inference rules: a sentence, and what they are to say of it."""

    text: str
    rule: str | None
    """The rule that forbids it; None if every rule permits it."""
    place: Place


class PolicySet(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """All rules and vocabularies in force, as one version."""

    version: str
    """`sha256:` and the digest of what the set says. Comments, tests, file names and order do not count."""
    signals: tuple[Signal, ...]
    """Sorted by name."""
    consents: tuple[Consent, ...]
    groups: Groups
    rules: tuple[Rule, ...]
    """Allows, then caps, each by id."""
    suites: tuple[Suite, ...]
    files: Mapping[str, str]
    """The text of every file, tests included, by its name within the folder."""
    index: Index
    """The rules, made ready for deciding."""
    inferences: InferenceSet = InferenceSet()
    """What no text may tell or imply of its viewer, and which words are never a reason given."""
    sentences: tuple[Sentence, ...] = ()
    """The tests of those rules."""
    segments: tuple[Segment, ...] = ()
    """Named audiences for editors, by name."""

    def signal(self, name: str) -> Signal | None:
        """The declared signal of that name."""
        return next((signal for signal in self.signals if signal.name == name), None)

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def segment(self, name: str) -> Segment | None:
        """The segment of that name."""
        return next((segment for segment in self.segments if segment.name == name), None)
