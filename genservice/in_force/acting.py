"""What policy owners do: store a draft, have it in shadow, put it in force, go back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from genservice.errors import ConflictError, InvalidInputError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.in_force.candidates import Candidates
    from genservice.in_force.ruling import InForce
    from genservice.in_force.shadow import Shadow
    from genservice.policy import PolicySet
    from genservice.store import Act, Count, Policies, PolicyVersion, ShadowCounts, Standing

FILES_RULE = "The policy folder rules here: edit its files instead."


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, and upon what."""

    key: str
    """The id of the owner's key."""
    expected: str
    """The version that the owner has seen in force. If it is another one, nothing is done."""


class PolicyActs:
    """Acts upon the record, and has this process follow at once; others follow by themselves.

    No version comes into force or into shadow that does not pass now: its files were stored, but the
    catalogue, the prompts and the service may have changed since.
    """

    def __init__(
        self,
        registry: Policies,
        counts: ShadowCounts,
        *,
        in_force: InForce,
        shadow: Shadow,
        candidates: Candidates,
    ) -> None:
        """Do nothing yet.

        Args:
            registry: The record.
            counts: What a set in shadow changes.
            in_force: The set in force here.
            shadow: The set in shadow here.
            candidates: Reads sets.
        """
        self._registry = registry
        self._counts = counts
        self._in_force = in_force
        self._shadow = shadow
        self._candidates = candidates

    def require_registry(self) -> None:
        """Return if sets are put in force here at all.

        Raises:
            ConflictError: The folder rules.
        """
        if self._in_force.source == "files":
            raise ConflictError(FILES_RULE)

    async def upload(
        self, files: Mapping[str, str | None], *, base: str | None, why: str, owner: Owner
    ) -> Act:
        """A draft is stored, after its tests passed.

        Args:
            files: Texts by name. With a base, what is different in them, and None for a file to leave
                out.
            base: The version that they change; None if they are the whole set.
            why: The reason.
            owner: Who acts.

        Raises:
            PolicyError: The draft may not rule; the error names everything found.
            InvalidInputError: A file is left out of nothing; or the reason is none.
            NotFoundError: There is no such base.
            PreconditionFailedError: The owner has seen another version in force.
        """
        whole = {} if base is None else (await self._stored(base)).files
        for name, text in files.items():
            if text is not None:
                whole[name] = text
            elif whole.pop(name, None) is None:
                detail = "null leaves a file out, and the base has no such file"
                raise InvalidInputError(Problem(pointer="#/files", detail=detail))
        policies = await asyncio.to_thread(self._candidates.of_files, whole)
        return await self._registry.upload(
            policies.version, policies.files, who=owner.key, why=why, base=base,
            expected=owner.expected,
        )  # fmt: skip

    async def shadow(self, version: str | None, *, why: str | None, owner: Owner) -> Act:
        """A version is in shadow; None: no version is any more.

        Raises:
            PolicyError: It may not rule, so there is no use in trying it.
            NotFoundError: There is no such version.
            ConflictError: It is in force, or none is in shadow.
            PreconditionFailedError: The owner has seen another version in force.
        """
        policies = None if version is None else await self._fit(version)
        act = await self._registry.shadow(version, who=owner.key, why=why, expected=owner.expected)
        if policies is None:
            self._shadow.put_out()
        else:
            self._shadow.put_in(policies, act=act.number)
        return act

    async def activate(self, version: str, *, why: str, owner: Owner) -> Act:
        """A version is in force. It need not have been in shadow: a cap that is missing cannot wait.

        Raises:
            PolicyError: It may not rule.
            NotFoundError: There is no such version.
            ConflictError: It is in force already.
            PreconditionFailedError: The owner has seen another version in force.
        """
        policies = await self._fit(version)
        act = await self._registry.activate(
            version, who=owner.key, why=why, expected=owner.expected
        )
        self._moved(policies, act)
        return act

    async def roll_back(self, to: str | None, *, why: str, owner: Owner) -> Act:
        """The version that was in force before is so again, or an earlier one.

        Raises:
            PolicyError: It may not rule any more.
            NotFoundError: There is no such version.
            ConflictError: There is none to go back to, or it is in force already.
            InvalidInputError: The version never was in force.
            PreconditionFailedError: The owner has seen another version in force.
        """
        version = to or await self._registry.before()
        if version is None:
            raise ConflictError("No version was in force before.")
        policies = await self._fit(version)
        act = await self._registry.roll_back(
            version, who=owner.key, why=why, expected=owner.expected
        )
        self._moved(policies, act)
        return act

    async def counted(self) -> tuple[Standing, dict[Count, int]]:
        """Where things stand, and what the set in shadow would have changed beside the one in force.

        Raises:
            UnavailableError: The database does not answer.
        """
        await self._shadow.flush()
        held = await self._registry.standing()
        if held.shadow is None or held.in_force is None:
            return held, {}
        return held, await self._counts.of(held.shadow.act, held.in_force)

    async def _fit(self, version: str) -> PolicySet:
        stored = await self._stored(version)
        policies = await asyncio.to_thread(self._candidates.of_files, stored.files)
        if policies.version != version:
            # Stored by another version of the service: receipts would name what is not on record.
            raise ConflictError("This service knows these files by another version: upload them.")
        return policies

    async def _stored(self, version: str) -> PolicyVersion:
        stored = await self._registry.get(version)
        if stored is None:
            raise NotFoundError("policy version")
        return stored

    def _moved(self, policies: PolicySet, act: Act) -> None:
        self._in_force.put_in(policies, act=act.number)
        if self._shadow.version == act.after:
            self._shadow.put_out()
