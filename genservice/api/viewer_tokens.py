"""Tokens for viewers, made by the apps that know them."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from genservice.api.access import OF_A_VIEWER, roles
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.domain.viewers import ViewerId
from genservice.tokens import LONGEST_MINUTES


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a token is to last."""

    minutes: Annotated[int, Meta(ge=1, le=LONGEST_MINUTES)] = 10


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A token, shown this once."""

    token: str
    """Goes in `Authorization: Bearer`, like a key."""
    expires_at: datetime


class ViewerTokenController(Controller):
    """What lets a viewer ask without an app in between."""

    path = "/v1/viewers/{viewer_id:str}/tokens"
    tags = ("Viewers",)
    dependencies = OF_A_VIEWER

    @post(
        "/",
        opt=roles("app", "privacy_officer"),
        operation_id="create_viewer_token",
        responses=problems(413, 415),
    )
    async def create_token(
        self,
        viewer: NamedDependency[ViewerId],
        data: JSONBody[TokenRequest],
        service: NamedDependency[Service],
    ) -> TokenAnswer:
        """A token for one viewer and some minutes; it opens what is marked for viewers, of theirs alone.

        It is made for any id: whether anything is held of that viewer is not looked at.
        """
        issued = service.tokens.issue(viewer, minutes=data.minutes)
        return TokenAnswer(token=issued.token, expires_at=issued.expires_at)
