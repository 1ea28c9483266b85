"""Texts written before they are asked for: tomorrow's titles for tomorrow's audiences, into the store alone.

What is written is what the path would look for first, whoever asks: the text for what policy releases of an
audience, or the neutral twin. There are no receipts and no files, and nothing is logged as decided: nobody
was served. What stands already is left; it comes near at hand all the same, into Valkey where there is one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from genservice.answers import is_locked
from genservice.batch.plan import order_of
from genservice.errors import GenserviceError
from genservice.writing import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from genservice.answers import Order
    from genservice.batch.audiences import Audience
    from genservice.blurbs import Blurbs
    from genservice.domain import Title


class Prewritten(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the orders of titles and audiences."""

    orders: int
    written: int = 0
    """Written now, or waited for while another order of the same brief was."""
    standing: int = 0
    """Of which the text stood already, audiences that come to one brief among them."""
    locked: int = 0
    """Left out, because editors have the word there."""
    failed: int = 0
    """Of which no text passed the checks."""

    @property
    def done(self) -> int:
        """Orders dealt with."""
        return self.written + self.standing + self.locked + self.failed


async def prewrite(
    blurbs: Blurbs,
    titles: Sequence[Title],
    audiences: Sequence[Audience],
    *,
    concurrency: int = 8,
    told: Callable[[Prewritten], None] = lambda progress: None,
) -> Prewritten:
    """Every text that `titles` may show `audiences`, standing when this returns; the first titles first.

    Args:
        blurbs: The path.
        titles: Of the catalogue.
        audiences: With the places that texts are wanted for.
        concurrency: Texts asked for at a time.
        told: Gets the progress after every order.

    Raises:
        InvalidInputError: An audience does not fit the policy set.
        UnavailableError: Model, guard or database did not answer. What was written stays.
    """
    orders = list(_orders(titles, audiences))
    counts: dict[str, int] = {}
    waiting = iter(orders)

    async def work() -> None:
        for order in waiting:
            outcome = await _outcome(blurbs, order)
            counts[outcome] = counts.get(outcome, 0) + 1
            told(Prewritten(orders=len(orders), **counts))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(work())
    except* GenserviceError as failures:
        # All have met the same fault, or the first one stopped the others.
        raise _first(failures) from None
    return Prewritten(orders=len(orders), **counts)


def _orders(titles: Sequence[Title], audiences: Sequence[Audience]) -> Iterator[Order]:
    for title in titles:
        for audience in audiences:
            for options in audience.options():
                yield order_of(audience, options, title)


async def _outcome(blurbs: Blurbs, order: Order) -> str:
    if is_locked(order):
        return "locked"
    try:
        return "written" if await blurbs.prewrite(order) else "standing"
    except CheckFailedError:
        return "failed"


def _first(failures: ExceptionGroup[GenserviceError]) -> GenserviceError:
    found = failures.exceptions[0]
    return _first(found) if isinstance(found, ExceptionGroup) else found


__all__ = ["Prewritten", "prewrite"]
