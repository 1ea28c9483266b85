"""The JSON Schema of an export, for whoever takes one in."""

from __future__ import annotations

from typing import Any

import msgspec

from genservice.docstrings import told_below_fields
from genservice.rights import shapes
from genservice.rights.shapes import ViewerExport

FILE = "viewer-export.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def export_schema() -> dict[str, Any]:
    """The JSON Schema of what `GET /v1/viewers/{viewer_id}/export` answers."""
    _, defs = msgspec.json.schema_components([ViewerExport], ref_template="#/$defs/{name}")
    told = told_below_fields(shapes)
    described = {name: _described(schema, told.get(name, {})) for name, schema in defs.items()}
    whole = described.pop(ViewerExport.__name__)
    return {
        "$schema": DIALECT,
        "title": "Export of a viewer",
        **whole,
        "$defs": dict(sorted(described.items())),
    }


def _described(schema: dict[str, Any], told: dict[str, str]) -> dict[str, Any]:
    properties = {
        name: {"description": told[name], **item} if name in told else item
        for name, item in schema.get("properties", {}).items()
    }
    rest = {key: item for key, item in schema.items() if key != "title"}
    return {**rest, "properties": properties}
