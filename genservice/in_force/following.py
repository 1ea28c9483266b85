"""The set in force after the start: it follows the folder, or the record of acts in the database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import structlog

from genservice.errors import GenserviceError, PolicyError, Problem
from genservice.in_force.folder import FolderChanges, signature
from genservice.in_force.ruling import MOST_TOLD

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from pathlib import Path

    from genservice.in_force.candidates import Candidates
    from genservice.in_force.choosing import History
    from genservice.in_force.folder import Signature
    from genservice.in_force.ruling import InForce
    from genservice.in_force.shadow import Shadow
    from genservice.policy import PolicySet
    from genservice.store import Policies, Standing

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often to look, in seconds."""

    poll: float = 0.5
    """Between two looks at folder or database where nothing tells of a change."""
    settle: float = 0.1
    """So long the files must have stayed as they are: an edit may write several, one after the other."""


class FolderFollower:
    """Has the folder's set in force within a second of a good edit, and a bad one never."""

    def __init__(
        self,
        directory: Path,
        *,
        seen: Signature,
        in_force: InForce,
        history: History,
        candidates: Candidates,
        pace: Pace | None = None,
    ) -> None:
        """Follow nothing yet.

        Args:
            directory: The policy folder.
            seen: What it looked like before it was read at the start.
            in_force: Gets the sets.
            history: Gets them first.
            candidates: Reads them.
            pace: How often to look.
        """
        self._directory = directory
        self._seen = seen
        self._unrecorded: tuple[Signature, PolicySet] | None = None
        self._in_force = in_force
        self._history = history
        self._candidates = candidates
        self._pace = pace or Pace()

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """The folder is followed until the block ends."""
        changes = FolderChanges(self._directory, poll=self._pace.poll)

        async def follow() -> None:
            while True:
                await self.look()
                await changes.next()

        async with changes.watched(), _beside(follow):
            yield

    async def look(self) -> None:
        """Look at the folder now: if it changed, its set is put in force or refused."""
        found = await asyncio.to_thread(signature, self._directory)
        while found != self._seen:
            settled = asyncio.get_running_loop().time() + self._pace.settle
            tried = await self._tried(found)
            await asyncio.sleep(settled - asyncio.get_running_loop().time())
            again = await asyncio.to_thread(signature, self._directory)
            if again == found:
                if await self._decided(tried):
                    self._seen, self._unrecorded = found, None
                elif not isinstance(tried, tuple):
                    self._unrecorded = (found, tried)
                return
            # Somebody is still writing: what was read may be half of two edits.
            found = again

    async def _tried(self, found: Signature) -> PolicySet | tuple[Problem, ...]:
        """What reading the folder comes to; not read again while it only waits to be recorded."""
        if self._unrecorded is not None and self._unrecorded[0] == found:
            return self._unrecorded[1]
        return await asyncio.to_thread(_tried, self._candidates.of_folder, self._directory)

    async def _decided(self, tried: PolicySet | tuple[Problem, ...]) -> bool:
        """Put in force what passed, and refuse what did not; whether that is done."""
        if isinstance(tried, tuple):
            self._in_force.refuse(tried)
            log.warning(
                "the policy folder is invalid; the set in force stays",
                version=self._in_force.policies.version,
                problems=[str(problem) for problem in tried[:MOST_TOLD]],
                found=len(tried),
            )
            return True
        try:
            await self._history.accept(tried.version, tried.files, who="files")
        except GenserviceError as error:
            # Not on record, so not in force: a restart would not know of it. The next look tries again.
            _wait(self._in_force, f"the folder's set cannot be recorded: {error}")
            return False
        _put_in(self._in_force, tried)
        return True


class RegistryFollower:
    """Follows the record of acts: which set is in shadow, and, where the registry rules, in force."""

    def __init__(
        self,
        registry: Policies,
        *,
        in_force: InForce,
        shadow: Shadow,
        candidates: Candidates,
        pace: Pace | None = None,
    ) -> None:
        """Follow nothing yet.

        Args:
            registry: The record.
            in_force: Gets the sets, if the registry rules.
            shadow: Gets the set in shadow.
            candidates: Reads them.
            pace: How often to ask.
        """
        self._registry = registry
        self._in_force = in_force
        self._shadow = shadow
        self._candidates = candidates
        self._pace = pace or Pace()
        self._seen = 0

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """The record is followed until the block ends."""

        async def follow() -> None:
            while True:
                await self.look()
                await asyncio.sleep(self._pace.poll)

        async with _beside(follow):
            yield

    async def look(self) -> None:
        """Ask whether anything was done; if so, do likewise."""
        try:
            if await self._registry.newest() == self._seen:
                self._answered()
                return
            held = await self._registry.standing()
            await self._follow_in_force(held)
            await self._follow_shadow(held)
        except GenserviceError as error:
            if self._in_force.source == "registry":
                _wait(self._in_force, f"the registry cannot be asked: {error}")
            return
        self._seen = held.number

    def _answered(self) -> None:
        if self._in_force.source == "registry" and self._in_force.waiting:
            self._in_force.waiting = ""
            log.info("the registry answers again")

    async def _follow_in_force(self, held: Standing) -> None:
        self._answered()
        if self._in_force.source != "registry" or held.in_force is None:
            return
        stored = await self._registry.get(held.in_force)
        if stored is None or stored.files == dict(self._in_force.policies.files):
            return
        tried = await asyncio.to_thread(_tried, self._candidates.of_record, stored.files)
        if isinstance(tried, tuple):
            self._in_force.refuse(tried, act=held.number)
            log.error(
                "the set in force in the registry cannot be read here; another one stays",
                version=held.in_force,
                kept=self._in_force.policies.version,
                problems=[str(problem) for problem in tried[:MOST_TOLD]],
                found=len(tried),
            )
            return
        _put_in(self._in_force, tried, act=held.number)

    async def _follow_shadow(self, held: Standing) -> None:
        if held.shadow is None:
            self._shadow.put_out()
            return
        if held.shadow.act == self._shadow.act:
            return
        stored = await self._registry.get(held.shadow.version)
        tried = None
        if stored is not None:
            tried = await asyncio.to_thread(_tried, self._candidates.of_record, stored.files)
        if tried is None or isinstance(tried, tuple):
            log.error("the set in shadow cannot be read here", version=held.shadow.version)
            self._shadow.put_out()
            return
        self._shadow.put_in(tried, act=held.shadow.act)


def _tried(read: Callable[[T], PolicySet], what: T) -> PolicySet | tuple[Problem, ...]:
    """A set that may rule, or what is wrong with it."""
    try:
        return read(what)
    except PolicyError as error:
        return error.problems
    except Exception as error:  # noqa: BLE001 - a defect that one set brings to light must not end the following of all later ones
        return (Problem(detail=f"cannot be read: {type(error).__name__}"),)


def _put_in(in_force: InForce, policies: PolicySet, *, act: int = 0) -> None:
    before = in_force.policies.version
    in_force.put_in(policies, act=act)
    log.info("a policy set is in force", version=policies.version, before=before)


def _wait(in_force: InForce, why: str) -> None:
    if in_force.waiting != why:
        log.warning("policies wait", cause=why, version=in_force.policies.version)
    in_force.waiting = why


@asynccontextmanager
async def _beside(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """Work that goes on until the block ends."""
    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("policies were no longer followed", error=type(error).__name__)
