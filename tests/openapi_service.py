"""A small service that listens, its OpenAPI document, and everybody who may ask for each operation."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections import Counter
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import requests
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from litestar.serialization import encode_json
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from genservice.api.document import document
from genservice.app import create_app, utc_now
from genservice.domain.access import ROLES
from genservice.generation import Scripted
from genservice.listening.connections import served
from genservice.settings import Settings
from genservice.store import open_store
from tests.small_service import small_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemathesis import Case
    from schemathesis.core.transport import Response
    from schemathesis.schemas import APIOperation, BaseSchema

PATIENCE = 120
AGAIN = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
"""What failed fails again."""
NOTHING_TO_SERVE = "No text can be served"
"""What is answered 503 in good order: no text exists in a language that nobody writes here."""
UNLIMITED = ", ".join(f"{name}=off" for name in (*ROLES, "viewer", "failed"))
"""Tests ask as fast as they can."""
VIEWER = "viewer"
"""Who has a viewer token, among roles."""
OWN = "v-fuzzed"
"""The viewer whom that token is for."""


class Listening:
    """The service at an address of its own, as `genservice serve` has it."""

    def __init__(self, address: str, app: Any, keys: dict[str, str]) -> None:
        self.address = address
        document = described()
        self.schema = schema_of(document, examples=1)
        self._told = {
            told["operationId"]: (method.upper(), path, told)
            for path, operations in document["paths"].items()
            for method, told in operations.items()
        }
        self.keys = keys
        self._turns: Counter[str] = Counter()
        self._closed: set[str] = set()
        self.session = requests.Session()
        # No proxy of the machine's.
        self.session.trust_env = False
        self._handlers = {
            handler.operation_id: handler
            for route in app.routes
            for handler in getattr(route, "route_handlers", ())
        }

    def as_(self, caller: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[caller]}"}

    def callers(self, operation_id: str) -> list[str]:
        """Everybody who may ask for an operation; nobody is named for one that is open."""
        options = self._handlers[operation_id].opt
        viewer = [VIEWER] if options.get("viewer") else []
        return [role for role in ROLES if role in options.get("roles", ())] + viewer

    def _next_caller(self, operation: APIOperation[Any, Any, Any, Any]) -> str | None:
        """One of them after another."""
        callers = self.callers(operation.definition.raw["operationId"])
        if not callers:
            return None
        self._turns[operation.label] += 1
        return callers[self._turns[operation.label] % len(callers)]

    def hold(self, case: Case) -> None:
        """Ask, and hold the answer to the document."""
        caller = self._next_caller(case.operation)
        if caller == VIEWER and case.meta is not None and case.meta.generation.mode.is_positive:
            case.path_parameters = {**case.path_parameters, "viewer_id": "me"}
        headers = self.as_(caller) if caller else {}
        response = case.call(base_url=self.address, headers=headers, session=self.session)
        # Much is refused although its schema allows it: words must be known, ids held, receipts genuine.
        never = [positive_data_acceptance]
        if response.status_code == 503 and NOTHING_TO_SERVE in response.text:
            never.append(not_a_server_error)
        if case.operation.label in self._closed:
            # It was seen that nobody gets in without a key or with a wrong one; that asks twice more each time.
            never.append(ignored_auth)
        case.validate_response(
            response,
            excluded_checks=never,
            headers=headers,
            transport_kwargs={"session": self.session, "base_url": self.address},
        )
        if (
            response.status_code < 300
            and case.meta is not None
            and case.meta.generation.mode.is_positive
        ):
            self._closed.add(case.operation.label)

    def ask(self, operation_id: str, caller: str | None = "admin", **parts: Any) -> Response:
        """The answer to a request made by hand, which keeps to the document and succeeds."""
        headers = {**(self.as_(caller) if caller else {}), **parts.pop("headers", {})}
        case = self.schema.find_operation_by_id(operation_id).Case(**parts)
        response = case.call_and_validate(
            base_url=self.address, headers=headers, session=self.session
        )
        assert response.status_code < 300, (operation_id, response.status_code, response.text)
        return response

    def status(self, operation_id: str, **parts: Any) -> int:
        """The status of an answer to an admin that need not be a success, but keeps to the document."""
        case = self.schema.find_operation_by_id(operation_id).Case(**parts)
        headers = self.as_("admin")
        response = case.call_and_validate(
            base_url=self.address, headers=headers, session=self.session
        )
        return response.status_code

    def bodies(self) -> Iterator[tuple[str, Any]]:
        """Operations that take JSON, each with an example of a body."""
        for operation_id, (_, _, told) in self._told.items():
            content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                yield operation_id, example["value"]

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Operations, with their addresses."""
        for operation_id, (_, address, _) in self._told.items():
            yield operation_id, address

    def takes_a_query(self, operation_id: str) -> bool:
        told = self._told[operation_id][2]
        return any(parameter["in"] == "query" for parameter in told.get("parameters", ()))

    def send(
        self,
        operation_id: str,
        places: Mapping[str, str] | None = None,
        *,
        body: bytes | None = None,
        query: str = "",
        headers: Mapping[str, Any] | None = None,
    ) -> None:
        """Ask for an operation with anything at all, and hold the answer to the document."""
        method, address, told = self._told[operation_id]
        for name in re.findall(r"\{(\w+)\}", address):
            address = address.replace(f"{{{name}}}", (places or {}).get(name, "a"))
        answer = self.raw(method, f"{address}?{query}" if query else address, body, headers)
        sent = (operation_id, places, query, headers, (body or b"")[:200])
        assert answer.status_code < 500, (sent, answer.text)
        if answer.status_code in (404, 405) and places:
            # Another address than the operation's.
            assert answer.headers["content-type"] == "application/problem+json", sent
            return
        assert str(answer.status_code) in told["responses"], (sent, answer.text)
        self.schema.find_operation_by_id(operation_id).validate_response(answer)

    def raw(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        headers: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        """The answer to a request of an admin, to whom everything is open, sent as it is."""
        said = {"Content-Type": "application/json", **self.as_("admin"), **(headers or {})}
        request = requests.Request(method, self.address, headers=said, data=body)
        prepared = self.session.prepare_request(request)
        prepared.method = method
        # What is sent is what was said: the library would put it right.
        prepared.url = self.address + address
        return self.session.send(prepared, timeout=PATIENCE)


@contextmanager
def listening(folder: Path, **changes: Any) -> Iterator[Listening]:
    """A small service in a thread, with the scripted model; the registry rules its policies."""
    load_all_checks()
    configured = small_settings(
        folder, **{"twins": "", "rate_limits": UNLIMITED, "policy_source": "registry", **changes}
    )
    app = create_app(configured, model=Scripted(), reserve=Scripted(revision="reserve 1"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(served(app, configured))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ends = time.monotonic() + PATIENCE
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < ends
            time.sleep(0.01)
        try:
            yield Listening(address, app, _keys(configured, address))
        finally:
            server.should_exit = True
            thread.join(timeout=PATIENCE)


def _keys(configured: Any, address: str) -> dict[str, str]:
    """A key for every role, made by another process as it were, and a viewer token."""

    async def created() -> dict[str, str]:
        async with open_store(configured.database(), clock=utc_now) as store:
            return {role: (await store.keys.create(role, f"the {role}")).key for role in ROLES}

    keys = asyncio.run(created())
    made = httpx.post(
        f"{address}/v1/viewers/{OWN}/tokens",
        json={"minutes": 60},
        headers={"Authorization": f"Bearer {keys['app']}"},
        trust_env=False,
    )
    return {**keys, VIEWER: made.json()["token"]}


@schemathesis.serializer("application/jsonl", "application/x-ndjson")
def _lines(_context: Any, value: Any) -> bytes:
    """Files of a kind that Schemathesis does not know."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def described() -> dict[str, Any]:
    """The document, as an application that was not even started has it."""
    folder = Path("nowhere")
    app = create_app(Settings(data=folder / "data", keystore=folder / "keystore"))
    return json.loads(encode_json(document(app, app.openapi_schema.to_schema())))


def without_inline_titles(described: dict[str, Any]) -> dict[str, Any]:
    """The document without what requests hold of titles of their own, for an eighth of the requests.

    What a title may hold is asked for where titles are stored.
    """
    brief = deepcopy(described)
    for name in ("BlurbRequest", "CheckRequest"):
        brief["components"]["schemas"][name]["properties"]["title"] = {"type": "null"}
    return brief


def schema_of(described: dict[str, Any], *, examples: int, again: bool = True) -> BaseSchema:
    """What Schemathesis makes of a document.

    Args:
        described: The document.
        examples: How many requests are drawn for each operation, besides those that its schemas suggest.
        again: The same each time.
    """
    schema = schemathesis.openapi.from_dict(described)
    # Who asks is said by the tests.
    schema.config.generation.update(
        with_security_parameters=False, deterministic=again, max_examples=examples
    )
    # If-Match is missed with the status that is made for it.
    schema.config.checks.missing_required_header.expected_statuses = ["401", "403", "428"]
    return schema
