"""Requests and answers about versions of the policy set. Unknown fields of requests are refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from genservice.domain import Outcome
from genservice.store import Act, Count, PolicyVersion, Standing

Version = Annotated[
    str, Meta(pattern=r"^sha256:[0-9a-f]{64}$(?!\n)", examples=["sha256:" + "41c0" * 16])
]
Why = Annotated[str, Meta(min_length=1, max_length=500, examples=["Counsel asked for it."])]


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of request bodies: strict."""


class UploadRequest(_Request, frozen=True, kw_only=True):
    """A draft: the files of a whole set, or, with `base`, what is different from that version's."""

    files: Annotated[dict[str, str | None], Meta(min_length=1, max_length=200)]
    """Text by name; with a base, null leaves the file of that name out."""
    why: Why
    base: Version | None = None


class ShadowRequest(_Request, frozen=True, kw_only=True):
    """The version to decide beside the one in force; null stops it."""

    version: Version | None
    why: Why | None = None


class ActivateRequest(_Request, frozen=True, kw_only=True):
    """The version to put in force."""

    version: Version
    why: Why


class RollBackRequest(_Request, frozen=True, kw_only=True):
    """Back to the version that was in force before, or to an earlier one."""

    why: Why
    to: Version | None = None


class VersionOut(msgspec.Struct, frozen=True, kw_only=True):
    """One version, and the last act that led to it."""

    version: str
    state: Literal["in_force", "shadow", "known"]
    accepted_at: datetime
    """When its files were stored; each version passed its own tests then."""
    act: Act | None


class VersionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some versions, the last stored first."""

    items: tuple[VersionOut, ...]
    next: str | None


class VersionFiles(msgspec.Struct, frozen=True, kw_only=True):
    """One version with its files."""

    version: str
    accepted_at: datetime
    files: dict[str, str]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a set says of a signal. `undeclared`: the set does not know it."""

    outcome: Outcome | Literal["undeclared"]
    level: str | None


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that the set in shadow would have decided otherwise, and how often."""

    signal: str
    was: Verdict = msgspec.field(name="from")
    becomes: Verdict = msgspec.field(name="to")
    requests: int


class ShadowOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the set in shadow would have changed, in all processes; of nobody and of no value."""

    version: str | None
    """None: no version is in shadow."""
    against: str | None
    """The version in force; when another one takes its place, counting begins anew."""
    since: datetime | None
    requests: int = 0
    """Requests decided under both sets."""
    differing: int = 0
    """Of these, how many would have had one signal or more decided otherwise."""
    missed: int = 0
    """Requests that were not decided under the set in shadow, for there were too many at once."""
    failed: int = 0
    """Of `requests`, those that could not be decided under the set in shadow."""
    changes: tuple[ChangeOut, ...] = ()


def version_out(version: PolicyVersion, act: Act | None, held: Standing) -> VersionOut:
    """A version, as it is listed."""
    state = "known"
    if version.version == held.in_force:
        state = "in_force"
    elif held.shadow is not None and version.version == held.shadow.version:
        state = "shadow"
    return VersionOut(
        version=version.version,
        state=state,
        accepted_at=version.accepted_at,
        act=act,
    )


def shadow_out(held: Standing, counted: Mapping[Count, int]) -> ShadowOut:
    """What was counted, as it is answered."""
    if held.shadow is None or held.since is None:
        return ShadowOut(version=None, against=held.in_force, since=None)
    totals = {count.counted: number for count, number in counted.items()}
    changes = sorted(
        (count for count in counted if count.counted == "change"),
        key=lambda count: (-counted[count], count.signal, count.was, count.becomes),
    )
    return ShadowOut(
        version=held.shadow.version,
        against=held.in_force,
        since=max(held.shadow.since, held.since),
        requests=totals.get("seen", 0),
        differing=totals.get("differing", 0),
        missed=totals.get("missed", 0),
        failed=totals.get("failed", 0),
        changes=tuple(
            ChangeOut(
                signal=change.signal,
                was=_verdict(change.was),
                becomes=_verdict(change.becomes),
                requests=counted[change],
            )
            for change in changes
        ),
    )


def _verdict(said: str) -> Verdict:
    outcome, _, level = said.partition(" to ")
    return msgspec.convert({"outcome": outcome, "level": level or None}, Verdict)
