"""The remote model against a real server on this machine, well and badly behaved."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field

import pytest

from genservice.errors import ModelUnavailableError, SettingsError
from genservice.generation.patience import Patience
from genservice.generation.remote import Remote
from tests.unit.generation.asking import request
from tests.unit.generation.local_server import Reply, completion

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
SOON = "Wed, 21 Oct 2026 07:28:02 GMT"


class Slept(list):
    """Passes no time, and remembers how much should have passed."""

    async def __call__(self, seconds):
        self.append(seconds)


@pytest.fixture
def slept():
    return Slept()


@pytest.fixture
async def model(server, slept):
    remote = Remote(
        server.address, processor="own_server", name="tiny", key="k-secret", sleep=slept
    )
    yield remote
    await remote.close()


async def test_each_seed_is_a_call_of_its_own_and_texts_come_in_their_order(server, model):
    texts = await model.write(request(3, 1, 2))
    assert texts == ("[TITLE], number 3.", "[TITLE], number 1.", "[TITLE], number 2.")
    assert sorted(body["seed"] for body in server.chats) == [1, 2, 3]


async def test_a_call_holds_the_chat_form_of_the_prompt_and_the_key(server, model):
    await model.write(request(7, limit=90))
    ((path, headers, body),) = server.calls
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer k-secret"
    assert body == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Write."},
        ],
        "max_tokens": 61,
        "temperature": 0.8,
        "top_p": 0.95,
        "seed": 7,
        "stream": True,
    }


async def test_without_a_key_none_is_sent(server):
    model = Remote(server.address, processor="own_server", name="tiny")
    await model.write(request())
    assert "authorization" not in server.calls[0][1]
    await model.close()


async def test_seeds_are_folded_into_the_range_that_servers_share(server, model):
    await model.write(request(2**63 - 1, -1))
    assert all(0 <= body["seed"] < 2**31 for body in server.chats)


async def test_the_name_is_the_first_the_server_lists_and_is_asked_for_once(server):
    model = Remote(server.address, processor="third_party")
    assert model.revision == "remote"
    await model.connect()
    assert model.revision == "remote tiny-instruct"
    await model.write(request(0, 1))
    assert [path for path, _, _ in server.calls].count("/v1/models") == 1
    assert {body["model"] for body in server.chats} == {"tiny-instruct"}
    await model.close()


async def test_once_it_has_a_name_connecting_asks_nothing(server, model):
    await model.connect()
    assert server.calls == []


async def test_connecting_waits_no_longer_than_it_may(server):
    server.script = [Reply(hang=True)]
    model = Remote(server.address, processor="own_server", patience=Patience(deadline=3600))
    with pytest.raises(ModelUnavailableError, match="in time"):
        await model.connect(deadline=0.05)
    assert not model.answering
    await model.connect()
    assert model.answering
    await model.close()


async def test_whether_it_answers_is_what_the_last_call_came_to(server, model):
    assert model.answering
    server.script = [Reply(status=401)]
    with pytest.raises(ModelUnavailableError):
        await model.write(request())
    assert not model.answering
    await model.write(request())
    assert model.answering


async def test_a_server_that_lists_no_model_is_unavailable(server):
    server.models = ()
    model = Remote(server.address, processor="own_server")
    with pytest.raises(ModelUnavailableError, match="lists no model"):
        await model.write(request())
    await model.close()


async def test_at_most_so_many_calls_are_under_way_as_allowed(server):
    patience = Patience(calls=2)
    model = Remote(server.address, processor="own_server", name="tiny", patience=patience)
    await model.write(request(*range(12)))
    assert server.most_at_once <= 2
    await model.close()


async def test_a_text_that_was_cut_off_ends_with_its_last_whole_sentence(server, model):
    server.script = [completion("[TITLE] is here. It begins wi", finish_reason="length")]
    assert await model.write(request()) == ("[TITLE] is here.",)


async def test_a_message_without_content_is_an_empty_text(server, model):
    server.script = [completion(None)]
    assert await model.write(request()) == ("",)


@dataclass(frozen=True)
class Case:
    id: str
    replies: list[Reply]
    message: str
    calls: int
    retry_after: int = field(default=5)


BAD = [
    Case("always 500", [Reply(status=500)] * 9, "status 500", calls=3),
    Case("always 429", [Reply(status=429)] * 9, "status 429", calls=3),
    Case(
        "429 that asks for long",
        [Reply(status=429, headers=(("retry-after", "90"),))],
        "status 429",
        calls=1,
        retry_after=90,
    ),
    Case(
        "429 that asks for ages",
        [Reply(status=429, headers=(("retry-after", "9" * 400),))],
        "status 429",
        calls=1,
        retry_after=86_400,
    ),
    Case("wrong key", [Reply(status=401)], "status 401", calls=1, retry_after=60),
    Case("wrong request", [Reply(status=422)], "status 422", calls=1, retry_after=60),
    Case(
        "redirect",
        [Reply(status=307, headers=(("location", "http://elsewhere.invalid/"),))],
        "status 307",
        calls=1,
        retry_after=60,
    ),
    Case("not JSON", [Reply(body=b"<html>")], "OpenAI", calls=1, retry_after=60),
    Case("not UTF-8", [Reply(body=b'{"choices": "\xff"}')], "OpenAI", calls=1, retry_after=60),
    Case("other JSON", [Reply(body=b'{"text": "a"}')], "OpenAI", calls=1, retry_after=60),
    Case("content of another type", [completion(7)], "OpenAI", calls=1, retry_after=60),
    Case("no choice", [Reply(body=b'{"choices": []}')], "without a text", calls=1),
    Case("too much", [Reply(body=b" " * 1_100_000)], "too much", calls=1),
    Case("always cut short", [Reply(body=b"{", cut=True)] * 9, "cannot be reached", calls=3),
]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.id)
async def test_a_bad_answer_is_told_without_its_body(server, model, case):
    server.script = [
        Reply(reply.status, reply.body or b"leaked body", reply.headers, cut=reply.cut)
        for reply in case.replies
    ]
    with pytest.raises(ModelUnavailableError, match=case.message) as caught:
        await model.write(request())
    assert len(server.calls) == case.calls
    assert caught.value.retry_after == case.retry_after
    said = f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"
    assert "leaked" not in said
    assert "secret" not in said


GOOD_AFTER = [
    Reply(status=429),
    Reply(status=500),
    Reply(status=503),
    Reply(body=b"{", cut=True),
]


@pytest.mark.parametrize("reply", GOOD_AFTER, ids=lambda reply: f"{reply.status} {reply.cut}")
async def test_a_passing_failure_is_tried_again_after_a_pause(server, model, slept, reply):
    server.script = [reply, reply]
    assert await model.write(request(4)) == ("[TITLE], number 4.",)
    assert len(slept) == 2
    assert 0 <= slept[0] <= 0.25
    assert 0 <= slept[1] <= 0.5


@pytest.mark.parametrize(
    "headers",
    [(("retry-after", "2"),), (("retry-after", SOON), ("date", DATE))],
    ids=["seconds", "date"],
)
async def test_a_pause_is_as_long_as_the_server_asks(server, model, slept, headers):
    server.script = [Reply(status=503, headers=headers)]
    await model.write(request())
    assert slept == [2.0]


@pytest.mark.parametrize("nonsense", ["soon", "-3", "1e9999", "", "٣"])
async def test_a_retry_after_that_makes_no_sense_is_ignored(server, model, slept, nonsense):
    header = nonsense.encode().decode("latin-1")
    server.script = [Reply(status=503, headers=(("retry-after", header),))]
    await model.write(request())
    assert slept[0] <= 0.25


async def test_pauses_differ_from_call_to_call(server, slept):
    model = Remote(server.address, processor="own_server", name="tiny", sleep=slept)
    server.script = [Reply(status=500)] * 20
    await asyncio.gather(
        *(model.write(request(seed)) for seed in range(10)), return_exceptions=True
    )
    assert len(set(slept)) > 5
    await model.close()


async def test_a_server_that_hangs_is_given_up_at_the_deadline(server):
    server.script = [Reply(hang=True)]
    model = Remote(
        server.address, processor="own_server", name="tiny", patience=Patience(deadline=0.2)
    )
    with pytest.raises(ModelUnavailableError, match="in time"):
        await model.write(request())
    assert len(server.calls) == 1
    await model.close()


async def test_when_one_text_fails_the_others_are_given_up(server, slept):
    hanging = Reply(hang=True)
    server.say = lambda body: hanging if body["seed"] else Reply(status=400)
    model = Remote(server.address, processor="own_server", name="tiny", sleep=slept)
    with pytest.raises(ModelUnavailableError, match="status 400"):
        await model.write(request(0, 1, 2))
    await model.close()


async def test_a_server_that_is_down_is_tried_so_often_and_no_more(slept):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    model = Remote(f"http://127.0.0.1:{port}", processor="own_server", name="tiny", sleep=slept)
    with pytest.raises(ModelUnavailableError, match="cannot be reached"):
        await model.write(request())
    assert len(slept) == 2
    await model.close()


async def test_closing_while_a_text_is_awaited_ends_the_wait(server):
    server.script = [Reply(hang=True)]
    model = Remote(server.address, processor="own_server", name="tiny")
    writing = asyncio.ensure_future(model.write(request()))
    async with asyncio.timeout(20):
        await asyncio.to_thread(server.asked.wait, 20)
        await model.close()
        with pytest.raises(ModelUnavailableError):
            await writing


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("http://host:8000", "http://host:8000/v1/"),
        ("http://host:8000/", "http://host:8000/v1/"),
        ("http://host:8000/v1", "http://host:8000/v1/"),
        ("https://host/openai/v1/", "https://host/openai/v1/"),
    ],
)
async def test_an_address_without_a_path_means_v1(address, base):
    model = Remote(address, processor="own_server")
    assert str(model._client.base_url) == base
    await model.close()


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "ftp://host",
        "http://user:word@host",
        "http://host/?key=word",
        "http://[::1",
        "host",
    ],
)
def test_an_address_that_is_none_or_holds_a_key_is_refused(address):
    with pytest.raises(SettingsError, match="GENSERVICE_MODEL") as caught:
        Remote(address, processor="own_server")
    assert "word" not in str(caught.value)
