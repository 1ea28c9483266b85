"""How uvicorn treats connections: what it waits for, how long, and whom it believes."""

from __future__ import annotations

import asyncio
import math
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from genservice.api.headers import lines_of
from genservice.api.problems import MEDIA_TYPE, problem
from genservice.api.whole import EXTENSION, whole_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.api.whole import SendWhole
    from genservice.settings import Settings

REQUEST_SECONDS = 10.0
"""How long a connection may be open without a whole request line and headers."""
MOST_HEAD_BYTES = 32_768
"""Most bytes kept of a head that is not whole. Whole ones are held to less; see `Bounds`."""


_OK = b"HTTP/1.1 200 OK\r\n"


class _NoHTTPError(Exception):
    """What the parser takes, and HTTP/1.1 or this service does not."""


class PromptConnection(HttpToolsProtocol):
    """A connection that is closed where no request begins in time.

    uvicorn itself gives up idle connections only: a client that sends a letter of a header, or of a
    body nobody reads, now and then, would keep one for ever. Nor does it bound a head.
    """

    waiting: asyncio.TimerHandle | None = None
    _in_head = True
    """What comes next belongs to a request that has not begun."""
    _head_bytes = 0
    """How many came of it, in parts that held nothing else."""
    _moved_on = False
    """A head or a request ended, or one began, in the part that came last."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  as the class above does
        """Wait for the first request."""
        super().connection_made(transport)
        taken: socket.socket = transport.get_extra_info("socket")
        if taken.family in (socket.AF_INET, socket.AF_INET6):
            # asyncio does so only where the listening socket names its protocol, which most do not. A
            # head and its body are two writes: the second would wait 40 ms for the client's word of the first.
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a request that began is waited for no more."""
        self._moved_on = False
        super().data_received(data)
        if self._in_head and not self._moved_on:
            # The parser keeps what it has of a header, however long that gets.
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("")
        if not self._is_free():
            self._stop_waiting()
        elif self.waiting is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """Take a head that is whole.

        Raises:
            _NoHTTPError: It names no host, or several (RFC 9112, 3.2), or is too large.
        """
        self._in_head, self._moved_on = False, True
        parser: Any = self.parser
        size = len(self.url)
        hosts = 0
        for name, value in self.headers:
            size += len(name) + len(value)
            hosts += name == b"host"
        if (
            size > MOST_HEAD_BYTES
            or hosts > 1
            or (not hosts and parser.get_http_version() == "1.1")
        ):
            raise _NoHTTPError
        super().on_headers_complete()
        # The request that this head began; it is answered no sooner than this returns.
        cycle: Any = self.cycle
        cycle.scope["extensions"] = {EXTENSION: partial(_send_whole, cycle)}

    def on_message_complete(self) -> None:
        """A request is whole."""
        super().on_message_complete()
        self._await_head()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem, as every other error is, and close the connection."""
        # uvicorn has no request before the first one, though its type says otherwise.
        cycle: Any = self.cycle
        if cycle is not None and (
            not cycle.response_complete if self._in_head else cycle.response_started
        ):
            # Of this request or of the one before: the answer cannot be another one any more.
            self.transport.close()
            return
        body = msgspec.json.encode(problem(400, "This is no HTTP/1.1 request."))
        head = (
            "HTTP/1.1 400 Bad Request",
            f"content-type: {MEDIA_TYPE}",
            f"content-length: {len(body)}",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "connection: close",
        )
        self.transport.write("\r\n".join((*head, "", "")).encode() + body)
        self.transport.close()

    def _should_upgrade(self) -> bool:
        return False

    def _unsupported_upgrade_warning(self) -> None:
        # uvicorn would warn at every request to upgrade that a library is missing; none is wanted.
        pass

    def _await_head(self) -> None:
        self._in_head, self._moved_on, self._head_bytes = True, True, 0

    def _is_free(self) -> bool:
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        self._stop_waiting()
        self.waiting = self.loop.call_later(REQUEST_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None


def _send_whole(cycle: Any, head: bytes, body: bytes) -> bool:
    """See `genservice.api.whole`. Leaves a request of uvicorn's as messages would have left it."""
    if (
        cycle.response_started
        or cycle.disconnected
        or cycle.flow.write_paused
        or not cycle.keep_alive
        or cycle.transport.is_closing()
    ):
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    own = lines_of(cycle.default_headers)
    cycle.transport.write(b"".join((_OK, own, head, b"\r\n", body)))
    cycle.message_event.set()
    cycle.on_response()
    return True


class Farewell:
    """An application whose last answers tell whoever asked to ask again elsewhere.

    uvicorn closes a connection after the answer that is under way at a stop, and does not say so in it:
    who sends the next request at that moment loses it.

    Args:
        app: What answers.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._begun = False

    def begin(self) -> None:
        """Let every answer from now on be the last one of its connection."""
        self._begun = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, as ASGI has it."""

        async def last(message: Any) -> None:
            # Asked as late as this, so that answers which were under way before say it too.
            if self._begun and message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (b"connection", b"close")]
                message = {**message, "headers": headers}
            await send(message)

        whole = whole_of(scope) if scope["type"] == "http" else None
        if whole is None:
            await self._app(scope, receive, last)
            return
        # The last answer of a connection says so, and goes by messages.
        extensions = scope["extensions"] = {EXTENSION: partial(self._send_whole, whole)}
        try:
            await self._app(scope, receive, last)
        finally:
            # What sends holds the request, and the request what sends: only the collector would free them.
            extensions.clear()

    def _send_whole(self, whole: SendWhole, head: bytes, body: bytes) -> bool:
        return not self._begun and whole(head, body)


class Departing(uvicorn.Server):
    """A server that goes on for a while after it was told to stop, so that nobody is sent to it any more.

    uvicorn closes its socket at once: whoever was on the way would be refused or cut off, and a proxy
    learns of it by requests that fail. A second Ctrl-C ends the wait.

    Args:
        config: How an application is served.
        leave: Tells those who ask whether requests should come here that none should.
        delay: Seconds from then until the socket is closed.
    """

    def __init__(self, config: uvicorn.Config, *, leave: Callable[[], None], delay: float) -> None:
        self.farewell = config.app = Farewell(config.app)
        super().__init__(config)
        self._leave = leave
        self._delay = delay

    async def main_loop(self) -> None:
        """Answer until the delay after the word to stop is over."""
        await super().main_loop()
        self._leave()
        # As often as uvicorn itself looks; at every tenth tick it sets the date of answers.
        for tick in range(round(self._delay * 10)):
            if self.force_exit:
                break
            await self.on_tick(tick)
            await asyncio.sleep(0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is under way, and end."""
        self.farewell.begin()
        await super().shutdown(sockets)


def served(app: Any, settings: Settings) -> uvicorn.Config:
    """How an application is served."""
    proxies = settings.proxies()
    return uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whatever else is installed: the bounds are this one's, and there is no WebSocket here.
        http=PromptConnection,
        ws="none",
        timeout_graceful_shutdown=math.ceil(settings.drain_timeout),
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
    )
