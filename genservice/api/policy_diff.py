"""What a draft of the policy set would change, over HTTP."""

import asyncio
from typing import Any

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from genservice.api.access import roles
from genservice.api.problems import problems
from genservice.api.schemas import FilesRequest
from genservice.api.service import Service
from genservice.policy import (
    Change,
    compare,
    comparison_to_json,
    from_files,
    groups_of,
    require_words,
)
from genservice.words import policy_words


class WhereConsents(msgspec.Struct, frozen=True, rename={"with_": "with"}):
    """Consents that are given, and consents that are not; any other does not matter."""

    with_: tuple[str, ...]
    without: tuple[str, ...]


class ContextsWhere(msgspec.Struct, frozen=True, omit_defaults=True):
    """Contexts; a key that is left out may have any value."""

    purpose: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    age_band: tuple[str, ...] | None = None
    gpc: bool | None = None
    channel: tuple[str, ...] | None = None
    processor: tuple[str, ...] | None = None
    consents: WhereConsents | None = None


class ChangedOut(msgspec.Struct, frozen=True):
    """Contexts in which signals come to something else."""

    where: str
    """The same contexts in words."""
    contexts_where: ContextsWhere
    contexts: int
    """How many they are."""
    changes: tuple[Change, ...]


class DiffAnswer(msgspec.Struct, frozen=True):
    """Every decision that a draft changes."""

    old: str
    new: str
    contexts: int
    """How many contexts there are in all."""
    decisions: int
    """How many pairs of context and signal change."""
    changed: tuple[ChangedOut, ...]
    besides: tuple[str, ...]
    """What else differs: what no decision shows."""


class PolicyDiffController(Controller):
    """Drafts beside the set in force."""

    path = "/v1/policies/diff"
    tags = ("Policies",)
    opt = roles("policy_owner", "privacy_officer")

    @post("/", status_code=200, operation_id="diff_policies", responses=problems(413, 415))
    async def diff(
        self, data: JSONBody[FilesRequest], service: NamedDependency[Service]
    ) -> DiffAnswer:
        """Every decision that the set in force would make otherwise with these files in it."""
        old = service.policies()
        words = policy_words(service.vocabulary)

        def compared() -> dict[str, Any]:
            new = from_files({**old.files, **data.files})
            require_words(new, words)
            return comparison_to_json(compare(old, new), groups_of(old, new))

        return msgspec.convert(await asyncio.to_thread(compared), DiffAnswer)
