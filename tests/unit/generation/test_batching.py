"""The scheduler's thread: bounded, in order, and abandoned when nobody waits."""

from __future__ import annotations

import asyncio
import threading

import msgspec
import pytest

from genservice.errors import ModelUnavailableError
from genservice.generation.batching import Counted, Scheduler, done, failed
from genservice.generation.one_by_one import OneByOne
from tests.unit.generation.asking import request


class Gate:
    """Writes only once opened, and tells what it was asked for and what was abandoned."""

    def __init__(self, *, opened: bool = False):
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.left = threading.Event()
        if opened:
            self.opened.set()
        self.seeds = []
        self.threads = set()
        self.abandoned = []

    def write(self, asked, abandoned):
        self.seeds.append(asked.seeds[0])
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        while not self.opened.wait(0.005):
            if abandoned.is_set():
                self.abandoned.append(asked.seeds[0])
                self.left.set()
                break
        return ("written",)

    def stream(self, asked, put, abandoned):
        put("told")


def scheduler(writer, *, deadline=30.0, queue=10, prepare=None):
    return Scheduler(OneByOne(writer), deadline=deadline, queue=queue, prepare=prepare)


def of(seed, priority="app", caller=""):
    return msgspec.structs.replace(request(seed), priority=priority, caller=caller)


async def test_texts_are_written_on_one_thread_in_order_of_arrival():
    gate = Gate(opened=True)
    model = scheduler(gate)
    await asyncio.gather(*(model.run(of(seed)) for seed in range(6)))
    assert gate.seeds == list(range(6))
    assert len(gate.threads) == 1
    assert threading.current_thread().name not in gate.threads
    await model.close()


async def test_the_thread_is_prepared_once_before_it_first_writes():
    prepared, gate = [], Gate(opened=True)
    model = scheduler(gate, prepare=lambda: prepared.append(threading.current_thread().name))
    for seed in range(3):
        await model.run(of(seed))
    assert {*prepared} == gate.threads
    assert len(prepared) == 1
    await model.close()


async def test_viewers_are_written_for_before_what_nobody_waits_for():
    gate = Gate()
    model = scheduler(gate)
    calls = [asyncio.ensure_future(model.run(of(0, "background")))]
    await asyncio.to_thread(gate.entered.wait, 30)
    later = [of(1, "background"), of(2, "editor"), of(3, "app", "a"), of(4, "app", "a"), of(5)]
    calls += [asyncio.ensure_future(model.run(asked)) for asked in later]
    await asyncio.sleep(0)
    assert (model.held, model.waiting) == (6, 5)
    gate.opened.set()
    await asyncio.gather(*calls)
    assert gate.seeds == [0, 3, 5, 4, 2, 1]
    assert (model.held, model.waiting) == (0, 0)
    assert model.counted == Counted(steps=6, texts=6)
    await model.close()


async def test_a_full_queue_refuses_at_once_and_answers_what_it_took():
    gate = Gate()
    model = scheduler(gate, queue=3)
    taken = [asyncio.ensure_future(model.run(of(seed))) for seed in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(ModelUnavailableError, match="too much") as caught:
        await model.run(of(3))
    assert (caught.value.retry_after, caught.value.cause) == (1, "busy")
    gate.opened.set()
    assert await asyncio.gather(*taken) == [("written",)] * 3
    assert await model.run(of(4)) == ("written",)
    assert gate.seeds == [0, 1, 2, 4]
    await model.close()


async def test_what_nobody_waits_for_leaves_half_of_the_queue_to_those_who_do():
    gate = Gate()
    model = scheduler(gate, queue=4)
    taken = [asyncio.ensure_future(model.run(of(seed, "background"))) for seed in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ModelUnavailableError, match="too much"):
        await model.run(of(2, "background"))
    taken.append(asyncio.ensure_future(model.run(of(3))))
    gate.opened.set()
    assert await asyncio.gather(*taken) == [("written",)] * 3
    await model.close()


async def test_past_the_deadline_what_is_written_is_abandoned_and_what_waits_never_starts():
    gate = Gate()
    model = scheduler(gate, deadline=0.05)
    calls = [model.run(of(seed)) for seed in range(2)]
    for error in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(error, ModelUnavailableError)
        assert error.cause == "late"
    await model.close()
    assert gate.seeds == gate.abandoned == [0]


async def test_a_cancelled_call_stops_costing_whether_it_is_written_or_waits():
    gate = Gate()
    model = scheduler(gate)
    calls = [asyncio.ensure_future(model.run(of(seed))) for seed in range(3)]
    await asyncio.to_thread(gate.entered.wait, 30)
    for call in calls[:2]:
        call.cancel()
    await asyncio.to_thread(gate.left.wait, 30)
    gate.opened.set()
    assert await calls[2] == ("written",)
    assert (gate.seeds, gate.abandoned) == ([0, 2], [0])
    assert model.held == 0
    await model.close()


async def test_closing_abandons_what_is_written_and_what_waits():
    gate = Gate()
    model = scheduler(gate)
    calls = [asyncio.ensure_future(model.run(of(seed))) for seed in range(2)]
    await asyncio.to_thread(gate.entered.wait, 30)
    await model.close()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, ModelUnavailableError) for result in results)
    with pytest.raises(ModelUnavailableError, match="closed"):
        await model.run(of(3))
    await model.close()


async def test_a_stream_is_told_in_pieces():
    pieces = []
    model = scheduler(Gate())
    assert await model.run(of(0), pieces.append) == ()
    assert pieces == ["told"]
    await model.close()


class Failing(Gate):
    def write(self, asked, abandoned):
        raise ValueError(asked.prompt.turns[1].content)


async def test_a_failure_is_told_by_its_kind_alone():
    model = scheduler(Failing())
    with pytest.raises(ModelUnavailableError, match="ValueError") as caught:
        await model.run(request(user="the secret"))
    assert "secret" not in f"{caught.value}{caught.value.__cause__}{caught.value.__context__}"
    await model.close()


class Breaking:
    """A batch whose first step breaks as a whole."""

    def __init__(self):
        self.jobs = []
        self.broken = False

    @property
    def texts(self):
        return len(self.jobs)

    @property
    def room(self):
        return 8 - len(self.jobs)

    def join(self, jobs):
        self.jobs += jobs

    def step(self):
        if not self.broken:
            self.broken = True
            raise MemoryError
        while self.jobs:
            done(self.jobs.pop(), ("written",))

    def drop(self, error):
        for job in self.jobs:
            failed(job, error)
        self.jobs.clear()


async def test_a_batch_that_breaks_fails_those_in_it_and_the_next_is_written():
    model = Scheduler(Breaking(), deadline=30, queue=8)
    with pytest.raises(ModelUnavailableError, match="MemoryError"):
        await model.run(of(0))
    assert await model.run(of(1)) == ("written",)
    await model.close()
