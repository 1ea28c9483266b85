"""A client that sends nothing, too slowly, or too much at once holds no connection for ever."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import socket
from contextlib import asynccontextmanager
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from genservice.api.whole import whole_of
from genservice.listening import connections
from genservice.listening.connections import Departing, Farewell, served
from genservice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
WHOLE = b"GET /whole HTTP/1.1\r\nHost: a\r\n"
CLOSING = b"Connection: close\r\n\r\n"


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answers at once who asked, whatever of a body is still to come."""
    if scope["type"] == "lifespan":
        for said in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{said}.complete"})
        return
    whole = whole_of(scope)
    if (
        scope["path"] == "/whole"
        and whole is not None
        and whole(b"content-length: 5\r\n", b"whole")
    ):
        return
    asking = f"{scope['scheme']} {scope['client'][0]}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(asking)).encode())]})  # fmt: skip
    await send({"type": "http.response.body", "body": asking})


@asynccontextmanager
async def listening(**changes: Any) -> AsyncIterator[int]:
    async with serving(**changes) as server:
        yield server.servers[0].sockets[0].getsockname()[1]


@asynccontextmanager
async def serving(
    sockets: list[socket.socket] | None = None, **changes: Any
) -> AsyncIterator[uvicorn.Server]:
    settings = Settings(data=Path("unused"), keystore=Path("unused"), **changes)
    config = served(answering, settings)
    config.port = 0
    server = uvicorn.Server(config)
    running = asyncio.ensure_future(server._serve(sockets))
    while not server.started:  # noqa: ASYNC110  uvicorn has no event to wait for
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await running


@pytest.fixture
def soon(monkeypatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)


async def said(port: int, sent: Iterable[bytes], *, pause: float = 0.0) -> bytes:
    """All that comes back until the other side closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        for part in sent:
            writer.write(part)
            await asyncio.sleep(pause)

    sending = asyncio.ensure_future(send())
    heard = b""
    try:
        while part := await reader.read(65536):
            heard += part
    except ConnectionError:
        # Closed on us with something of ours unread.
        pass
    finally:
        sending.cancel()
        writer.close()
    return heard


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("sent", [(), (b"GET / HT",), (HEAD,)])
async def test_a_connection_on_which_no_request_begins_is_closed(sent) -> None:
    async with listening() as port:
        assert await said(port, sent) == b""


@pytest.mark.usefixtures("soon")
async def test_letters_that_trickle_in_do_not_keep_it_open() -> None:
    async with listening() as port:
        assert await said(port, chain([HEAD], repeat(b"X")), pause=0.05) == b""


@pytest.mark.usefixtures("soon")
async def test_after_an_answer_the_next_request_is_waited_for_as_long() -> None:
    async with listening() as port:
        answers = await said(port, [HEAD + b"\r\n", HEAD + b"\r\n", b"GET / H"], pause=0.05)
        assert answers.count(b"200 OK") == 2


@pytest.mark.usefixtures("soon")
async def test_a_body_that_nobody_reads_does_not_keep_it_open() -> None:
    async with listening() as port:
        head = HEAD + b"Content-Length: 1000\r\n\r\n"
        assert b"200 OK" in await said(port, chain([head], repeat(b"X")), pause=0.05)


@pytest.mark.parametrize("protocol", [0, socket.IPPROTO_TCP])
async def test_no_part_of_an_answer_waits_for_word_of_the_one_before(protocol: int) -> None:
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    taken.bind(("127.0.0.1", 0))
    async with serving([taken]) as server:
        _, writer = await asyncio.open_connection(*taken.getsockname())
        while not server.server_state.connections:  # noqa: ASYNC110  uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        for connection in server.server_state.connections:
            accepted = connection.transport.get_extra_info("socket")
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        writer.close()


NO_HTTP = {
    "no request line": b"hello\r\n\r\n",
    "a letter that no header has": HEAD + b"X: \x00\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a length that is none": HEAD + b"Content-Length: -1\r\n\r\n",
    "an encoding that is unknown": HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + b"\x00" * 80,
}


@pytest.mark.parametrize("sent", NO_HTTP.values(), ids=NO_HTTP)
async def test_what_is_no_http_is_answered_with_a_problem(sent: bytes) -> None:
    async with listening() as port:
        head, _, body = (await said(port, [sent])).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/problem+json" in head.lower()
        assert json.loads(body)["type"] == "urn:genservice:problem:invalid-request"
        assert b"hello" not in body


async def test_a_body_that_turns_out_to_be_no_http_ends_the_connection() -> None:
    async with listening() as port:
        head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        answer = await said(port, [head, b"no length\r\n"], pause=0.05)
        assert answer.count(b"HTTP/1.1") == 1


async def test_a_pipelined_request_that_is_no_http_gets_no_answer_of_another() -> None:
    async with listening() as port:
        answer = await said(port, [HEAD + b"\r\n" + b"hello\r\n\r\n"])
        assert answer.count(b"HTTP/1.1 200") <= 1
        assert not answer.startswith(b"HTTP/1.1 400")


async def test_bodies_of_any_size_are_followed_by_further_requests() -> None:
    async with listening() as port:
        body = b"x" * 100_000
        asking = HEAD + b"Content-Length: 100000\r\n\r\n" + body
        answer = await said(port, [asking, asking, HEAD + b"Connection: close\r\n\r\n"], pause=0.1)
        assert answer.count(b"200 OK") == 3
        assert b"400" not in answer


async def test_old_clients_need_name_no_host() -> None:
    async with listening() as port:
        assert b"200 OK" in await said(port, [b"GET / HTTP/1.0\r\n\r\n"])


async def test_a_request_with_two_hosts_is_400() -> None:
    async with listening() as port:
        answer = await said(port, [HEAD + b"Host: b\r\n\r\n"])
        assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_head_that_grows_too_large_is_400() -> None:
    async with listening() as port:
        answer = await said(port, chain([HEAD], repeat(b"X: " + b"x" * 8000 + b"\r\n")), pause=0.02)
        assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [("", b"http 127.0.0.1"), ("10.0.0.0/8", b"http 127.0.0.1"), ("127.0.0.0/8", b"https 203.0.113.9")],
)  # fmt: skip
async def test_only_a_trusted_proxy_says_who_asks(proxies: str, seen: bytes) -> None:
    async with listening(trusted_proxies=proxies) as port:
        forged = (
            b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
        )
        answer = await said(port, [HEAD + forged])
        assert answer.endswith(seen)
        assert b"server:" not in answer.lower()


async def test_a_request_to_become_something_else_is_answered_as_it_is_and_warns_of_nothing(
    caplog,
) -> None:
    async with listening() as port:
        asking = (
            b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert b"200 OK" in await said(port, [HEAD + asking])
    assert [record for record in caplog.records if record.name.startswith("uvicorn") and record.levelname != "INFO"] == []  # fmt: skip


async def test_answers_in_one_piece_come_in_their_order_with_what_the_server_says() -> None:
    async with listening() as port:
        sent = [WHOLE + b"\r\n" + HEAD + b"\r\n" + WHOLE + b"\r\n", HEAD + CLOSING]
        answers = await said(port, sent, pause=0.05)
    first, *others = answers.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert first.startswith(b"date: ")
    assert first.endswith(b"\r\ncontent-length: 5\r\n\r\nwhole")
    assert [answer.rpartition(b"\r\n\r\n")[2] for answer in others] == [
        b"http 127.0.0.1",
        b"whole",
        b"http 127.0.0.1",
    ]


async def test_what_has_more_to_say_is_not_sent_in_one_piece() -> None:
    async with listening() as port:
        answer = await said(port, [WHOLE + CLOSING])
    assert b"connection: close" in answer
    assert answer.endswith(b"http 127.0.0.1")


async def test_at_the_end_answers_in_one_piece_say_that_they_are_the_last_ones() -> None:
    async with serving() as server:
        farewell = server.config.app = Farewell(server.config.loaded_app)
        server.config.loaded_app = farewell
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for begun in (False, True):
            if begun:
                farewell.begin()
            writer.write(WHOLE + b"\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert (b"connection: close" in head) is begun
            assert await reader.readexactly(14 if begun else 5) == (
                b"http 127.0.0.1" if begun else b"whole"
            )
        assert await reader.read() == b""
        writer.close()


async def test_requests_leave_nothing_that_only_a_collection_frees() -> None:
    async with serving() as server:
        server.config.loaded_app = Farewell(server.config.loaded_app)
        port = server.servers[0].sockets[0].getsockname()[1]
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            asking = [WHOLE + b"\r\n" + HEAD + b"\r\n"] * 5
            assert (await said(port, [*asking, HEAD + CLOSING])).count(b"200 OK") == 11
            gc.collect()
            left = [type(each).__name__ for each in gc.garbage]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    assert "RequestResponseCycle" not in left


async def test_a_server_told_to_stop_sends_others_away_and_still_answers_until_it_may_go() -> None:
    left = asyncio.Event()
    config = served(answering, Settings(data=Path("unused"), keystore=Path("unused")))
    config.port = 0
    server = Departing(config, leave=left.set, delay=600)
    running = asyncio.ensure_future(server._serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    closing = HEAD + CLOSING
    assert not left.is_set()

    server.handle_exit(signal.SIGTERM, None)
    await left.wait()
    assert b"200 OK" in await said(port, [closing])

    server.handle_exit(signal.SIGINT, None)
    await running
    with pytest.raises(ConnectionRefusedError):
        await said(port, [closing])
