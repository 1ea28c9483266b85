"""`genservice serve --workers`: several processes behind one socket, replaced, killed and stopped under load."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.small_service import small_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 120
"""Seconds to wait for anything on a machine that others use as well."""
QUIET = {
    "GENSERVICE_TWINS": "",
    "GENSERVICE_RATE_LIMITS": "admin=off, failed=off",
    "GENSERVICE_LOG_LEVEL": "warning",
}
BODIES = tuple(
    json.dumps(
        {
            "title_id": title,
            "context": {
                "region": "DE",
                "age_band": "age_25_34",
                "consents": ["content_profile", "content_use"],
            },
            "audience": {"signals": {"genre_affinity": ["crime"]}},
        }
    )
    for title in ("cold-quay", "harbour-lights")
)


class Service:
    """`genservice serve` with several workers."""

    killed = False

    def __init__(
        self, process: subprocess.Popen[str], address: str, key: str, folder: Path
    ) -> None:
        self.process = process
        self.address = address
        self._folder = folder
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, headers=self.headers, timeout=PATIENCE)

    def post(self, body: str) -> httpx.Response:
        return httpx.post(
            f"{self.address}/v1/promos", content=body, headers=self.headers, timeout=PATIENCE
        )

    def set(self, line: str) -> None:
        """Have the file of settings say this."""
        (self._folder / "settings").write_text(line, encoding="utf-8")

    def logged(self, *words: str) -> None:
        """Return once all of this stands in one line of the log."""
        file = self._folder / "log"
        until(
            lambda: any(
                all(word in line for word in words)
                for line in file.read_text(encoding="utf-8").splitlines()
            )
        )

    def metrics(self) -> dict[str, float]:
        lines = self.get("/metrics").text.splitlines()
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def crews(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def workers(self) -> set[int]:
        return {worker.pid for crew in self.crews() for worker in crew.children()}


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Service]:
    small = small_settings(folder)
    file = folder / "settings"
    file.touch()
    command = [sys.executable, "-m", "genservice", "serve", "--json", "--port=0", "--workers=2"]
    command += [f"--{name}={getattr(small, name)}" for name in ("data", "keystore", "catalogue")]
    environment = {f"GENSERVICE_{name.upper()}": value for name, value in settings.items()}
    environment["GENSERVICE_SETTINGS"] = str(file)
    with (
        (folder / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **QUIET, **environment},  # noqa: TID251 - what a child gets
        ) as process,
    ):
        try:
            said = json.loads(process.stdout.readline())
            service = Service(process, said["address"], said["key"], folder)
            yield service
            if not service.killed:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 128 + signal.SIGTERM
        finally:
            if process.poll() is None:
                for each in psutil.Process(process.pid).children(recursive=True):
                    each.kill()
            process.kill()


def until(so: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < end
        time.sleep(0.05)


class Asking:
    """Clients that ask all the time, each over a connection that it keeps, and take no second try."""

    def __init__(self, service: Service, clients: int = 6) -> None:
        answers = {body: service.post(body) for body in BODIES}
        assert [answer.status_code for answer in answers.values()] == [200] * len(BODIES)
        self.expected = {body: answer.json() for body, answer in answers.items()}
        self.answered = 0
        self.wrong: list[object] = []
        self.closed = 0
        self.clients = clients
        self._service = service
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Asking:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int) -> None:
        """Return once so many more answers came."""
        enough = self.answered + count
        until(lambda: self.answered >= enough or self.wrong)

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(
            urlsplit(self._service.address).netloc, timeout=PATIENCE
        )
        while not self._over.is_set():
            for body in BODIES:
                try:
                    connection.request("POST", "/v1/promos", body, self._service.headers)
                    answer = connection.getresponse()
                    said = json.loads(answer.read())
                except (OSError, http.client.HTTPException, ValueError) as error:
                    self.wrong.append(repr(error))
                    connection.close()
                    continue
                self.closed += answer.headers.get("connection") == "close"
                if answer.status != 200 or said != self.expected[body]:
                    self.wrong.append((answer.status, said))
                self.answered += 1
        connection.close()


def slowly(service: Service, over: threading.Event) -> tuple[int, str | None]:
    """A request whose body ends when it is over: its status, and what is said of its connection."""
    connection = http.client.HTTPConnection(urlsplit(service.address).netloc, timeout=PATIENCE)
    body = BODIES[0].encode()
    connection.putrequest("POST", "/v1/promos")
    for name, value in {**service.headers, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body[:10])
    assert over.wait(PATIENCE)
    connection.send(body[10:])
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("connection")


def test_workers_are_replaced_under_load_and_no_request_is_lost(tmp_path: Path) -> None:
    patient = {"body_timeout": "600", "drain_timeout": "600"}
    with serving(tmp_path, **patient) as service, Asking(service) as asking:
        asking.more(100)
        before = service.workers()
        assert len(before) == 2
        with ThreadPoolExecutor() as pool:
            over = threading.Event()
            late = pool.submit(slowly, service, over)
            (first,) = service.crews()
            service.process.send_signal(signal.SIGHUP)
            closed = asking.closed
            # The clients of the old workers are told to come again, and meet the new ones.
            until(lambda: asking.closed >= closed + asking.clients or asking.wrong)
            asking.more(100)
            assert first.is_running()
            over.set()
            assert late.result() == (200, "close")
        until(lambda: not first.is_running())
        after = service.workers()
        assert len(after) == 2
        assert not before & after

        # What cannot start replaces nobody.
        (second,) = service.crews()
        service.set("GENSERVICE_ATTEMPTS=many")
        service.process.send_signal(signal.SIGHUP)
        service.logged(
            "workers do not start", "GENSERVICE_ATTEMPTS: expected a whole number from 1 to 20"
        )
        asking.more(100)
        assert service.workers() == after
        service.set("GENSERVICE_ATTEMPTS=3")
        service.process.send_signal(signal.SIGHUP)
        until(lambda: not second.is_running())
        asking.more(100)
        assert not service.workers() & after
    assert asking.wrong == []
    # The last connection that is closed takes the write-ahead log with it.
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["genservice.db"]


def test_whoever_is_killed_is_replaced_and_what_is_kept_is_whole(tmp_path: Path) -> None:
    with serving(tmp_path, twins="promo/tile/short") as service:
        # Nothing but one thread is in what is forked.
        (crew,) = service.crews()
        assert crew.num_threads() == 1
        with Asking(service) as asking:
            asking.more(50)
        assert asking.wrong == []
        found = service.metrics()
        counted = [
            value
            for name, value in found.items()
            if "_count{" in name and 'route="/v1/promos"' in name
        ]
        assert len(counted) == 2
        assert sum(counted) == asking.answered + len(BODIES)
        states: set[str] = set()
        until(
            lambda: (
                states.add(service.get("/health/ready").json()["twins"]["state"]) or len(states) > 1
            )
        )
        # One of them writes twins.
        assert "elsewhere" in states

        before = service.workers()
        os.kill(min(before), signal.SIGKILL)
        until(lambda: len(service.workers() - before) == 1)
        until(
            lambda: all(
                service.metrics()[f'genservice_worker_up{{worker="{number}"}}'] for number in "01"
            )
        )
        crew.kill()
        until(
            lambda: (
                service.crews() and len(service.workers()) == 2 and not service.workers() & before
            )
        )
        with Asking(service) as asking:
            asking.more(50)
        assert asking.wrong == []
        assert len(service.get("/v1/keys").json()["items"]) == 1

        everybody = psutil.Process(service.process.pid).children(recursive=True)
        service.process.kill()
        psutil.wait_procs(everybody, PATIENCE)
        assert not any(each.is_running() for each in everybody)
        with pytest.raises(httpx.ConnectError):
            service.get("/health/live")
        service.killed = True
    for command in (["log", "verify"], ["store", "check"]):
        folders = [f"--{name}={tmp_path / name}" for name in ("data", "keystore")]
        done = subprocess.run(
            [sys.executable, "-m", "genservice", *command, *folders], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_workers_that_cannot_start_end_the_start_and_say_why(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    small = small_settings(tmp_path)
    command = [sys.executable, "-m", "genservice", "serve", "--port=0", "--workers=2"]
    command += [f"--{name}={getattr(small, name)}" for name in ("data", "keystore", "catalogue")]
    done = subprocess.run(
        [*command, f"--prompts={tmp_path / 'phrases'}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "error: " in done.stderr
    assert "phrases" in done.stderr
