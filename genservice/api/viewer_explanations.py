"""Why a viewer was shown a text (GDPR Art. 13(2)(f), 15(1)(h))."""

from typing import Annotated, Any, cast

from litestar import Controller, MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from genservice.api.accepting import wants_text
from genservice.api.access import OF_A_VIEWER
from genservice.api.addresses import ShownIdInPath
from genservice.api.document import ALSO_ANSWERS
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.api.viewer_schemas import ShownAnswer
from genservice.api.viewers import NO_STORE, OF_VIEWERS, before
from genservice.domain import ViewerId
from genservice.rights import Why


class ViewerExplanationController(Controller):
    """What a viewer was shown, and why."""

    path = "/v1/viewers/{viewer_id:str}/explanations"
    tags = ("Viewers",)
    opt = OF_VIEWERS
    cache_control = NO_STORE
    dependencies = OF_A_VIEWER

    @get("/", operation_id="list_viewer_explanations", responses=problems())
    async def list_explanations(
        self,
        viewer: NamedDependency[ViewerId],
        service: NamedDependency[Service],
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
        cursor: Annotated[str | None, QueryParameter()] = None,
    ) -> ShownAnswer:
        """The texts that a viewer was shown, the last one first, and what of the viewer shaped them."""
        page = await service.explanations.page(viewer, limit=limit, before=before(cursor))
        return ShownAnswer(items=page.items, next=None if page.next is None else str(page.next))

    @get(
        "/{shown_id:str}",
        opt={ALSO_ANSWERS: ("text/plain",)},
        operation_id="explain_to_viewer",
        responses=problems(404, 406),
    )
    async def explain(
        self,
        viewer: NamedDependency[ViewerId],
        shown_id: ShownIdInPath,
        request: Request[Any, Any, Any],
        service: NamedDependency[Service],
    ) -> Response[Why]:
        """Why a viewer was shown a text, by the id of its blurb or receipt; also where nothing was used.

        With `Accept: text/plain`, as a text. Answered 404 for what this viewer was not shown, and for
        what is forgotten.
        """
        as_text = wants_text(request.headers.get("accept", ""))
        why = await service.explanations.why(viewer, shown_id)
        if why is None:
            raise NotFoundException
        if as_text:
            # The annotation is what OpenAPI tells of JSON; the same in words has no schema.
            return Response(cast("Any", f"{why}\n"), media_type=MediaType.TEXT)
        return Response(why)
