"""Headers that every answer carries, whatever made it."""

from collections.abc import Awaitable, Callable
from typing import Any, overload

from litestar.config.cors import CORSConfig
from litestar.datastructures import ResponseHeader
from litestar.types import Message, Scope

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


def protective(
    *, hsts_seconds: int, origins: tuple[str, ...]
) -> Callable[[Message, Scope], Awaitable[None]]:
    """A hook that adds them to each answer; what a route set for itself stands.

    Args:
        hsts_seconds: How long browsers are to insist on TLS; 0 says nothing of it.
        origins: Pages that may read answers. Where there are any, answers may cross origins.
    """
    always = dict(_ALWAYS)
    if origins:
        always["Cross-Origin-Resource-Policy"] = "cross-origin"
    if hsts_seconds:
        always["Strict-Transport-Security"] = f"max-age={hsts_seconds}"

    encoded = [(name.lower().encode(), value.encode()) for name, value in always.items()]

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        # As they go over the wire: the framework's own mapping looks through all of them for each.
        headers = list(message.get("headers", ()))
        given = {name for name, _ in headers}
        headers += [header for header in encoded if header[0] not in given]
        standing = _state(scope).get(STANDING)
        if isinstance(standing, Standing):
            name, limit = standing.name, standing.limit
            policy = f'"{name}";q={limit.requests};w={limit.seconds}'
            left = f'"{name}";r={standing.remaining};t={standing.reset}'
            headers += [
                (b"ratelimit-policy", policy.encode()),
                (b"ratelimit", left.encode()),
            ]
        message["headers"] = headers

    return add


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
