"""Texts as they are served, and the receipts that account for them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from genservice.domain.audience import AgeBand, Channel, Decision, Processor, Purpose
from genservice.domain.titles import Length, Tone

Source = Literal["written", "twin", "editorial"]
Reason = Literal[
    "nothing_released", "personalisation_off", "check_failed", "model_unavailable",
    "guard_unavailable", "title_locked", "language",
]  # fmt: skip

DigitalSourceType = Literal["trainedAlgorithmicMedia", "digitalCreation"]
"""IPTC's words for where a text comes from."""
TRAINED_ALGORITHMIC_MEDIA: DigitalSourceType = "trainedAlgorithmicMedia"
"""IPTC digital source type of a text a model wrote."""
DIGITAL_CREATION: DigitalSourceType = "digitalCreation"
"""IPTC digital source type of a text a person wrote."""


class Span(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stretch of a text and what vouches for it: a fact, a signal, or a house phrase."""

    at: tuple[int, int]
    """Start and end, in Unicode code points, end exclusive."""
    fact: str | None = None
    signal: str | None = None
    phrase: str | None = None


class WrittenBy(msgspec.Struct, frozen=True, kw_only=True):
    """The model that wrote a text."""

    name: str
    """`embedded`, a hub id with its commit, a folder's name, or what its server calls it."""
    version: str | None
    """The digest of its files, `sha256:...`; None of a model elsewhere, of which nobody here has them."""
    processor: Processor | None
    """Whose machine it ran on; None of texts that were stored before this was kept."""


class Blurb(msgspec.Struct, frozen=True, kw_only=True):
    """One text, ready to be shown."""

    id: str
    text: str
    personalised: bool
    source: Source
    reason: Reason | None
    language: str
    angle: str | None
    """The signal the text answers to; the heavier one if two."""
    digital_source_type: DigitalSourceType
    spans: tuple[Span, ...]
    model: WrittenBy | None = None
    """What wrote it; None of an editor's text."""


class TitleRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which title, in which state."""

    id: str
    revision: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a text is for, where it is shown, and how long it may be."""

    purpose: Purpose
    channel: Channel
    length: Length

    def __str__(self) -> str:
        return f"{self.purpose}/{self.channel}/{self.length}"


class StatedContext(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The context as the receipt states it."""

    region: str
    age_band: AgeBand
    consents: tuple[str, ...]
    gpc: bool
    language: str
    processor: Processor


class Used(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A released value that shaped the text, as coarse as it was used."""

    signal: str
    level: str
    value: Any


class Screened(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much personal data was removed, by entity; never what."""

    prompt: dict[str, int]
    text: dict[str, int]


class StatedRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that accounts for a decision, in its owner's words; or a viewer's control that does."""

    id: str
    says: str
    """`allow`, `coarsen to genres` or `withhold`."""
    why: str


class StatedBlurb(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text by id and digest."""

    id: str
    sha256: str


class Statement(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How an answer came to be.

    A function of title revision, options, context, policy, released values and what a viewer's controls
    hold back of what policy grants, and of nothing else: it holds no viewer, clock, request id or digest
    of a raw value.
    """

    title: TitleRef
    purpose: Purpose
    channel: Channel
    tone: Tone
    length: Length
    seed: int
    context: StatedContext
    policy: str
    prompt: str
    model: str
    used: tuple[Used, ...]
    decisions: tuple[Decision, ...]
    rules: tuple[StatedRule, ...] = ()
    """The rules that account for the decisions, each once, by id; receipts of earlier versions have none."""
    screened: Screened
    attempts: int
    blurbs: tuple[StatedBlurb, ...]


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A detached signature over the canonical JSON of a statement."""

    alg: Literal["Ed25519"]
    key: str
    value: str
    """base64url without padding."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signed account of how a blurb came to be. Its id is the digest of its statement."""

    id: str
    statement: Statement
    signature: Signature


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something about the request itself: unsigned, unstored."""

    kind: Literal[
        "undeclared_signal",
        "undeclared_consent",
        "malformed_consent_string",
        "invalid_consent_string",
    ]
    name: str
    """Of the signal or the consent; of a string the field that held it, `tcf` or `gpp`."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller gets: blurbs, the receipt, and notices about the request."""

    blurbs: tuple[Blurb, ...]
    receipt: Receipt
    notices: tuple[Notice, ...]
