"""Answers that are JSON already, and leave as the bytes that they are."""

from collections.abc import Mapping
from typing import Any

from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send

JSON = b"application/json"


class Encoded(Response[Any]):
    """A response that takes none of the framework's steps from a value to bytes."""

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Answer with 200.

        Args:
            body: JSON.
            headers: Besides those that tell of the body; of ASCII letters alone.
        """
        super().__init__(body)
        self._body = body
        self._headers = headers

    def to_asgi_response(self, **_of_the_framework: Any) -> ASGIApp:  # pyright: ignore[reportIncompatibleMethodOverride]  the route adds nothing to it
        """What sends it."""
        return self._send

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        await encoded_answer(self._body, self._headers, send)


async def encoded_answer(body: bytes, headers: Mapping[str, str], send: Send) -> None:
    """Answer with 200.

    Args:
        body: JSON.
        headers: Besides those that tell of the body; of ASCII letters alone.
        send: Sends.
    """
    head = [
        *((name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers.items()),
        *json_headers(body),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def json_headers(body: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The headers that tell of a body of JSON."""
    return (b"content-type", JSON), (b"content-length", b"%d" % len(body))
