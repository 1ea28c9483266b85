"""Replays: the decision log read back, and what a draft would have changed in it."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import msgspec

from genservice.errors import InvalidInputError, Problem, UnavailableError
from genservice.policy import Replay, Replaying

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from genservice.policy import Against, PolicySet
    from genservice.store import DecisionBatch

HOUR = timedelta(hours=1)
_AGO = re.compile(r"([1-9][0-9]{0,4})([dh])")
_UNITS = {"d": "days", "h": "hours"}


class Batches(Protocol):
    """Where the log is read."""

    async def count(self, *, since: str, until: str) -> int:
        """The number of requests logged in some hours."""
        ...

    def read(self, *, since: str, until: str) -> AsyncGenerator[tuple[DecisionBatch, ...]]:
        """Their batches, a page at a time."""
        ...


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Some hours in UTC, as in `2026-11-25T22`."""

    since: str
    """The first hour."""
    until: str
    """The hour after the last."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A replay, and the hours that it was asked about."""

    window: Window
    replay: Replay


def window_of(since: str, until: str | None, *, now: datetime) -> Window:
    """The hours between two times; an hour that has begun by `until` belongs to them as a whole.

    Args:
        since: So long before now (`7d`, `36h`), or a time of RFC 3339, or a day; in UTC where it says none.
        until: The same; None is now.
        now: The time now.

    Raises:
        InvalidInputError: One of them is no such time, or they hold no hour.
    """
    first = _moment(since, now, "#/since").replace(minute=0, second=0, microsecond=0)
    last = now if until is None else _moment(until, now, "#/until")
    after = last.replace(minute=0, second=0, microsecond=0)
    if after < last or until is None:
        after += HOUR
    if after <= first:
        raise InvalidInputError(
            Problem(
                pointer="#/since" if until is None else "#/until",
                detail="no hour lies between since and until",
            )
        )
    return Window(since=_hour(first), until=_hour(after))


def _hour(moment: datetime) -> str:
    # Not strftime, which gives years before 1000 fewer digits: hours are compared as text.
    return moment.isoformat()[:13]


def _moment(text: str, now: datetime, pointer: str) -> datetime:
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInputError(
            Problem(
                pointer=pointer,
                detail="not a time",
                hint="give days or hours before now (7d, 36h), a day (2026-11-18) or a time "
                "of RFC 3339 (2026-11-18T22:00:00Z)",
            )
        ) from None


async def replay(
    batches: Batches,
    in_force: PolicySet,
    draft: PolicySet,
    *,
    window: Window,
    against: Against = "in_force",
    told: Callable[[int], None] = lambda requests: None,
) -> Replayed:
    """What the draft would have changed in the requests logged in some hours.

    Reading and counting is done off the event loop, page by page, in memory that the number of
    requests does not change.

    Args:
        batches: The log.
        in_force: The set in force.
        draft: The set that might replace it.
        window: The hours.
        against: Compare with the set in force, or with what was decided then.
        told: Gets the number of requests read so far, after each page.

    Raises:
        UnavailableError: The database does not answer, or what it holds cannot be read.
    """
    replaying = Replaying(in_force, draft, against=against)
    requests = 0
    async for page in batches.read(since=window.since, until=window.until):
        await asyncio.to_thread(_add, replaying, page)
        requests += sum(batch.requests for batch in page)
        told(requests)
    return Replayed(window=window, replay=replaying.result())


def _add(replaying: Replaying, page: tuple[DecisionBatch, ...]) -> None:
    for batch in page:
        replaying.add(batch.policy, batch.counted())


class Replays:
    """Replays for those who wait: one at a time, and none for longer than the deadline."""

    def __init__(
        self,
        batches: Batches,
        *,
        flush: Callable[[], Awaitable[bool]],
        deadline: float,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what replays need.

        Args:
            batches: The log.
            flush: Writes what this process has yet to log.
            deadline: Seconds one may take, waiting for its turn included.
            clock: The time now.
        """
        self._batches = batches
        self._flush = flush
        self._deadline = deadline
        self._clock = clock
        self._turn = asyncio.Lock()

    async def replay(
        self,
        in_force: PolicySet,
        draft: PolicySet,
        *,
        since: str,
        until: str | None,
        against: Against,
    ) -> Replayed:
        """As the function of that name, of the hours between two times.

        Raises:
            InvalidInputError: They are none; see `window_of`.
            UnavailableError: It took longer than the deadline, or the database does not answer.
        """
        window = window_of(since, until, now=self._clock())
        try:
            async with asyncio.timeout(self._deadline), self._turn:
                await self._flush()
                return await replay(self._batches, in_force, draft, window=window, against=against)
        except TimeoutError:
            raise UnavailableError(
                f"The replay took longer than {self._deadline:g} seconds: ask for fewer hours, or "
                "run `genservice policy replay`, which has no deadline.",
                retry_after=60,
            ) from None
