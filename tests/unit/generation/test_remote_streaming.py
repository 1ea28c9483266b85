"""Answers as servers stream them: put together, cut off, and never taken for whole when they are not."""

from __future__ import annotations

import json

import msgspec
import pytest

from genservice.errors import ModelUnavailableError
from genservice.generation.patience import Patience
from genservice.generation.remote import Remote
from tests.unit.generation.asking import request
from tests.unit.generation.local_server import Reply, completion, streamed


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


async def heard(model, asked) -> list[str]:
    return [piece async for piece in model.stream(asked)]


async def test_a_text_is_told_as_the_server_sends_it(server, model):
    server.say = lambda body: streamed("A [GEN", "RE]: ", "[TITLE].", " More", ".")
    pieces = await heard(model, request())
    assert pieces == ["A [GENRE]:", " [TITLE].", " More", "."]


async def test_a_text_with_something_around_it_is_told_once_it_is_whole(server, model):
    server.say = lambda body: streamed("Sure! Here is", " your promo:", " [TITLE].", " More.")
    assert await heard(model, request()) == ["[TITLE]. More."]


async def test_a_server_that_answers_all_at_once_tells_all_at_once(server, model):
    server.say = lambda body: completion("[TITLE]. More.")
    assert await heard(model, request()) == ["[TITLE]. More."]


async def test_what_stands_is_shown_to_the_server_as_its_own_beginning(server, model):
    server.say = lambda body: streamed("It is", " [MOOD].")
    asked = msgspec.structs.replace(request(), prefix="A [GENRE].")
    assert "".join(await heard(model, asked)) == "It is [MOOD]."
    *before, beginning, going_on = server.chats[0]["messages"]
    assert [turn["role"] for turn in before] == ["system", "user"]
    assert beginning == {"role": "assistant", "content": "A [GENRE]."}
    assert going_on["role"] == "user"


async def test_a_server_that_begins_again_is_not_repeated(server, model):
    server.say = lambda body: streamed("A [GEN", "RE]. ", "It is [MOOD].")
    asked = msgspec.structs.replace(request(), prefix="A [GENRE].")
    assert "".join(await heard(model, asked)) == "It is [MOOD]."


async def test_a_server_that_breaks_off_is_not_asked_again_once_it_was_heard(server):
    patient = Remote(
        server.address, processor="own_server", name="tiny", patience=Patience(backoff=0.01)
    )
    cut = streamed("A [GENRE].", " It", finish_reason=None, last="")
    server.say = lambda body: msgspec.structs.replace(cut, cut=True)
    pieces = patient.stream(request())
    assert [await anext(pieces), await anext(pieces)] == ["A [GENRE].", " It"]
    with pytest.raises(ModelUnavailableError):
        await anext(pieces)
    assert len(server.chats) == 1
    await patient.close()


async def test_a_server_that_is_busy_before_it_was_heard_is_asked_again(server):
    patient = Remote(
        server.address, processor="own_server", name="tiny", patience=Patience(backoff=0.01)
    )
    server.script = [Reply(status=503)]
    server.say = lambda body: streamed("[TITLE].")
    assert await heard(patient, request()) == ["[TITLE]."]
    assert len(server.chats) == 2
    await patient.close()
