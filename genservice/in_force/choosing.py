"""The set that rules from the start: one that may, or the last that did."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import structlog

from genservice.errors import PolicyError
from genservice.in_force.ruling import MOST_TOLD, InForce
from genservice.policy import from_files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from genservice.in_force.candidates import Candidates
    from genservice.policy import PolicySet

log = structlog.get_logger(__name__)


class AcceptedSet(Protocol):
    """A set that once was in force."""

    @property
    def version(self) -> str:
        """Its version when it was accepted."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """Its files by name."""
        ...


class History(Protocol):
    """Where accepted sets are remembered, so that not even a restart puts a bad one in force."""

    async def accept(
        self, version: str, files: Mapping[str, str], *, who: str = "start"
    ) -> AcceptedSet:
        """Remember a set as the one in force."""
        ...

    async def latest(self) -> AcceptedSet | None:
        """The set last accepted."""
        ...

    async def newest(self) -> int:
        """The number of the last act on record."""
        ...


async def choose(
    directory: Path, history: History, candidates: Candidates, *, clock: Callable[[], datetime]
) -> InForce:
    """The set in `directory`, or the last accepted one if that is invalid or fails its own tests.

    Raises:
        PolicyError: It is, and no set was ever accepted: there is nothing lawful to rule by.
        UnavailableError: The history does not answer, or cannot be written.
    """
    try:
        policies = await asyncio.to_thread(candidates.of_folder, directory)
    except PolicyError as error:
        kept = await _kept(history, error)
        log.warning(
            "the policy folder is invalid; the last valid set stays",
            version=kept.version,
            problems=[str(problem) for problem in error.problems[:MOST_TOLD]],
            found=len(error.problems),
        )
        return InForce(kept, source="files", problems=error.problems, clock=clock)
    await history.accept(policies.version, policies.files)
    return InForce(policies, source="files", clock=clock)


async def choose_registered(
    directory: Path, history: History, candidates: Candidates, *, clock: Callable[[], datetime]
) -> InForce:
    """The set last accepted; where none ever was, the one in `directory`, which is accepted then.

    Raises:
        PolicyError: That one is invalid or fails its own tests; or the one accepted cannot be read.
        UnavailableError: The history does not answer, or cannot be written.
    """
    act = await history.newest()
    latest = await history.latest()
    if latest is None:
        policies = await asyncio.to_thread(candidates.of_folder, directory)
    else:
        policies = await asyncio.to_thread(candidates.of_record, latest.files)
    # Also where another version of the service digests the same files differently: what receipts
    # will name is on record then.
    if latest is None or latest.version != policies.version:
        await history.accept(policies.version, policies.files)
        act = await history.newest()
    return InForce(policies, source="registry", act=act, clock=clock)


async def _kept(history: History, refused: PolicyError) -> PolicySet:
    """The set last accepted.

    Raises:
        PolicyError: There is none that can be read; the error is the folder's.
    """
    latest = await history.latest()
    if latest is None:
        raise refused
    try:
        return await asyncio.to_thread(from_files, latest.files)
    except PolicyError:
        log.error("the set last accepted cannot be read", version=latest.version)  # noqa: TRY400 - its problems are those of files that nobody can edit
        raise refused from None
