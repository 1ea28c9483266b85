"""Requests and answers that are not domain values. Unknown fields of requests are refused."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from genservice.api.problems import ErrorOut
from genservice.consents import MOST_LETTERS
from genservice.decision_log import LogState
from genservice.domain import (
    AgeBand,
    Channel,
    Decision,
    EditorialText,
    Length,
    Notice,
    Span,
    Title,
    Tone,
    ViewerId,
)
from genservice.policy import Explained
from genservice.readiness import PartState, Status
from genservice.twins import Progress

EXAMPLE_BLURB_REQUEST: dict[str, Any] = {
    "title_id": "double-indemnity",
    "context": {
        "region": "DE",
        "age_band": "age_25_34",
        "consents": ["content_profile", "content_use"],
        "gpc": False,
        "language": "en",
    },
    "audience": {"signals": {"genre_affinity": ["crime"], "time_of_day": ["22:40"]}},
    "channel": "tile",
    "tone": "tense",
    "length": "short",
}
EXAMPLE_CHECK_REQUEST: dict[str, Any] = {
    "title_id": "double-indemnity",
    "text": "A dark, tense noir from 1944, with Fred MacMurray and Barbara Stanwyck.",
}

Consent = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)")]
SegmentName = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)", examples=["families_on_a_sunday"])
]
SignalName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)")]
# Held to ISO 3166 by `require_region`, whose answer helps more than "not of the form" does.
Region = Annotated[
    str,
    Meta(
        max_length=64,
        examples=["DE", "US-CA", "unknown"],
        extra_json_schema={"pattern": "^(unknown|[A-Z]{2}(-[A-Z0-9]{1,3})?)$"},
    ),
]
# Language, script and region of BCP 47: further subtags decide nothing and would only be kept in receipts.
Language = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$(?!\n)",
        examples=["en", "pt-BR", "zh-Hant-TW"],
    ),
]
# Any text: what cannot be read is no consent, and no error. The limit bounds the work that reading takes.
ConsentString = Annotated[str, Meta(max_length=MOST_LETTERS)]
PlainText = Annotated[str, Meta(min_length=1, max_length=5000)]


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of request bodies: strict."""


class ContextIn(_Request, frozen=True, kw_only=True):
    """What rules may ask about; channel and processor are added by the service."""

    region: Region
    age_band: AgeBand
    consents: Annotated[tuple[Consent, ...], Meta(max_length=64)]
    gpc: bool = False
    """Global Privacy Control; the header `Sec-GPC: 1` counts as well."""
    language: Language = "en"
    tcf: ConsentString | None = None
    """A TC string of IAB TCF v2: it decides which consents with a TCF number hold."""
    gpp: ConsentString | None = None
    """An IAB GPP string: its TCF sections count as `tcf` does, its opt-outs as `gpc` does."""


class AudienceIn(_Request, frozen=True, kw_only=True):
    """What is known of an audience. Values are read only where policy releases them."""

    signals: Annotated[dict[SignalName, Any], Meta(max_length=200)] = msgspec.field(
        default_factory=dict[str, Any]
    )
    viewer: ViewerId | None = None
    """The app's name of a viewer: stored signals stand in for those not sent, consents count only if they
    stand as well, and controls bind both. Apps only."""
    segment: SegmentName | None = None
    """A segment of the policy set, whose signals are sent besides; none may be in both."""


class BlurbRequest(_Request, frozen=True, kw_only=True):
    """A blurb, asked for."""

    context: ContextIn
    title_id: (
        Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,64}$(?!\n)", examples=["double-indemnity"])]
        | None
    ) = None
    title: Title | None = None
    """A title of the editor's own instead of one of the catalogue; editors only, never stored."""
    audience: AudienceIn = msgspec.field(default_factory=AudienceIn)
    channel: Channel = "detail"
    tone: Tone = "plain"
    length: Length = "medium"
    variants: Annotated[int, Meta(ge=1, le=5)] = 1
    seed: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0
    note: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None
    """An editor's wish about style; editors only, screened, never stored."""
    dry_run: bool = False
    """Answer brief, prompt, key and decisions, and write nothing; not for apps."""


class CheckRequest(_Request, frozen=True, kw_only=True):
    """A text, to be checked against a title's facts."""

    text: PlainText
    title_id: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,64}$(?!\n)")] | None = None
    title: Title | None = None
    channel: Channel = "detail"
    length: Length = "long"


class CheckFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason not to publish the text."""

    kind: str
    at: tuple[int, int]
    detail: str
    rule: str | None = None
    """Of an `inference`: the id of the policy set's rule that says why."""


class CheckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks found."""

    passed: bool
    findings: tuple[CheckFinding, ...]
    spans: tuple[Span, ...]
    """What vouches for each content word."""


class VerifyRequest(_Request, frozen=True, kw_only=True):
    """A receipt and, if it is at hand, a text that it should account for."""

    receipt: Any
    text: PlainText | None = None


class VerifyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a receipt is genuine."""

    valid: bool
    reason: str | None


class TitlePage(msgspec.Struct, frozen=True, kw_only=True):
    """Some titles, and where the next ones start."""

    items: tuple[Title, ...]
    next: str | None


class RecordProblem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong with one record, and where."""

    detail: str
    line: int | None = None
    pointer: str | None = None
    hint: str | None = None


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an import: bad records are skipped and named, the rest is in."""

    created: int
    changed: int
    unchanged: int
    skipped: int
    problems: tuple[RecordProblem, ...]
    warnings: tuple[RecordProblem, ...]


class TextsRequest(_Request, frozen=True, kw_only=True):
    """The editorial texts of a title, replacing those it has."""

    texts: Annotated[tuple[EditorialText, ...], Meta(max_length=60)]


class SignalOut(msgspec.Struct, frozen=True, kw_only=True):
    """One declared signal."""

    name: str
    label: str
    value: str
    sensitivity: str
    ladder: tuple[str, ...]
    keep_days: int
    data: str
    context: bool
    """Whether it says only in which situation a text is shown."""


class RuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, where it stands and why."""

    id: str
    why: str
    file: str
    line: int


class SegmentOut(msgspec.Struct, frozen=True, kw_only=True):
    """One named audience, and the signals that naming it sends."""

    name: str
    label: str
    why: str
    signals: dict[str, Any]


class PolicyOut(msgspec.Struct, frozen=True, kw_only=True):
    """The policy set in force."""

    version: str
    signals: tuple[SignalOut, ...]
    rules: tuple[RuleOut, ...]
    inferences: tuple[RuleOut, ...]
    """What no text may tell or imply of its viewer."""
    segments: tuple[SegmentOut, ...]
    """Audiences that requests may name."""
    files: dict[str, str]


class FilesRequest(_Request, frozen=True, kw_only=True):
    """A draft of a policy set: file names and contents."""

    files: Annotated[dict[str, str], Meta(max_length=200)]


class ValidateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The version a valid draft would have, and what of it changes nothing."""

    version: str
    notes: tuple[ErrorOut, ...] = ()
    """Rules that others make needless."""


class ExplainRequest(_Request, frozen=True, kw_only=True):
    """A context to decide in, and perhaps the one signal that is meant."""

    signal: SignalName | None = None
    purpose: Literal["synopsis", "promo", "recommendation", "advertising", "measurement"]
    context: ContextIn
    channel: Channel = "detail"


class ExplainAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the set in force decides, signal by signal."""

    policy: str
    decisions: tuple[Decision, ...]
    """As receipts state them."""
    explanations: tuple[Explained, ...]
    """The same in the same order, with every rule that spoke: which settled it, its why and place."""
    notices: tuple[Notice, ...] = ()
    """Consent strings that count for nothing; left out if there are none."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the process answers."""

    status: Literal["ok"]


class ReadinessOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the service can do its work, by which policy set, and how far twins and log are."""

    status: Status
    """The worst of its parts: `degraded` still answers requests, `unavailable` does not."""
    problems: tuple[str, ...]
    """What is wrong, in words."""
    parts: tuple[PartState, ...]
    """Every part, with a code of what is wrong."""
    policy: str
    """The version in force in the process that answers."""
    twins: Progress
    decision_log: LogState
