"""What the framework would answer by itself, put right."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.routes import HTTPRoute


async def answer_options(request: Request[Any, Any, Any]) -> Response[None] | None:
    """For OPTIONS, the methods that are served at an address; before any handler.

    The framework's own answer forgets methods where several handlers share an address.
    """
    if request.method != "OPTIONS":
        return None
    address = request.scope["path_template"]
    served = {
        method
        for route in request.app.routes
        if isinstance(route, HTTPRoute) and route.path_format == address
        for method in route.methods
    }
    return Response(None, status_code=204, headers={"Allow": ", ".join(sorted(served))})


async def only_documents(request: Request[Any, Any, Any]) -> None:
    """Below the address of the OpenAPI document, nothing that is not one.

    Raises:
        NotFoundException: Only the framework's page for all else takes a path, and it is HTML.
    """
    if request.path_params:
        raise NotFoundException
