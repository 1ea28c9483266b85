"""What is held of a viewer, and what a viewer decided."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from genservice.domain.audience import Purpose, SignalName

ViewerId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~-]{1,128}$(?!\n)")]
"""The app's own name for a viewer. It is never stored, logged or signed; it only leads to a key."""

Level = Literal["off", "context_only", "full"]
"""How much a viewer lets shape a text: nothing, only the situation it is shown in, or all that policy allows."""


class HeldSignal(msgspec.Struct, frozen=True, kw_only=True):
    """One signal that is stored for a viewer."""

    name: SignalName
    value: Any
    source: Literal["app", "viewer"]
    """Who told: an app, or the viewer by a token of theirs."""
    at: datetime
    expires_at: datetime
    """When it is forgotten: after the signal's `keep_days`."""


class ConsentRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a viewer agreed to or withdrew, in the fields of ISO/IEC TS 27560. Never changed once written."""

    number: int
    """From 1, in the order in which they were written."""
    consent: str
    """The name of a declared consent."""
    action: Literal["given", "withdrawn"]
    at: datetime
    source: str
    """Where it was said, as in `settings`, `sign-up`."""
    text_version: str
    """Which wording was shown."""
    language: str | None = None
    """The language it was shown in (BCP 47)."""
    region: str | None = None
    """Where the viewer was taken to be."""
    method: str | None = None
    """How it was said, as in `toggle`, `dialog`."""


CONTROL_RULES = "viewer-"
"""How the ids begin by which receipts call what a viewer decided; no rule of a policy set may take one."""


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """What a viewer switched. Whatever a policy allows, this is kept to as well."""

    level: Level = "full"
    signals_off: tuple[str, ...] = ()
    """Names of declared signals that may not be used; sorted, each once."""
    themes_left_out: tuple[str, ...] = ()
    """Words of the vocabulary (themes, genres, moods) that no signal may bring up: not in my profile."""
    titles_left_out: tuple[str, ...] = ()
    """Titles that count for nothing in any signal."""
    objections: tuple[Purpose, ...] = ()
    """Purposes that the viewer objected to (GDPR Art. 21): nothing of theirs is used for them."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a viewer that may count for a text at this moment."""

    signals: tuple[HeldSignal, ...] = ()
    """Those not yet forgotten, by name."""
    consents: tuple[str, ...] = ()
    """Names of the consents that stand: given, and not withdrawn since; sorted."""
    controls: Controls = Controls()


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """That a viewer was shown blurbs: which receipt accounts for them, and when."""

    receipt: str
    blurbs: tuple[str, ...]
    """Their ids."""
    at: datetime


__all__ = [
    "CONTROL_RULES", "ConsentRecord", "Controls", "Held", "HeldSignal", "Level", "Serving", "ViewerId",
]  # fmt: skip
