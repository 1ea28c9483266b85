"""Which policy set rules: the folder's, if it is valid and its tests pass; else the last that was."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import msgspec
import structlog

from genservice.errors import PolicyError, Problem
from genservice.policy import (
    PolicySet,
    TitleTerms,
    Words,
    from_files,
    load,
    require_tests,
    titles_named,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

log = structlog.get_logger(__name__)


class AcceptedSet(Protocol):
    """A set that once was in force."""

    @property
    def files(self) -> Mapping[str, str]:
        """Its files by name."""
        ...


class History(Protocol):
    """Where accepted sets are remembered, so that not even a restart puts a bad one in force."""

    async def accept(self, version: str, files: Mapping[str, str]) -> AcceptedSet:
        """Remember a set as the one in force."""
        ...

    async def latest(self) -> AcceptedSet | None:
        """The set last accepted."""
        ...


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """The set that rules, and what is wrong with the folder if another one should."""

    policies: PolicySet
    problems: tuple[Problem, ...] = ()


async def choose(
    directory: Path,
    history: History,
    *,
    words: Words,
    titles: Callable[[], Mapping[str, TitleTerms]],
) -> InForce:
    """The set in `directory`, or the last accepted one if that is invalid or fails its own tests.

    Args:
        directory: The policy folder.
        history: Where accepted sets are remembered.
        words: The catalogue's vocabulary.
        titles: Reads the titles that tests may name, as `genservice policy test` does. Called on a
            thread, and only if a test names one that its file does not make up.

    Raises:
        PolicyError: It is, and no set was ever accepted: there is nothing lawful to rule by.
    """
    try:
        policies = load(directory)
        known: Mapping[str, TitleTerms] = {}
        if titles_named(policies):
            known = await asyncio.to_thread(titles)
        require_tests(policies, words=words, titles=known)
    except PolicyError as error:
        latest = await history.latest()
        if latest is None:
            raise
        log.warning(
            "the policy folder is invalid; the last valid set stays", problems=len(error.problems)
        )
        return InForce(policies=from_files(latest.files), problems=error.problems)
    await history.accept(policies.version, policies.files)
    return InForce(policies=policies)
