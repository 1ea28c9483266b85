"""Policy sets that were found valid, and which of them is in force or in shadow."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import func as sql
from sqlalchemy import select

from genservice.canonical import canonical
from genservice.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    Problem,
    UnavailableError,
)
from genservice.store import acts
from genservice.store.acts import Act, Recorder, Standing
from genservice.store.rows import put
from genservice.store.tables import PolicyRow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

    from genservice.store.database import Database

_decoder = msgspec.json.Decoder(dict[str, str])


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One set that was found valid."""

    version: str
    """`sha256:<hex>` of its content."""
    files: dict[str, str]
    """Text by file name. Of files that say the same, with other comments or tests, the last ones."""
    accepted_at: datetime
    """When these files were stored."""


class _Rows(SQLAlchemyAsyncRepository[PolicyRow]):
    model_type = PolicyRow
    id_attribute = "version"


class Policies:
    """The history of policy sets.

    `expected` is the version that whoever acts believes to be in force: if another one is, nothing is
    done. So of two who act upon the same state exactly one succeeds.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def accept(
        self, version: str, files: Mapping[str, str], *, who: str = "start"
    ) -> PolicyVersion:
        """The set that is now in force, for it is the one of the folder.

        Raises:
            ConflictError: Another set was accepted at the same moment.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._recording(who, None, None) as recorder:
            stored = await self._stored(recorder.session, version, files)
            if recorder.held.in_force != version:
                await recorder.move("activated", version)
        return stored

    async def upload(
        self,
        version: str,
        files: Mapping[str, str],
        *,
        who: str,
        why: str,
        base: str | None = None,
        expected: str | None = None,
    ) -> Act:
        """A draft is stored; it changes nothing by itself.

        Raises:
            InvalidInputError: The reason is none.
            PreconditionFailedError: Another version than `expected` is in force.
            ConflictError: Another act came first.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._recording(who, why, expected) as recorder:
            await self._stored(recorder.session, version, files)
            return await recorder.add("uploaded", before=base, after=version)

    async def shadow(
        self, version: str | None, *, who: str, why: str | None = None, expected: str | None = None
    ) -> Act:
        """A version is in shadow, beside the one in force; None: no version is any more.

        The version that is in shadow already is counted anew.

        Raises:
            NotFoundError: There is no such version.
            PreconditionFailedError: Another version than `expected` is in force.
            ConflictError: It is in force, or none is in shadow; or another act came first.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._recording(who, why, expected) as recorder:
            held = recorder.held.shadow
            present = None if held is None else held.version
            if version is None:
                if present is None:
                    raise ConflictError("No version is in shadow.")
                return await recorder.add("withdrawn", before=present, after=None)
            await self._require_other(recorder, version)
            return await recorder.add("shadowed", before=present, after=version)

    async def activate(
        self, version: str, *, who: str, why: str, expected: str | None = None
    ) -> Act:
        """A version is in force. The act tells whether it had been in shadow.

        Raises:
            InvalidInputError: The reason is none.
            NotFoundError: There is no such version.
            PreconditionFailedError: Another version than `expected` is in force.
            ConflictError: It is in force already; or another act came first.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._recording(who, why, expected) as recorder:
            await self._require_other(recorder, version)
            shadowed = await acts.was_shadowed(recorder.session, version)
            return await recorder.move("activated", version, shadowed=shadowed)

    async def roll_back(
        self, version: str, *, who: str, why: str, expected: str | None = None
    ) -> Act:
        """A version that was in force is so again.

        Raises:
            InvalidInputError: The reason is none, or the version never was in force.
            NotFoundError: There is no such version.
            PreconditionFailedError: Another version than `expected` is in force.
            ConflictError: It is in force already; or another act came first.
            UnavailableError: The database does not answer, is locked or full.
        """
        async with self._recording(who, why, expected) as recorder:
            await self._require_other(recorder, version)
            if version not in {act.after for act in await acts.moves(recorder.session)}:
                detail = "this version never was in force; activate it"
                raise InvalidInputError(Problem(pointer="#/to", detail=detail))
            return await recorder.move("rolled_back", version)

    async def before(self) -> str | None:
        """The version that a rollback leads to if it names none; None if there is none.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            return acts.in_force_before(await acts.moves(session))

    async def newest(self) -> int:
        """The number of the last act: while it stays, so does everything else. Cheap to ask.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            return await acts.newest(session)

    async def standing(self) -> Standing:
        """Which versions are in force and in shadow.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            return await acts.standing(session)

    async def latest(self) -> PolicyVersion | None:
        """The set in force; None before the first was accepted.

        Raises:
            UnavailableError: The database does not answer.
        """
        in_force = (await self.standing()).in_force
        return None if in_force is None else await self.get(in_force)

    async def get(self, version: str) -> PolicyVersion | None:
        """The set of that version, if it was ever stored.

        Raises:
            UnavailableError: The database does not answer.
        """
        async with self._database.reading() as session:
            rows = _Rows(session=session, wrap_exceptions=False)
            row = await rows.get_one_or_none(PolicyRow.version == version)
        return None if row is None else read_version(row)

    @asynccontextmanager
    async def _recording(
        self, who: str, why: str | None, expected: str | None
    ) -> AsyncGenerator[Recorder]:
        reason = None if why is None else acts.require_reason(why)
        async with self._database.writing("policies") as session:
            held = await acts.standing(session)
            acts.require_in_force(held, expected)
            yield Recorder(session, held, now=self._clock(), who=who, why=reason)

    async def _stored(
        self, session: AsyncSession, version: str, files: Mapping[str, str]
    ) -> PolicyVersion:
        rows = _Rows(session=session, wrap_exceptions=False)
        row = await rows.get_one_or_none(PolicyRow.version == version)
        if row is not None and row.files == canonical(dict(files)):
            return read_version(row)
        highest = (await session.execute(select(sql.max(PolicyRow.position)))).scalar_one()
        stored = PolicyVersion(version=version, files=dict(files), accepted_at=self._clock())
        values = {
            "version": version,
            "position": (highest or 0) + 1,
            "files": canonical(stored.files),
            "accepted_at": stored.accepted_at,
        }
        table = cast("Any", PolicyRow.__table__)
        await session.execute(put(self._database.dialect, table), [values])
        return stored

    async def _require_other(self, recorder: Recorder, version: str) -> None:
        rows = _Rows(session=recorder.session, wrap_exceptions=False)
        if await rows.get_one_or_none(PolicyRow.version == version) is None:
            raise NotFoundError("policy version")
        if version == recorder.held.in_force:
            raise ConflictError("That version is in force already.")


def read_version(row: PolicyRow) -> PolicyVersion:
    """What a row holds.

    Raises:
        UnavailableError: It cannot be read.
    """
    try:
        files = _decoder.decode(row.files)
    except msgspec.DecodeError:
        raise UnavailableError("A stored policy set cannot be read.") from None
    return PolicyVersion(version=row.version, files=files, accepted_at=row.accepted_at)
