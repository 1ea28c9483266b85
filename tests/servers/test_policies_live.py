"""`genservice serve` as a process: policies edited while it runs, and while it is killed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from genservice.shipped import shipped
from tests.small_service import small_settings
from tests.unit.generation.local_server import running as model_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CAP = "rules:\n  - {id: no-device, why: Counsel., when: {region: [DE]}, signals: [device], decision: withhold}\n"
FRESH = {"signals.yaml", "base.yaml"}


@pytest.fixture
def settings(tmp_path):
    """The shipped signals and base rules; its tests and markets are left out, for they take long."""
    settings = small_settings(tmp_path, policies=tmp_path / "policies")
    settings.policies.mkdir()
    for name in FRESH:
        shutil.copy(shipped("policies") / name, settings.policies / name)
    return settings


class Server:
    def __init__(self, process, address: str, key: str) -> None:
        self.process = process
        self.client = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )

    def ready(self):
        return self.client.get("/health/ready").json()

    def rules(self):
        return {rule["id"] for rule in self.client.get("/v1/policies").json()["rules"]}

    def kill(self) -> None:
        """As a machine that loses its power would end it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(
    settings, model: str, key: str | None = None, source: str = "files"
) -> Iterator[Server]:
    command = [sys.executable, "-m", "genservice", "serve", "--json", "--port=0"]
    command += [f"--{name}={getattr(settings, name)}" for name in ("data", "keystore", "catalogue", "policies")]  # fmt: skip
    command += [f"--model={model}", f"--policy-source={source}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = json.loads(process.stdout.readline())
            server = Server(process, said["address"], key or said["key"])
            server.key = key or said["key"]
            with server.client:
                _until(lambda: _answers(server), 30)
                yield server
        finally:
            process.kill()


def _answers(server) -> bool:
    try:
        return server.client.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def _until(so, seconds: float) -> float:
    began = time.monotonic()
    while not so():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def _edit(folder: Path, name: str, text: str) -> None:
    """As an editor does: beside it, then in its place."""
    (folder / f".{name}.swp").write_text(text, encoding="utf-8")
    (folder / f".{name}.swp").rename(folder / name)


def test_edits_count_while_it_runs_and_no_bad_one_outlives_a_kill(settings) -> None:
    with model_server() as model:
        with serving(settings, model.address) as server:
            first = server.ready()["policy"]
            assert "no-device" not in server.rules()

            _edit(settings.policies, "cap.yaml", CAP)
            # A second, and what a shared machine may be late by.
            _until(lambda: "no-device" in server.rules(), 3)
            capped = server.ready()["policy"]
            assert capped != first
            assert server.ready()["problems"] == []

            _edit(settings.policies, "cap.yaml", CAP.replace("[device]", "[devise]"))
            _until(lambda: server.ready()["problems"], 3)
            told = server.ready()
            assert told["status"] == "degraded"
            assert any("cap.yaml:2:68" in problem for problem in told["problems"])
            assert told["policy"] == capped
            metrics = server.client.get("/metrics").text
            assert 'genservice_policy_loads_total{outcome="failure"} 1.0' in metrics
            key = server.key
            server.kill()
        with serving(settings, model.address, key) as server:
            assert server.ready()["policy"] == capped
            assert any("cap.yaml:2" in problem for problem in server.ready()["problems"])

            shutil.rmtree(settings.policies)
            _until(lambda: "no such folder" in str(server.ready()["problems"]), 3)
            assert server.ready()["policy"] == capped
            server.kill()
        with serving(settings, model.address, key) as server:
            assert server.ready()["policy"] == capped
            acts = server.client.get("/v1/policies/acts").json()["items"]
            assert [(act["who"], act["to"]) for act in acts] == [
                ("files", capped), ("start", first),
            ]  # fmt: skip


def test_two_processes_on_one_database_change_sets_together(settings) -> None:
    with (
        model_server() as model,
        serving(settings, model.address, source="registry") as one,
        serving(settings, model.address, one.key, source="registry") as two,
    ):
        first = one.ready()["policy"]
        tag = {"If-Match": f'"{first}"'}
        body = {"files": {"cap.yaml": CAP}, "base": first, "why": "Counsel asked."}
        capped = one.client.post("/v1/policies/versions", json=body, headers=tag).json()["to"]
        body = {"version": capped, "why": "Agreed."}
        assert one.client.post("/v1/policies/activate", json=body, headers=tag).status_code == 200
        assert one.ready()["policy"] == capped
        _until(lambda: two.ready()["policy"] == capped, 3)
        stale = two.client.post("/v1/policies/rollback", json={"why": "Late."}, headers=tag)
        assert stale.status_code == 412

        one.kill()
        tag = {"If-Match": f'"{capped}"'}
        back = two.client.post("/v1/policies/rollback", json={"why": "Too strict."}, headers=tag)
        assert back.json()["to"] == first
        with serving(settings, model.address, one.key, source="registry") as again:
            assert again.ready()["policy"] == first
