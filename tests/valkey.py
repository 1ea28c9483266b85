"""Valkey, or Redis, as a real server of the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from valkey import Valkey, ValkeyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MISSING = (
    "Neither Valkey nor Redis is installed: these tests start a server of their own "
    "(apt-get install valkey-server, or redis-server)."
)
# Ends the server when whoever started it goes, however that was: the pipe on its input then closes.
GUARDED = """
exec 3<&0
"$@" & server=$!
(read -r _ <&3; kill -KILL $server) & guard=$!
wait $server
kill $guard
"""


class ValkeyServer:
    """One server that keeps nothing on disk, on a port of its own.

    Args:
        program: The server's program.
        folder: A folder of its own.
        arguments: What the program is given before all else, as a file of settings.
        password: What it wants of clients, if anything.
        port: Where it listens; a free one by default.
    """

    def __init__(
        self,
        program: str,
        folder: Path,
        arguments: Sequence[str] = (),
        password: str | None = None,
        port: int | None = None,
    ) -> None:
        self._program = program
        self._folder = folder
        self._arguments = arguments
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None
        self.port = port or _free_port()

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Valkey:
        """A client for tests to look with."""
        return Valkey(port=self.port, password=self._password)

    def start(self) -> None:
        """Start it, and return once it answers."""
        command = [
            self._program, *self._arguments, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
            "--appendonly", "no", "--dir", str(self._folder), "--pidfile", str(self._folder / "pid"),
        ]  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", GUARDED, "sh", *command],
                stdin=subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while True:
            try:
                self.client.ping()
            except ValkeyError:
                assert time.monotonic() < deadline, (self._folder / "log").read_text()[-2000:]
                time.sleep(0.02)
            else:
                return

    @property
    def pid(self) -> int:
        return self.client.info()["process_id"]

    def kill(self) -> None:
        """End it as a machine that loses its power would; what it held is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def everything(self) -> dict[bytes, bytes]:
        """All that it holds, as its own dump format has it, by name."""
        client = self.client
        return {name: client.dump(name) or b"" for name in client.scan_iter(count=1000)}


def program() -> str:
    """The server's program.

    Raises:
        AssertionError: It is not installed; says how to.
    """
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    assert found, MISSING
    return found


@contextmanager
def running_valkey(
    arguments: Sequence[str] = (), password: str | None = None, port: int | None = None
) -> Iterator[ValkeyServer]:
    """A server of its own until the block ends, or this process does."""
    folder = Path(tempfile.mkdtemp(prefix="genservice-valkey-"))
    server = ValkeyServer(program(), folder, arguments, password, port)
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
