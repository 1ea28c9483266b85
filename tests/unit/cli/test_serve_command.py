"""`genservice serve` as a process: it says where it listens, and ends in good order when told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import click
import msgspec
import pytest

from genservice.cli.serve import _listen
from tests.small_service import small_settings
from tests.unit.generation.local_server import Reply, running

if TYPE_CHECKING:
    from pathlib import Path


def test_told_to_stop_while_twins_are_written_it_closes_everything(tmp_path: Path) -> None:
    settings = small_settings(tmp_path)
    with running() as server:
        server.say = lambda body: Reply(hang=True)
        command = [sys.executable, "-m", "genservice", "serve", "--json", "--port=0"]
        folders = ("data", "keystore", "catalogue")
        command += [f"--{name}={getattr(settings, name)}" for name in folders]
        command += [f"--model={server.address}"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            said = msgspec.json.decode(process.stdout.readline())
            assert said["address"].startswith("http://127.0.0.1:")
            assert said["key"].startswith("gs_")
            for _ in range(1200):
                if server.chats:
                    break
                time.sleep(0.05)
            assert server.chats, "no twin was begun"
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in log
    # The last connection that is closed takes the write-ahead log with it.
    assert [path.name for path in settings.data.iterdir()] == ["genservice.db"]


@pytest.mark.parametrize("host", ["a" * 100, "a..b"])
def test_an_address_that_is_none_is_wrong_usage_and_no_fault_of_ours(host: str) -> None:
    with pytest.raises(click.UsageError, match="cannot listen on"):
        _listen(host, 0)
