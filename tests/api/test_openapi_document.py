"""The OpenAPI document is valid, whole, and says what requests and answers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from genservice.api.problems import KINDS, MEDIA_TYPE
from tests.openapi_service import described

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBLEM = {"$ref": "#/components/schemas/ProblemOut"}
DOCUMENT = described()
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
BODIES = sorted(name for name, operation in OPERATIONS.items() if "requestBody" in operation)

every_operation = pytest.mark.parametrize("name", sorted(OPERATIONS))


def test_it_keeps_to_the_specification() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_it_is_what_the_service_answers(api) -> None:
    for address in ("/schema", "/schema/openapi.json"):
        assert api.get(address).json() == DOCUMENT


def test_it_tells_of_every_route(api) -> None:
    served = {
        f"{method} {route.path_format}"
        for route in api.client.app.routes
        for method in route.methods
        if method != "OPTIONS" and not route.path_format.startswith("/schema")
    }
    assert set(OPERATIONS) == served


@every_operation
def test_an_operation_has_a_name_a_sentence_and_a_tag(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["operationId"].isidentifier()
    assert operation["operationId"] == operation["operationId"].lower()
    assert " " in operation["summary"]
    assert not operation["summary"].endswith(".")
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    assert set(operation["tags"]) <= tags
    assert len(operation["tags"]) == 1


def test_no_two_operations_have_one_name() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


@every_operation
def test_an_operation_tells_of_what_any_may_answer(name: str) -> None:
    operation = OPERATIONS[name]
    statuses = {int(status) for status in operation["responses"]}
    assert {414, 431, 503} <= statuses
    if operation.get("security") != []:
        assert {400, 401, 403, 429} <= statuses
    if "requestBody" in operation:
        assert {408, 413, 415} <= statuses
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match":
            assert 412 in statuses
            assert parameter["required"] == (428 in statuses)


@every_operation
def test_what_fails_is_a_problem_of_a_type_that_is_known(name: str) -> None:
    for status, response in OPERATIONS[name]["responses"].items():
        if int(status) < 400:
            assert MEDIA_TYPE not in response.get("content", {})
            continue
        content = response["content"][MEDIA_TYPE]
        assert content["schema"] == PROBLEM
        assert content["example"]["status"] == int(status)
        assert content["example"]["type"] == f"urn:genservice:problem:{KINDS[int(status)][0]}"


@every_operation
def test_parameters_say_what_may_stand_there(name: str) -> None:
    for parameter in OPERATIONS[name].get("parameters", ()):
        schema = parameter["schema"]
        assert {"type": "null"} not in schema.get("oneOf", ())
        if parameter["in"] == "path":
            assert parameter["required"]
            assert "pattern" in schema or "enum" in schema


@pytest.mark.parametrize("name", BODIES)
def test_bodies_of_requests_take_no_unknown_fields(name: str) -> None:
    content = OPERATIONS[name]["requestBody"]["content"]
    if "application/json" not in content or content["application/json"]["schema"] == {}:
        assert OPERATIONS[name]["operationId"] == "import_titles"
        return
    seen = list(_objects(content["application/json"]["schema"], set()))
    assert seen
    for schema in seen:
        # An object either lists its fields, or has names of the caller's own: signals, files.
        assert schema.get("additionalProperties") is False or "properties" not in schema


def test_examples_are_what_their_schemas_allow() -> None:
    examples = list(_examples())
    assert len(examples) > 100
    for where, schema, example in examples:
        validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
        assert [error.message for error in validator.iter_errors(example)] == [], where


def test_every_json_body_has_an_example() -> None:
    for name in BODIES:
        content = OPERATIONS[name]["requestBody"]["content"].get("application/json", {})
        if content.get("schema"):
            assert content.get("examples"), name


def _objects(schema: dict[str, Any], met: set[str]) -> Iterator[dict[str, Any]]:
    """Every schema of an object that a schema leads to."""
    reference = schema.get("$ref", "")
    if reference in met:
        return
    if reference:
        met.add(reference)
        yield from _objects(_resolved(reference), met)
    if schema.get("type") == "object":
        yield schema
    inner = [
        *schema.get("properties", {}).values(),
        schema.get("items"),
        schema.get("additionalProperties"),
    ]
    for kind in ("anyOf", "oneOf", "allOf"):
        inner += schema.get(kind, ())
    for each in inner:
        if isinstance(each, dict):
            yield from _objects(each, met)


def _resolved(reference: str) -> dict[str, Any]:
    return DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]


def _examples() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example, the schema that it is one of, and where it stands."""
    for name, operation in OPERATIONS.items():
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (kind for each in contents for kind in each.get("content", {}).values()):
            if "example" in content:
                yield name, content["schema"], content["example"]
            for example in content.get("examples", {}).values():
                yield name, content["schema"], example["value"]
        for parameter in operation.get("parameters", ()):
            for example in parameter["schema"].get("examples", ()):
                yield name, parameter["schema"], example
    for name, schema in DOCUMENT["components"]["schemas"].items():
        yield from _examples_in(schema, name)


def _examples_in(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any], Any]]:
    if isinstance(schema, list):
        for each in schema:
            yield from _examples_in(each, where)
    if isinstance(schema, dict):
        for example in schema.get("examples", ()):
            yield where, schema, example
        for name, each in schema.items():
            if name not in ("examples", "default", "enum"):
                yield from _examples_in(each, f"{where}/{name}")
