"""One scheduler for one model: what is asked for at once is written at once, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import msgspec

from genservice.errors import ModelUnavailableError
from genservice.generation.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.generation.model import Priority, Request

_SHARE: dict[Priority, float] = {"app": 1.0, "editor": 1.0, "background": 0.5}
"""How much of the queue a priority may fill: what nobody waits for leaves room for those who do."""


class Job:
    """A request, who listens to it, and what comes of it."""

    def __init__(self, request: Request, put: Callable[[str], None] | None = None) -> None:
        """Nothing has come yet.

        Args:
            request: What is asked for.
            put: Takes the text of the first seed in pieces, going on from the request's prefix; without
                it, texts are written as a whole. Called on the model's thread.
        """
        self.request = request
        self.put = put
        self.abandoned = threading.Event()
        """Set once nobody waits for it any more: past the deadline, on cancellation, on close."""
        self.answer: Future[tuple[str, ...]] = Future()


class Batch(Protocol):
    """What is being written at the moment, by one thread.

    A job is ended by its `answer`; one that is abandoned costs no further step.
    """

    @property
    def texts(self) -> int:
        """How many are being written."""
        ...

    @property
    def room(self) -> int:
        """How many more may join now."""
        ...

    def join(self, jobs: Sequence[Job]) -> None:
        """Begin these too."""
        ...

    def step(self) -> None:
        """Go on with all of them by a step, and end those that have come to their end."""
        ...

    def drop(self, error: BaseException) -> None:
        """End all of them with this error."""
        ...


class Counted(msgspec.Struct, frozen=True):
    """What a model's batches have come to since it was loaded."""

    steps: int = 0
    texts: int = 0
    """Texts in each of these steps, added up: divided by the steps, the mean size of a batch."""


class Scheduler:
    """Runs a model's batches on a thread of its own. Used from one event loop at a time."""

    def __init__(
        self,
        batch: Batch,
        *,
        deadline: float,
        queue: int,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """Start no thread yet.

        Args:
            batch: What writes.
            deadline: Most seconds between asking and answer.
            queue: Most requests under way and waiting; a further one is refused at once. What nobody
                waits for may fill half of it.
            prepare: Called once on the thread, before it first writes.
        """
        self._batch = batch
        self._deadline = deadline
        self._queue = queue
        self._executor = ThreadPoolExecutor(
            max_workers=1, thread_name_prefix="text-model", initializer=prepare
        )
        self._lock = threading.Lock()
        self._turns: Turns[Job] = Turns()
        self._writing = False
        self._held: dict[asyncio.Future[tuple[str, ...]], Job] = {}
        self._closed = False
        self._counted = Counted()

    async def run(
        self, request: Request, put: Callable[[str], None] | None = None
    ) -> tuple[str, ...]:
        """One text per seed, or of the first seed in pieces; see `Job`.

        Raises:
            ModelUnavailableError: Too much waits already, the deadline passed, it is closed, or
                writing failed.
        """
        self._check_room(request.priority)
        job = Job(request, put)
        answer = asyncio.wrap_future(job.answer)
        self._held[answer] = job
        answer.add_done_callback(self._let_go)
        self._begin(job)
        try:
            await asyncio.wait({answer}, timeout=self._deadline)
        finally:
            if not answer.done():
                self._abandon(job)
        if not answer.done():
            raise ModelUnavailableError("The text model did not answer in time.", cause="late")
        if job.abandoned.is_set() or answer.cancelled():
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
        """Requests under way and waiting."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """Requests that no step has been done for yet."""
        return len(self._turns)

    @property
    def counted(self) -> Counted:
        """What the batches have come to."""
        return self._counted

    async def close(self) -> None:
        """Abandon what runs and waits, and end the thread."""
        self._closed = True
        for job in tuple(self._held.values()):
            self._abandon(job)
        if self._held:
            await asyncio.wait(set(self._held))
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _check_room(self, priority: Priority) -> None:
        if self._closed:
            raise ModelUnavailableError("The text model is closed.", cause="closed")
        if len(self._held) >= self._queue * _SHARE[priority]:
            raise ModelUnavailableError(
                "The text model has too much to do.", retry_after=1, cause="busy"
            )

    def _begin(self, job: Job) -> None:
        with self._lock:
            self._turns.add(job)
            if self._writing:
                return
            self._writing = True
        self._executor.submit(self._write)

    def _abandon(self, job: Job) -> None:
        job.abandoned.set()
        with self._lock:
            if not self._turns.remove(job):
                return  # the thread has it, and ends it at the next step
        job.answer.cancel()

    def _write(self) -> None:
        """Go on as long as anything is there to write; on the thread."""
        while True:
            with self._lock:
                texts = self._batch.texts
                jobs = self._turns.take(self._batch.room, least=0 if texts else 1)
                if not jobs and not texts:
                    self._writing = False
                    return
            try:
                self._batch.join([job for job in jobs if _claimed(job)])
                self._counted = Counted(
                    self._counted.steps + 1, self._counted.texts + self._batch.texts
                )
                self._batch.step()
            except Exception as error:  # noqa: BLE001  libraries fail as they like; the next job may do
                self._batch.drop(error)
                for job in jobs:
                    failed(job, error)

    def _let_go(self, answer: asyncio.Future[tuple[str, ...]]) -> None:
        self._held.pop(answer, None)
        if not answer.cancelled():
            answer.exception()  # seen, so that asyncio does not log what nobody awaited


def done(job: Job, texts: Sequence[str]) -> None:
    """End a job with its texts."""
    job.answer.set_result(tuple(texts))


def failed(job: Job, error: BaseException) -> None:
    """End a job with an error, unless it has ended."""
    if not job.answer.done():
        job.answer.set_exception(error)


def _claimed(job: Job) -> bool:
    # From here on a cancelled answer is ended by the thread, and not under its hands.
    return job.answer.set_running_or_notify_cancel()
