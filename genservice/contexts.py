"""The one place where what a request says of its context becomes the context that decides.

What strings say of consents and opt-outs enters here, and nothing else of them: two requests whose strings
come to the same are the same from here on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.consents import held
from genservice.domain import Notice
from genservice.policy import stated

if TYPE_CHECKING:
    from collections.abc import Collection

    from genservice.consents import Heard
    from genservice.domain import Context
    from genservice.policy import PolicySet


def resolved(
    sent: Context, heard: Heard, policies: PolicySet, *, standing: Collection[str] | None = None
) -> Context:
    """The context that decides, and that receipts state, without any wording of the caller's own.

    Args:
        sent: As the request says it: its `consents` are those that it lists.
        heard: What its consent strings come to.
        policies: The set that decides.
        standing: The consents that stand for the viewer meant: of those that the request and its strings
            hold, no others count. None: no viewer is meant.
    """
    consents = held(sent.consents, policies.consents, heard)
    if standing is not None:
        consents = tuple(consent for consent in consents if consent in standing)
    context = msgspec.structs.replace(
        sent,
        consents=consents,
        gpc=sent.gpc or heard.opted_out,
    )
    return stated(context, policies)


def string_notices(heard: Heard) -> tuple[Notice, ...]:
    """What a caller is told of strings that count for nothing: which, and never what is in them."""
    return tuple(
        Notice(
            kind="malformed_consent_string"
            if string.fault == "malformed"
            else "invalid_consent_string",
            name=string.field,
        )
        for string in heard.unusable
    )
