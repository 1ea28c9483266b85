"""One part written: its titles and audiences asked of the one path, so many at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import msgspec
import structlog

from genservice.batch.plan import order_of
from genservice.batch.rows import (
    PASSING,
    Row,
    Written,
    nothing_of,
    row_of,
    written,
)
from genservice.errors import NothingServedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from genservice.batch.audiences import Audience
    from genservice.batch.plan import Part
    from genservice.batch.rows import Formats
    from genservice.blurbs import Blurbs
    from genservice.briefing import Options
    from genservice.domain import Answer, Receipt, Title, TitleRef

log = structlog.get_logger(__name__)


class Titles(Protocol):
    """Where the titles of a part are read."""

    async def get_many(self, title_ids: Iterable[str]) -> Mapping[str, Title]:
        """Those that are held, by id."""
        ...


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How often a text is asked for while model, guard or database do not answer, and when to give up."""

    pauses: tuple[float, ...] = (1, 4, 16)
    """Seconds before each further try."""
    in_a_row: int = 50
    """So many texts in a row for which nothing answered end the batch."""


class Writing:
    """Writes parts over one service. Several at once share what it may do at a time."""

    def __init__(
        self,
        blurbs: Blurbs,
        titles: Titles,
        audiences: tuple[Audience, ...],
        *,
        at_once: int,
        formats: Formats,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Write over a service.

        Args:
            blurbs: The path.
            titles: Where titles are read.
            audiences: Whom every title is written for.
            at_once: Most texts asked for at a time.
            formats: What parts are written in.
            patience: How failing parts of the service are borne with.
            sleep: Waits so many seconds.
        """
        self._blurbs = blurbs
        self._titles = titles
        self._audiences = audiences
        self._window = asyncio.Semaphore(at_once)
        self._formats = formats
        self._patience = patience or Patience()
        self._sleep = sleep
        self._in_vain = 0

    async def part(self, part: Part, told: Callable[[Row], None] = lambda _: None) -> Written:
        """The files of a part.

        Args:
            part: Which.
            told: Hears of each text as it is written.

        Raises:
            UnavailableError: Nothing answered for so many texts in a row that going on is of no use.
        """
        held = await self._patiently(lambda: self._titles.get_many(ref.id for ref in part.titles))
        asked = [
            (ref, audience, options)
            for ref in part.titles
            for audience in self._audiences
            for options in audience.options()
        ]
        try:
            texts = await self._texts(held, asked, told)
        except ExceptionGroup as group:
            # Of texts that failed alike, one says what all would.
            raise group.exceptions[0] from None
        receipts: dict[str, Receipt] = {}
        for _, answer in texts:
            if answer is not None:
                receipts.setdefault(answer.receipt.id, answer.receipt)
        rows = [row for row, _ in texts]
        return await asyncio.to_thread(
            written, part, rows, tuple(receipts.values()), formats=self._formats
        )

    async def _texts(
        self,
        held: Mapping[str, Title],
        asked: Sequence[tuple[TitleRef, Audience, Options]],
        told: Callable[[Row], None],
    ) -> list[tuple[Row, Answer | None]]:
        tasks: list[asyncio.Task[tuple[Row, Answer | None]]] = []
        async with asyncio.TaskGroup() as group:
            for ref, audience, options in asked:
                # Taken here and given back by the task: texts are begun in order.
                await self._window.acquire()
                work = self._text(held.get(ref.id), ref, audience, options, told)
                tasks.append(group.create_task(work))
        return [task.result() for task in tasks]

    async def _text(
        self,
        title: Title | None,
        ref: TitleRef,
        audience: Audience,
        options: Options,
        told: Callable[[Row], None],
    ) -> tuple[Row, Answer | None]:
        try:
            row, answer = await self._asked(title, ref, audience, options)
        finally:
            self._window.release()
        self._require_hope(row)
        told(row)
        return row, answer

    async def _asked(
        self, title: Title | None, ref: TitleRef, audience: Audience, options: Options
    ) -> tuple[Row, Answer | None]:
        if title is None or title.revision != ref.revision:
            return nothing_of(ref, audience, options, "title_changed"), None
        order = order_of(audience, options, title)
        for pause in (*self._patience.pauses, None):
            answer: Answer | None = None
            try:
                answer = await self._blurbs.write(order)
                row = row_of(ref, audience, options, answer)
            except NothingServedError as error:
                row = nothing_of(ref, audience, options, error.reason)
            except UnavailableError:
                row = nothing_of(ref, audience, options, "unavailable")
            except Exception as error:  # noqa: BLE001 - a defect met in one title must not leave all others without
                log.error("a text failed", title=ref.id, error=type(error).__name__)  # noqa: TRY400 - a traceback may show a title's texts
                row = nothing_of(ref, audience, options, "fault")
            if row.reason not in PASSING or pause is None:
                return row, answer
            await self._sleep(pause)
        raise AssertionError  # the last pause is None

    def _require_hope(self, row: Row) -> None:
        self._in_vain = self._in_vain + 1 if row.reason in PASSING else 0
        if self._in_vain >= self._patience.in_a_row:
            why = (row.reason or "").replace("_", " ")
            raise UnavailableError(f"{self._in_vain} texts in a row could not be written ({why})")

    async def _patiently(
        self, read: Callable[[], Awaitable[Mapping[str, Title]]]
    ) -> Mapping[str, Title]:
        for pause in self._patience.pauses:
            try:
                return await read()
            except UnavailableError:
                await self._sleep(pause)
        return await read()
