"""Logs that cannot be written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOGS = """
import structlog
from genservice.logs import configure_logging

configure_logging()
structlog.get_logger("genservice").info("an event")
structlog.get_logger("genservice").error("another event")
print("it goes on")
"""


def test_a_line_that_does_not_fit_on_the_disk_fails_nothing():
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", LOGS], stdout=subprocess.PIPE, stderr=full, cwd=ROOT, check=False
        )

    assert done.stdout == b"it goes on\n"
