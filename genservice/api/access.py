"""Who may ask for what: bearer keys, roles, and one guard that fails closed."""

from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from genservice.api.service import service_of
from genservice.domain.access import ROLES, Role

OPEN: Mapping[str, Any] = {"open": True}
"""Put on the few routes that answer without a key."""


def roles(*allowed: Role) -> Mapping[str, Any]:
    """Options of a route that these roles may use. An admin may use every route."""
    return {"roles": frozenset(allowed) | {"admin"}}


ANYONE_WITH_A_KEY = roles(*ROLES)


class KeyAuthentication(AbstractAuthenticationMiddleware):
    """Takes `Authorization: Bearer KEY`; every route wants it but those marked open."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        """The key's record as the connection's user.

        Raises:
            NotAuthorizedException: There is no key, or it is unknown, expired or revoked.
        """
        scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise NotAuthorizedException
        record = await service_of(connection).keys.verify(secret.strip())
        if record is None:
            raise NotAuthorizedException
        return AuthenticationResult(user=record, auth=None)


def may_use(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of the whole application: a route that names no role is closed.

    OPTIONS says only which methods there are, and needs a key of any role.

    Raises:
        NotAuthorizedException: Nobody asked for a key.
        PermissionDeniedException: The key's role is not among those of the route.
    """
    if handler.opt.get("open"):
        return
    if "user" not in connection.scope:
        raise NotAuthorizedException
    if connection.scope["type"] == "http" and connection.scope["method"] == "OPTIONS":
        return
    allowed = handler.opt.get("roles", frozenset[Role]())
    if connection.user.role not in allowed:
        raise PermissionDeniedException
