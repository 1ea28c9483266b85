"""How a policy set goes live over HTTP: stored, in shadow, in force; and back.

Every act names the version in force that its owner has seen, in If-Match: of two owners who act upon
the same state, one succeeds and the other is told.
"""

from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, HeaderParameter, JSONBody, QueryParameter

from genservice.api.access import roles
from genservice.api.addresses import VersionInPath
from genservice.api.live_schemas import (
    ActivateRequest,
    RollBackRequest,
    ShadowOut,
    ShadowRequest,
    UploadRequest,
    VersionFiles,
    VersionPage,
    shadow_out,
    version_out,
)
from genservice.api.problems import problems
from genservice.api.service import Service, service_of
from genservice.errors import PreconditionRequiredError
from genservice.in_force import Owner
from genservice.store import Act, ActPage

READERS = roles("policy_owner", "privacy_officer", "editor")
OWNERS = roles("policy_owner")
_DETAIL = "If-Match must name the version in force; it is the ETag of GET /v1/policies."

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]
Limit = Annotated[int, QueryParameter(ge=1, le=500)]


def registry_rules(
    connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
) -> None:
    """Guard of what only the registry does: where the folder rules, no body makes a difference.

    Raises:
        ConflictError: The folder rules.
    """
    service_of(connection).policy_acts.require_registry()


class GoingLiveController(Controller):
    """Versions of the policy set, and what is done with them."""

    path = "/v1/policies"
    tags = ("Policies",)
    opt = READERS

    @get("/versions", operation_id="list_policy_versions", responses=problems())
    async def list_versions(
        self,
        service: NamedDependency[Service],
        limit: Limit = 50,
        cursor: FromQuery[str | None] = None,
    ) -> VersionPage:
        """Every version that was ever in force or uploaded, the last stored first."""
        page = await service.policy_history.versions(limit=limit, cursor=cursor)
        items = (version_out(version, act, page.standing) for version, act in page.items)
        return VersionPage(items=tuple(items), next=page.next)

    @get("/versions/{version:str}", operation_id="get_policy_version", responses=problems(404))
    async def get_version(
        self, version: VersionInPath, service: NamedDependency[Service]
    ) -> VersionFiles:
        """The files of a version."""
        held = await service.policy_versions.get(version)
        if held is None:
            raise NotFoundException
        return VersionFiles(version=held.version, accepted_at=held.accepted_at, files=held.files)

    @get("/acts", operation_id="list_policy_acts", responses=problems())
    async def list_acts(
        self,
        service: NamedDependency[Service],
        limit: Limit = 50,
        cursor: FromQuery[str | None] = None,
    ) -> ActPage:
        """Who did what to the policies, when and why, the last act first."""
        return await service.policy_history.acts(limit=limit, cursor=cursor)

    @post(
        "/versions",
        opt=OWNERS,
        operation_id="upload_policies",
        responses=problems(404, 409, 412, 413, 415, 428),
    )
    async def upload(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[UploadRequest],
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> Act:
        """Store a draft after its tests passed; `to` of the answer is its version. Nothing else changes."""
        owner = _owner(request, if_match)
        return await service.policy_acts.upload(
            data.files, base=data.base, why=data.why, owner=owner
        )

    @get("/shadow", operation_id="get_policy_shadow", responses=problems())
    async def get_shadow(self, service: NamedDependency[Service]) -> ShadowOut:
        """What the version in shadow would have changed, in all processes."""
        return shadow_out(*await service.policy_acts.counted())

    @post(
        "/shadow",
        status_code=200,
        opt=OWNERS,
        operation_id="shadow_policies",
        responses=problems(404, 409, 412, 413, 415, 428),
    )
    async def shadow(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[ShadowRequest],
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> Act:
        """Decide every request under a version too, beside the one in force; null stops that."""
        owner = _owner(request, if_match)
        return await service.policy_acts.shadow(data.version, why=data.why, owner=owner)

    @post(
        "/activate",
        status_code=200,
        opt=OWNERS,
        guards=[registry_rules],
        operation_id="activate_policies",
        responses=problems(404, 409, 412, 413, 415, 428),
    )
    async def activate(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[ActivateRequest],
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> Act:
        """Put a version in force; where files rule, answered 409."""
        owner = _owner(request, if_match)
        return await service.policy_acts.activate(data.version, why=data.why, owner=owner)

    @post(
        "/rollback",
        status_code=200,
        opt=OWNERS,
        guards=[registry_rules],
        operation_id="roll_back_policies",
        responses=problems(404, 409, 412, 413, 415, 428),
    )
    async def roll_back(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[RollBackRequest],
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> Act:
        """Put the version in force again that was before; where files rule, answered 409."""
        owner = _owner(request, if_match)
        return await service.policy_acts.roll_back(data.to, why=data.why, owner=owner)


def _owner(request: Request[Any, Any, Any], if_match: str | None) -> Owner:
    """Who acts, and upon which version.

    Raises:
        PreconditionRequiredError: If-Match names no version: `*` would let two owners act at once.
    """
    tag = (if_match or "").strip()
    if tag in {"", "*"}:
        raise PreconditionRequiredError(_DETAIL)
    return Owner(key=request.user.id, expected=tag.removeprefix('"').removesuffix('"'))
