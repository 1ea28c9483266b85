"""Batches killed with SIGKILL at any moment, and stopped with Ctrl-C: the same command goes on."""

from __future__ import annotations

import random
import signal
import time

from tests.servers.batches import Batches

MANY = 120
"""Titles: so many that no batch of them ends before it is stopped."""


def test_a_batch_killed_again_and_again_leaves_no_gap_and_no_duplicate(tmp_path):
    batches, chance = Batches(tmp_path, titles=MANY), random.Random(1)
    for _ in range(3):
        with batches.started() as batch:
            before = batches.parts_done()
            more = chance.randrange(1, 3)
            batches.wait(
                batch, lambda before=before, more=more: batches.parts_done() >= before + more
            )
            time.sleep(chance.random() / 4)
            batch.send_signal(signal.SIGKILL)
    done = batches.parts_done()
    with batches.started() as batch:
        summary = batches.finish(batch)
    assert 0 < done < summary["parts"] == MANY // 2
    assert summary["before"] >= 6 * (done - 1)
    batches.require_whole()


def test_ctrl_c_stops_and_says_how_to_go_on(tmp_path):
    batches = Batches(tmp_path, titles=MANY)
    with batches.started() as batch:
        batches.wait(batch, lambda: batches.parts_done() >= 2)
        batch.send_signal(signal.SIGINT)
        assert batch.wait(timeout=60) == 130
    told = batches.said.read_text()
    assert "parts are done. The same command goes on from there." in told
    assert "Traceback" not in told
    assert 2 <= batches.parts_done() < MANY // 2
