"""Around every request: its id, one line in the log, one measurement, one span."""

import uuid
from collections.abc import Callable
from typing import Any, cast

import structlog
from litestar import Litestar
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from genservice.api.access import caller_of
from genservice.api.service import STATE_KEY, Service
from genservice.watch import Request

log = structlog.get_logger(__name__)

HEADER = "X-Request-ID"
"""Names the request in its answer, as the log and the `instance` of a problem do."""
_ID = "genservice_request_id"
_GONE = 499


def new_id() -> str:
    """An id that says nothing: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def instance_of(scope: Scope) -> str:
    """What problems call the request: `urn:genservice:request:` and its id; empty if it has none."""
    request_id = cast("dict[str, Any]", scope).get(_ID)
    return f"urn:genservice:request:{request_id}" if request_id else ""


class WatchedRequests:
    """The outermost layer: also what no route was met for, and what failed, goes through it.

    A caller's own request id is not taken over, for it could be anything; its `traceparent` is, where
    traces are on.
    """

    def __init__(self, app: ASGIApp, ids: Callable[[], str] = new_id) -> None:
        """Stand around an application.

        Args:
            app: Answers.
            ids: A new id each time.
        """
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._ids()
        cast("dict[str, Any]", scope)[_ID] = request_id
        service = cast("Service", cast("Litestar", scope["app"]).state[STATE_KEY])
        watch = service.watch
        began = watch.clock()
        with (
            watch.request(scope["method"], _traceparent(scope)) as seen,
            structlog.contextvars.bound_contextvars(**_named(request_id, seen.trace)),
        ):
            seen.status = _GONE

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seen.status = message["status"]
                    message["headers"] = [
                        *message.get("headers", ()),
                        (HEADER.lower().encode(), request_id.encode()),
                    ]
                await send(message)

            try:
                await self._app(scope, receive, answer)
            finally:
                seen.route = scope.get("path_template", "")
                _log(scope, seen, watch.clock() - began)


def _named(request_id: str, trace: str) -> dict[str, str]:
    """What every line of the request is found by."""
    return {"request_id": request_id, **({"trace_id": trace} if trace else {})}


def _log(scope: Scope, seen: Request, seconds: float) -> None:
    caller = caller_of(scope)
    log.info(
        "request",
        method=seen.method,
        route=seen.route,
        status=seen.status,
        seconds=round(seconds, 6),
        role=caller.role,
        key=caller.prefix,
    )


def _traceparent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return value.decode("ascii", "ignore")
    return None
