"""A batch for any model: one request at a time, its seeds together, by transformers' own loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.generation.batching import done, failed

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from genservice.generation.batching import Job
    from genservice.generation.model import Request

    class Writer(Protocol):
        """What writes one request to its end."""

        def write(self, request: Request, abandoned: threading.Event) -> tuple[str, ...]:
            """See `Checkpoint.write`."""
            ...

        def stream(
            self, request: Request, put: Callable[[str], None], abandoned: threading.Event
        ) -> None:
            """See `Checkpoint.stream`."""
            ...


class OneByOne:
    """Writes one request to its end in one step."""

    def __init__(self, writer: Writer) -> None:
        """Write with a loaded model."""
        self._writer = writer
        self._jobs: list[Job] = []

    @property
    def texts(self) -> int:
        """How many are being written."""
        return sum(max(1, len(job.request.seeds)) for job in self._jobs)

    @property
    def room(self) -> int:
        """None: the scheduler gives one request to a batch that is empty, whatever its size."""
        return -1

    def join(self, jobs: Sequence[Job]) -> None:
        """Begin with this one."""
        self._jobs += jobs

    def step(self) -> None:
        """Write what has joined."""
        while self._jobs:
            job = self._jobs.pop()
            try:
                if job.put is None:
                    done(job, self._writer.write(job.request, job.abandoned))
                else:
                    self._writer.stream(job.request, job.put, job.abandoned)
                    done(job, ())
            except Exception as error:  # noqa: BLE001  libraries fail as they like; told by the scheduler
                failed(job, error)

    def drop(self, error: BaseException) -> None:
        """End all of them with this error."""
        for job in self._jobs:
            failed(job, error)
        self._jobs.clear()
