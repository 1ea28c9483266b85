"""Everything of a viewer at once: taken out, or erased (GDPR Art. 15, 17, 20)."""

from typing import Any

from litestar import Controller, Request, Response, delete, get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency, Provide

from genservice.api.accepting import wants_html
from genservice.api.access import OF_A_VIEWER, roles
from genservice.api.document import ALSO_ANSWERS
from genservice.api.export_page import ExportPage, load_page
from genservice.api.problems import problems
from genservice.api.service import Service
from genservice.confirmations import Confirmed
from genservice.domain import ViewerId
from genservice.errors import InvalidInputError, Problem
from genservice.rights import ViewerExport

OF_VIEWERS = roles("app", "privacy_officer", viewer=True)
"""An app on its viewer's behalf, a privacy officer, and the viewer by a token."""
NO_STORE = CacheControlHeader(no_store=True)


class ViewerController(Controller):
    """All that is held of a viewer."""

    path = "/v1/viewers/{viewer_id:str}"
    tags = ("Viewers",)
    opt = OF_VIEWERS
    cache_control = NO_STORE
    dependencies = {**OF_A_VIEWER, "page": Provide(load_page, use_cache=True, sync_to_thread=True)}

    @get(
        "/export",
        opt={ALSO_ANSWERS: ("text/html",)},
        operation_id="export_viewer",
        responses=problems(406),
    )
    async def export(
        self,
        viewer: NamedDependency[ViewerId],
        request: Request[Any, Any, Any],
        service: NamedDependency[Service],
        page: NamedDependency[ExportPage],
    ) -> Response[ViewerExport]:
        """Everything that is held of a viewer, as JSON; with `Accept: text/html`, as a page to read.

        The JSON has a schema of its own, `docs/schema/viewer-export.schema.json`.
        """
        as_page = wants_html(request.headers.get("accept", ""))
        export = await service.rights.export(viewer)
        return await page.response(export, service) if as_page else Response(export)

    @delete("/", status_code=200, operation_id="erase_viewer", responses=problems())
    async def erase(
        self, viewer: NamedDependency[ViewerId], service: NamedDependency[Service]
    ) -> Confirmed:
        """Erase everything that is held of a viewer, and destroy their key; answered when nothing is left.

        The confirmation is signed, says how much was erased, and names nobody; with the secret beside
        it, which is given out once, whoever knows the id can show whose it is.
        """
        return await service.rights.erase(viewer)


def before(cursor: str | None) -> int | None:
    """The number that a cursor stands for.

    Raises:
        InvalidInputError: It is no cursor of ours.
    """
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16):
        raise InvalidInputError(Problem(pointer="#/cursor", detail="not a cursor"))
    return int(cursor)
