"""Nothing that a client sends, or fails to send, holds a request for ever."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.response import Stream

from genservice.api.deadlines import DEADLINE, MOST_ADDRESS_BYTES, MOST_HEADER_BYTES, Bounds
from genservice.api.problems import answer_problem

SHORT = 0.5
"""Seconds; gaps are a tenth of it, for machines that are busy."""


async def _for_ever(*_: Any) -> Any:
    await asyncio.Event().wait()


cancelled: list[str] = []


@get("/never")
async def never() -> None:
    try:
        await _for_ever()
    finally:
        cancelled.append("never")


@get("/own-timeout")
async def own_timeout() -> None:
    async with asyncio.timeout(0):
        await _for_ever()


@get("/patient", opt={DEADLINE: 600.0})
async def patient() -> str:
    await asyncio.sleep(1.5 * SHORT)
    return "done"


@post("/body", status_code=200)
async def body(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(await request.body(), media_type="text/plain")


@get("/talking")
async def talking() -> Stream:
    async def parts() -> Any:
        for _ in range(15):
            await asyncio.sleep(SHORT / 10)
            yield "."

    return Stream(parts())


@get("/silent")
async def silent() -> Stream:
    async def parts() -> Any:
        yield "one"
        await _for_ever()

    return Stream(parts())


@pytest.fixture
def app() -> Litestar:
    return Litestar(
        [never, own_timeout, patient, body, talking, silent],
        middleware=[Bounds(body=SHORT, answer=SHORT)],
        exception_handlers={Exception: answer_problem},
        openapi_config=None,
        logging_config=None,
    )


class Answer:
    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.complete = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.messages.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.complete.set()

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


async def ask(
    app: Litestar,
    path: str,
    *received: Any,
    method: str = "GET",
    query: bytes = b"",
    headers: list[tuple[bytes, bytes]] | None = None,
    answer: Answer | None = None,
) -> Answer:
    """What an application answers to messages; after the last of them nothing comes before it is done.

    But for POST, a request is whole at once, as servers say it.
    """
    answer = answer or Answer()
    coming = iter(received if method == "POST" else [part(b"", more=False)])

    async def receive() -> Any:
        for message in coming:
            return message
        await answer.complete.wait()
        return {"type": "http.disconnect"}

    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "", "headers": headers or [],
        "server": ("test", 80), "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    await app(scope, receive, answer.send)
    return answer


def part(text: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": text, "more_body": more}


async def test_an_answer_that_does_not_begin_is_given_up_and_its_work_cancelled(app) -> None:
    cancelled.clear()
    answer = await ask(app, "/never")
    assert answer.status == 503
    assert json.loads(answer.body)["type"] == "urn:genservice:problem:unavailable"
    assert b"retry-after" in answer.headers
    assert cancelled == ["never"]


async def test_a_timeout_of_a_handlers_own_is_not_taken_for_that_one(app) -> None:
    assert (await ask(app, "/own-timeout")).status == 500


async def test_a_route_may_have_a_deadline_of_its_own(app) -> None:
    assert (await ask(app, "/patient")).status == 200


@pytest.mark.parametrize("sent", [(), (part(b"half of ", more=True),)])
async def test_a_body_that_does_not_come_is_408_and_closes_the_connection(app, sent) -> None:
    answer = await ask(app, "/body", *sent, method="POST")
    assert answer.status == 408
    assert json.loads(answer.body)["type"] == "urn:genservice:problem:request-timeout"
    assert answer.headers[b"connection"] == b"close"


async def test_a_body_that_trickles_in_has_one_deadline_for_all_of_it(app) -> None:
    async def trickle() -> Any:
        await asyncio.sleep(SHORT / 10)
        return part(b"x", more=True)

    answer = Answer()
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/body", "raw_path": b"/body", "query_string": b"", "root_path": "", "headers": [],
        "server": ("test", 80), "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    await app(scope, trickle, answer.send)
    assert answer.status == 408


async def test_a_body_that_comes_in_parts_is_read_whole(app) -> None:
    parts = (part(b"half of ", more=True), part(b"it", more=False))
    answer = await ask(app, "/body", *parts, method="POST")
    assert (answer.status, answer.body) == (200, b"half of it")


async def test_a_stream_lasts_as_long_as_it_tells_something(app) -> None:
    answer = await ask(app, "/talking")
    assert (answer.status, answer.body) == (200, b"." * 15)


async def test_a_stream_that_falls_silent_is_broken_off(app) -> None:
    answer = Answer()
    with pytest.raises(Exception, match="after response started"):
        await ask(app, "/silent", answer=answer)
    assert answer.body == b"one"
    assert answer.messages[-1].get("more_body")


async def test_a_client_that_does_not_read_counts_as_silence(app) -> None:
    answer = Answer()

    async def stuck(message: Any) -> None:
        answer.messages.append(message)
        if message["type"] == "http.response.body":
            await _for_ever()

    answer.send = stuck
    with pytest.raises(Exception, match="after response started"):
        await ask(app, "/talking", answer=answer)


@pytest.mark.parametrize(
    ("size", "status"), [(MOST_ADDRESS_BYTES - len("/patient"), 200), (MOST_ADDRESS_BYTES, 414)]
)
async def test_path_and_query_are_bounded(app, size: int, status: int) -> None:
    assert (await ask(app, "/patient", query=b"q" * size)).status == status


@pytest.mark.parametrize(
    ("size", "status"), [(MOST_HEADER_BYTES - 1, 200), (MOST_HEADER_BYTES, 431)]
)
async def test_headers_are_bounded_all_together(app, size: int, status: int) -> None:
    half = size // 2
    headers = [(b"a", b"x" * (half - 1)), (b"b", b"x" * (size - half))]
    assert (await ask(app, "/patient", headers=headers)).status == status
