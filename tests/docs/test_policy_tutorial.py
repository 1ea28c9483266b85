"""docs/policies.md, followed to the letter: its files are written, its commands run, its output held.

Where output differs from run to run, the page has an ellipsis. Write what the commands print anew with
`python -m tests.docs.test_policy_tutorial`, read it, and put the ellipses back.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx

from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ((?:mine|draft|live)/\S+)\n")
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
ELLIPSIS = "…"
PORT = "8765"
PATIENCE = 60.0


class Step(NamedTuple):
    """One command: what the page says it prints, and what it prints."""

    command: str
    said: str
    printed: str


class Shell:
    """A folder, the commands run in it, and the service that one of them starts."""

    def __init__(self, folder: Path, *, settling: float) -> None:
        self.folder = folder
        self.settling = settling
        self.service: subprocess.Popen[str] | None = None
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        kept = {name: value for name, value in os.environ.items() if "GENSERVICE" not in name}  # noqa: TID251 (what a shell passes on)
        self.environment = {
            **kept,
            "PYTHONPATH": str(PAGE.parents[1]),
            "COLUMNS": "120",
            "GENSERVICE_DATA": str(folder / ".data"),
            "GENSERVICE_KEYSTORE": str(folder / ".keystore"),
            "GENSERVICE_TWINS": "",
        }
        (folder / "policies").symlink_to(shipped("policies"))

    def run(self, command: str, said: str) -> str:
        """What a command prints, as somebody who sits in that folder sees it."""
        words = shlex.split(command.replace(PORT, self.port))
        if words[:2] == ["curl", "-s"]:
            return self._asked(words[2], said).replace(self.port, PORT)
        if words[0] == "cp":
            words.insert(1, "-L")
        if words[0] == "genservice":
            words = [sys.executable, "-m", *words]
        if "serve" in words:
            return self._served(words).replace(self.port, PORT)
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def _asked(self, address: str, said: str) -> str:
        """What the service answers, at the latest when it has had time to see an edit."""
        if self.settling:
            time.sleep(self.settling)
            return httpx.get(address).text + "\n"
        end = time.monotonic() + PATIENCE
        while True:
            printed = httpx.get(address).text + "\n"
            if alike(said, printed) or time.monotonic() > end:
                return printed
            time.sleep(0.2)

    def _served(self, words: list[str]) -> str:
        with (self.folder / ".service.log").open("w", encoding="utf-8") as log:
            self.service = subprocess.Popen(
                words,
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        end = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < end and self.service.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/health/live")
                break
            except httpx.TransportError:
                time.sleep(0.2)
        assert self.service.stdout is not None
        return "".join(self._lines(self.service.stdout.fileno()))

    def _lines(self, stream: int) -> Iterator[str]:
        os.set_blocking(stream, False)
        time.sleep(0.5)
        yield os.read(stream, 65_536).decode()

    def close(self) -> None:
        """Stop the service."""
        if self.service is not None:
            self.service.terminate()
            self.service.wait(PATIENCE)
            if self.service.stdout is not None:
                self.service.stdout.close()


def tutorial(page: str) -> str:
    """The part of the page that is followed."""
    start = page.index("## From nothing to a rolled-out change")
    return page[start : page.index("\n## ", start)]


def followed(text: str, folder: Path, *, settling: float = 0) -> list[Step]:
    """Every command of the tutorial, in order."""
    seen: list[Step] = []
    with closing(Shell(folder, settling=settling)) as shell:
        for kind, content in BLOCK.findall(text):
            if kind == "yaml":
                name = FILE.match(content)
                assert name is not None, "a file without its name"
                path = folder / name[1]
                path.parent.mkdir(exist_ok=True)
                path.write_text(content, encoding="utf-8")
                continue
            for command, said in COMMAND.findall(content):
                seen.append(Step(command, said, shell.run(command, said)))
    return seen


def alike(said: str, printed: str) -> bool:
    """Whether a command printed what is said, an ellipsis standing for anything within a line."""
    pattern = ".*".join(re.escape(part) for part in said.split(ELLIPSIS))
    return re.fullmatch(pattern, printed) is not None


def test_the_tutorial_prints_what_it_says(tmp_path: Path) -> None:
    seen = followed(tutorial(PAGE.read_text(encoding="utf-8")), tmp_path)
    assert len(seen) >= 12
    for step in seen:
        assert alike(step.said, step.printed), f"$ {step.command}\n{step.printed}"


def main() -> None:
    """Write what the commands print into the page."""
    page, at = PAGE.read_text(encoding="utf-8"), 0
    with tempfile.TemporaryDirectory() as folder:
        for step in followed(tutorial(page), Path(folder), settling=5):
            at = page.index(f"$ {step.command}\n{step.said}", at) + len(f"$ {step.command}\n")
            if not alike(step.said, step.printed):
                page = page[:at] + step.printed + page[at + len(step.said) :]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
