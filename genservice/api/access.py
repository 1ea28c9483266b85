"""Who may ask for what: API keys with roles, viewer tokens, and one gate that fails closed."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Literal

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from genservice.api.addresses import ViewerIdInPath
from genservice.api.headers import STANDING
from genservice.api.service import service_of
from genservice.domain.access import FAILED, ROLES, VIEWER, Role
from genservice.domain.viewers import ViewerId
from genservice.errors import InvalidInputError, Problem, RateLimitedError
from genservice.store import KeyRecord
from genservice.tokens import TokenBearer

OPEN: Mapping[str, Any] = {"open": True}
"""Put on the few routes that answer without a key."""
ME = "me"
"""What a viewer with a token may be called in an address."""


def roles(*allowed: Role, viewer: bool = False) -> Mapping[str, Any]:
    """Options of a route that these roles may use. An admin may use every route.

    Args:
        allowed: Roles of API keys.
        viewer: The viewer whom the path parameter `viewer_id` names may use it too, by a token.
    """
    return {"roles": frozenset(allowed) | {"admin"}, "viewer": viewer}


ANYONE_WITH_A_KEY = roles(*ROLES)


class Caller(msgspec.Struct, frozen=True):
    """Who asked, as far as a log may tell."""

    role: str | None
    """`viewer` with a viewer's token; None for nobody that is known."""
    prefix: str | None
    """The start of an API key."""


def caller_of(scope: Scope) -> Caller:
    """Who asked, once that was found out."""
    user = scope.get("user")
    if isinstance(user, KeyRecord):
        return Caller(user.role, user.prefix)
    return Caller("viewer" if isinstance(user, TokenBearer) else None, None)


class Access(ASGIMiddleware):
    """Takes `Authorization: Bearer`, then an API key or a viewer token; all but open routes want one.

    A middleware does both, finding out who asks and whether they may: as a guard of the framework's the
    second would cost a copy of the handler, and a thread, for every request.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass a request on that may be answered.

        Raises:
            NotAuthorizedException, RateLimitedError: See `_user`.
            PermissionDeniedException: See `require_may_use`.
        """
        handler = scope["route_handler"]
        if not handler.opt.get("open"):
            connection = ASGIConnection[Any, Any, Any, Any](scope)
            scope["user"] = user = await self._user(connection)
            scope["auth"] = None
            require_may_use(connection, user, handler)
        await next_app(scope, receive, send)

    async def _user(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> TokenBearer | KeyRecord:
        """The key's record, or the token's bearer.

        Raises:
            NotAuthorizedException: There is neither, or it is unknown, expired or revoked.
            RateLimitedError: This key or viewer asked too often, or this address too often in vain.
        """
        service = service_of(connection)
        scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
        user: TokenBearer | KeyRecord | None = None
        if scheme.lower() == "bearer":
            secret = secret.strip()
            user = service.tokens.read(secret) or await service.keys.verify(secret)
        # Whoever asks in vain is counted after being looked at, so that nobody behind the same
        # address can use up what a good key has there.
        name, who = _counted_as(user, connection)
        standing = await service.rates.count(name, who)
        connection.scope["state"][STANDING] = standing
        if standing is not None and not standing.allowed:
            raise RateLimitedError(retry_after=standing.reset)
        if user is None:
            raise NotAuthorizedException
        return user


def _counted_as(
    user: TokenBearer | KeyRecord | None, connection: ASGIConnection[Any, Any, Any, Any]
) -> tuple[str, str]:
    """Which limit a request falls under, and whose count it is."""
    if user is None:
        return FAILED, _network(connection.client.host if connection.client else "")
    return (VIEWER, user.alias) if isinstance(user, TokenBearer) else (user.role, user.id)


def _network(host: str) -> str:
    """Whose an address is: with IPv6 whoever has one has all of its first 64 bits."""
    try:
        address = ip_address(host)
    except ValueError:
        return "unknown"
    return str(ip_network((host, 64), strict=False)) if address.version == 6 else host


def require_may_use(
    connection: ASGIConnection[Any, Any, Any, Any],
    user: TokenBearer | KeyRecord,
    handler: BaseRouteHandler,
) -> None:
    """Return if a user may use a route; one that names no role is closed.

    OPTIONS says only which methods there are, and needs a key of any role, or a token for that viewer.

    Raises:
        PermissionDeniedException: The key's role is not among those of the route, or the token is not
            for the viewer whom the address names.
    """
    asks_options = connection.scope["type"] == "http" and connection.scope["method"] == "OPTIONS"
    if isinstance(user, TokenBearer):
        marked = asks_options or handler.opt.get("viewer", False)
        if marked and connection.path_params.get("viewer_id") in {ME, user.viewer}:
            return
        raise PermissionDeniedException
    if asks_options:
        return
    if user.role not in handler.opt.get("roles", frozenset[Role]()):
        raise PermissionDeniedException


def _viewer(viewer_id: ViewerIdInPath, request: Request[Any, Any, Any]) -> ViewerId:
    """The viewer whom an address names; `Access` has made sure that a token is for that one."""
    if isinstance(request.user, TokenBearer):
        return request.user.viewer
    if viewer_id == ME:
        detail = "`me` is whoever has a viewer token; with a key, name the viewer"
        raise InvalidInputError(Problem(pointer="#/viewer_id", detail=detail))
    try:
        return msgspec.convert(viewer_id, ViewerId)
    except msgspec.ValidationError:
        detail = "not from 1 to 128 letters, digits and . _ ~ -, or one of me, . and .."
        raise InvalidInputError(Problem(pointer="#/viewer_id", detail=detail)) from None


def _source(request: Request[Any, Any, Any]) -> Literal["app", "viewer"]:
    """Who speaks: the viewer by a token, or somebody with a key."""
    return "viewer" if isinstance(request.user, TokenBearer) else "app"


OF_A_VIEWER = {
    "viewer": Provide(_viewer, sync_to_thread=False),
    "source": Provide(_source, sync_to_thread=False),
}
"""Dependencies of routes below `/v1/viewers/{viewer_id:str}`: whom they are about, and who speaks."""
