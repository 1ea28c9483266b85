"""From errors to answers: one table, RFC 9457, and never a submitted value."""

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec

from genservice.api.requests import instance_of
from genservice.domain import AGE_BANDS, CHANNELS, PURPOSES, Kind, Length, Tone
from genservice.errors import (
    ClientGoneError,
    ConflictError,
    DocumentError,
    GenserviceError,
    InvalidInputError,
    NotFoundError,
    PolicyError,
    PreconditionFailedError,
    PreconditionRequiredError,
    Problem,
    RateLimitedError,
    UnavailableError,
)
from genservice.excerpts import Texts
from genservice.logs import frames_of

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
GONE = 499
"""Nobody hears it: what nginx notes where a client hung up."""

KINDS: Mapping[int, tuple[str, str]] = {
    400: ("invalid-request", "Invalid request"),
    401: ("unauthenticated", "Not authenticated"),
    403: ("forbidden", "Forbidden"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    406: ("not-acceptable", "Not acceptable"),
    408: ("request-timeout", "Request timeout"),
    409: ("conflict", "Conflict"),
    412: ("precondition-failed", "Precondition failed"),
    413: ("too-large", "Too large"),
    414: ("address-too-long", "Address too long"),
    415: ("unsupported-media-type", "Unsupported media type"),
    428: ("precondition-required", "Precondition required"),
    429: ("rate-limited", "Rate limited"),
    431: ("headers-too-large", "Headers too large"),
    500: ("internal", "Internal error"),
    503: ("unavailable", "Unavailable"),
}
"""Status -> the last part of the type, and the title."""

STATUS: Mapping[type[GenserviceError], int] = {
    InvalidInputError: 400,
    DocumentError: 400,
    NotFoundError: 404,
    ConflictError: 409,
    PreconditionFailedError: 412,
    PreconditionRequiredError: 428,
    RateLimitedError: 429,
    UnavailableError: 503,
}
"""Our errors -> status; an error without an entry, or a base with one, is a fault of ours: 500."""

_DETAILS = {
    400: "The request cannot be read.",
    401: "A valid API key or viewer token is needed, as Authorization: Bearer KEY.",
    403: "This key or token may not do that.",
    404: "There is nothing here.",
    405: "This method is not served here.",
    406: "No answer in a form that is accepted.",
    408: "The body did not come in time.",
    413: "The body is larger than is taken here.",
    414: "Path and query are longer than is taken here.",
    415: "A body of this type is not taken here; Content-Type says what it is, as application/json.",
    431: "The headers are larger than is taken here.",
    500: "Something went wrong on our side; the log names this request.",
}

_NOT_ALLOWED = "not one of the values allowed here"
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "age_band": AGE_BANDS,
    "channel": CHANNELS,
    "kind": get_args(Kind),
    "length": get_args(Length),
    "purpose": PURPOSES,
    "tone": get_args(Tone),
}
"""Fields with a closed set of values, so that an error can name them."""

_SAFE_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_STEP = re.compile(r"\.([^.\[\]]+)|\[([^\]]*)\]")


class ErrorOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong with a request or a file."""

    detail: str
    pointer: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    excerpt: str | None = None
    """The line of a policy file and, under it, a mark below the place."""
    related: tuple["ErrorOut", ...] = ()
    """Other places of policy files that make it wrong."""


class ProblemOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem as RFC 9457 shapes it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[ErrorOut, ...] = ()


def problem(
    status: int,
    detail: str,
    *,
    errors: tuple[Problem, ...] = (),
    instance: str = "",
    files: Mapping[str, str] | None = None,
) -> ProblemOut:
    """A problem of a status; `files` are the texts that its errors stand in."""
    kind, title = KINDS.get(status, KINDS[500])
    return ProblemOut(
        type=f"urn:genservice:problem:{kind}",
        title=title,
        status=status,
        detail=detail,
        instance=instance or f"urn:genservice:request:{uuid.uuid4().hex}",
        errors=errors_out(errors, files or {}),
    )


def errors_out(errors: Iterable[Problem], files: Mapping[str, str]) -> tuple[ErrorOut, ...]:
    """Errors as answers give them, with the line of each that stands in one of `files`."""
    return _errors_out(errors, Texts(files))


def _errors_out(errors: Iterable[Problem], texts: Texts) -> tuple[ErrorOut, ...]:
    return tuple(
        ErrorOut(
            detail=error.detail,
            pointer=error.pointer,
            file=error.file,
            line=error.line,
            column=error.column,
            hint=error.hint,
            excerpt=texts.excerpt(error),
            related=_errors_out(error.related, texts),
        )
        for error in errors
    )


def problem_of(error: Exception, *, instance: str = "") -> tuple[ProblemOut, dict[str, str]]:
    """The problem an error becomes, and the headers that go with it."""
    body, headers = _problem_of(error)
    return (msgspec.structs.replace(body, instance=instance) if instance else body), headers


def _problem_of(error: Exception) -> tuple[ProblemOut, dict[str, str]]:
    if isinstance(error, GenserviceError):
        return _ours(error)
    if isinstance(error, ValidationException):
        errors = _validation(error)
        return problem(400, _count(len(errors)), errors=errors), {}
    if isinstance(error, HTTPException):
        status = error.status_code if error.status_code in KINDS else 500
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        if status == 408:
            # The rest of the body may still come: it would be taken for the next request.
            headers["Connection"] = "close"
        if allow := (error.headers or {}).get("allow"):
            headers["Allow"] = allow
        return problem(status, _DETAILS.get(status, KINDS[status][1])), headers
    return problem(500, _DETAILS[500]), {}


def _ours(error: GenserviceError) -> tuple[ProblemOut, dict[str, str]]:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if isinstance(error, (InvalidInputError, DocumentError)):
        files = error.files if isinstance(error, PolicyError) else None
        detail = _count(len(error.problems))
        return problem(status, detail, errors=error.problems, files=files), {}
    if isinstance(error, (UnavailableError, RateLimitedError)):
        return problem(status, str(error)), {"Retry-After": str(error.retry_after)}
    return problem(status, str(error) if status != 500 else _DETAILS[500]), {}


def _count(number: int) -> str:
    return "1 field is wrong." if number == 1 else f"{number} fields are wrong."


def _validation(error: ValidationException) -> tuple[Problem, ...]:
    """What msgspec said, without the values it quotes."""
    message = str(error.__cause__ or "")
    detail, _, path = message.partition(" - at `")
    detail = _without_values(detail)
    path = path.rstrip("`").removeprefix("key` in `").removeprefix("$")
    pointer = "#" + "".join(f"/{_step(*step)}" for step in _STEP.findall(path))
    missing = re.fullmatch(r"Object missing required field `([a-z_]+)`", detail)
    if missing:
        name = missing.group(1)
        if name == "data":
            return (Problem(pointer="#", detail="a JSON body is needed"),)
        return (Problem(pointer=f"{pointer}/{name}", detail="needed, and not there"),)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", detail, re.DOTALL)
    if unknown:
        name = unknown.group(1)
        safe = _SAFE_NAME.fullmatch(name) is not None
        return (
            Problem(
                pointer=f"{pointer}/{name}" if safe else pointer,
                detail="an unknown field" if safe else "an unknown field, whose name is not shown",
            ),
        )
    allowed = ALLOWED.get(pointer.rpartition("/")[2])
    if allowed and detail == _NOT_ALLOWED:
        detail = f"{detail}; expected one of {', '.join(allowed)}"
    return (Problem(pointer=pointer, detail=detail or "cannot be read"),)


def _step(name: str, index: str) -> str:
    step = name or index
    if step == "...":
        return "*"
    return step if _SAFE_NAME.fullmatch(step) or step.isdigit() else "*"


def _without_values(detail: str) -> str:
    if detail.startswith("Invalid enum value"):
        return _NOT_ALLOWED
    if "matching regex" in detail:
        return "not of the form allowed here"
    return detail


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemOut]:
    """The exception handler of the whole application."""
    if isinstance(error, ClientGoneError):
        # Nobody hears it; the log tells of it by this number.
        return Response(cast("Any", None), status_code=GONE)
    body, headers = logged_problem(error, instance=instance_of(request.scope))
    return Response(body, status_code=body.status, media_type=MEDIA_TYPE, headers=headers)


def logged_problem(error: Exception, *, instance: str = "") -> tuple[ProblemOut, dict[str, str]]:
    """As `problem_of`; a fault of ours is logged."""
    body, headers = problem_of(error, instance=instance)
    if body.status == 500:
        # The traceback without its message: messages of libraries may quote what was sent.
        log.error(
            "unexpected error",
            instance=body.instance,
            error=type(error).__name__,
            where=frames_of(error),
        )
    return body, headers


def example_problem(status: int) -> ProblemOut:
    """For the OpenAPI document: a problem of a status, as it might be answered."""
    detail = _DETAILS.get(status, f"{KINDS[status][1]}.")
    return problem(
        status, detail, instance="urn:genservice:request:4f1c2ab0d9e84f5f9a1d6f0c7be03d52"
    )


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """For the OpenAPI document: the problems that a route answers, those of every route included."""
    return {
        status: ResponseSpec(
            data_container=ProblemOut,
            media_type=MEDIA_TYPE,
            description=KINDS[status][1],
            generate_examples=False,
        )
        for status in sorted(
            # Whatever takes a body may wait for it in vain.
            {400, 401, 403, 414, 429, 431, 503, *statuses, *({408} if 413 in statuses else ())}
        )
    }
