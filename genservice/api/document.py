"""The OpenAPI document: what the framework finds of the routes, put right and added to.

Schemas are made by msgspec, which also reads what is sent and writes what is answered: the framework's
own lose limits of items, and say nothing of unknown fields, which are refused.
"""

from collections.abc import Iterator
from copy import deepcopy
from inspect import cleandoc
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from genservice.api.examples import BODIES
from genservice.api.problems import KINDS, MEDIA_TYPE, ProblemOut, example_problem
from genservice.domain.access import ROLES

ALSO_ANSWERS = "also_answers"
"""Option of a route: other media types of its answer, besides the one it declares."""
TAKES_FILES = "takes_files"
"""Option of a route: the media types of its body, which is a file."""

_SCHEMAS = "#/components/schemas/"
_ANYWHERE = (414, 431, 503)
"""What any route may answer, whoever asks and whatever for."""
_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "Names the request, as the log does.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "WWW-Authenticate": {
        "description": "How to say who asks.",
        "required": True,
        "schema": {"const": "Bearer"},
    },
    "Retry-After": {
        "description": "Seconds until it is worth asking again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "RateLimit-Policy": {
        "description": "Requests (`q`) in seconds (`w`) that the key, or the viewer, may make.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "Requests that are left (`r`), and seconds until all are there again (`t`).",
        "schema": {"type": "string"},
    },
}
_OF_STATUS = {"401": ("WWW-Authenticate",), "429": ("Retry-After",), "503": ("Retry-After",)}
"""Headers of the problems of a status, besides those of every answer."""


class Document(JsonRenderPlugin):
    """Serves the document, which is made when it is first asked for."""

    _rendered: bytes | None = None

    def render(self, request: Any, openapi_schema: dict[str, Any]) -> bytes:
        """The document as JSON."""
        if self._rendered is None:
            made = document(request.app, openapi_schema)
            self._rendered = self.render_json(request, made)
        return self._rendered


def document(app: Litestar, found: dict[str, Any]) -> dict[str, Any]:
    """The document of an application.

    Args:
        app: Its routes are described.
        found: What the framework found of them.
    """
    made = deepcopy(found)
    handlers = {str(handler.operation_id): handler for handler in _handlers(app)}
    made["components"]["schemas"] = _schemas(list(handlers.values()))
    made["components"]["headers"] = _HEADERS
    for path in made["paths"].values():
        for operation in path.values():
            _complete(operation, handlers[operation["operationId"]])
    return made


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.resolve_include_in_schema():
                    yield handler


def _schemas(handlers: list[HTTPRouteHandler]) -> dict[str, Any]:
    """The schemas of every struct that these handlers take or answer, by name."""
    structs: set[type[msgspec.Struct]] = {ProblemOut}
    for handler in handlers:
        structs.update(_structs(handler.parsed_return_field))
        if handler.parsed_data_field is not None:
            structs.update(_structs(handler.parsed_data_field))
        for spec in (handler.responses or {}).values():
            structs.update(_structs(FieldDefinition.from_annotation(spec.data_container)))
    _, schemas = msgspec.json.schema_components(
        sorted(structs, key=lambda struct: struct.__name__), ref_template=_SCHEMAS + "{name}"
    )
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = cleandoc(schema["description"])
    return schemas


def _structs(field: FieldDefinition) -> Iterator[type[msgspec.Struct]]:
    if not field.is_union and field.is_subclass_of(msgspec.Struct):
        yield field.annotation
    for inner in field.inner_types:
        yield from _structs(inner)


def _complete(operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
    is_open = bool(handler.opt.get("open"))
    summary, _, more = operation["description"].partition("\n\n")
    operation["summary"] = " ".join(summary.split()).removesuffix(".")
    operation["description"] = "\n\n".join(filter(None, (more, _for_whom(handler))))
    if is_open:
        operation["security"] = []
    _complete_request(operation, handler)
    responses = operation["responses"]
    for kind in handler.opt.get(ALSO_ANSWERS, ()):
        responses["200"]["content"][kind] = {"schema": {"type": "string"}}
    for status in _ANYWHERE:
        responses.setdefault(str(status), {"description": KINDS[status][1]})
    for status, response in sorted(responses.items()):
        _complete_response(status, response, limited=not is_open)
    operation["responses"] = dict(sorted(responses.items()))


def _complete_request(operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
        if parameter["name"] == "If-Match" and "428" in operation["responses"]:
            # The framework would refuse what lacks it with 400, which says less.
            parameter["required"] = True
    if "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            _move_examples(content)
            if operation["operationId"] in BODIES:
                content.setdefault("examples", {})["a body"] = {
                    "value": BODIES[operation["operationId"]]
                }
    if files := handler.opt.get(TAKES_FILES):
        content: dict[str, Any] = {kind: {"schema": {}} for kind in sorted(files)}
        # No body is a file with nothing in it.
        operation["requestBody"] = {"content": content, "required": False}


def _for_whom(handler: HTTPRouteHandler) -> str:
    if handler.opt.get("open"):
        return "Open: no key is needed."
    allowed = handler.opt["roles"]
    said = f"For keys of: {', '.join(role for role in ROLES if role in allowed)}."
    return f"{said} For the viewer, by a token." if handler.opt.get("viewer") else said


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter: left out it may be, but nothing in an address or header is null."""
    kinds = [kind for kind in schema.get("oneOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{key: value for key, value in schema.items() if key != "oneOf"}}


def _move_examples(content: dict[str, Any]) -> None:
    """Put examples of a body beside its schema: the framework makes a schema of its own for them."""
    schema = content.get("schema", {})
    if len(schema.get("allOf", ())) == 1:
        content["schema"] = schema["allOf"][0]
        content["examples"] = {
            f"example-{number}": {"value": value}
            for number, value in enumerate(schema.get("examples", ()), 1)
        }


def _complete_response(status: str, response: dict[str, Any], *, limited: bool) -> None:
    headers = response.setdefault("headers", {})
    for header in headers.values():
        # What has no fixed value, the framework describes without a schema, which none may lack.
        header.setdefault("schema", {"type": "string"})
    names = ["X-Request-ID"]
    if status not in {"414", "431"} and limited:
        names += ["RateLimit-Policy", "RateLimit"]
    if int(status) >= 400:
        content: dict[str, Any] = response.setdefault("content", {})
        if set(content) <= {MEDIA_TYPE}:
            names += _OF_STATUS.get(status, ())
        content[MEDIA_TYPE] = {
            "schema": {"$ref": f"{_SCHEMAS}{ProblemOut.__name__}"},
            "example": msgspec.to_builtins(example_problem(int(status))),
        }
    headers.update({name: {"$ref": f"#/components/headers/{name}"} for name in names})
