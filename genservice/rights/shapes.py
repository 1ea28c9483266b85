"""What a viewer reads of what is held, and the export that takes all of it out.

The JSON Schema of the export is made of these shapes and of what is said below their fields.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from genservice.domain import Level, Outcome, Purpose

Format = Literal["genservice.viewer-export/1"]
FORMAT: Format = "genservice.viewer-export/1"
Moment = Annotated[datetime, Meta(tz=True)]


class SignalKept(msgspec.Struct, frozen=True, kw_only=True):
    """One signal that is held."""

    name: str
    """Its name in the policy set."""
    label: str | None
    """As the policy set in force declares it, in the second person; null if it no longer does."""
    value: Any
    """As it was told."""
    source: Literal["app", "viewer"]
    """Who told: an app, or the viewer."""
    at: Moment
    """When it was told."""
    expires_at: Moment
    """When it is forgotten."""
    data: str | None
    """Its fideslang data category; null if it is no longer declared."""
    sensitivity: str | None
    """low, medium or high; null if it is no longer declared."""


class ConsentKept(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was agreed to or withdrawn, in the fields of ISO/IEC TS 27560."""

    number: int
    """From 1, in the order in which they were recorded."""
    consent: str
    """The name of the consent."""
    label: str | None
    """What is agreed to; null if the policy set in force does not say, or does not declare it."""
    tcf: int | None
    """The purpose of IAB TCF v2 that it stands for."""
    action: Literal["given", "withdrawn"]
    """What was done."""
    at: Moment
    """When it was recorded."""
    source: str
    """Where it was said."""
    text_version: str
    """Which wording was shown."""
    language: str | None
    """The language it was shown in (BCP 47)."""
    region: str | None
    """Where the viewer was taken to be (ISO 3166)."""
    method: str | None
    """How it was said."""


class ControlsKept(msgspec.Struct, frozen=True, kw_only=True):
    """What the viewer switched."""

    level: Level
    """How much may shape a text: nothing (off), only the situation it is shown in (context_only), or all that policy allows (full)."""
    signals_off: tuple[str, ...]
    """Names of signals that may not be used."""
    themes_left_out: tuple[str, ...]
    """Words of the vocabulary that no signal may bring up."""
    titles_left_out: tuple[str, ...]
    """Ids of titles that count for nothing."""
    objections: tuple[Purpose, ...]
    """Purposes that nothing of the viewer's is used for (GDPR Art. 21)."""


class TitleNamed(msgspec.Struct, frozen=True, kw_only=True):
    """A title as a viewer knows it."""

    id: str
    """Its id in the catalogue."""
    name: str | None
    """Its name; null if the catalogue no longer has it."""


class SignalUsed(msgspec.Struct, frozen=True, kw_only=True):
    """One signal that shaped a text."""

    signal: str
    """Its name."""
    label: str
    """As the policy set declared it, in the second person; else its name."""
    outcome: Outcome
    """released or coarsened."""
    level: str | None
    """The level it could be used at, where that is coarser than the value as told."""
    value: tuple[str, ...]
    """What the text made use of, as coarse as it was used."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Texts that the viewer was shown, together and at one time."""

    at: Moment
    """When."""
    receipt: str
    """Id of the signed receipt that accounts for them."""
    blurbs: tuple[str, ...]
    """Their ids."""
    title: TitleNamed | None
    """What they are about; null if their receipt is no longer kept."""
    purpose: Purpose | None
    """What they are for; null if their receipt is no longer kept."""
    used: tuple[SignalUsed, ...]
    """What of the viewer shaped them; empty if nothing did."""
    said: str
    """The same in a plain sentence."""


class ViewerExport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is held of a viewer at one moment. It is complete: nothing is left out or cut."""

    format: Format
    """Which format this is; another number after the slash is another format."""
    made_at: Moment
    """When it was taken out."""
    viewer: str
    """The app's own id for the viewer, as it was asked with; the service does not store it."""
    signals: tuple[SignalKept, ...]
    """By name."""
    consents: tuple[ConsentKept, ...]
    """Every act, the first one first."""
    standing_consents: tuple[str, ...]
    """Names of the consents that were given and not withdrawn since; sorted."""
    controls: ControlsKept
    """What the viewer switched; as it is for everybody, if nothing."""
    shown: tuple[Shown, ...]
    """The texts that the viewer was shown, the last one first, and what of the viewer shaped them."""
