"""The examples of docs/rights.md run as they stand, and are answered as it shows."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")
FENCED = re.findall(r"^```(sh|json)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
HOST = "http://127.0.0.1:8765"
PREFIX = "/v1/viewers/{viewer_id}/"


class Called(NamedTuple):
    """What a line of curl asks for."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None


def read(line: str) -> Called:
    words = iter(shlex.split(line)[1:])
    method, url, body = None, "", None
    headers: dict[str, str] = {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        elif word != "-s":
            url = word
    return Called(method or ("GET" if body is None else "POST"), url, headers, body)


def shape(value: Any) -> Any:
    """Fields, how many items, and every word that is not made anew each time."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    made = r"\d{4}-.*Z|[rbek]-[0-9a-f]+|[0-9a-f]{8,}|base64url|[\w-]{86}"
    return "made" if isinstance(value, str) and re.fullmatch(made, value) else value


class Service(NamedTuple):
    client: TestClient[Any]
    words: dict[str, str]

    def call(self, line: str) -> Any:
        for name, word in self.words.items():
            line = line.replace(name, word)
        called = read(line)
        assert called.url.startswith(HOST)
        return self.client.request(
            called.method,
            called.url.removeprefix(HOST),
            headers=called.headers,
            content=called.body,
        )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    settings = Settings(data=tmp_path / "data", keystore=tmp_path / "keystore", twins="")
    app = create_app(settings, model=Scripted(), reserve=Scripted())
    with TestClient(app) as client:
        with client.portal() as portal:
            key = portal.call(app.state[STATE_KEY].keys.create, "app", "of the docs").key
        token = client.post(
            "/v1/viewers/u-7f3a/tokens", json={}, headers={"Authorization": f"Bearer {key}"}
        ).json()["token"]
        yield Service(client, {"$KEY": key, "$TOKEN": token})


def test_every_example_runs_and_is_answered_with_what_is_shown(service: Service) -> None:
    run = shown = 0
    last: Any = None
    for language, text in FENCED:
        if language == "json":
            assert shape(last.json()) == shape(json.loads(text)), text
            shown += 1
            continue
        for line in re.split(r"\n(?=curl )", text):
            if line.startswith("curl "):
                last = service.call(line.replace("\\\n", " "))
                assert last.is_success, (line, last.text)
                run += 1
    assert (run, shown) == (11, 6)


def test_every_right_names_routes_that_there_are(service: Service) -> None:
    served = {
        f"{method} {route.path_format.removeprefix(PREFIX)}"
        for route in service.client.app.routes
        if route.path_format.startswith(PREFIX)
        for method in getattr(route, "methods", ())
    }
    table = TEXT.partition("| --- | --- | --- |\n")[2].partition("\n\n")[0]
    named = re.findall(r"`((?:GET|PUT|PATCH|POST|DELETE) [^`]+)`", table)
    assert len(named) > 10
    assert served.issuperset(named)
    told = " ".join(named)
    for path in sorted({each.split()[1].partition("/")[0] for each in served} - {"tokens"}):
        assert path in told, path
