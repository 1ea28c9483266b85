"""Request bodies: JSON alone, and of exactly the types that a route declares."""

from collections.abc import Collection
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, ValidationException

from genservice.errors import InvalidInputError, Problem

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


class UnsupportedMediaTypeError(ClientException):
    """A body is declared to be of a type that the route does not take."""

    status_code = 415


def require_type(request: Request[Any, Any, Any], taken: Collection[str]) -> None:
    """Return if the body is declared to be one of `taken`, or not declared to be anything.

    Raises:
        UnsupportedMediaTypeError: It is declared to be something else.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
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
            InvalidInputError: It is no JSON.
            ValidationException: It is of another shape.
        """
        require_type(self, {"application/json"})
        field = self.route_handler.parsed_data_field
        body = await self.body()
        try:
            return msgspec.json.decode(body, type=Any if field is None else field.annotation)
        except msgspec.ValidationError as error:
            raise ValidationException from error
        except UnicodeDecodeError:
            detail = "not UTF-8"
        except RecursionError:
            detail = "nested too deeply"
        except msgspec.DecodeError:
            detail = "not JSON"
        raise InvalidInputError(Problem(pointer="#", detail=detail))
