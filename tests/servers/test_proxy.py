"""The proxy of compose.yaml before processes that fail on demand: what it asks again, and what once."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from genservice.listening.connections import Departing, served
from genservice.settings import Settings
from tests.haproxy import free_port, running_haproxy
from tests.servers.deployment import DEPLOY, composed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MANY = 20


class Failing:
    """A process that is ready, and ends every connection on which it is asked for something else."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        """The heads of requests, checks left out."""
        self.answers = False
        """Whether it answers for once."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"\r\ncontent-length:" in head.lower():
                    await reader.readexactly(2)
                if b"/health/ready" not in head:
                    self.heard.append(head)
                    if not self.answers:
                        break
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Stopping:
    """A process that answers, and stops as `genservice serve` does."""

    def __init__(self, delay: float) -> None:
        self.heard = 0
        """Requests, checks left out."""
        self._ready = True
        config = served(self, Settings(data=Path("unused"), keystore=Path("unused")))
        config.port = 0
        self._server = Departing(config, leave=self._leave, delay=delay)

    async def start(self) -> int:
        """The port that it listens at."""
        self._running = asyncio.ensure_future(self._server._serve())
        while not self._server.started:  # noqa: ASYNC110  uvicorn has no event to wait for
            await asyncio.sleep(0.01)
        return self._server.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Told to stop; return once it has."""
        self._server.handle_exit(signal.SIGTERM, None)
        await self._running

    def _leave(self) -> None:
        self._ready = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for said in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{said}.complete"})
            return
        while (await receive()).get("more_body"):
            pass
        status = 200
        if scope["path"] == "/health/ready":
            status = 200 if self._ready else 503
        else:
            self.heard += 1
            await asyncio.sleep(0.01)
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def proxied(folder: Path, *processes: Failing) -> AsyncIterator[str]:
    """The address of the proxy before two processes, of which those left out refuse connections."""
    async with AsyncExitStack() as stack:
        ports: list[int] = []
        for process in processes:
            listening = await asyncio.start_server(process.talk, "127.0.0.1", 0)
            ports.append(listening.sockets[0].getsockname()[1])
            await stack.enter_async_context(listening)
        ports += [free_port() for _ in range(2 - len(ports))]
        with before(folder, ports) as address:
            yield address


@contextmanager
def before(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """The address of the proxy before two ports."""
    port = free_port()
    environment = {"PROXY_BIND": f"127.0.0.1:{port}"}
    environment |= {f"PROCESS_{n}": f"127.0.0.1:{p}" for n, p in enumerate(ports, 1)}
    with running_haproxy(DEPLOY / "proxy/haproxy.cfg", folder, environment):
        yield f"http://127.0.0.1:{port}"


async def ask(address: str, method: str, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        content = b"{}" if method != "GET" else None
        return await client.request(method, path, content=content, headers=headers)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/promos"), ("POST", "/v1/synopses"), ("GET", "/v1/titles")]
)
async def test_what_changes_nothing_is_asked_of_the_other_process(tmp_path, method, path) -> None:
    failing, other = Failing(), Failing()
    other.answers = True
    async with (
        proxied(tmp_path, failing, other) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client,
    ):
        for _ in range(MANY):
            # A head and a body of which nobody knows whether they come together.
            async def parts() -> AsyncIterator[bytes]:
                await asyncio.sleep(0.01)
                yield b"{}"

            sent = {"content": parts(), "headers": {"Content-Length": "2"}}
            answer = await client.request(method, path, **(sent if method == "POST" else {}))
            assert answer.text == "ok"
    assert failing.heard
    assert len(other.heard) == MANY


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/keys"), ("PATCH", "/v1/viewers/v-1/signals"), ("DELETE", "/v1/viewers/v-1")],
)
async def test_what_may_have_changed_something_is_asked_once(tmp_path, method, path) -> None:
    one, two = Failing(), Failing()
    async with proxied(tmp_path, one, two) as address:
        for count in range(1, MANY):
            answer = await ask(address, method, path)
            assert (answer.status_code, answer.headers.get("Retry-After")) == (502, None)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:genservice:problem:unavailable"
            assert len(one.heard) + len(two.heard) == count


async def test_where_nobody_was_heard_anything_is_asked_of_the_other(tmp_path) -> None:
    only = Failing()
    only.answers = True
    async with proxied(tmp_path, only) as address:
        for _ in range(MANY):
            assert (await ask(address, "POST", "/v1/keys")).text == "ok"


async def test_without_a_process_it_says_when_to_ask_again(tmp_path) -> None:
    async with proxied(tmp_path) as address:
        for path in ("/v1/promos", "/v1/keys"):
            answer = await ask(address, "POST", path)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            assert answer.json()["type"] == "urn:genservice:problem:unavailable"


async def test_no_change_is_lost_or_made_twice_while_a_process_stops(tmp_path) -> None:
    delay = composed()["services"]["genservice-1"]["environment"]["GENSERVICE_STOP_DELAY"]
    one, two = Stopping(float(delay)), Stopping(0)
    answered: list[int] = []
    ended = asyncio.Event()

    async def change(client: httpx.AsyncClient) -> None:
        while not ended.is_set():
            answered.append((await client.post("/v1/keys", content=b"{}")).status_code)

    async def more(count: int) -> None:
        enough = len(answered) + count
        while len(answered) < enough:  # noqa: ASYNC110  others tell by a list
            await asyncio.sleep(0.01)

    with before(tmp_path, [await one.start(), await two.start()]) as address:
        async with (
            httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(60):
                group.create_task(change(client))
            await more(100)
            assert one.heard
            await one.stop()
            await more(100)
            ended.set()
        await two.stop()
    assert set(answered) == {200}
    assert one.heard + two.heard == len(answered)


async def test_figures_stay_inside_and_the_client_does_not_say_where_it_is(tmp_path) -> None:
    one, two = Failing(), Failing()
    one.answers = two.answers = True
    async with proxied(tmp_path, one, two) as address:
        assert (await ask(address, "GET", "/metrics")).status_code == 404
        forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        assert (await ask(address, "GET", "/v1/titles", **forged)).text == "ok"
    (head,) = (*one.heard, *two.heard)
    assert b"x-forwarded-for: 127.0.0.1\r\n" in head.lower()
    assert b"x-forwarded-proto: http\r\n" in head.lower()
    assert b"203.0.113.9" not in head
