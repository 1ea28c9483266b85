"""A process that loads once and forks the workers, which share what it loaded; started by a supervisor."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import socket
import sys
import tempfile
import time
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from genservice.listening.collecting import seldom_collected
from genservice.listening.crowds import Crowds
from genservice.listening.messages import (
    Alive,
    Begin,
    Failed,
    Leave,
    Ready,
    Waiting,
    hear,
    problems_of,
    tell,
)
from genservice.listening.signals import Signals, caught, forgotten
from genservice.logs import configure_logging
from genservice.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkProcess


log = structlog.get_logger(__name__)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait for what, in seconds."""

    first: float = 0.5
    """Until a worker that ended is started anew; each further time in a row twice as long."""
    longest: float = 30.0
    """Most of that."""
    settled: float = 60.0
    """A worker that ran so long counts as one that ends for the first time."""
    silence: float = 60.0
    """A worker that gave no sign of life for so long hangs, and is killed."""
    margin: float = 10.0
    """Beyond its deadline to leave, until a worker is killed."""


class Worker:
    """A worker under way."""

    def __init__(self, process: ForkProcess, pipe: Connection, began: float) -> None:
        self.process = process
        self.pipe: Connection | None = pipe
        self.began = began
        self.heard = began
        self.ready = False
        self.killed = False
        self.problems: tuple[str, ...] = ()
        """What it said it waits for, or failed of."""


class Crew:
    """Keeps workers running until it is told to leave.

    The first worker is started alone: what a new database lacks is made once, before the others look. None
    takes connections before it is ready.

    Args:
        settings: How many, and how long they may take to start and to leave.
        body: What a worker does, with its number and its pipe to the crew; in a process of its own.
        crowds: How many connections each worker holds.
        above: The supervisor.
        signals: Those that came.
        pace: How long to wait for what.
    """

    def __init__(
        self,
        settings: Settings,
        body: Callable[[int, Connection], None],
        crowds: Crowds,
        above: Connection,
        signals: Signals,
        *,
        pace: Pace | None = None,
    ) -> None:
        self._settings = settings
        self._body = body
        self._crowds = crowds
        self._above: Connection | None = above
        self._signals = signals
        self._pace = pace or Pace()
        self._workers: dict[int, Worker] = {}
        self._failures: dict[int, int] = {}
        self._due: dict[int, float] = {}
        self._started = False
        self._key: str | None = None
        self._leaving: float | None = None
        """When those who have not left are killed."""

    def run(self) -> None:
        """Return once every worker has left."""
        if self._above is not None and self._above.poll():
            self._told()  # told to leave while it loaded
        if self._leaving is None:
            self._fork(0)
        while self._workers or (self._due and self._leaving is None):
            self._wait()
            self._overdue()

    def _wait(self) -> None:
        """Take in what happens next, or return when something is due."""
        pipes = {each.pipe: each for each in self._workers.values() if each.pipe is not None}
        sentinels = {each.process.sentinel: number for number, each in self._workers.items()}
        above = [] if self._above is None else [self._above]
        waking = self._signals.waking
        happened = wait([waking, *above, *pipes, *sentinels], timeout=self._patience())
        if waking in happened and signal.SIGTERM in self._signals.taken():
            self._leave(Leave(relieved=False))
        if self._above in happened:
            self._told()
        for pipe, worker in pipes.items():
            if pipe in happened:
                self._heard(worker, pipe)
        for sentinel, number in sentinels.items():
            if sentinel in happened:
                self._ended(number)

    def _patience(self) -> float | None:
        """Seconds until something is due."""
        times = [*self._due.values()]
        if self._leaving is not None:
            times = [self._leaving]
        else:
            living = [each for each in self._workers.values() if not each.killed]
            times += [self._deadline(each) for each in living]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _deadline(self, worker: Worker) -> float:
        """When a worker is killed unless it gets ready, or gives a sign of life."""
        if worker.ready:
            return worker.heard + self._pace.silence
        return worker.began + self._settings.start_timeout

    def _overdue(self) -> None:
        now = time.monotonic()
        if self._leaving is not None:
            if now >= self._leaving and self._workers:
                log.error("workers are killed", count=len(self._workers))
                for worker in self._workers.values():
                    worker.process.kill()
                self._leaving = now + self._pace.margin
            return
        for worker in self._workers.values():
            if now < self._deadline(worker) or worker.killed:
                continue
            seconds = self._settings.start_timeout
            late = f"a worker was not ready within {seconds:g} s (GENSERVICE_START_TIMEOUT)"
            worker.problems = ("it hangs",) if worker.ready else (late, *worker.problems)
            worker.killed = True
            worker.process.kill()
        for number in [number for number, at in self._due.items() if now >= at]:
            del self._due[number]
            self._fork(number)

    def _fork(self, number: int) -> None:
        ours, theirs = Pipe()
        # What a child must not hold open: whoever waits for the end of the other side would wait for it too.
        held = [each.pipe for each in self._workers.values()]
        foreign = [pipe for pipe in (*held, self._above, ours) if pipe is not None]

        def run() -> None:
            forgotten()
            for pipe in foreign:
                pipe.close()
            self._body(number, theirs)

        process = multiprocessing.get_context("fork").Process(target=run, name=f"worker-{number}")
        process.start()
        theirs.close()
        self._workers[number] = Worker(process, ours, time.monotonic())

    def _heard(self, worker: Worker, pipe: Connection) -> None:
        message = hear(pipe)
        worker.heard = time.monotonic()
        match message:
            case Alive():
                pass
            case Ready(key=key):
                worker.ready = True
                self._key = self._key or key
                self._grown()
            case Waiting(problems=problems) | Failed(problems=problems):
                worker.problems = problems
            case _:
                pipe.close()
                worker.pipe = None

    def _grown(self) -> None:
        """One more is ready."""
        if self._started or self._leaving is not None:
            return
        if len(self._workers) < self._settings.workers:
            for number in range(1, self._settings.workers):
                self._fork(number)
        elif all(each.ready for each in self._workers.values()):
            self._started = True
            self._tell(Ready(self._key))

    def _ended(self, number: int) -> None:
        worker = self._workers.pop(number)
        worker.process.join()
        self._crowds.leave(number)
        while worker.pipe is not None and worker.pipe.poll():
            self._heard(worker, worker.pipe)
        if worker.pipe is not None:
            worker.pipe.close()
        if self._leaving is not None:
            return
        code = worker.process.exitcode
        problems = worker.problems or (f"a worker ended before it was ready, with code {code}",)
        if not self._started:
            self._tell(Failed(problems))
            self._leave(Leave(relieved=False))
            return
        lived = time.monotonic() - worker.began
        failures = 0 if lived >= self._pace.settled else self._failures.get(number, 0)
        self._failures[number] = failures + 1
        seconds = min(self._pace.first * 2**failures, self._pace.longest)
        self._due[number] = time.monotonic() + seconds
        log.error(
            "a worker ended", worker=number, code=code, problems=worker.problems, again_in=seconds
        )

    def _told(self) -> None:
        message = None if self._above is None else hear(self._above)
        if isinstance(message, Leave):
            self._leave(message)
        elif self._above is not None and message is None:
            # Nobody is left who would stop the workers, or start others.
            self._above.close()
            self._above = None
            self._leave(Leave(relieved=False))

    def _leave(self, message: Leave) -> None:
        for worker in self._workers.values():
            if worker.pipe is not None:
                tell(worker.pipe, message)
        self._due.clear()
        seconds = self._settings.stop_delay + self._settings.drain_timeout + self._pace.margin
        self._leaving = min(self._leaving or sys.float_info.max, time.monotonic() + seconds)

    def _tell(self, message: Ready | Failed) -> None:
        if self._above is not None:
            tell(self._above, message)


def main() -> None:
    """Load what settings describe, and keep workers on a socket; descriptors of socket and supervisor are given."""
    listening = socket.socket(fileno=int(sys.argv[1]))
    above = Connection(int(sys.argv[2]))
    listening.set_inheritable(False)
    begin = hear(above)
    if not isinstance(begin, Begin):
        return
    folder = Path(tempfile.mkdtemp(prefix="genservice-"))
    try:
        with caught(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            settings = read_settings(**begin.flags)
            configure_logging(level=settings.log_level, form=settings.log_format)
            crowds = Crowds(settings.workers)
            body = _loaded(settings, listening, crowds, folder)
            Crew(settings, body, crowds, above, signals).run()
    except Exception as error:  # noqa: BLE001 - whatever it is, the supervisor has to be told
        tell(above, Failed(problems_of(error)))
        sys.exit(1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _loaded(
    settings: Settings, listening: socket.socket, crowds: Crowds, folder: Path
) -> Callable[[int, Connection], None]:
    """What a worker does; all that it needs is loaded here, and shared."""
    with seldom_collected():
        from genservice.assembly import load_writers
        from genservice.listening.worker import work
        from genservice.metrics import Among

        loaded = load_writers(settings)
    sockets = tuple(str(folder / f"{number}.sock") for number in range(settings.workers))

    def body(number: int, crew: Connection) -> None:
        among = Among(number, sockets)
        work(
            among,
            settings=settings,
            loaded=loaded,
            listening=listening,
            crowds=crowds,
            crew=crew,
        )

    return body
