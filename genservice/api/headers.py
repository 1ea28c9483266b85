"""Headers that every answer carries, whatever made it."""

from collections.abc import Iterable
from functools import cache
from typing import Any, overload

from litestar.config.cors import CORSConfig
from litestar.datastructures import ResponseHeader
from litestar.types import Message, Scope

from genservice.domain.access import RateLimit
from genservice.rates import Standing

STANDING = "standing"
"""Where the state of a request holds how near its maker came to a limit."""
ETAG = (
    ResponseHeader(
        name="ETag",
        description="The revision of what is answered, for If-Match.",
        required=True,
        documentation_only=True,
    ),
)
"""Header of the answers that have a revision."""

_ALWAYS = {
    # An answer is about somebody, or for somebody's eyes, until a route says otherwise.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_ASKED_WITH = ("Accept", "Authorization", "Content-Type", "If-Match", "If-None-Match", "Sec-GPC")
_READABLE = (
    "AI-Disclosure", "ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID",
)  # fmt: skip


class Protective:
    """Adds them to each answer; what a route set for itself stands.

    Args:
        hsts_seconds: How long browsers are to insist on TLS; 0 says nothing of it.
        origins: Pages that may read answers. Where there are any, answers may cross origins.
    """

    def __init__(self, *, hsts_seconds: int, origins: tuple[str, ...]) -> None:
        always = dict(_ALWAYS)
        if origins:
            always["Cross-Origin-Resource-Policy"] = "cross-origin"
        if hsts_seconds:
            always["Strict-Transport-Security"] = f"max-age={hsts_seconds}"
        # As they go over the wire: the framework's own mapping looks through all of them for each.
        self._always = [(name.lower().encode(), value.encode()) for name, value in always.items()]
        self._lines = lines_of(self._always)

    async def add(self, message: Message, scope: Scope) -> None:
        """Add them to a message that begins an answer."""
        if message["type"] != "http.response.start":
            return
        headers = list(message.get("headers", ()))
        given = {name for name, _ in headers}
        headers += [header for header in self._always if header[0] not in given]
        standing = _state(scope).get(STANDING)
        if isinstance(standing, Standing):
            headers += _limits(standing)
        message["headers"] = headers

    def lines(self, standing: Standing | None) -> bytes:
        """The same as lines of the head of an answer that sets none of them for itself."""
        return self._lines if standing is None else self._lines + lines_of(_limits(standing))


def lines_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as lines of a head."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def _limits(standing: Standing) -> tuple[tuple[bytes, bytes], ...]:
    left = f'"{standing.name}";r={standing.remaining};t={standing.reset}'
    return _policy(standing.name, standing.limit), (b"ratelimit", left.encode())


@cache
def _policy(name: str, limit: RateLimit) -> tuple[bytes, bytes]:
    """The header that tells of a limit; there are as many as are set."""
    return b"ratelimit-policy", f'"{name}";q={limit.requests};w={limit.seconds}'.encode()


@overload
def header(scope: Scope, name: bytes) -> str | None: ...
@overload
def header(scope: Scope, name: bytes, default: str) -> str: ...
def header(scope: Scope, name: bytes, default: str | None = None) -> str | None:
    """A header of a request as it was sent; the first, where it was sent more than once.

    Args:
        scope: Of the request.
        name: In lower case.
        default: What an absent one comes to.
    """
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return default


def cors(origins: tuple[str, ...]) -> CORSConfig | None:
    """Which pages may read answers: those of exactly these origins; None closes it to all."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=list(_METHODS),
        allow_headers=list(_ASKED_WITH),
        expose_headers=list(_READABLE),
        # Keys and tokens go in a header of their own: no page asks with what a browser keeps.
        allow_credentials=False,
        max_age=600,
    )


def _state(scope: Scope) -> dict[str, Any]:
    return scope.get("state") or {}
