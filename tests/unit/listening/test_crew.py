"""A crew starts its workers, replaces those that end or hang, and leaves none behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING

import psutil
import pytest

from genservice.listening.messages import Failed, Leave, Ready, hear, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60


class Crewed:
    def __init__(self, process: subprocess.Popen[str], pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.workers: dict[int, int] = {}

    def said(self) -> object:
        assert self.pipe.poll(PATIENCE)
        return hear(self.pipe)

    def began(self) -> int:
        """The number of the next worker to begin."""
        assert self.process.stdout is not None
        number, pid = map(int, self.process.stdout.readline().split())
        self.workers[number] = pid
        return number

    def ended(self) -> list[dict]:
        """What it logged, once it has ended and nobody is left."""
        _, log = self.process.communicate(timeout=PATIENCE)
        assert not any(map(psutil.pid_exists, self.workers.values()))
        return [json.loads(line) for line in log.splitlines()]


@contextmanager
def crew(how: str, workers: int = 2) -> Iterator[Crewed]:
    ours, theirs = Pipe()
    command = [sys.executable, "-m", "tests.unit.listening.crewed", str(theirs.fileno()), how, str(workers)]  # fmt: skip
    with subprocess.Popen(
        command, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0,
    ) as process:  # fmt: skip
        theirs.close()
        try:
            yield Crewed(process, ours)
        finally:
            ours.close()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def gone(pid: int) -> None:
    end = time.monotonic() + PATIENCE
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_first_gets_ready_alone_and_all_are_ready_before_it_is_said() -> None:
    with crew("steady", workers=3) as crewed:
        assert crewed.began() == 0
        assert {crewed.began(), crewed.began()} == {1, 2}
        assert crewed.said() == Ready("key of 0")
        tell(crewed.pipe, Leave(relieved=True))
        assert crewed.ended() == []
        assert crewed.process.returncode == 0


def test_a_worker_that_ends_is_started_anew_after_pauses_that_grow_and_the_other_one_stays() -> (
    None
):
    with crew("steady") as crewed:
        crewed.began(), crewed.began()
        assert isinstance(crewed.said(), Ready)
        other = crewed.workers[0]
        for _ in range(4):
            os.kill(crewed.workers[1], signal.SIGKILL)
            assert crewed.began() == 1
        assert psutil.pid_exists(other)
        tell(crewed.pipe, Leave(relieved=False))
        told = [line for line in crewed.ended() if line["event"] == "a worker ended"]
    assert [(line["worker"], line["code"]) for line in told] == [(1, -signal.SIGKILL)] * 4
    assert [line["again_in"] for line in told] == [0.01, 0.02, 0.04, 0.04]


def test_a_worker_that_hangs_is_replaced() -> None:
    with crew("silent") as crewed:
        crewed.began(), crewed.began()
        assert isinstance(crewed.said(), Ready)
        assert crewed.began() == 0
        tell(crewed.pipe, Leave(relieved=False))
        (told, *_) = crewed.ended()
    assert told["problems"] == ["it hangs"]


@pytest.mark.parametrize(
    ("how", "problems"),
    [
        ("failing", ("policies: no rule in it", "prompts: none")),
        ("dying", ("a worker ended before it was ready, with code 7",)),
        (
            "never",
            (
                "a worker was not ready within 0.5 s (GENSERVICE_START_TIMEOUT)",
                "the database does not answer",
            ),
        ),
    ],
)
def test_one_that_does_not_get_ready_at_the_start_ends_it_and_says_why(how, problems) -> None:
    with crew(how) as crewed:
        crewed.began()
        assert crewed.said() == Failed(problems)
        crewed.ended()


def test_those_who_do_not_leave_in_time_are_killed() -> None:
    with crew("stubborn") as crewed:
        crewed.began(), crewed.began()
        assert isinstance(crewed.said(), Ready)
        tell(crewed.pipe, Leave(relieved=True))
        (told,) = crewed.ended()
    assert told["event"] == "workers are killed"


@pytest.mark.parametrize("how", ["supervisor", "crew", "terminated"])
def test_nobody_stays_behind_whoever_is_killed(how) -> None:
    with crew("steady", workers=3) as crewed:
        for _ in range(3):
            crewed.began()
        assert isinstance(crewed.said(), Ready)
        if how == "supervisor":
            crewed.pipe.close()
        else:
            crewed.process.send_signal(signal.SIGKILL if how == "crew" else signal.SIGTERM)
        for pid in crewed.workers.values():
            gone(pid)
        crewed.process.wait(PATIENCE)
