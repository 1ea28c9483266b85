"""A real server that speaks the OpenAI protocol, and misbehaves on demand."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator


class Reply(msgspec.Struct, frozen=True):
    """What it answers one call with."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    cut: bool = False
    """Promise more bytes than come."""
    stall: bool = False
    """Send what there is, and then nothing more."""


def completion(text: str | None, *, finish_reason: str = "stop") -> Reply:
    """A chat completion that says `text`."""
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": finish_reason}]
    return Reply(body=json.dumps({"object": "chat.completion", "choices": choices}).encode())


def streamed(*pieces: str, finish_reason: str | None = "stop", last: str = "[DONE]") -> Reply:
    """A chat completion in server-sent events, a piece each, as vLLM and others send it."""
    deltas = [{"delta": {"role": "assistant", "content": ""}}]
    deltas += [{"delta": {"content": piece}} for piece in pieces]
    deltas += [{"delta": {}, "finish_reason": finish_reason}] if finish_reason else []
    events = [json.dumps({"choices": [{"index": 0, **delta}]}) for delta in deltas]
    body = ": warming up\n\n" + "".join(f"data: {event}\n\n" for event in [*events, last] if event)
    return Reply(body=body.encode(), headers=(("content-type", "text/event-stream"),))


def seeded(body: dict) -> Reply:
    """By default: a text that tells its seed."""
    return completion(f"[TITLE], number {body['seed']}.")


class LocalServer:
    """Attributes: `calls`, what was asked for; `script`, replies still to be given before `say`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], dict]] = []
        self.script: list[Reply] = []
        self.models: tuple[str, ...] = ("tiny-instruct", "another")
        self.say: Callable[[dict], Reply] = seeded
        self.address = ""
        self.asked = threading.Event()
        self.most_at_once = 0
        self._at_once = 0

    @property
    def chats(self) -> list[dict]:
        """The bodies of all chat completions asked for."""
        return [body for path, _, body in self.calls if path == "/v1/chat/completions"]

    async def __call__(self, scope, receive, send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        request = json.loads(body) if body else {}
        self.calls.append((scope["path"], headers, request))
        self.asked.set()
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            reply = self._reply(scope["path"], request)
            if reply.hang:
                while (await receive())["type"] != "http.disconnect":
                    pass
                return
            await asyncio.sleep(0)
            length = len(reply.body) + (100 if reply.cut else 0)
            size = [] if reply.stall else [("content-length", str(length))]
            sent = [*size, *reply.headers]
            encoded = [(name.encode(), value.encode()) for name, value in sent]
            await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
            await send({"type": "http.response.body", "body": reply.body, "more_body": reply.stall})
            while reply.stall and (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._at_once -= 1

    def _reply(self, path: str, request: dict) -> Reply:
        if self.script:
            return self.script.pop(0)
        if path == "/v1/models":
            listed = [{"id": name, "object": "model"} for name in self.models]
            return Reply(body=json.dumps({"object": "list", "data": listed}).encode())
        return self.say(request) if path == "/v1/chat/completions" else Reply(status=404)


@contextmanager
def running() -> Iterator[LocalServer]:
    """A server on a free port of this machine, in a thread of its own."""
    app = LocalServer()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            app, http="h11", ws="none", lifespan="off", loop="asyncio", log_config=None, date_header=False,
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield app
        finally:
            server.should_exit = True
            thread.join(timeout=10)
