"""How long a request may take, and how large it may be before its body."""

import asyncio
from typing import Any

import structlog
from litestar.exceptions import ClientException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from genservice.errors import UnavailableError

log = structlog.get_logger(__name__)

DEADLINE = "deadline"
"""The option of a route that takes longer than others: seconds, for its body and for its answer."""
MOST_ADDRESS_BYTES = 8_192
MOST_HEADER_BYTES = 16_384


class RequestTimeoutError(ClientException):
    """The body of a request did not come in time."""

    status_code = 408


class AddressTooLongError(ClientException):
    """Path and query are longer than is taken here."""

    status_code = 414


class HeadersTooLargeError(ClientException):
    """The headers of a request are larger than is taken here."""

    status_code = 431


class Bounds(ASGIMiddleware):
    """Ends what takes too long: a body that does not come, an answer that does not begin, a silence.

    Args:
        body: Seconds in which the whole body must be there.
        answer: Seconds, from then on, until the answer must begin; and the longest time between two
            parts of it. A stream that goes on telling may go on.
    """

    def __init__(self, *, body: float, answer: float) -> None:
        self._body = body
        self._answer = answer

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass a request on, within its bounds.

        Raises:
            AddressTooLongError, HeadersTooLargeError: It is too large before its body.
            RequestTimeoutError: The body did not come in time.
            UnavailableError: The answer did not begin in time.
            TimeoutError: It fell silent; the connection is given up.
        """
        require_small(scope)
        own: float | None = scope["route_handler"].opt.get(DEADLINE)
        timed = _Timed(receive, send, body=own or self._body, answer=own or self._answer)
        try:
            async with timed.deadline:
                await next_app(scope, timed.receive, timed.send)
        except TimeoutError:
            if not timed.deadline.expired():
                raise
            log.warning("a request took too long", begun=timed.begun)
            if timed.begun:
                raise
            raise UnavailableError("It took too long.") from None


class _Timed:
    """The two ends of a request, with a deadline that moves on as it gets somewhere."""

    def __init__(self, receive: Receive, send: Send, *, body: float, answer: float) -> None:
        self._receive = receive
        self._send = send
        self._answer = answer
        self._loop = asyncio.get_running_loop()
        self._body_ends = self._loop.time() + body
        self._whole = False
        self.begun = False
        """Whether the answer has begun."""
        # Moved on once the body is there. A request without one may never look for it.
        self.deadline = asyncio.timeout(body + answer)

    async def receive(self) -> Any:
        if self._whole:
            return await self._receive()
        waiting = asyncio.timeout_at(self._body_ends)
        try:
            async with waiting:
                message = await self._receive()
        except TimeoutError:
            if not waiting.expired():
                raise
            raise RequestTimeoutError from None
        if message["type"] == "http.request" and not message.get("more_body"):
            self._whole = True
            self._move_on()
        return message

    async def send(self, message: Message) -> None:
        self.begun = True
        self._move_on()
        await self._send(message)

    def _move_on(self) -> None:
        # Once it has passed it stays so, although whoever was cancelled may still have to say why.
        if not self.deadline.expired():
            self.deadline.reschedule(self._loop.time() + self._answer)


def require_small(scope: Scope) -> None:
    """Return if address and headers are no larger than is taken.

    Raises:
        AddressTooLongError, HeadersTooLargeError: One is.
    """
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_ADDRESS_BYTES:
        raise AddressTooLongError
    if sum([len(name) + len(value) for name, value in scope["headers"]]) > MOST_HEADER_BYTES:
        raise HeadersTooLargeError
