"""A context as far as a policy set can tell it from others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from genservice.domain import Context
    from genservice.policy.values import PolicySet

_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?(?![^-])", re.IGNORECASE)
_UNDETERMINED = "und"


def stated(context: Context, policies: PolicySet) -> Context:
    """The context that decides, and that receipts state: nothing in it is the caller's own wording.

    Every decision of `policies` stays what it was. Consents are those that the set declares, sorted.
    A region is one that its rules name, or else its country, or `unknown`. A language is its subtags
    of language, script and region, in the case that BCP 47 gives them.
    """
    declared = policies.index.declared
    return msgspec.structs.replace(
        context,
        consents=tuple(sorted(declared.intersection(context.consents))),
        region=policies.index.region_of(context.region),
        language=_language(context.language),
    )


def _language(tag: str) -> str:
    found = _TAG.match(tag)
    if found is None:
        return _UNDETERMINED
    language, script, region = found.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)
