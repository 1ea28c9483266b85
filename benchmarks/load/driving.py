"""Driving a service by wrk, and what came of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPT = Path(__file__).with_name("requests.lua")
TIMEOUT_SECONDS = 30
"""From when on wrk counts an answer as too late."""


class WrkMissingError(RuntimeError):
    """The load generator is not installed."""


class _Told(msgspec.Struct, frozen=True):
    """What requests.lua prints; times in microseconds."""

    requests: int
    microseconds: int
    bytes: int
    p50: int
    p90: int
    p99: int
    most: int
    statuses: int
    connect: int
    read: int
    write: int
    timeout: int


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a while of load, in a closed loop."""

    connections: int
    seconds: float
    requests: int
    each_second: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    most_ms: float
    refused: int
    """Answers of a status from 400 on."""
    failed: int
    """Connections that were not opened, broke, or were not answered in time."""
    answer_bytes: int
    """Of an answer at the mean, its head included."""

    @property
    def sound(self) -> bool:
        """Whether every request was answered, and well."""
        return self.requests > 0 and not self.refused and not self.failed


def drive(
    address: str,
    bodies: Sequence[bytes],
    *,
    key: str | None = None,
    connections: int = 16,
    seconds: float = 4,
    threads: int = 1,
) -> Load:
    """Send the bodies by POST, in turn and again and again, and wait for the end of it.

    Args:
        address: Where to, path included.
        bodies: JSON, each without a line break.
        key: The API key to ask with.
        connections: How many ask at once, each again as soon as it was answered.
        seconds: How long; wrk counts whole ones.
        threads: Of wrk.

    Raises:
        WrkMissingError: wrk is not installed.
        subprocess.CalledProcessError: wrk failed.
    """
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        environment = {**os.environ, "LOAD_BODIES": file.name}  # noqa: TID251 - what a child gets
        if key is not None:
            environment["LOAD_KEY"] = key
        command = [
            _program(),
            *("--threads", str(min(threads, connections)), "--connections", str(connections)),
            *("--duration", f"{max(1, round(seconds))}s", "--timeout", f"{TIMEOUT_SECONDS}s"),
            *("--script", str(SCRIPT), address),
        ]
        done = subprocess.run(  # noqa: S603 - our own
            command, env=environment, check=True, capture_output=True, text=True
        )
    told = msgspec.json.decode(done.stdout.rstrip().rpartition("\n")[2], type=_Told)
    return Load(
        connections=connections,
        seconds=round(told.microseconds / 1e6, 2),
        requests=told.requests,
        each_second=round(told.requests / told.microseconds * 1e6, 1),
        p50_ms=told.p50 / 1000,
        p90_ms=told.p90 / 1000,
        p99_ms=told.p99 / 1000,
        most_ms=told.most / 1000,
        refused=told.statuses,
        failed=told.connect + told.read + told.write + told.timeout,
        answer_bytes=round(told.bytes / max(1, told.requests)),
    )


def wrk_version() -> str | None:
    """The first words of wrk about itself; None if it is not installed."""
    try:
        program = _program()
    except WrkMissingError:
        return None
    # It ends with 1 after telling, as after every --help.
    said = subprocess.run([program, "-v"], check=False, capture_output=True, text=True).stdout  # noqa: S603 - our own
    return " ".join(said.split()[:2]) or None


def _program() -> str:
    found = shutil.which("wrk")
    if found is None:
        raise WrkMissingError("wrk, the load generator, is not installed: apt-get install wrk")
    return found
