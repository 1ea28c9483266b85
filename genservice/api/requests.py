"""Around every request: its id, one line in the log, one measurement, one span."""

import logging
import os
from collections.abc import Callable
from typing import Any, cast

import structlog
from litestar import Litestar
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from genservice.api.access import caller_of
from genservice.api.service import STATE_KEY, Service
from genservice.watch import Request

HEADER = "X-Request-ID"
"""Names the request in its answer, as the log and the `instance` of a problem do."""
_HEADER = HEADER.lower().encode()
_ID = "genservice_request_id"
_SEEN = "genservice_request_seen"
_GONE = 499


def new_id() -> str:
    """An id that says nothing: 32 hexadecimal digits."""
    return os.urandom(16).hex()


def instance_of(scope: Scope) -> str:
    """What problems call the request: `urn:genservice:request:` and its id; empty if it has none."""
    request_id = cast("dict[str, Any]", scope).get(_ID)
    return f"urn:genservice:request:{request_id}" if request_id else ""


def answered(scope: Scope, status: int) -> bytes:
    """Take note that a request is answered by other means than messages.

    Args:
        scope: Of the request.
        status: Of the answer.

    Returns:
        The line of its head that names the request.
    """
    held = cast("dict[str, Any]", scope)
    held[_SEEN].status = status
    return b"%b: %b\r\n" % (_HEADER, held[_ID].encode())


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
        self._log: Any = None
        self._processors: Any = None

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
        with watch.request(scope["method"], _traceparent(scope)) as seen:
            seen.status = _GONE
            cast("dict[str, Any]", scope)[_SEEN] = seen

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seen.status = message["status"]
                    message["headers"] = [
                        *message.get("headers", ()),
                        (_HEADER, request_id.encode()),
                    ]
                await send(message)

            try:
                await self._app(scope, receive, answer)
            finally:
                seen.route = scope.get("path_template", "")
                self._tell(scope, seen, watch.clock() - began)

    def _tell(self, scope: Scope, seen: Request, seconds: float) -> None:
        processors = structlog.get_config()["processors"]
        if processors is not self._processors:
            # Bound once, until logging is set up anew: to bind a logger costs as much as to log.
            self._log, self._processors = structlog.get_logger(__name__).bind(), processors
        if not self._log.is_enabled_for(logging.INFO):
            return
        caller = caller_of(scope)
        self._log.info(
            "request",
            **_named(scope),
            method=seen.method,
            route=seen.route,
            status=seen.status,
            seconds=round(seconds, 6),
            role=caller.role,
            key=caller.prefix,
        )


class NamedRequests:
    """Has every line that is logged in the course of a request name it."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand around an application, within `WatchedRequests`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with structlog.contextvars.bound_contextvars(**_named(scope)):
            await self._app(scope, receive, send)


def _named(scope: Scope) -> dict[str, str]:
    """What every line of a request is found by."""
    held = cast("dict[str, Any]", scope)
    trace = held[_SEEN].trace
    return {"request_id": held[_ID], **({"trace_id": trace} if trace else {})}


def _traceparent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return value.decode("ascii", "ignore")
    return None
