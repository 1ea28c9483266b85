"""HAProxy as a real server of the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MISSING = (
    "HAProxy is not installed: these tests start a server of their own (apt-get install haproxy)."
)
# Ends the server when whoever started it goes, however that was: the pipe on its input then closes.
GUARDED = """
exec 3<&0
"$@" & server=$!
(read -r _ <&3; kill -KILL -$$) & guard=$!
wait $server
kill $guard
"""


class HAProxy:
    """One proxy, a master with its workers, as the image runs it."""

    def __init__(
        self, program: str, file: Path, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self._command = [program, "-W", "-db", "-p", str(folder / "pid"), "-f", str(file)]
        self._folder = folder
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once it listens."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", GUARDED, "sh", *self._command],
                env=self._environment, stdin=subprocess.PIPE, stdout=log, stderr=log,
                # What ends it ends the workers with it.
                start_new_session=True,
            )  # fmt: skip
        self._wait_for_loads(1)

    @property
    def log(self) -> str:
        """What it said so far."""
        return (self._folder / "log").read_text("utf-8", "replace")

    def reload(self) -> None:
        """Have it read its file again; return once new workers have taken over its sockets."""
        before = self._loads()
        os.kill(int((self._folder / "pid").read_text()), signal.SIGUSR2)
        self._wait_for_loads(before + 1)

    def close(self) -> None:
        """End it at once, with everything that it passes on."""
        process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def _loads(self) -> int:
        return self.log.count("Loading success.")

    def _wait_for_loads(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while self._loads() < count:
            assert self._process is not None
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)


def program() -> str:
    """The proxy's program.

    Raises:
        AssertionError: It is not installed; says how to.
    """
    # Debian keeps it where only root looks.
    found = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    assert found, MISSING
    return found


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running_haproxy(file: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[HAProxy]:
    """A proxy of its own until the block ends, or this process does.

    Args:
        file: Its settings.
        folder: Where it leaves its log.
        environment: What the settings take from it.
    """
    proxy = HAProxy(program(), file, folder, environment)
    try:
        proxy.start()
        yield proxy
    finally:
        proxy.close()
