"""Consents of a viewer: given, withdrawn, and on record (GDPR Art. 7)."""

from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, JSONBody, QueryParameter

from genservice.api.access import OF_A_VIEWER
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.api.viewer_schemas import (
    EXAMPLE_CONSENTS,
    ConsentsAnswer,
    ConsentsRecorded,
    ConsentsRequest,
    WithdrawRequest,
)
from genservice.api.viewers import NO_STORE, OF_VIEWERS, before
from genservice.domain.viewers import ConsentAct, ViewerId
from genservice.policy import require_region
from genservice.rights import Withdrawal

_EXAMPLE = Body(examples=[Example(summary="Two consents, given", value=EXAMPLE_CONSENTS)])


class ViewerConsentController(Controller):
    """What a viewer agreed to. Acts are only ever added."""

    path = "/v1/viewers/{viewer_id:str}/consents"
    tags = ("Viewers",)
    opt = OF_VIEWERS
    cache_control = NO_STORE
    dependencies = OF_A_VIEWER

    @get("/", operation_id="list_viewer_consents", responses=problems())
    async def list_consents(
        self,
        viewer: NamedDependency[ViewerId],
        service: NamedDependency[Service],
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
        cursor: Annotated[str | None, QueryParameter()] = None,
    ) -> ConsentsAnswer:
        """Every act of consent, the last one first, and the consents that stand."""
        page = await service.viewer_consents.page(viewer, limit=limit, before=before(cursor))
        return ConsentsAnswer(
            standing=page.standing,
            items=page.items,
            next=None if page.next is None else str(page.next),
        )

    @post("/", operation_id="record_viewer_consents", responses=problems(409, 413, 415))
    async def record_consents(
        self,
        viewer: NamedDependency[ViewerId],
        data: Annotated[ConsentsRequest, _EXAMPLE],
        service: NamedDependency[Service],
    ) -> ConsentsRecorded:
        """Record what a viewer agreed to or withdrew; the service adds number and time."""
        for index, act in enumerate(data.acts):
            _require_region(act.region, pointer=f"#/acts/{index}/region")
        acts = [
            ConsentAct(
                consent=act.consent,
                action=act.action,
                source=act.source,
                text_version=act.text_version,
                language=act.language,
                region=act.region,
                method=act.method,
            )
            for act in data.acts
        ]
        recorded = await service.viewer_consents.record(viewer, acts)
        return ConsentsRecorded(standing=recorded.standing, recorded=recorded.items)

    @post("/withdraw", operation_id="withdraw_viewer_consents", responses=problems(409, 413, 415))
    async def withdraw_consents(
        self,
        viewer: NamedDependency[ViewerId],
        data: JSONBody[WithdrawRequest],
        service: NamedDependency[Service],
    ) -> ConsentsRecorded:
        """Withdraw consents, by name or all that stand; it counts from the next request on."""
        _require_region(data.region, pointer="#/region")
        how = Withdrawal(
            source=data.source,
            text_version=data.text_version,
            language=data.language,
            region=data.region,
            method=data.method,
        )
        recorded = await service.viewer_consents.withdraw(viewer, data.consents, how)
        return ConsentsRecorded(standing=recorded.standing, recorded=recorded.items)


def _require_region(region: str | None, *, pointer: str) -> None:
    if region is not None:
        require_region(region, pointer=pointer)
