"""Answers as servers stream them: put together, cut off, and never taken for whole when they are not."""

from __future__ import annotations

import json

import msgspec
import pytest

from genservice.errors import ModelUnavailableError
from genservice.generation.patience import Patience
from genservice.generation.remote import Remote
from tests.unit.generation.asking import request
from tests.unit.generation.local_server import completion, streamed


@pytest.fixture
async def model(server):
    remote = Remote(
        server.address,
        processor="own_server",
        name="tiny",
        patience=Patience(silence=0.3, attempts=1),
    )
    yield remote
    await remote.close()


async def test_pieces_of_a_stream_are_one_text(server, model):
    server.say = lambda body: streamed("A [GEN", "RE]: ", "[TITLE]", ".")
    assert await model.write(request()) == ("A [GENRE]: [TITLE].",)
    assert server.chats[0]["stream"] is True


async def test_a_server_that_does_not_stream_is_understood_all_the_same(server, model):
    server.say = lambda body: completion("[TITLE].")
    assert await model.write(request()) == ("[TITLE].",)


async def test_a_text_that_grows_too_long_is_cut_off_where_a_sentence_ends(server, model):
    server.say = lambda body: streamed("One sentence of [TITLE]. ", *(["and more "] * 200))
    assert await model.write(request(limit=90)) == ("One sentence of [TITLE].",)


async def test_a_stream_that_ends_for_want_of_room_ends_with_its_last_whole_sentence(server, model):
    server.say = lambda body: streamed("[TITLE] is a [GENRE]. And th", finish_reason="length")
    assert await model.write(request()) == ("[TITLE] is a [GENRE].",)


BROKEN = {
    "breaks off": streamed("[TITLE] is", finish_reason=None, last=""),
    "ends before it is finished": streamed("[TITLE] is", finish_reason=None),
    "reports an error": streamed("[TITLE]", last=json.dumps({"error": {"message": "out of memory"}})),
    "is no JSON": streamed("[TITLE]", finish_reason=None, last="{oops"),
    "is of another shape": streamed("[TITLE]", finish_reason=None, last='{"choices": 7}'),
}  # fmt: skip


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN)
async def test_half_a_stream_is_no_text(server, model, reply):
    server.say = lambda body: reply
    if b"error" in reply.body:
        reply = msgspec.structs.replace(reply, body=reply.body.replace(b'"stop"', b"null"))
    with pytest.raises(ModelUnavailableError) as refused:
        await model.write(request())
    assert "memory" not in str(refused.value)


@pytest.mark.parametrize("error", [{"message": "out of memory"}, "out of memory"], ids=repr)
async def test_an_error_in_a_stream_is_known_for_one_in_either_form(server, model, error):
    last = json.dumps({"error": error})
    server.say = lambda body: streamed("[TITLE]", finish_reason=None, last=last)
    with pytest.raises(ModelUnavailableError, match="broke off its answer with an error") as caught:
        await model.write(request())
    assert "memory" not in str(caught.value)


async def test_a_stream_that_stalls_is_given_up(server, model):
    server.say = lambda body: msgspec.structs.replace(
        streamed("[TITLE] is", finish_reason=None, last=""), stall=True
    )
    with pytest.raises(ModelUnavailableError, match="in time"):
        await model.write(request())
