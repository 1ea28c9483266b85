"""`make bench`: what drives, what is printed, and that one part that fails leaves the others be."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import msgspec
import pytest

from benchmarks.growth.curves import Curve, Point, show
from benchmarks.load import bare, drive, promos
from benchmarks.parts import PARTS
from benchmarks.results import Found, Part, Ratio, times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bodies: set[bytes]
    keys: set[str | None]

    def do_POST(self) -> None:
        """Refuse every body that says so, and take the others."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.add(body)
        self.keys.add(self.headers["Authorization"])
        if body == b'{"say":"close"}':
            self.close_connection = True
            return
        self.send_response(503 if body == b'{"say":"no"}' else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def answering() -> Iterator[tuple[str, type[_Answers]]]:
    handler = type("Answers", (_Answers,), {"bodies": set(), "keys": set()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/x", handler
        finally:
            server.shutdown()
            thread.join()


def test_every_body_is_sent_with_the_key_and_percentiles_come_back(answering):
    address, handler = answering
    bodies = promos(["a", "b"])

    load = drive(address, bodies, key="gs_k", connections=3, seconds=1)

    assert handler.bodies == set(bodies)
    assert handler.keys == {"Bearer gs_k"}
    assert load.sound
    assert load.requests > len(bodies)
    assert 0 < load.p50_ms <= load.p99_ms <= load.most_ms
    assert load.each_second == pytest.approx(load.requests / load.seconds, rel=0.02)


def test_refusals_are_counted_each(answering):
    address, _ = answering

    load = drive(address, [b'{"say":"no"}', b'{"say":"yes"}'], connections=1, seconds=1)

    assert not load.sound
    assert load.refused == pytest.approx(load.requests / 2, abs=1)
    assert load.failed == 0


def test_broken_connections_are_counted(answering):
    address, _ = answering

    load = drive(address, [b'{"say":"close"}', b'{"say":"yes"}'], connections=1, seconds=1)

    assert not load.sound
    assert load.failed > 0


def test_the_bare_handler_answers_the_given_bytes_in_turn():
    with bare([b'{"a":1}', b'{"b":2}']) as listening:
        answers = [answer.content for answer in listening.ask([b"{}"] * 3)]

    assert answers == [b'{"a":1}', b'{"b":2}', b'{"a":1}']


def test_a_part_that_fails_is_told_of_and_leaves_the_others_be(tmp_path: Path):
    # Without a path wrk is not found, whether it is installed or not.
    environment = {**os.environ, "PATH": str(tmp_path)}  # noqa: TID251 - what a child gets
    command = [sys.executable, "-m", "benchmarks", "--extent", "tiny", "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, "--only", "fast path", "viewers"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    results = msgspec.json.decode((tmp_path / "results.json").read_bytes())
    failed, ran = results["parts"]
    assert "wrk" in failed["error"]
    assert failed["found"] is None
    assert ran["error"] is None
    (ratio,) = ran["found"]["ratios"]
    assert ratio["times"] == pytest.approx(ratio["ours"] / ratio["baseline"], abs=1e-4)
    assert "Not to be relied on: fast path" in done.stdout
    assert "a viewer nobody knows" in done.stdout


def test_growth_over_a_service_that_listens_is_measured_and_drawn(tmp_path: Path):
    command = [sys.executable, "-m", "benchmarks", "--extent", "tiny", "--out", str(tmp_path)]
    done = subprocess.run(
        [*command, "--only", "requests"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    results = msgspec.json.decode((tmp_path / "results.json").read_bytes())
    (curve,) = results["parts"][0]["found"]["curves"]
    assert [point["size"] for point in curve["points"]] == [1, 2]
    assert all(point["figures"]["warm promos each second"] > 0 for point in curve["points"])
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("ours", "least", "most", "met"),
    [(50, 0.5, None, True), (49, 0.5, None, False), (500, None, 5, True), (501, None, 5, False)],
)
def test_an_aim_is_met_or_missed(ours: float, least: float | None, most: float | None, met: bool):
    ratio = Ratio(what="w", ours=ours, unit="ms", beside="b", baseline=100, least=least, most=most)
    assert ratio.met is met
    assert ("met" if met else "MISSED") in str(ratio)


def test_a_part_with_troubles_is_not_sound():
    part = Part(name="n", about="a", command="c", seconds=1, found=Found(troubles=("t",)))
    assert not part.sound
    assert "TROUBLE: t" in str(part)


@pytest.mark.parametrize(("quotient", "said"), [(2.5, "2.5 times"), (0.0025, "1/400")])
def test_a_quotient_is_said_in_words(quotient: float, said: str):
    assert times(quotient) == said


def test_steepness_is_the_exponent_of_the_last_step():
    points = [(10, 5.0), (100, 5.0), (1000, 500.0)]
    curve = Curve(of="x", points=tuple(Point(size=size, figures={"y": y}) for size, y in points))
    assert curve.steepness("y") == 2
    assert "2.00" in show(curve)


def test_every_part_says_what_it_is_and_how_it_is_measured_alone():
    for name, task in PARTS.items():
        assert task.about, name
        assert task.alone.startswith("python -m benchmarks."), name
