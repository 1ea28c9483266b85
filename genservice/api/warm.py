"""Answers that were given before, given again ahead of the framework.

What is known of a request by then decides: it is of an app or an editor whose key opened a moment ago,
asks for texts of a title that is at hand, and is in all that shapes an answer like one that was answered.
Then what is left to do is to count it, to note what was decided, and to send the same bytes. Everything
else goes the whole way through the framework, as if nobody had looked: so does whatever is wrong, for
that is answered there. Up to the moment in which an answer was found nothing is counted and nothing is
noted.
"""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from genservice.api.accepting import wants_events
from genservice.api.ai_mark import mark_lines, marks_of
from genservice.api.blurbs import PATHS, WRITERS, order_of, require_app_may
from genservice.api.bodies import decoded, require_json
from genservice.api.deadlines import require_small
from genservice.api.encoded import JSON, encoded_answer, json_headers
from genservice.api.headers import STANDING, Protective, lines_of
from genservice.api.requests import answered
from genservice.api.schemas import BlurbRequest
from genservice.api.service import Service, service_in
from genservice.api.whole import whole_of
from genservice.blurbs import Recalled
from genservice.errors import GenserviceError
from genservice.given import Given
from genservice.rates import Standing
from genservice.store import KeyRecord

_PLAIN = (b"", b"*/*", b"application/json")
"""What most accept, which needs no weighing."""
MOST_BYTES = 65_536
"""Larger bodies go the whole way."""


class WarmAnswers:
    """Around the framework, and within what counts and logs requests."""

    def __init__(self, app: ASGIApp, headers: Protective) -> None:
        """Stand around an application that answers all that is not warm.

        Args:
            app: The application.
            headers: What every answer carries.
        """
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in PATHS:
            await self._app(scope, receive, send)
            return
        service = service_in(scope)
        headers = _headers(scope)
        user = None if headers is None else await _user(scope, headers, service)
        if headers is None or user is None:
            await self._app(scope, receive, send)
            return
        message = _at_once(receive())
        if message is None:
            await self._app(scope, receive, send)
            return
        if message["type"] == "http.disconnect":
            return
        recalled = _recalled(scope, headers, message, user, service)
        if recalled is not None:
            standing = await service.rates.count(user.role, user.id)
            if standing is None or standing.allowed:
                scope["user"] = user
                scope["path_template"] = scope["path"]
                service.blurbs.gave(recalled)
                await self._give(recalled.given, standing, scope, send)
                return
        first: list[Any] = [message]

        async def again() -> Any:
            return first.pop() if first else await receive()

        await self._app(scope, again, send)

    async def _give(
        self, answer: Given, standing: Standing | None, scope: Scope, send: Send
    ) -> None:
        body = answer.body
        whole = whole_of(scope)
        if whole is not None:
            head = (
                mark_lines(answer.first),
                lines_of(json_headers(body)),
                self._headers.lines(standing),
                answered(scope, 200),
            )
            if whole(b"".join(head), body):
                return
        scope["state"][STANDING] = standing
        await encoded_answer(body, marks_of(answer.first), send)


def _at_once(receiving: Any) -> Any:
    """The message that is there already; None if one would have to be waited for: nothing is taken then.

    A timer for a body that may never come would cost as much as all that is decided here.
    """
    try:
        receiving.send(None)
    except StopIteration as received:
        return received.value
    receiving.close()
    return None


def _headers(scope: Scope) -> Mapping[bytes, bytes] | None:
    """The headers of a request; None if one came twice: which of them counts is for others to say."""
    sent = cast("list[tuple[bytes, bytes]]", scope["headers"])
    headers = dict(sent)
    return headers if len(headers) == len(sent) else None


async def _user(scope: Scope, headers: Mapping[bytes, bytes], service: Service) -> KeyRecord | None:
    """Who asks, if that is known, may write, and asks plainly, from no page.

    What was known a while ago is read anew once for all who ask at a moment. If each of hundreds went the
    whole way for it, the last of them would wait for a second.
    """
    if scope["query_string"] or b"origin" in headers:
        return None
    scheme, _, secret = _said(headers, b"authorization").partition(" ")
    if scheme.lower() != "bearer":
        return None
    keys, titles, secret = service.keys, service.titles.lately, secret.strip()
    user = keys.known(secret)
    try:
        if user is None and keys.opened_before(secret):
            user = await keys.verify(secret)
        if user is None or user.role not in WRITERS["roles"]:
            return None
        if not titles.is_present:
            await titles.at_present()
    except GenserviceError:
        # The framework comes upon the same, and answers it.
        return None
    return user


def _said(headers: Mapping[bytes, bytes], name: bytes) -> str:
    """A header; an absent one is empty."""
    return headers.get(name, b"").decode("latin-1")


def _recalled(
    scope: Scope, headers: Mapping[bytes, bytes], message: Any, user: KeyRecord, service: Service
) -> Recalled | None:
    """What was answered before to the like of this."""
    if message.get("more_body"):
        return None
    body = message.get("body", b"")
    if len(body) > MOST_BYTES:
        return None
    try:
        require_small(scope)
        if headers.get(b"content-type") != JSON:
            require_json(scope)
        if headers.get(b"accept", b"") not in _PLAIN and wants_events(_said(headers, b"accept")):
            return None
        data = cast("BlurbRequest", decoded(body, BlurbRequest))
        require_app_may(user, data)
        if data.title_id is None or data.title is not None or data.dry_run:
            return None
        titles = service.titles.at_hand((data.title_id,))
        if not titles:
            return None
        order = order_of(
            data,
            titles[data.title_id],
            PATHS[scope["path"]],
            user,
            gpc=_said(headers, b"sec-gpc"),
            vendor=service.tcf_vendor,
        )
        return service.blurbs.recall(order)
    except (GenserviceError, HTTPException, msgspec.MsgspecError):
        # The framework comes upon the same, and answers it.
        return None
