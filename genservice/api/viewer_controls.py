"""Controls of a viewer, and what a viewer objects to (GDPR Art. 21)."""

from typing import Annotated

from litestar import Controller, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, HeaderParameter

from genservice.api.access import OF_A_VIEWER
from genservice.api.headers import ETAG
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.api.viewer_schemas import EXAMPLE_CONTROLS, ControlsRequest, ObjectionsAnswer
from genservice.api.viewers import NO_STORE, OF_VIEWERS
from genservice.domain import Controls, Purpose, ViewerId
from genservice.errors import PreconditionFailedError
from genservice.rights import ControlsKept, controls_kept

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match")]
_EXAMPLE = Body(examples=[Example(summary="What can be switched", value=EXAMPLE_CONTROLS)])


class ViewerControlController(Controller):
    """What a viewer switched. Policy and controls combine to the stricter."""

    path = "/v1/viewers/{viewer_id:str}"
    tags = ("Viewers",)
    opt = OF_VIEWERS
    cache_control = NO_STORE
    dependencies = OF_A_VIEWER

    @get(
        "/controls", operation_id="get_viewer_controls", response_headers=ETAG, responses=problems()
    )
    async def get_controls(
        self, viewer: NamedDependency[ViewerId], service: NamedDependency[Service]
    ) -> Response[ControlsKept]:
        """What a viewer switched; the ETag is its revision, `"0"` where nothing ever was."""
        return _with_tag(*await service.viewers.controls(viewer))

    @put(
        "/controls",
        operation_id="put_viewer_controls",
        response_headers=ETAG,
        responses=problems(409, 412, 413, 415),
    )
    async def put_controls(
        self,
        viewer: NamedDependency[ViewerId],
        data: Annotated[ControlsRequest, _EXAMPLE],
        service: NamedDependency[Service],
        if_match: IfMatch = None,
    ) -> Response[ControlsKept]:
        """Set all controls; they bind the next request. With If-Match, only if that revision is held."""
        controls = Controls(
            level=data.level,
            signals_off=tuple(sorted({*data.signals_off})),
            themes_left_out=tuple(sorted({*data.themes_left_out})),
            titles_left_out=tuple(sorted({*data.titles_left_out})),
            objections=tuple(sorted({*data.objections})),
        )
        service.rights.require_controls(
            signals_off=data.signals_off, themes_left_out=data.themes_left_out
        )
        revision = await _revision(if_match, viewer, service)
        held = await service.viewers.set_controls(viewer, controls, if_revision=revision)
        return _with_tag(controls, held)

    @get("/objections", operation_id="list_viewer_objections", responses=problems())
    async def list_objections(
        self, viewer: NamedDependency[ViewerId], service: NamedDependency[Service]
    ) -> ObjectionsAnswer:
        """The purposes that a viewer objected to; they stand in the controls as well."""
        controls, _ = await service.viewers.controls(viewer)
        return ObjectionsAnswer(objections=controls.objections)

    @put("/objections/{purpose:str}", operation_id="object_viewer", responses=problems(409))
    async def object_to(
        self,
        viewer: NamedDependency[ViewerId],
        purpose: FromPath[Purpose],
        service: NamedDependency[Service],
    ) -> ObjectionsAnswer:
        """Object to a purpose: from the next request on, nothing of the viewer's is used for it."""
        controls = await service.rights.object_to(viewer, purpose, objects=True)
        return ObjectionsAnswer(objections=controls.objections)

    @delete(
        "/objections/{purpose:str}",
        status_code=200,
        operation_id="stop_objecting_viewer",
        responses=problems(409),
    )
    async def stop_objecting(
        self,
        viewer: NamedDependency[ViewerId],
        purpose: FromPath[Purpose],
        service: NamedDependency[Service],
    ) -> ObjectionsAnswer:
        """No longer object to a purpose."""
        controls = await service.rights.object_to(viewer, purpose, objects=False)
        return ObjectionsAnswer(objections=controls.objections)


def _with_tag(controls: Controls, revision: int) -> Response[ControlsKept]:
    return Response(controls_kept(controls), headers={"ETag": f'"{revision}"'})


async def _revision(if_match: str | None, viewer: ViewerId, service: Service) -> int | None:
    """The revision that must still be held when the controls are set; None: any.

    Raises:
        PreconditionFailedError: If-Match names another one.
    """
    tags = [tag.strip() for tag in (if_match or "*").split(",")]
    if "*" in tags:
        return None
    _, revision = await service.viewers.controls(viewer)
    if not {f'"{revision}"', str(revision)}.intersection(tags):
        raise PreconditionFailedError("If-Match names no revision of these controls that is held.")
    return revision
