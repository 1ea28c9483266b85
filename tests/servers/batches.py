"""Batches as processes of their own, over a small catalogue, for tests that kill them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genservice.receipts import Signer, verify
from tests.small_service import small_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
GENRES = ("crime", "comedy", "drama", "thriller")
CONTEXT = {
    "region": "DE", "age_band": "age_25_34", "consents": ["content_profile", "content_use"],
}  # fmt: skip
AUDIENCES = {
    "fans": {"context": CONTEXT, "signals": {"genre_affinity": ["crime"], "gender": "female"}},
    "anybody": {"context": {**CONTEXT, "consents": []}, "channels": ["tile", "detail"]},
}
OF_A_TITLE = 3
PATIENCE = 240
"""Seconds that a test waits for what should take few: machines that run tests are slow at times."""


def environ() -> dict[str, str]:
    """What processes of a test have around them: this code, wherever they are started."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - theirs, not ours


class Batches:
    """Batches over one catalogue and into one folder."""

    def __init__(self, folder: Path, titles: int) -> None:
        self.settings = small_settings(folder)
        self.titles = [
            {"id": f"t-{number:03}", "kind": "film", "name": f"Film {number}", "language": "en",
             "year": 1950 + number % 70, "genres": [GENRES[number % 4]]}
            for number in range(titles)
        ]  # fmt: skip
        shipped = self.settings.catalogue / "titles.json"
        shipped.write_text(json.dumps(self.titles), encoding="utf-8")
        self.audiences = folder / "audiences.yaml"
        self.audiences.write_text(json.dumps({"audiences": AUDIENCES}), encoding="utf-8")
        self.out = folder / "out"
        self.said = folder / "stderr.txt"

    @contextmanager
    def started(self, *more: str) -> Iterator[subprocess.Popen[str]]:
        """One of them, at work; killed at the end if it still is."""
        folders = [
            argument
            for name in ("data", "keystore", "catalogue")
            for argument in (f"--{name}", str(getattr(self.settings, name)))
        ]
        command = [
            sys.executable, "-m", "genservice", "batch", "--from-store", "--part-items", "6",
            "--audiences", str(self.audiences), "--out", str(self.out), "--json", *folders, *more,
        ]  # fmt: skip
        with (
            self.said.open("w") as stderr,
            subprocess.Popen(
                command, cwd=ROOT, env=environ(), stdout=subprocess.PIPE, stderr=stderr, text=True
            ) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

    def parts_done(self) -> int:
        try:
            return (self.out / "journal.jsonl").read_bytes().count(b"\n")
        except FileNotFoundError:
            return 0

    def wait(self, process: subprocess.Popen[str], until: Any) -> None:
        """Return once it holds, while the process is at work."""
        deadline = time.monotonic() + PATIENCE
        while not until():
            assert process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.01)

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        """What it says at the end."""
        stdout, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, self.said.read_text()
        return json.loads(stdout)

    def require_whole(self) -> None:
        """Every title is there for every audience once, with a receipt that holds."""
        rows = self._lines("results")
        receipts = self._lines("receipts")
        asked = Counter((row["title"], row["audience"], row["channel"]) for row in rows)
        assert len(asked) == OF_A_TITLE * len(self.titles)
        assert set(asked.values()) == {1}
        keys = Signer.open(self.settings.keystore, create=False).public_keys()
        by_id = {receipt["id"]: json.dumps(receipt).encode() for receipt in receipts}
        assert len(by_id) == len(receipts)
        assert all(verify(by_id[row["receipt"]], keys, row["text"]).valid for row in rows)

    def _lines(self, what: str) -> list[Any]:
        files = sorted((self.out / what).glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]
