"""The OpenAPI document, served below `/schema`."""

from litestar import Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from genservice import __version__
from genservice.api.access import ANYONE_WITH_A_KEY
from genservice.api.defaults import only_documents


def openapi_config() -> OpenAPIConfig:
    """How the service describes itself, to whoever has a key."""
    return OpenAPIConfig(
        title="genservice",
        version=__version__,
        description="Personalised synopses and promos, with a receipt of what was used and held back.",
        openapi_router=Router(
            path="/schema",
            route_handlers=[],
            opt=dict(ANYONE_WITH_A_KEY),
            before_request=only_documents,
        ),
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"])],
        security=[{"key": []}],
        components=Components(
            security_schemes={
                "key": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="An API key (`gs_...`); where a viewer may ask, a viewer token as well.",
                )
            }
        ),
        use_handler_docstrings=True,
    )
