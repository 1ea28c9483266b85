"""One suite over every text model: scripted, transformers (tiny), remote (a server on this machine).

Of the families of transformers one each that differs in what writing takes: with a chat template,
without one, sequence-to-sequence.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec
import pytest
import torch

from genservice.domain import PROCESSORS
from genservice.errors import ModelUnavailableError
from genservice.generation import Scripted, load_model
from genservice.generation.endings import whole_sentences
from tests.unit.generation import tiny_models
from tests.unit.generation.asking import request
from tests.unit.generation.local_server import running

if TYPE_CHECKING:
    from genservice.generation import TextModel

torch.set_num_threads(1)


TINY = {"chat": tiny_models.chat, "gpt2": tiny_models.gpt2, "t5": tiny_models.t5}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("models")
    return {family: build(place / family) for family, build in TINY.items()}


@pytest.fixture(params=["scripted", *TINY, "remote"])
async def model(request, folders):
    if request.param == "scripted":
        made = Scripted()
    elif request.param == "remote":
        server = request.getfixturevalue("server")
        made = load_model(server.address, processor="own_server")
    else:
        made = await asyncio.to_thread(load_model, str(folders[request.param]), device="cpu")
    yield made
    await made.close()


@pytest.fixture
def server():
    with running() as local:
        yield local


async def test_there_is_one_text_per_seed(model: TextModel):
    for seeds in ((), (0,), (4, 5, 6), (7, 7)):
        assert len(await model.write(request(seeds=seeds))) == len(seeds)


async def test_texts_come_in_the_order_of_their_seeds(model: TextModel):
    forth = await model.write(request(1, 2, 3))
    back = await model.write(request(3, 2, 1))
    assert back == tuple(reversed(forth))


async def test_the_same_request_gives_the_same_texts(model: TextModel):
    asked = request(11, 12, slots=("TITLE", "GENRE", "MOOD", "LOGLINE"))
    assert await model.write(asked) == await model.write(asked)


async def test_equal_seeds_give_equal_texts_and_most_others_differ(model: TextModel):
    texts = await model.write(
        request(1, 1, *range(2, 9), slots=("TITLE", "GENRE", "MOOD", "LOGLINE"))
    )
    assert texts[0] == texts[1]
    assert len(set(texts)) > 2


async def test_many_requests_at_once_get_the_texts_they_get_alone(model: TextModel):
    alone = [await model.write(request(seed)) for seed in range(5)]
    assert await asyncio.gather(*(model.write(request(seed)) for seed in range(5))) == alone


async def test_seeds_of_any_size_will_do(model: TextModel):
    # With something that must be said: models of random weights may well draw the end at once.
    seeds = (0, 1, 2**31, 2**63 - 1, 2**80, -1)
    assert all(await model.write(request(*seeds, slots=("TITLE", "GENRE"), must=("TITLE",))))


async def test_the_revision_names_what_writes_and_does_not_change_between_texts(model: TextModel):
    await model.write(request())
    before = model.revision
    await model.write(request(5))
    assert before == model.revision
    assert before.split()[0]
    assert model.processor in PROCESSORS


async def test_a_call_may_be_cancelled_and_the_next_is_answered(model: TextModel):
    writing = asyncio.ensure_future(model.write(request(*range(4), limit=1200)))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert len(await model.write(request())) == 1


async def told(model: TextModel, asked) -> list[str]:
    return [piece async for piece in model.stream(asked)]


LONG = {"slots": ("TITLE", "GENRE", "MOOD", "LOGLINE"), "must": ("TITLE",), "limit": 400}


async def test_the_pieces_of_a_stream_are_the_text_that_is_written(model: TextModel):
    for seed in range(4):
        asked = request(seed, **LONG)
        pieces = await told(model, asked)
        (text,) = await model.write(asked)
        # Cut off for want of room, a stream may stop within a sentence.
        assert "".join(pieces) == text or whole_sentences("".join(pieces)) == text
        assert all(pieces)


async def test_a_stream_goes_on_from_what_stands_and_does_not_repeat_it(model: TextModel):
    prefix = "[TITLE], a [GENRE]."
    asked = msgspec.structs.replace(request(1, **LONG), prefix=prefix)
    first, again = "".join(await told(model, asked)), "".join(await told(model, asked))
    assert first == again
    assert not first.startswith((prefix, " "))


async def test_a_stream_that_is_closed_early_stops_and_the_next_is_answered(model: TextModel):
    for _ in range(3):
        async with aclosing(model.stream(request(3, **LONG))) as pieces:
            async for _piece in pieces:
                break
    assert await told(model, request(3, **LONG)) == await told(model, request(3, **LONG))


async def test_a_reader_of_a_stream_may_be_cancelled_and_the_next_is_answered(model: TextModel):
    reading = asyncio.ensure_future(told(model, request(limit=1200)))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(await model.write(request())) == 1


async def test_closing_ends_every_stream_with_its_end_or_with_model_unavailable(model: TextModel):
    readers = [asyncio.ensure_future(told(model, request(seed, limit=1200))) for seed in range(4)]
    await asyncio.sleep(0)
    await model.close()
    for result in await asyncio.gather(*readers, return_exceptions=True):
        assert isinstance(result, list | ModelUnavailableError)
    with pytest.raises(ModelUnavailableError):
        await told(model, request())


async def test_closing_ends_every_call_with_a_text_or_with_model_unavailable(model: TextModel):
    calls = [asyncio.ensure_future(model.write(request(seed, limit=1200))) for seed in range(4)]
    await asyncio.sleep(0)
    await model.close()
    for result in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(result, tuple | ModelUnavailableError)


async def test_once_closed_it_is_unavailable_and_may_be_closed_again(model: TextModel):
    await model.write(request())
    await model.close()
    with pytest.raises(ModelUnavailableError):
        await model.write(request())
    await model.close()


async def test_a_prompt_of_any_text_is_written_for_or_refused_as_unavailable(model: TextModel):
    for text in ("", "\x00\ud7ff🎬", "[TITLE", "{{ 7 * 7 }}", "word " * 5000):
        try:
            texts = await model.write(request(user=text))
        except ModelUnavailableError:
            continue
        assert len(texts) == 1
