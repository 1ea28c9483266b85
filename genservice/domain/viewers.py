"""What is held of a viewer, and what a viewer decided."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from genservice.domain.audience import Purpose, SignalName

ViewerId = Annotated[str, Meta(pattern=r"^(?!(me|\.{1,2})$)[A-Za-z0-9._~-]{1,128}$(?!\n)")]
"""The app's own name for a viewer. It is never stored, logged or signed; it only leads to a key.

Not `me`, which in an address is whoever has a token; nor `.` and `..`, which clients take out of addresses.
"""

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


class ConsentAct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a viewer agrees to or withdraws, as it is told: not yet numbered, not yet written."""

    consent: str
    """The name of a declared consent."""
    action: Literal["given", "withdrawn"]
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


class ConsentRecord(ConsentAct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing a viewer agreed to or withdrew, in the fields of ISO/IEC TS 27560. Never changed once written."""

    number: int
    """From 1, in the order in which they were written."""
    at: datetime


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


class ServingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some servings of a viewer, newest first."""

    items: tuple[Serving, ...] = ()
    next: int | None = None
    """What to ask for as `before` to get those that came before; None: there are none."""


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is held of a viewer, at one moment."""

    signals: tuple[HeldSignal, ...] = ()
    consents: tuple[ConsentRecord, ...] = ()
    """Every act, in order."""
    controls: Controls = Controls()
    controls_revision: int = 0
    """0: never set."""
    servings: tuple[Serving, ...] = ()
    """In order."""


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a viewer was erased. Of a viewer of whom nothing was held: nothing."""

    signals: int = 0
    consents: int = 0
    controls: int = 0
    servings: int = 0


class Tidied(msgspec.Struct, frozen=True, kw_only=True):
    """What was forgotten because it is kept no longer."""

    signals: int = 0
    servings: int = 0
    viewers: int = 0
    """Of whom nothing was left: their keys were destroyed."""
    restored: int = 0
    """Erased viewers whose rows a backup had brought back: they were taken out again."""


__all__ = [
    "CONTROL_RULES", "ConsentAct", "ConsentRecord", "Controls", "Erased", "Exported", "Held", "HeldSignal", "Level", "Serving",
    "ServingPage", "Tidied", "ViewerId",
]  # fmt: skip
