"""The process behind `genservice serve` with several workers: it holds the socket, and has a crew on it.

    supervisor ── crew (loads once) ── worker, worker, ...      answers
              └── crew (loads once) ── worker, worker, ...      gets ready, or leaves

A reload starts a new crew, from new code, files and settings, and tells the old one to leave once every
worker of the new one answers. The socket is open all the time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection, Pipe, wait
from typing import TYPE_CHECKING, Any

import structlog

from genservice.errors import StartError
from genservice.listening.messages import Begin, Failed, Leave, Message, Ready, hear, tell
from genservice.listening.signals import Signals, caught
from genservice.settings import environment

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from genservice.settings import Settings

log = structlog.get_logger(__name__)

_MARGIN = 20.0
"""Seconds beyond what a crew gives its workers, until all of it is killed."""
_FIRST, _LONGEST = 1.0, 30.0
"""Seconds until a crew that is gone is started anew, and most of them after failures in a row."""
_ALONE = {
    # A process that has threads cannot be forked safely, and none of these waits to be asked.
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Otherwise the question whether there is a GPU already keeps forked processes from using it.
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}


class CrewProcess:
    """A crew under way, as its supervisor sees it."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.problems: tuple[str, ...] = ()
        self.deadline: float | None = None
        """When it is killed, once it was told to leave."""

    def leave(self, seconds: float, *, relieved: bool) -> None:
        """Tell it to leave within so many seconds."""
        tell(self.pipe, Leave(relieved=relieved))
        self.deadline = time.monotonic() + seconds

    def kill(self) -> None:
        """End it with all of its workers, which are in its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Has workers answer on a socket until it is told to stop.

    Args:
        listening: The socket; closed at the end.
        settings: How long crews have to leave.
        flags: What of the settings was given on the command line; crews read the rest anew.
        announce: Gets the first API key, or None, once every worker of the first crew answers.
    """

    def __init__(
        self,
        listening: socket.socket,
        settings: Settings,
        flags: Mapping[str, Any],
        announce: Callable[[str | None], None],
    ) -> None:
        self._listening = listening
        self._settings = settings
        self._flags = dict(flags)
        self._announce = announce
        self._present: CrewProcess | None = None
        self._coming: CrewProcess | None = None
        self._leaving: list[CrewProcess] = []
        self._started = False
        self._failures = 0
        self._due: float | None = None
        self._stopping: int | None = None

    def run(self) -> int:
        """The signal that stopped it, once everybody has left.

        Raises:
            StartError: The first workers do not get ready.
        """
        with caught(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            try:
                self._coming = self._start()
                while self._crews() or self._due is not None:
                    self._wait(signals)
                    self._overdue()
            finally:
                for crew in self._crews():
                    crew.kill()
                self._listening.close()
        return self._stopping or signal.SIGTERM

    def _crews(self) -> list[CrewProcess]:
        standing = [each for each in (self._present, self._coming) if each is not None]
        return [*standing, *self._leaving]

    def _start(self) -> CrewProcess:
        ours, theirs = Pipe()
        descriptors = (self._listening.fileno(), theirs.fileno())
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "genservice.listening", *map(str, descriptors)],
            stdin=subprocess.DEVNULL,
            pass_fds=descriptors,
            # Ctrl-C is for the supervisor; and all of a crew can be killed at once.
            process_group=0,
            env=environment(**_ALONE),
        )
        theirs.close()
        tell(ours, Begin(self._flags))
        return CrewProcess(process, ours)

    def _wait(self, signals: Signals) -> None:
        pipes = {each.pipe: each for each in self._crews()}
        times = [each.deadline for each in self._crews() if each.deadline is not None]
        times += [] if self._due is None else [self._due]
        seconds = max(0.0, min(times) - time.monotonic()) if times else None
        happened = wait([signals.waking, *pipes], timeout=seconds)
        if signals.waking in happened:
            for number in signals.taken():
                self._signalled(number)
        for pipe, crew in pipes.items():
            if pipe in happened:
                self._heard(crew, hear(pipe))

    def _signalled(self, number: int) -> None:
        if number != signal.SIGHUP:
            self._stop(number)
        elif self._coming is not None or self._stopping is not None:
            log.warning("workers are being replaced already, or the service stops")
        else:
            log.info("workers are replaced")
            self._due = None
            self._coming = self._start()

    def _stop(self, number: int) -> None:
        if self._stopping is not None and number == signal.SIGINT:
            for crew in self._crews():
                crew.kill()
            return
        self._stopping = self._stopping or number
        self._due = None
        for crew in self._crews():
            crew.leave(self._seconds(), relieved=False)

    def _seconds(self) -> float:
        return self._settings.stop_delay + self._settings.drain_timeout + _MARGIN

    def _heard(self, crew: CrewProcess, message: Message | None) -> None:
        match message:
            case Ready(key=key) if crew is self._coming:
                self._relieve(crew, key)
            case Failed(problems=problems):
                crew.problems = problems
            case None:
                self._ended(crew)
            case _:
                pass

    def _relieve(self, crew: CrewProcess, key: str | None) -> None:
        """A crew is ready: it takes the place of the one before."""
        before, self._present, self._coming = self._present, crew, None
        self._failures = 0
        if before is not None:
            before.leave(self._seconds(), relieved=True)
            self._leaving.append(before)
        if not self._started:
            self._started = True
            self._announce(key)
        log.info("workers are ready")

    def _ended(self, crew: CrewProcess) -> None:
        crew.pipe.close()
        # What it left behind must not answer beside its successors.
        if crew.deadline is None:
            crew.kill()
        code = crew.process.wait()
        if crew in self._leaving:
            self._leaving.remove(crew)
            return
        was_present = crew is self._present
        if was_present:
            self._present = None
        else:
            self._coming = None
        if self._stopping is not None:
            return
        problems = crew.problems or (f"the workers' parent ended with code {code}",)
        if not self._started:
            raise StartError(*problems)
        log.error("workers are gone" if was_present else "workers do not start", problems=problems)
        if self._present is None and self._coming is None:
            self._due = time.monotonic() + min(_FIRST * 2**self._failures, _LONGEST)
            self._failures += 1

    def _overdue(self) -> None:
        now = time.monotonic()
        for crew in self._crews():
            if crew.deadline is not None and now >= crew.deadline:
                log.error("workers did not leave in time and are killed")
                crew.kill()
                crew.deadline = now + _MARGIN
        if self._due is not None and now >= self._due:
            self._due = None
            self._coming = self._start()
