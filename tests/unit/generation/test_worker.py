"""The worker's thread: bounded, in order, and abandoned when nobody waits."""

from __future__ import annotations

import asyncio
import threading

import pytest

from genservice.errors import ModelUnavailableError
from genservice.generation.worker import Worker


class Gate:
    """Work that goes on only once opened, and tells whether it was abandoned."""

    def __init__(self):
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.abandoned = False

    def __call__(self, abandoned):
        self.entered.set()
        while not self.opened.wait(0.005):
            if abandoned.is_set():
                self.abandoned = True
                break
        return "done"


async def test_work_runs_on_one_thread_in_order_of_arrival():
    worker = Worker(deadline=30, queue=10)
    seen = []

    def note(number):
        return lambda _: seen.append((number, threading.current_thread().name))

    await asyncio.gather(*(worker.run(note(number)) for number in range(6)))
    assert [number for number, _ in seen] == list(range(6))
    assert len({name for _, name in seen}) == 1
    assert threading.current_thread().name not in {name for _, name in seen}
    await worker.close()


async def test_the_thread_is_prepared_once_before_its_first_work():
    prepared = []
    worker = Worker(deadline=30, queue=10, prepare=lambda: prepared.append(threading.get_ident()))
    idents = [await worker.run(lambda _: threading.get_ident()) for _ in range(3)]
    assert prepared == [idents[0]]
    await worker.close()


async def test_a_full_queue_refuses_at_once_and_answers_what_it_took():
    worker, gate = Worker(deadline=30, queue=3), Gate()
    taken = [asyncio.ensure_future(worker.run(gate)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(ModelUnavailableError, match="too much") as caught:
        await worker.run(gate)
    assert caught.value.retry_after == 1
    gate.opened.set()
    assert await asyncio.gather(*taken) == ["done"] * 3
    assert await worker.run(lambda _: "again") == "again"
    await worker.close()


async def test_past_the_deadline_running_work_is_abandoned_and_waiting_work_never_starts():
    worker, first, second = Worker(deadline=0.05, queue=3), Gate(), Gate()
    results = await asyncio.gather(worker.run(first), worker.run(second), return_exceptions=True)
    assert all(isinstance(result, ModelUnavailableError) for result in results)
    await worker.close()
    assert first.abandoned
    assert not second.entered.is_set()


async def test_a_cancelled_call_abandons_its_work():
    worker, gate = Worker(deadline=30, queue=3), Gate()
    running = asyncio.ensure_future(worker.run(gate))
    await asyncio.to_thread(gate.entered.wait, 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await worker.run(lambda _: "free again") == "free again"
    assert gate.abandoned
    await worker.close()


async def test_closing_abandons_what_runs_and_what_waits():
    worker, gate = Worker(deadline=30, queue=3), Gate()
    calls = [asyncio.ensure_future(worker.run(gate)) for _ in range(2)]
    await asyncio.to_thread(gate.entered.wait, 30)
    await worker.close()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, ModelUnavailableError) for result in results)
    with pytest.raises(ModelUnavailableError, match="closed"):
        await worker.run(lambda _: "too late")
    await worker.close()


async def test_a_failure_is_told_by_its_kind_alone():
    def fail(_):
        raise ValueError("the prompt")

    worker = Worker(deadline=30, queue=3)
    with pytest.raises(ModelUnavailableError, match="ValueError") as caught:
        await worker.run(fail)
    assert "prompt" not in f"{caught.value}{caught.value.__cause__}{caught.value.__context__}"
    await worker.close()
