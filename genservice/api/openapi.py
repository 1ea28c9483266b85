"""The OpenAPI document, served below `/schema`."""

from litestar import Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag

from genservice import __version__
from genservice.api.access import ANYONE_WITH_A_KEY
from genservice.api.defaults import only_documents
from genservice.api.document import Document

TAGS = {
    "Writing": "Synopses, promos, and checks of any text.",
    "Catalogue": "Titles and their facts.",
    "Receipts": "The signed accounts of how texts came to be, and the keys to verify them with.",
    "Viewers": "What is held of viewers, and their rights: see, correct, withdraw, take out, erase.",
    "Policies": "The rules in force, drafts, and how one takes the place of the other.",
    "Decision log": "What is signed of the log of decisions, for auditors to keep.",
    "Keys": "Who may ask.",
    "Health": "What load balancers and monitoring read.",
}


def openapi_config() -> OpenAPIConfig:
    """How the service describes itself, to whoever has a key."""
    return OpenAPIConfig(
        title="genservice",
        version=__version__,
        description="Personalised synopses and promos, with a receipt of what was used and held back.",
        openapi_router=Router(
            path="/schema",
            route_handlers=[],
            include_in_schema=False,
            opt=dict(ANYONE_WITH_A_KEY),
            before_request=only_documents,
        ),
        render_plugins=[Document(path=["/", "/openapi.json"])],
        tags=[Tag(name=name, description=told) for name, told in TAGS.items()],
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
