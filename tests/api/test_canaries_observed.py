"""Nothing that anybody sends gets into what the service says of itself, nor to disk unless it is to be kept.

A canary is a word that stands nowhere else. One is planted in every field of every kind of request: in
bodies, addresses, queries, headers and file names, in requests that succeed, that are refused, and that
fail in the midst. Then everything is searched that the service writes: logs at DEBUG, metrics, spans,
errors, and every file of its folders.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import structlog
from litestar.testing import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.domain.access import ROLES
from genservice.generation import Scripted
from genservice.generation.scripted import plain_text
from genservice.logs import configure_logging
from genservice.policy import load
from genservice.shipped import shipped
from genservice.traces import Traces
from tests.small_service import small_settings

if TYPE_CHECKING:
    from pathlib import Path

    from genservice.generation import Request

_LETTERS = "bcdfghjklmnpqrstvwxz"

TOLD_TO_ITS_SENDER = {"name of a stored signal", "rule of a draft", "file of a draft"}
"""What an error has to say, so that who sent it can find it: names, and lines of policy files."""


class Canaries:
    """Words that stand nowhere else, by where they were planted."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        """Planted where the service is to keep what it is sent: in its files it may stand."""
        self.fleeting: dict[str, str] = {}
        """Planted where it is not: it may stand nowhere."""

    def __call__(self, where: str, *, kept: bool = False) -> str:
        digest = hashlib.sha256(where.encode()).digest()
        word = "zq" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:11])
        (self.kept if kept else self.fleeting)[where] = word
        return word

    def heard_in(self, said: bytes, *, also_kept: bool = True) -> list[str]:
        """Where the canaries were planted that are heard: as such, or as their digest or in base64."""
        planted = {**self.fleeting, **(self.kept if also_kept else {})}
        said = said.lower()
        return [
            where
            for where, word in planted.items()
            if any(each.lower() in said for each in _disguises(word))
        ]


def _disguises(word: str) -> list[bytes]:
    raw = word.encode()
    digest = hashlib.sha256(raw)
    return [raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), digest.hexdigest().encode(), digest.digest()]  # fmt: skip


class Observed:
    """A service, and everything that it says and writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.canary = Canaries()
        self.spans = InMemorySpanExporter()
        self.said = io.StringIO()
        self.refused: list[tuple[str, bytes]] = []
        self.reached: set[tuple[str, str]] = set()
        self.served: set[tuple[str, str]] = set()
        self.metrics = b""
        self.statuses: set[int] = set()
        self.keys: dict[str, str] = {}
        self.broken = ""

    def says(self, request: Request, seed: int) -> str:
        if self.broken == "raises":
            # What a library does that quotes what it was given.
            raise RuntimeError(request.prompt.compact + self.canary("what a model raises"))
        if self.broken == "leaks":
            return (
                f"For {self.canary('what a model writes')} Thornbury: {plain_text(request, seed)}"
            )
        return plain_text(request, seed)

    def drive(self) -> None:
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.spans))
        model = Scripted(self.says)
        app = create_app(
            small_settings(self.folder, twins=""),
            model=model,
            reserve=Scripted(),
            listeners=[Traces(provider)],
        )
        with TestClient(app, raise_server_exceptions=False) as client, client.portal() as portal:
            service = app.state[STATE_KEY]
            for role in ROLES:
                made = portal.call(service.keys.create, role, self.canary("key name", kept=True))
                self.keys[role] = made.key
            self.client = client
            self.served = {
                (method, route.path_format)
                for route in app.routes
                for method in getattr(route, "methods", ())
            }
            for broken in ("", "leaks", "raises", "fails"):
                self.broken = broken
                if broken == "fails":
                    model.fail()
                self.write(broken)
            model.recover()
            self.broken = ""
            self.viewers()
            self.others()
            self.metrics = client.get("/metrics").content
            self.live_files = self.files()

    def files(self) -> dict[str, bytes]:
        """Every file of the service's folders, its name included."""
        return {
            str(path.relative_to(self.folder)): str(path.relative_to(self.folder)).encode()
            + path.read_bytes()
            for name in ("data", "keystore")
            for path in sorted((self.folder / name).rglob("*"))
            if path.is_file()
        }

    def send(self, method: str, path: str, *, role: str | None = "admin", **sent: Any) -> Any:
        canary = self.canary
        headers = {
            "User-Agent": canary("User-Agent"),
            "X-Request-ID": canary("X-Request-ID"),
            "X-Forwarded-For": canary("X-Forwarded-For"),
            "Cookie": f"session={canary('Cookie')}",
            "Referer": f"https://{canary('Referer')}.example/",
            "Origin": f"https://{canary('Origin')}.example",
            "traceparent": canary("traceparent"),
            "tracestate": f"{canary('tracestate key')}={canary('tracestate')}",
            "baggage": f"viewer={canary('baggage')}",
            "Sec-GPC": canary("Sec-GPC"),
            **sent.pop("headers", {}),
        }
        if role is not None:
            headers["Authorization"] = f"Bearer {self.keys[role]}"
        answer = self.client.request(method, path, headers=headers, **sent)
        self.statuses.add(answer.status_code)
        # The line that is logged tells which route it was; here the template is found by the answer.
        self.reached.add((method, path))
        if answer.status_code >= 400:
            self.refused.append((f"{method} {path}", answer.content))
        return answer

    # ----- the kinds of requests -----

    def order(self, where: str, **changes: Any) -> dict[str, Any]:
        canary = self.canary
        return {
            "title_id": "cold-quay",
            "context": {
                "region": "DE", "age_band": "age_25_34",
                "consents": ["content_profile", "content_use", canary(f"{where} consent")],
                "tcf": canary(f"{where} tcf"), "gpp": canary(f"{where} gpp"),
            },
            "audience": {"signals": {
                "genre_affinity": ["drama", canary(f"{where} genre_affinity")],
                "watch_history": ["harbour-lights", canary(f"{where} watch_history")],
                "search_terms": [f"crime with {canary(f'{where} search_terms')}"],
                "stated_interests": f"I am {canary(f'{where} stated_interests')} Smith and like crime",
                "location": {"country": "DE", "city": canary(f"{where} city")},
                "followed_people": [canary(f"{where} followed_people")],
                "gender": canary(f"{where} gender"),
                "undeclared": canary(f"{where} undeclared signal"),
                canary(f"{where} name of a signal"): 1,
            }},
            **changes,
        }  # fmt: skip

    def write(self, broken: str) -> None:
        canary, where = self.canary, f"write while {broken or 'all is well'}:"
        note = (
            f"For {canary(f'{where} note')} Thornbury, zq.thornbury@{canary(f'{where} mail')}.org"
        )
        inline = {
            "id": canary(f"{where} inline id"), "kind": "film", "language": "en",
            "name": canary(f"{where} inline name").title(), "year": 2001, "genres": ["drama"],
            "logline": f"A {canary(f'{where} inline logline')} opens the gate that took a brother.",
            "credits": [{"role": "actor", "name": f"Zq {canary(f'{where} inline credit').title()}"}],
            "texts": [{"language": "en", "length": "short", "text": f"A {canary(f'{where} inline text')}."}],
        }  # fmt: skip
        for kind in ("synopses", "promos"):
            for seed, accept in ((1, "application/json"), (2, "text/event-stream")):
                headers = {"Accept": accept}
                for more in (
                    {}, {"length": "long"}, {"note": note}, {"note": note, "length": "long"},
                    {"title": inline, "title_id": None}, {"dry_run": True, "note": note},
                ):  # fmt: skip
                    body = {**self.order(where, seed=seed, channel="detail"), **more}
                    body = {name: value for name, value in body.items() if value is not None}
                    self.send("POST", f"/v1/{kind}", json=body, headers=headers)
            viewer = {"viewer": canary(f"{where} viewer")}
            self.send("POST", f"/v1/{kind}", role="app", json=self.order(where, audience=viewer))
            text = f"A {canary(f'{where} checked text')} by {canary(f'{where} name').title()}."
            self.send("POST", "/v1/check", json={"title_id": "cold-quay", "text": text})
            self.send("POST", "/v1/check", json={"title": inline, "text": text})
            for wrong in (
                {"title_id": canary(f"{where} title_id").upper()},
                {"context": {"region": canary(f"{where} region"), "age_band": "unknown", "consents": []}},
                {"context": {"region": "DE", "age_band": canary(f"{where} age_band"), "consents": []}},
                {"channel": canary(f"{where} channel")},
                {f"an unknown {canary(f'{where} unknown field')}": 1},
                {"audience": {"segment": canary(f"{where} segment")}},
                {"audience": {"viewer": f"not an id {canary(f'{where} bad viewer')}"}},
                {"seed": canary(f"{where} seed")},
            ):  # fmt: skip
                self.send("POST", f"/v1/{kind}", json=self.order(where, **wrong))
            raw = f'{{"note": "{canary(f"{where} broken JSON")}'
            typed = {"Content-Type": "application/json"}
            self.send("POST", f"/v1/{kind}", content=raw, headers=typed)
            self.send("POST", f"/v1/{kind}", content=raw, headers={"Content-Type": f"text/{canary('Content-Type')}"})  # fmt: skip
            self.send(
                "POST",
                f"/v1/{kind}",
                json=self.order(where),
                headers={"Accept": f"text/{canary('Accept')}"},
            )

    def viewers(self) -> None:
        canary = self.canary
        viewer = canary("viewer id")
        at = f"/v1/viewers/{viewer}"
        token = self.send("POST", f"{at}/tokens", json={"minutes": 5}).json()["token"]
        self.canary.fleeting["a token"] = token
        as_viewer = {"Authorization": f"Bearer {token}"}
        signals = {
            "genre_affinity": ["crime"], "search_terms": [canary("stored search_terms")],
            "stated_interests": canary("stored stated_interests"),
            "location": {"country": "DE", "city": canary("stored city")},
            "watch_history": [canary("stored watch_history")],
        }  # fmt: skip
        act = {
            "consent": "content_profile", "action": "given", "source": canary("consent source"),
            "text_version": canary("consent text_version"), "language": "en", "region": "DE",
            "method": canary("consent method"),
        }  # fmt: skip
        controls = {
            "level": "full", "signals_off": ["watch_history"], "themes_left_out": ["war"],
            "titles_left_out": [canary("title left out")], "objections": ["advertising"],
        }  # fmt: skip
        for wrong in (False, True):
            odd = f"{canary('odd viewer id')} of nobody"
            base = at if not wrong else f"/v1/viewers/{odd}"
            bad = {canary("name of a stored signal"): canary("value of a stored signal")}
            self.send("PUT", f"{base}/signals", json={"signals": signals})
            self.send("PUT", f"{base}/signals", json={"signals": bad})
            self.send("PATCH", f"{base}/signals", json={"signals": {"genre_affinity": ["drama"], **(bad if wrong else {})}})  # fmt: skip
            self.send("PUT", f"{base}/signals/genre_affinity", json={"value": ["crime"]})
            self.send("PUT", f"{base}/signals/{canary('signal in an address')}", json={"value": 1})
            self.send(
                "PUT", f"{base}/signals/gender", json={"value": {canary("key"): canary("value")}}
            )
            self.send("GET", f"{base}/signals")
            self.send("GET", f"{base}/signals/genre_affinity")
            self.send(
                "POST", f"{base}/consents", json={"acts": [act, {**act, "consent": "content_use"}]}
            )
            self.send(
                "POST", f"{base}/consents", json={"acts": [{**act, "consent": canary("consent")}]}
            )
            self.send("POST", f"{base}/consents", json={"acts": [{**act, "source": f"{canary('bad source')} {{}}"}]})  # fmt: skip
            self.send("GET", f"{base}/consents", params={"cursor": canary("cursor")})
            self.send("GET", f"{base}/consents")
            self.send("POST", f"{base}/consents/withdraw", json={"consents": ["content_use"], "source": canary("withdrawal source")})  # fmt: skip
            self.send("PUT", f"{base}/controls", json=controls)
            self.send(
                "PUT", f"{base}/controls", json=controls, headers={"If-Match": canary("If-Match")}
            )
            self.send(
                "PUT", f"{base}/controls", json={"themes_left_out": [canary("theme left out")]}
            )
            self.send("GET", f"{base}/controls")
            self.send("GET", f"{base}/objections")
            self.send("PUT", f"{base}/objections/promo")
            self.send("PUT", f"{base}/objections/{canary('purpose')}")
            self.send("DELETE", f"{base}/objections/promo")
            self.send("POST", "/v1/promos", role="app", json=self.order("of a viewer", audience={"viewer": viewer}))  # fmt: skip
            self.send("GET", f"{base}/explanations")
            self.send("GET", f"{base}/explanations/{canary('shown id')}")
            self.send("GET", f"{base}/export")
            self.send("GET", f"{base}/export", headers={"Accept": "text/html"})
            self.send("POST", f"{base}/tokens", json={"minutes": canary("minutes")})
        self.send("GET", "/v1/viewers/me/signals", role=None, headers=as_viewer)
        self.send("DELETE", f"{at}/signals/genre_affinity")
        self.send("DELETE", f"{at}/signals")
        self.kept_files = self.files()
        self.send("PUT", f"{at}/signals", json={"signals": signals})
        self.send("DELETE", at)
        self.send("GET", f"{at}/export")

    def others(self) -> None:
        canary = self.canary
        word = canary("query")
        self.send("GET", f"/{canary('address')}/{canary('deeper')}")
        self.send("GET", "/v1/log/heads", params={canary("heads query"): canary("heads value")})
        self.send(canary("METHOD").upper(), "/v1/titles")
        self.send("GET", "/v1/titles", params={"q": word, "limit": canary("limit")})
        self.send("GET", "/v1/titles", params={"q": word, "cursor": canary("title cursor")})
        self.send("GET", "/v1/titles", params={"q": word})
        self.send("GET", f"/v1/titles/{canary('title in an address')}")
        title = {
            "id": canary("stored title id", kept=True), "kind": "film", "language": "en",
            "name": canary("stored title name", kept=True).title(), "genres": ["drama"],
            "logline": f"A {canary('stored logline', kept=True)} opens the gate.",
            "copy": {"avoid": [canary("avoid", kept=True)]},
        }  # fmt: skip
        at = f"/v1/titles/{title['id']}"
        self.send("PUT", at, json=title)
        self.send("PUT", at, json=title, headers={"If-Match": canary("If-Match of a title")})
        self.send("PUT", at, json={**title, "genres": [canary("genre of a title")]})
        text = {
            "language": "en",
            "length": "short",
            "text": f"A {canary('editorial text', kept=True)}.",
        }
        self.send("PUT", f"{at}/texts", json={"texts": [text]})
        self.send("POST", "/v1/promos", json=self.order("of a kept title", title_id=title["id"]))
        for form, content in (
            ("json", json.dumps([{"id": canary("bad record"), "kind": canary("bad kind")}])),
            ("csv", f"id,kind,name\n{canary('bad row').upper()},film,{canary('name in a row')}\n"),
            (canary("format"), "{}"),
            ("jsonld", f'{{"@type": "{canary("bad type")}"'),
        ):
            self.send("POST", "/v1/titles/import", params={"format": form}, content=content, headers={
                "Content-Type": "application/octet-stream",
                "Content-Disposition": f'attachment; filename="{canary("file name")}.json"',
            })  # fmt: skip
        self.send("DELETE", at, headers={"If-Match": canary("If-Match of a deletion")})
        self.send("DELETE", f"/v1/titles/{canary('title that is not there')}")
        self.send("GET", f"/v1/receipts/{canary('receipt')}")
        self.send("GET", f"/v1/receipts/{canary('receipt to explain')}/explanation")
        self.send("POST", "/v1/receipts/verify", json={"receipt": {"id": canary("receipt id")}, "text": canary("text of a receipt")})  # fmt: skip
        self.policies()
        made = self.send(
            "POST", "/v1/keys", json={"role": "app", "name": canary("made key", kept=True)}
        ).json()
        self.canary.fleeting["a key"] = made["key"]
        self.send("POST", "/v1/keys", json={"role": canary("role"), "name": "x"})
        self.send("GET", "/v1/keys")
        self.send("POST", f"/v1/keys/{made['id']}/rotate", json={})
        self.send("POST", f"/v1/keys/{canary('key id')}/rotate", json={})
        self.send("DELETE", f"/v1/keys/{made['id']}")
        self.send("DELETE", f"/v1/keys/{canary('key to revoke')}")
        for header in (
            f"Bearer gs_abcdefgh_{canary('wrong key')}",
            f"Basic {canary('basic')}",
            canary("scheme"),
        ):
            self.send("GET", "/v1/titles", role=None, headers={"Authorization": header})
        for path in ("/health/live", "/health/ready", "/.well-known/genservice-keys.json", "/schema", "/schema/openapi.json"):  # fmt: skip
            self.send("GET", path)
        self.send("GET", f"/schema/{canary('schema')}")

    def policies(self) -> None:
        canary = self.canary
        files = {
            name: text.replace("why: ", f"why: {canary('why of a rule', kept=True)} ", 1)
            for name, text in load(shipped("policies")).files.items()
        }
        broken = {"base.yaml": f"rules:\n  - {{id: {canary('rule of a draft')}, who: [x]}}\n"}
        held = self.send("GET", "/v1/policies")
        tag = {"If-Match": held.headers["etag"]}
        why = {"why": canary("why of an act", kept=True)}
        self.send("POST", "/v1/policies/versions", json={"files": files, **why}, headers=tag)
        version = held.json()["version"]
        for path, body in (
            ("versions", {"files": broken, **why}),
            ("shadow", {"version": version, **why}),
            ("shadow", {"version": None, **why}),
            ("activate", {"version": version, **why}),
            ("rollback", why),
            ("validate", {"files": broken}),
            ("validate", {"files": {canary("file of a draft"): "a: b"}}),
            ("diff", {"files": broken}),
            ("replay", {"files": broken}),
            ("explain", self.explained()),
        ):
            self.send("POST", f"/v1/policies/{path}", json=body, headers=tag)
        for path in (
            "versions",
            "acts",
            "shadow",
            f"versions/{version}",
            f"versions/{canary('version')}",
        ):
            self.send("GET", f"/v1/policies/{path}")

    def explained(self) -> dict[str, Any]:
        canary = self.canary
        return {
            "signal": canary("explained signal"), "purpose": "promo",
            "context": {"region": "DE", "age_band": "unknown", "consents": [], "tcf": canary("explained tcf")},
        }  # fmt: skip


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Observed:
    seen = Observed(tmp_path_factory.mktemp("canaries"))
    root = logging.getLogger()
    before = structlog.get_config(), root.level, root.handlers[:], sys.stderr
    sys.stderr = seen.said
    try:
        configure_logging(level="debug")
        root.setLevel(logging.DEBUG)
        seen.drive()
    finally:
        config, level, handlers, sys.stderr = before
        structlog.configure(**config)
        root.setLevel(level)
        root.handlers[:] = handlers
    return seen


def test_the_drive_succeeds_and_fails_in_every_way(observed: Observed) -> None:
    assert observed.statuses >= {200, 400, 401, 404, 405, 406, 409, 412, 415, 500}
    assert len(observed.canary.fleeting) > 200


def test_the_drive_meets_every_route(observed: Observed) -> None:
    lines = [json.loads(line) for line in observed.said.getvalue().splitlines()]
    met = {(line["method"], line["route"]) for line in lines if line["event"] == "request"}
    assert {(m, route) for m, route in observed.served if m not in ("OPTIONS", "HEAD")} <= met


def test_no_canary_is_in_the_logs(observed: Observed) -> None:
    for line in observed.said.getvalue().splitlines():
        assert observed.canary.heard_in(line.encode()) == [], line


def test_every_line_of_the_log_is_json_with_fields_of_the_table(observed: Observed) -> None:
    for line in observed.said.getvalue().splitlines():
        assert {"event", "level", "timestamp"} <= set(json.loads(line))


def test_no_canary_is_in_the_metrics(observed: Observed) -> None:
    assert b"genservice_step_duration_seconds_count" in observed.metrics
    assert observed.canary.heard_in(observed.metrics) == []


def test_no_canary_is_in_a_span(observed: Observed) -> None:
    spans = observed.spans.get_finished_spans()
    assert len(spans) > 500
    for span in spans:
        assert observed.canary.heard_in(span.to_json().encode()) == [], span.name
        assert len(span.context.trace_state) == 0


def test_no_error_answers_a_canary(observed: Observed) -> None:
    assert len(observed.refused) > 100
    for request, answer in observed.refused:
        heard = set(observed.canary.heard_in(answer))
        assert heard <= TOLD_TO_ITS_SENDER, (request, answer)


@pytest.mark.parametrize("when", ["kept_files", "live_files", "closed"])
def test_no_canary_but_what_is_to_be_kept_is_in_a_file_or_its_name(
    observed: Observed, when: str
) -> None:
    files = observed.files() if when == "closed" else getattr(observed, when)
    assert any(re.search(r"genservice\.db$", name) for name in files)
    for name, content in files.items():
        assert observed.canary.heard_in(content, also_kept=False) == [], name


def test_what_is_to_be_kept_is_found_where_it_is_kept(observed: Observed) -> None:
    """The search finds canaries: a test that can find nothing proves nothing."""
    content = b"".join(observed.live_files.values())
    kept = {"key name", "made key", "why of an act", "why of a rule"}
    assert kept <= {
        where for where, word in observed.canary.kept.items() if word.encode() in content
    }


def test_canaries_differ() -> None:
    canary = Canaries()
    assert len({canary(str(number)) for number in range(2000)}) == 2000
    assert canary.heard_in(msgspec.json.encode({"a": canary("x")})) == ["x"]
