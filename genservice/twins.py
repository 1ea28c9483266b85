"""Neutral twins, written beforehand, so that one is stored when nothing can be written.

While the service runs, `Twins.kept` looks which titles lack the neutral text of a place in their
present revision, and has them written, one at a time. What is held is looked up, not remembered: a
restart goes on where the last run ended, a changed title gets new twins, and titles that another
process imported are found by themselves. Requests come first: between two texts it waits for a lull.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import msgspec
import structlog

from genservice.answers import is_locked, order_of_twin
from genservice.briefing import Options
from genservice.errors import UnavailableError
from genservice.writing import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from genservice.blurbs import Blurbs
    from genservice.domain import Place, Title, TitleRef
    from genservice.store import Lacking

log = structlog.get_logger(__name__)

T = TypeVar("T")
Skipped = Literal["locked", "failed"]

_PAGE = 500


class Titles(Protocol):
    """Where titles are held."""

    async def get(self, title_id: str) -> Title | None:
        """The title in its present state."""
        ...


class Texts(Protocol):
    """Where texts stand."""

    async def lacking(
        self, places: Sequence[Place], *, after: str = "", limit: int = 500
    ) -> tuple[Lacking, ...]:
        """Titles, by id, that hold no neutral text for one of the places."""
        ...


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the twins are."""

    state: Literal["off", "elsewhere", "looking", "writing", "waiting", "done"]
    """`elsewhere`: another worker of this service writes them. `waiting`: model, guard or database do not
    answer, and it will be tried again."""
    written: int = 0
    """Texts written since the start."""
    missing: int = 0
    """Texts still to be written, of those found missing when it last looked."""
    locked: int = 0
    """Texts left out because editors have the word there."""
    failed: int = 0
    """Texts left out because none passed the checks; tried again at the next start."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait for what, in seconds."""

    look: float = 60.0
    """Between two looks for titles that other processes brought."""
    lull: float = 1.0
    """So long no request may have come before the next text is begun."""
    lulls: int = 30
    """After so many lulls in vain one text is written all the same, or a busy service had none."""
    backoff: float = 5.0
    """The first pause after a failure; each further one is twice as long."""
    longest: float = 600.0
    """Most of one pause."""


class Twins:
    """Has the twins of all titles written for some places, one text at a time."""

    def __init__(
        self,
        places: Sequence[Place],
        *,
        blurbs: Blurbs,
        titles: Titles,
        texts: Texts,
        elsewhere: bool = False,
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Write nothing yet.

        Args:
            places: What twins are for; none switches it off.
            blurbs: Writes them.
            titles: The catalogue.
            texts: Where they are stored.
            elsewhere: Whether another process writes them beside what it answers, and this one does not.
            pace: How long to wait for what.
            sleep: What passes the time.
        """
        self._places = tuple(places)
        self._blurbs = blurbs
        self._titles = titles
        self._texts = texts
        self._pace = pace or Pace()
        self._sleep = sleep
        self._told = asyncio.Event()
        self._pause = self._pace.backoff
        self._seen = 0
        self._skipped: dict[tuple[TitleRef, Place], Skipped] = {}
        self._elsewhere = elsewhere
        state = "elsewhere" if elsewhere else "looking"
        self._progress = Progress(state=state if self._places else "off")

    @property
    def progress(self) -> Progress:
        """How far they are."""
        return self._progress

    def look_again(self) -> None:
        """Titles came in: look for missing twins soon."""
        self._told.set()

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Twins are written beside whatever the block does; at its end that stops at once."""
        if not self._places or self._elsewhere:
            yield
            return
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("the writing of twins had ended", error=type(error).__name__)

    async def write_missing(
        self, told: Callable[[Progress], None] = lambda progress: None
    ) -> Progress:
        """Every twin that is missing, written now; for a command that does nothing else.

        Args:
            told: Gets the progress after every text.

        Raises:
            UnavailableError: Model, guard or database did not answer. What was written stays.
        """
        if self._places:
            for place, title in await self._look():
                told(self._progress)
                await self._write(title, place)
            self._tell(state="done")
        told(self._progress)
        return self._progress

    async def _keep(self) -> None:
        while True:
            self._told.clear()
            missing = await self._tried(self._look)
            if missing is None:
                continue
            for place, title in missing:
                await self._stand_back()
                # What cannot be written now is found missing again: one title that the model cannot
                # read must not keep the others waiting.
                await self._tried(lambda title=title, place=place: self._write(title, place))
            if self._progress.missing:
                continue
            self._tell(state="done")
            if missing:
                counts = msgspec.structs.asdict(self._progress)
                log.info("twins are written", **counts)
            await self._until_told()

    async def _look(self) -> list[tuple[Place, TitleRef]]:
        """What is missing: for every title the first place, then for every title the second, ..."""
        found: list[Lacking] = []
        while page := await self._texts.lacking(
            self._places, after=found[-1].title.id if found else "", limit=_PAGE
        ):
            found += page
        lacking = {(each.title, place) for each in found for place in each.places}
        # Only what is still lacking: titles that were changed or deleted are forgotten here.
        self._skipped = {key: why for key, why in self._skipped.items() if key in lacking}
        missing = [
            (place, each.title)
            for place in self._places
            for each in found
            if place in each.places and (each.title, place) not in self._skipped
        ]
        self._tell(state="writing", missing=len(missing))
        return missing

    async def _write(self, ref: TitleRef, place: Place) -> None:
        """Have one twin written, if the title still is as it was when the twin was found missing.

        Raises:
            UnavailableError: Model, guard or database did not answer.
        """
        options = Options(purpose=place.purpose, channel=place.channel, length=place.length)
        title = await self._titles.get(ref.id)
        written = 0
        if title is None or title.revision != ref.revision:
            pass  # The next look finds it as it is now.
        elif is_locked(order_of_twin(title, options)):
            self._skipped[ref, place] = "locked"
        else:
            written = await self._written(title, ref, place, options)
        progress = self._progress
        self._tell(
            state="writing", written=progress.written + written, missing=progress.missing - 1
        )

    async def _written(self, title: Title, ref: TitleRef, place: Place, options: Options) -> int:
        try:
            await self._blurbs.write_twin(title, options)
        except CheckFailedError:
            self._skipped[ref, place] = "failed"
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - a defect met in one title must not leave all others without
            log.error("a twin failed", title=ref.id, place=str(place), error=type(error).__name__)  # noqa: TRY400 - a traceback may show a title's texts
            self._skipped[ref, place] = "failed"
        else:
            self._pause = self._pace.backoff
            return 1
        return 0

    async def _tried(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """What `work` comes to; None, after a pause, if something does not answer."""
        try:
            return await work()
        except UnavailableError as error:
            seconds = min(max(self._pause, error.retry_after), self._pace.longest)
            self._pause = min(self._pause * 2, self._pace.longest)
            self._tell(state="waiting")
            log.warning("twins wait", cause=type(error).__name__, seconds=seconds)
            await self._sleep(seconds)
            return None

    async def _stand_back(self) -> None:
        """Return in a lull of requests, or after waiting for one in vain."""
        for _ in range(self._pace.lulls):
            traffic = self._blurbs.traffic
            if traffic.begun == self._seen and not traffic.under_way:
                return
            self._seen = traffic.begun
            await self._sleep(self._pace.lull)

    async def _until_told(self) -> None:
        """Return when titles came in, or when it is time to look for those of other processes."""
        try:
            async with asyncio.timeout(self._pace.look):
                await self._told.wait()
        except TimeoutError:
            return

    def _tell(
        self,
        *,
        state: Literal["writing", "waiting", "done"],
        written: int | None = None,
        missing: int | None = None,
    ) -> None:
        held, why = self._progress, list(self._skipped.values())
        self._progress = Progress(
            state=state,
            written=held.written if written is None else written,
            missing=held.missing if missing is None else missing,
            locked=why.count("locked"),
            failed=why.count("failed"),
        )
