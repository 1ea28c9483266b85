"""One thread for one model: blocking work off the event loop, one piece after the other."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from genservice.errors import ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Worker:
    """Runs what would block the event loop on a thread of its own, in order of arrival.

    Used from one event loop at a time.
    """

    def __init__(
        self, *, deadline: float, queue: int, prepare: Callable[[], None] | None = None
    ) -> None:
        """Start no thread yet.

        Args:
            deadline: Most seconds between asking and answer.
            queue: Most pieces of work under way and waiting; a further one is refused at once.
            prepare: Called once on the thread, before its first piece of work.
        """
        self._deadline = deadline
        self._queue = queue
        self._executor = ThreadPoolExecutor(
            max_workers=1, thread_name_prefix="text-model", initializer=prepare
        )
        self._held: dict[asyncio.Future[Any], threading.Event] = {}
        self._closed = False

    async def run(self, work: Callable[[threading.Event], T]) -> T:
        """What `work` returns.

        Args:
            work: Called on the thread with an event that is set once nobody waits for it any more:
                past the deadline, on cancellation, on close. It should then stop soon.

        Raises:
            ModelUnavailableError: Too much waits already, the deadline passed, it is closed, or
                `work` failed.
        """
        if self._closed:
            raise ModelUnavailableError("The text model is closed.", cause="closed")
        if len(self._held) >= self._queue:
            raise ModelUnavailableError(
                "The text model has too much to do.", retry_after=1, cause="busy"
            )
        abandoned = threading.Event()
        job = self._executor.submit(work, abandoned)
        answer = asyncio.wrap_future(job)
        self._held[answer] = abandoned
        answer.add_done_callback(self._let_go)
        try:
            await asyncio.wait({answer}, timeout=self._deadline)
        finally:
            if not answer.done():
                abandoned.set()
                job.cancel()
        if not answer.done():
            raise ModelUnavailableError("The text model did not answer in time.", cause="late")
        if abandoned.is_set() or answer.cancelled():
            raise ModelUnavailableError("The text model was closed.", cause="closed")
        error = answer.exception()
        if isinstance(error, ModelUnavailableError):
            raise error
        if error is not None:
            # What a library says of its failure may quote what it was given: the kind must do.
            raise ModelUnavailableError(f"The text model failed: {type(error).__name__}.")
        return answer.result()

    @property
    def held(self) -> int:
        """Pieces of work under way and waiting."""
        return len(self._held)

    async def close(self) -> None:
        """Abandon what runs and waits, and end the thread."""
        self._closed = True
        for abandoned in self._held.values():
            abandoned.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._held:
            await asyncio.wait(set(self._held))

    def _let_go(self, answer: asyncio.Future[Any]) -> None:
        self._held.pop(answer, None)
        if not answer.cancelled():
            answer.exception()  # seen, so that asyncio does not log what nobody awaited
