"""Requests and answers about what is held of a viewer. Unknown fields of requests are refused."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from genservice.api.schemas import Consent, Language, Region, SignalName
from genservice.domain import Level, Purpose
from genservice.rights import ConsentKept, Shown, SignalKept

# Where and how something was said, and which wording was shown: a name of the app's own, never a sentence.
Label = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,63}$(?!\n)",
        examples=["settings", "2026-11", "toggle"],
    ),
]
TitleId = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,64}$(?!\n)", examples=["double-indemnity"])]
Word = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$(?!\n)", examples=["horror"])]

EXAMPLE_SIGNALS: dict[str, Any] = {
    "signals": {"genre_affinity": ["crime", "drama"], "watch_history": ["double-indemnity"]}
}
EXAMPLE_CONSENTS: dict[str, Any] = {
    "acts": [
        {
            "consent": consent,
            "action": "given",
            "source": "sign-up",
            "text_version": "2026-11",
            "language": "en",
            "region": "DE",
            "method": "toggle",
        }
        for consent in ("content_profile", "content_use")
    ]
}
EXAMPLE_CONTROLS: dict[str, Any] = {
    "level": "full",
    "signals_off": ["watch_history"],
    "themes_left_out": ["war"],
    "titles_left_out": ["double-indemnity"],
    "objections": ["advertising"],
}


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of request bodies: strict."""


class SignalsRequest(_Request, frozen=True, kw_only=True):
    """Signals by name. Where some are changed, null forgets one."""

    signals: Annotated[dict[SignalName, Any], Meta(max_length=200)]


class SignalRequest(_Request, frozen=True, kw_only=True):
    """What one signal is."""

    value: Any


class SignalsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The signals that are held, by name: all of them, so that `next` is always null."""

    items: tuple[SignalKept, ...]
    next: None = None


class SignalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One signal, and what is held of it; null: nothing."""

    name: str
    held: SignalKept | None


class ConsentActIn(_Request, frozen=True, kw_only=True):
    """One thing that a viewer agreed to or withdrew, in the fields of ISO/IEC TS 27560."""

    consent: Consent
    action: Literal["given", "withdrawn"]
    source: Label
    """Where it was said."""
    text_version: Label
    """Which wording was shown."""
    language: Language | None = None
    """The language it was shown in."""
    region: Region | None = None
    """Where the viewer was taken to be."""
    method: Label | None = None
    """How it was said."""


class ConsentsRequest(_Request, frozen=True, kw_only=True):
    """What a viewer agreed to or withdrew, in order."""

    acts: Annotated[tuple[ConsentActIn, ...], Meta(min_length=1, max_length=64)]


class WithdrawRequest(_Request, frozen=True, kw_only=True):
    """What a viewer withdraws; without `consents`, all that stand."""

    consents: Annotated[tuple[Consent, ...], Meta(min_length=1, max_length=64)] | None = None
    source: Label = "api"
    text_version: Label | None = None
    """Which wording was shown; left out, the one that had been agreed to."""
    language: Language | None = None
    region: Region | None = None
    method: Label | None = None


class ConsentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Some acts of consent, the last one first, and the consents that stand after all of them."""

    standing: tuple[str, ...]
    items: tuple[ConsentKept, ...]
    next: str | None


class ConsentsRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded just now, and the consents that stand since."""

    standing: tuple[str, ...]
    recorded: tuple[ConsentKept, ...]


class ControlsRequest(_Request, frozen=True, kw_only=True):
    """Controls, in place of those that were set; what is left out is as it is for everybody."""

    level: Level = "full"
    """`off`: nothing of the viewer's shapes a text; `context_only`: only the situation it is shown in."""
    signals_off: Annotated[tuple[SignalName, ...], Meta(max_length=200)] = ()
    themes_left_out: Annotated[tuple[Word, ...], Meta(max_length=500)] = ()
    """Themes, genres and moods that no signal may bring up."""
    titles_left_out: Annotated[tuple[TitleId, ...], Meta(max_length=1000)] = ()
    objections: Annotated[tuple[Purpose, ...], Meta(max_length=5)] = ()


class ObjectionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The purposes that a viewer objected to (GDPR Art. 21)."""

    objections: tuple[Purpose, ...]


class ShownAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the texts that a viewer was shown, the last one first."""

    items: tuple[Shown, ...]
    next: str | None
