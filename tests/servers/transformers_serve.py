"""`transformers serve` as a process of its own, which a test may kill and start again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from genservice.generation.load import embedded_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 120.0
"""Seconds a server may take on a machine that has much else to do; a good one takes five."""
_COMMIT = "0" * 39 + "1"
_PLAIN_CHAT = "{% for message in messages %}{{ message['content'] }} {% endfor %}"


def in_cache(folder: Path, name: str) -> Path:
    """Where the files of a model belong so that the hub's cache in `folder` holds it."""
    repository = folder / "hub" / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(_COMMIT, encoding="utf-8")
    return repository / "snapshots" / _COMMIT


def embedded_for_chat(folder: Path) -> Path:
    """The embedded model in a folder, with the chat template that it ships without."""
    shutil.copytree(embedded_folder(), folder)
    (folder / "chat_template.jinja").write_text(_PLAIN_CHAT, encoding="utf-8")
    return folder


def until(holds: Callable[[], bool], *, seconds: float = PATIENCE, what: str) -> None:
    """Return as soon as something holds.

    Raises:
        TimeoutError: It did not in that time.
    """
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.005)


class Serve:
    """One server on one port of this machine.

    Attributes:
        address: Where it is asked, as `GENSERVICE_MODEL` takes it.
        port: The same port after every start.
    """

    def __init__(self, home: Path, *pinned: str) -> None:
        """Prepare it; nothing runs yet.

        Args:
            home: Holds the hub's cache, and what the server says.
            pinned: The one model it serves; by default whichever it is asked for.
        """
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._home = home
        self._pinned = pinned
        self._log = home / f"server-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def ready(self) -> None:
        """Return once it answers."""
        until(self._answers, what="no answer from transformers serve")

    def start(self) -> None:
        """Start it; whoever needs it waits until it is ready."""
        command = [
            str(Path(sys.executable).with_name("transformers")), "serve", *self._pinned,
            "--host", "127.0.0.1", "--port", str(self.port), "--device", "cpu",
        ]  # fmt: skip
        environment = {
            "PATH": os.defpath,
            "HF_HOME": str(self._home),
            "HF_HUB_OFFLINE": "1",
            # Tiny models gain nothing from a second core, and lose much when it is busy.
            "OMP_NUM_THREADS": "1",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=environment, cwd=self._home, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        """End it as the kernel does when memory runs out: at once, whatever it is doing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def said(self) -> str:
        """What it has printed since its last start."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def answering(self) -> int:
        """How many texts it has begun to answer with since its last start."""
        return self.said().count('POST /v1/chat/completions HTTP/1.1" 200')

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise ChildProcessError(f"transformers serve ended:\n{self.said()}")
        try:
            return httpx.get(f"{self.address}/health", trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def serving(home: Path, *pinned: str) -> Iterator[Serve]:
    """A server that was started; it is gone after the block, however that ends."""
    server = Serve(home, *pinned)
    try:
        server.start()
        yield server
    finally:
        server.kill()
