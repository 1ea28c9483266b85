"""Request bodies: JSON alone, and of exactly the types that a route declares."""

import re
from collections.abc import Collection
from functools import cache
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, InternalServerException, ValidationException
from litestar.types import Scope

from genservice.api.headers import header
from genservice.errors import ClientGoneError, InvalidInputError, Problem

MOST_ITEMS = 50_000
"""Most lists, objects and members of them, all together, of a body that is JSON."""
DEEPEST = 32
"""How deep lists and objects may be nested."""

FILE_TYPES = frozenset(
    {
        "application/json",
        "application/jsonl",
        "application/ld+json",
        "application/octet-stream",
        "application/x-ndjson",
        "application/xhtml+xml",
        "application/xml",
        "text/csv",
        "text/html",
        "text/plain",
        "text/xml",
    }
)
"""What a body that is a file may be called; which format it has is told otherwise."""


# A text that does not end is taken to the end, so that nothing is ever looked at twice.
_QUOTED = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class UnsupportedMediaTypeError(ClientException):
    """A body is declared to be of a type that the route does not take."""

    status_code = 415


def require_type(request: Request[Any, Any, Any], taken: Collection[str]) -> None:
    """Return if the body is declared to be one of `taken`, or not declared to be anything.

    Raises:
        UnsupportedMediaTypeError: It is declared to be something else.
    """
    _require_type(header(request.scope, b"content-type", ""), taken)


def _require_type(content_type: str, taken: Collection[str]) -> None:
    declared = content_type.partition(";")[0].strip().lower()
    if declared and declared not in taken:
        raise UnsupportedMediaTypeError


class JSONRequest(Request[Any, Any, Any]):
    """A request whose body is JSON, decoded at once into what its handler takes.

    The framework would convert it afterwards, and take `"5"` for a number and `"no"` for false.
    """

    async def json(self) -> Any:
        """The body, as the handler declares it.

        Raises:
            UnsupportedMediaTypeError: It is declared to be no JSON.
            ClientGoneError: The client hung up before it was all there.
            InvalidInputError: It is no JSON, or holds more or deeper than is taken.
            ValidationException: It is of another shape.
        """
        require_json(self.scope)
        field = self.route_handler.parsed_data_field
        try:
            body = await self.body()
        except InternalServerException:
            # So the framework says that the client hung up in the midst of it.
            raise ClientGoneError from None
        return decoded(body, Any if field is None else field.annotation)


def require_json(scope: Scope) -> None:
    """Return if a body is declared to be JSON, or not declared to be anything.

    Raises:
        UnsupportedMediaTypeError: It is declared to be something else.
    """
    _require_type(header(scope, b"content-type", ""), {"application/json"})


def decoded(body: bytes, kind: Any) -> Any:
    """What a body of JSON says, of exactly a type.

    Raises:
        InvalidInputError: It is no JSON, or holds more or deeper than is taken.
        ValidationException: It is of another shape.
    """
    _require_bounded(body)
    try:
        return _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise ValidationException from error
    except UnicodeDecodeError:
        detail = "not UTF-8"
    except RecursionError:
        detail = "nested too deeply"
    except msgspec.DecodeError:
        detail = "not JSON"
    raise InvalidInputError(Problem(pointer="#", detail=detail))


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """What decodes a type; there are as many as routes take bodies."""
    return msgspec.json.Decoder(kind)


def _require_bounded(body: bytes) -> None:
    """Return if a JSON text holds neither too much nor anything too deep; before it is decoded.

    Raises:
        InvalidInputError: It does.
    """
    if _openings(body) + body.count(b",") <= DEEPEST:
        # Neither can be: so most bodies are not gone through.
        return
    outside = _QUOTED.sub(b"", body)
    if _openings(outside) + outside.count(b",") > MOST_ITEMS:
        detail = f"holds more than {MOST_ITEMS:,} lists, objects and members"
        raise InvalidInputError(Problem(pointer="#", detail=detail))
    depth = 0
    for bracket in outside.translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise InvalidInputError(Problem(pointer="#", detail="nested too deeply"))


def _openings(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{")
