"""What was done to policy sets: by whom, when and why. Acts are added, and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import func as sql
from sqlalchemy import insert, select

from genservice.errors import InvalidInputError, PreconditionFailedError, Problem, UnavailableError
from genservice.store.tables import ActRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

What = Literal["uploaded", "shadowed", "activated", "rolled_back", "withdrawn"]

MOST_WHY = 500
"""Most characters of a reason."""
MOVES: frozenset[What] = frozenset({"activated", "rolled_back"})
"""What puts a set in force."""
_SHADOWS: frozenset[What] = frozenset({"shadowed", "withdrawn"})


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done."""

    number: int
    at: datetime
    who: str
    """The id of a key; `files` for an edit of the folder, `start` for a start of the service."""
    what: What
    why: str | None
    """The reason that a policy owner gave; those who act through files give none."""
    before: str | None = msgspec.field(name="from")
    """The version that gives way: of the sets in force, or of those in shadow."""
    after: str | None = msgspec.field(name="to")
    """The version that takes its place. Of an upload: the new version, and before it its base."""
    shadowed: bool | None = None
    """Of an activation over HTTP: whether the set had been in shadow."""


class Shadowing(msgspec.Struct, frozen=True, kw_only=True):
    """The set in shadow."""

    version: str
    act: int
    """The act that began it: counts are kept by it."""
    since: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where things stand after the last act."""

    number: int = 0
    """Of that act; 0 before the first."""
    in_force: str | None = None
    since: datetime | None = None
    """When that version came into force."""
    shadow: Shadowing | None = None


async def standing(session: AsyncSession) -> Standing:
    """Where things stand."""
    moved = await _last(session, MOVES)
    shadow = await _last(session, _SHADOWS)
    shadowing = None
    if shadow is not None and shadow.after is not None:
        shadowing = Shadowing(version=shadow.after, act=shadow.number, since=shadow.at)
    return Standing(
        number=await newest(session),
        in_force=None if moved is None else moved.after,
        since=None if moved is None else moved.at,
        shadow=shadowing,
    )


async def newest(session: AsyncSession) -> int:
    """The number of the last act; 0 before the first."""
    return (await session.execute(select(sql.max(ActRow.number)))).scalar_one() or 0


async def moves(session: AsyncSession) -> tuple[Act, ...]:
    """Every act that put a set in force, the first one first."""
    return await read(session, select(ActRow).where(ActRow.what.in_(MOVES)).order_by(ActRow.number))


async def about(session: AsyncSession, versions: Collection[str]) -> dict[str, Act]:
    """The last act that concerned each version as what it led to."""
    last = select(sql.max(ActRow.number)).where(ActRow.after.in_(versions)).group_by(ActRow.after)
    acts = await read(session, select(ActRow).where(ActRow.number.in_(last)))
    return {act.after: act for act in acts if act.after is not None}


async def was_shadowed(session: AsyncSession, version: str) -> bool:
    """Whether a version was ever in shadow."""
    found = select(ActRow.number).where(ActRow.what == "shadowed", ActRow.after == version)
    return (await session.execute(found.limit(1))).scalar_one_or_none() is not None


async def read(session: AsyncSession, query: Select[tuple[ActRow]]) -> tuple[Act, ...]:
    """The acts that a query finds."""
    return tuple(_act(row) for row in (await session.execute(query)).scalars())


def in_force_before(acts: Iterable[Act]) -> str | None:
    """The version that a rollback leads to: the one that the present one took over from.

    A rollback undoes: going back twice from the third set leads to the first, not to the third.

    Args:
        acts: Those that put sets in force, the first one first.
    """
    ruled: list[str] = []
    for act in acts:
        if act.after is None:
            continue
        if act.what == "rolled_back" and act.after in ruled:
            while ruled[-1] != act.after:
                ruled.pop()
        else:
            ruled.append(act.after)
    return ruled[-2] if len(ruled) > 1 else None


class Recorder:
    """Adds acts within one transaction, on top of where things stand.

    Args:
        session: The transaction.
        held: Where things stand in it.
        now: When.
        who: Who acts.
        why: The reason given.
    """

    def __init__(
        self, session: AsyncSession, held: Standing, *, now: datetime, who: str, why: str | None
    ) -> None:
        self.session = session
        self.held = held
        self._now = now
        self._who = who
        self._why = why
        self._number = held.number

    async def add(
        self,
        what: What,
        *,
        before: str | None,
        after: str | None,
        shadowed: bool | None = None,
    ) -> Act:
        """The act, recorded."""
        self._number += 1
        act = Act(
            number=self._number,
            at=self._now,
            who=self._who,
            what=what,
            why=self._why,
            before=before,
            after=after,
            shadowed=shadowed,
        )
        await self.session.execute(insert(ActRow), [msgspec.structs.asdict(act)])
        return act

    async def move(self, what: What, version: str, *, shadowed: bool | None = None) -> Act:
        """A version is in force; if it was in shadow, there is nothing left to compare it with."""
        act = await self.add(what, before=self.held.in_force, after=version, shadowed=shadowed)
        if self.held.shadow is not None and self.held.shadow.version == version:
            await self.add("withdrawn", before=version, after=None)
        return act


def require_in_force(held: Standing, expected: str | None) -> None:
    """Return if the version in force is the one that whoever acts has seen; None: any is.

    Raises:
        PreconditionFailedError: It is another one by now.
    """
    if expected is not None and expected != held.in_force:
        raise PreconditionFailedError("If-Match names another version than the one in force.")


def require_reason(why: str) -> str:
    """A reason that can be kept.

    Raises:
        InvalidInputError: There is none, it is too long, or it holds signs that do not print.
    """
    reason = why.strip()
    if not 1 <= len(reason) <= MOST_WHY or not reason.isprintable():
        detail = f"not from 1 to {MOST_WHY} printable characters"
        raise InvalidInputError(Problem(pointer="#/why", detail=detail))
    return reason


async def _last(session: AsyncSession, whats: Collection[What]) -> Act | None:
    query = select(ActRow).where(ActRow.what.in_(whats)).order_by(ActRow.number.desc()).limit(1)
    found: Sequence[Act] = await read(session, query)
    return found[0] if found else None


def _act(row: ActRow) -> Act:
    fields = msgspec.structs.fields(Act)
    values = {field.encode_name: getattr(row, field.name) for field in fields}
    try:
        return msgspec.convert(values, Act)
    except msgspec.ValidationError:
        # Such as an act that this version does not know: nobody guesses what it did.
        raise UnavailableError("The record of policy acts cannot be read.") from None
