"""Processes that listen: a whole service of its own, and a bare Litestar handler beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

UNLIMITED = "app=9999999/second, admin=9999999/second, privacy_officer=9999999/second"
"""Requests are counted as ever; nobody gets to the limit."""
PATIENCE = 60
"""Seconds to wait for one answer while nothing is measured yet, and for the end of a process."""


class Listening:
    """A process that listens, with those it started itself."""

    def __init__(self, process: subprocess.Popen[str], address: str, key: str | None) -> None:
        self.address = address
        self.key = key
        self._process = psutil.Process(process.pid)

    @property
    def promos(self) -> str:
        """Where promos are asked for."""
        return f"{self.address}/v1/promos"

    def processor_seconds(self) -> float:
        """What its processes have taken of the processors so far, threads included."""
        return sum(sum(each.cpu_times()[:2]) for each in self._all())

    def resident_megabytes(self) -> float:
        """What its processes hold in memory; what they share counts once."""
        return sum(each.memory_full_info().pss for each in self._all()) / 1e6

    def seconds(self) -> float:
        """How long ago it was started."""
        return time.time() - self._process.create_time()

    def own_megabytes(self) -> list[float]:
        """What each process that answers holds alone."""
        crews = self._process.children()
        workers = [worker for crew in crews for worker in crew.children()] or [self._process]
        return [worker.memory_full_info().uss / 1e6 for worker in workers]

    def client(self) -> httpx.Client:
        """Asks it with its key."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return httpx.Client(
            base_url=self.address, headers=headers, timeout=PATIENCE, trust_env=False
        )

    def ask(self, bodies: Sequence[bytes]) -> list[httpx.Response]:
        """The answers to these, one after the other, so that afterwards their texts stand.

        Raises:
            httpx.HTTPStatusError: One of them was no success.
        """
        with self.client() as client:
            client.headers["Content-Type"] = "application/json"
            answers = [client.post("/v1/promos", content=body) for body in bodies]
        return [answer.raise_for_status() for answer in answers]

    def _all(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]


@contextmanager
def service(
    folder: Path | None = None, *flags: str, role: str | None = "app", **settings: str
) -> Generator[Listening]:
    """`genservice serve` over a data folder of its own, with the shipped model and catalogue.

    Args:
        folder: Where data and keystore are; None: a folder that is gone at the end.
        flags: More options of the command.
        role: Whose key it is asked with, made beforehand, with the folder. None: the key that it makes
            itself, an admin's, in a folder without any.
        settings: More settings, by their names in the environment without the prefix.

    Raises:
        RuntimeError: It does not start.
    """
    with tempfile.TemporaryDirectory() as temporary:
        at = folder or Path(temporary)
        names = {
            "data": str(at / "data"),
            "keystore": str(at / "keystore"),
            "port": "0",
            # Nothing is written that was not asked for.
            "twins": "",
            "rate_limits": UNLIMITED,
            "log_level": "error",
            **settings,
        }
        environment = {f"GENSERVICE_{name.upper()}": value for name, value in names.items()}
        # Made before it starts: the store is then nobody's but the command's.
        key = None if role is None else _key(environment, role)
        command = [sys.executable, "-m", "genservice", "serve", "--json", *flags]
        with _process(command, environment, key) as listening:
            yield listening


@contextmanager
def bare(answers: Sequence[bytes], *, plain: bool = False) -> Generator[Listening]:
    """A Litestar handler that answers these in turn and does nothing else, as the service is served.

    Args:
        answers: What it answers.
        plain: As uvicorn serves by itself instead, with neither httptools nor uvloop.
    """
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(b"\n".join(answers) + b"\n")
        file.flush()
        command = [sys.executable, "-m", "benchmarks.load.bare", *["--plain"] * plain, file.name]
        with _process(command, {}, None) as listening:
            yield listening


@contextmanager
def _process(
    command: Sequence[str], environment: dict[str, str], key: str | None
) -> Generator[Listening]:
    with subprocess.Popen(  # noqa: S603 - our own
        command, env=_environment(environment), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            said: dict[str, Any] = json.loads(process.stdout.readline() if process.stdout else "")
            yield Listening(process, said["address"], key or said.get("key"))
        except json.JSONDecodeError:
            raise RuntimeError(f"{' '.join(command[1:])} does not start") from None
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _key(environment: dict[str, str], role: str) -> str:
    command = [sys.executable, "-m", "genservice", "keys", "create", "--json"]
    said = subprocess.run(  # noqa: S603 - our own
        [*command, "--role", role, "--name", "load"],
        env=_environment(environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return str(json.loads(said)["key"])


def _environment(more: dict[str, str]) -> dict[str, str]:
    # What the one who measures has set for a service of theirs is not what is measured here.
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - what a child gets
        if not name.startswith("GENSERVICE_")
    }
    return {**inherited, **more}
