"""A model behind an address reasons and chats as well: of its answer the text alone is taken."""

from __future__ import annotations

import pytest

from genservice.generation.remote import Remote
from tests.unit.generation.asking import request
from tests.unit.generation.local_server import completion, streamed


@pytest.fixture
async def model(server):
    remote = Remote(server.address, processor="own_server", name="tiny")
    yield remote
    await remote.close()


async def test_what_stands_around_a_text_is_taken_off_streamed_or_whole(server, model):
    pieces = (
        "<think>",
        "Crime, [TITLE].",
        "</think>\n\nSure! Here is",
        ' your promo:\n\n"[TITLE]."',
    )
    server.say = lambda body: streamed(*pieces)
    assert await model.write(request()) == ("[TITLE].",)
    server.say = lambda body: completion("".join(pieces))
    assert await model.write(request()) == ("[TITLE].",)


@pytest.mark.parametrize("reason", ["stop", "length"])
async def test_reasoning_without_an_end_is_no_text(server, model, reason):
    server.say = lambda body: completion(
        "<think>A promo of [TITLE]. It should", finish_reason=reason
    )
    assert await model.write(request()) == ("",)


async def test_a_server_that_streams_reasoning_beyond_the_room_gives_no_text(server, model):
    server.say = lambda body: streamed("<think>", *["So it is. "] * 500)
    assert await model.write(request(limit=90)) == ("",)
