"""A server that keeps failing is left alone for a while, and nobody waits for it meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from genservice.errors import ModelUnavailableError
from genservice.generation.patience import Patience
from genservice.generation.remote import Remote
from tests.unit.generation.asking import request
from tests.unit.generation.local_server import Reply, completion

FAILURES = 3
COOL_DOWN = 0.3


@pytest.fixture
async def model(server):
    patience = Patience(attempts=1, failures=FAILURES, cool_down=COOL_DOWN)
    remote = Remote(server.address, processor="own_server", name="tiny", patience=patience)
    yield remote
    await remote.close()


async def fails(model):
    with pytest.raises(ModelUnavailableError) as failed:
        await model.write(request())
    return failed.value


async def open_circuit(server, model):
    server.say = lambda body: Reply(status=503)
    for _ in range(FAILURES):
        await fails(model)
    server.calls.clear()


async def test_after_so_many_failures_in_a_row_nothing_is_sent(server, model):
    await open_circuit(server, model)
    error = await fails(model)
    assert "left alone" in str(error)
    assert error.retry_after == 1
    assert not server.calls
    assert not model.answering


async def test_after_the_pause_one_success_closes_the_circuit(server, model):
    await open_circuit(server, model)
    server.say = lambda body: completion("[TITLE].")
    await asyncio.sleep(COOL_DOWN + 0.1)
    assert await model.write(request()) == ("[TITLE].",)
    assert model.answering
    server.say = lambda body: Reply(status=503)
    for _ in range(FAILURES - 1):
        await fails(model)
    server.say = lambda body: completion("[TITLE].")
    assert await model.write(request()) == ("[TITLE].",)


async def test_after_the_pause_one_failure_opens_it_again(server, model):
    await open_circuit(server, model)
    await asyncio.sleep(COOL_DOWN + 0.1)
    await fails(model)
    assert len(server.calls) == 1
    assert "left alone" in str(await fails(model))
    assert len(server.calls) == 1


async def test_a_success_between_failures_begins_the_count_anew(server, model):
    for _ in range(2):
        server.say = lambda body: Reply(status=503)
        for _ in range(FAILURES - 1):
            await fails(model)
        server.say = lambda body: completion("[TITLE].")
        await model.write(request())


async def hang_up(server, model):
    server.say = lambda body: Reply(hang=True)
    server.asked.clear()
    task = asyncio.create_task(model.write(request()))
    await asyncio.to_thread(server.asked.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_hangs_up_does_not_count_against_the_server(server, model):
    for _ in range(FAILURES + 1):
        await hang_up(server, model)
    server.say = lambda body: completion("[TITLE].")
    assert await model.write(request()) == ("[TITLE].",)


async def test_who_hangs_up_does_not_count_for_the_server_either(server, model):
    for _ in range(FAILURES):
        await hang_up(server, model)
        server.say = lambda body: Reply(status=503)
        await fails(model)
    server.calls.clear()
    assert "left alone" in str(await fails(model))
    assert not server.calls


async def test_while_one_request_tries_the_others_do_not_wait_with_it(server, model):
    await open_circuit(server, model)
    await asyncio.sleep(COOL_DOWN + 0.1)
    server.say = lambda body: Reply(hang=True)
    server.asked.clear()
    trying = asyncio.create_task(model.write(request()))
    await asyncio.to_thread(server.asked.wait, 5)
    for _ in range(3):
        assert "left alone" in str(await fails(model))
    assert len(server.calls) == 1
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying


async def test_if_the_one_that_tries_hangs_up_the_next_one_tries(server, model):
    await open_circuit(server, model)
    await asyncio.sleep(COOL_DOWN + 0.1)
    await hang_up(server, model)
    assert not model.answering
    server.say = lambda body: Reply(status=503)
    await fails(model)
    assert "left alone" in str(await fails(model))
    await asyncio.sleep(COOL_DOWN + 0.1)
    await hang_up(server, model)
    server.say = lambda body: completion("[TITLE].")
    assert await model.write(request()) == ("[TITLE].",)
