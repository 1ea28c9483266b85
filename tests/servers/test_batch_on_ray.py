"""A batch on a Ray cluster of two nodes, of which one is killed half-way."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.batches import ROOT, Batches, environ

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def two_nodes() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.servers.ray_cluster"], cwd=ROOT, env=environ(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        yield process
        process.stdin.close()


def test_a_node_killed_half_way_leaves_no_gap_and_no_duplicate(tmp_path):
    batches = Batches(tmp_path, titles=120)
    with two_nodes() as cluster:
        address = cluster.stdout.readline().strip()
        ray = ("--engine", "ray", "--address", address, "--workers", "2", "--concurrency", "2")
        with batches.started(*ray) as batch:
            # Both nodes are at work, for each has one CPU and a worker takes one.
            batches.wait(batch, lambda: batches.said.read_text().count("a worker writes") == 2)
            before = batches.parts_done()
            batches.wait(batch, lambda: batches.parts_done() > before)
            cluster.stdin.write("kill\n")
            cluster.stdin.flush()
            assert cluster.stdout.readline() == "killed\n"
            done = batches.parts_done()
            summary = batches.finish(batch)
    assert done < summary["parts"]
    assert "written anew, for their workers were lost: 1 parts" in batches.said.read_text()
    batches.require_whole()
