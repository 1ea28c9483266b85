"""Replays over HTTP: what a draft would have changed in the requests that were logged."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta

from genservice.api.access import roles
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.policy import from_files, require_words
from genservice.replays import Replayed
from genservice.words import policy_words

EXAMPLE_REPLAY_REQUEST: dict[str, Any] = {
    "files": {
        "less.yaml": "rules:\n  - {id: no-moods, why: Moods tell too much., signals: [mood_affinity], decision: withhold}\n"
    },
    "since": "7d",
}

_EXAMPLE = Body(examples=[Example(summary="A rule more", value=EXAMPLE_REPLAY_REQUEST)])

Time = Annotated[str, Meta(min_length=2, max_length=40, examples=["7d", "2026-11-18T22:00:00Z"])]


class ReplayRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft of a policy set, and the time to replay."""

    files: Annotated[dict[str, str], Meta(max_length=200)]
    """Files of the set in force that the draft replaces or adds, by name."""
    since: Time
    """Days or hours before now (`7d`, `36h`), or a time of RFC 3339."""
    until: Time | None = None
    """The same; left out, now."""
    against: Literal["in_force", "then"] = "in_force"
    """Compare with what the set in force says of those requests, or with what was decided then."""


class ReplayController(Controller):
    """Drafts against the decision log."""

    path = "/v1/policies/replay"
    tags = ("Policies",)
    opt = roles("policy_owner", "privacy_officer")

    @post(
        "/",
        status_code=200,
        operation_id="replay_policies",
        responses=problems(413, 415),
    )
    async def replay(
        self, data: Annotated[ReplayRequest, _EXAMPLE], service: NamedDependency[Service]
    ) -> Replayed:
        """Count what a draft would have changed in real traffic, by signal, purpose, region and age."""
        in_force = service.policies()
        draft = await asyncio.to_thread(from_files, {**in_force.files, **data.files})
        require_words(draft, policy_words(service.vocabulary))
        return await service.replays.replay(
            in_force, draft, since=data.since, until=data.until, against=data.against
        )
