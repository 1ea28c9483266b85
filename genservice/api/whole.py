"""Answers that leave in one piece, where the server takes one: an extension of ASGI.

By messages, an answer's head is put together, looked through and encoded by each layer that it passes;
for an answer that is at hand that takes longer than to find it. A server that offers `EXTENSION` takes
head and body as bytes instead. Another one does without, and gets messages.
"""

from typing import Protocol, cast

from litestar.types import Scope

EXTENSION = "genservice.whole"
"""Under which a scope's extensions hold a `SendWhole`."""


class SendWhole(Protocol):
    """Sends a whole answer of status 200."""

    def __call__(self, head: bytes, body: bytes) -> bool:
        """Whether it is sent; else it has to go by messages, which have more to say of it, or to wait for.

        Args:
            head: Lines of a head, each with its end, without the status and what the server itself says.
                One of them is `content-length`.
            body: The body.
        """
        ...


def whole_of(scope: Scope) -> SendWhole | None:
    """What sends whole answers to a request, if the server does."""
    extensions = cast("dict[str, SendWhole]", scope.get("extensions") or {})
    return extensions.get(EXTENSION)
