"""Promos for a viewer: what is stored counts, what was withdrawn or switched off does not, at once."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.blurbs import Blurbs
from genservice.controls import OFF, SIGNAL_OFF
from genservice.domain import Controls, Held
from genservice.domain.viewers import ConsentAct, Exported
from genservice.errors import ConflictError, UnavailableError
from genservice.generation import Scripted
from tests.api.conftest import order
from tests.remembering import Remembering
from tests.small_service import small_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from genservice.viewers import Viewers

TITLE = "cold-quay"
BOTH = ("content_profile", "content_use")
CRIME = {"genre_affinity": ["crime"]}
EVENTS = {"Accept": "text/event-stream"}


class App:
    """One service of several that share a database and a keystore."""

    def __init__(self, client: TestClient[Any]) -> None:
        self.client = client
        self.service = client.app.state[STATE_KEY]
        self.keys: dict[str, str] = {}

    def run(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with self.client.portal() as portal:
            return portal.call(partial(method, *args, **named))

    def key(self, role: str) -> str:
        if role not in self.keys:
            self.keys[role] = self.run(self.service.keys.create, role, "tests").key
        return self.keys[role]

    def post(
        self, body: Any, *, role: str = "app", path: str = "/v1/promos", **headers: str
    ) -> Any:
        sent = {"Authorization": f"Bearer {self.key(role)}", **headers}
        return self.client.post(path, json=body, headers=sent)

    def promo(self, viewer: str | None, signals: Any = None, **changes: Any) -> Any:
        asked = {k: changes.pop(k) for k in ("role", "path", "Accept") if k in changes}
        return self.post(body(viewer, signals, **changes), **asked)

    def consent(self, viewer: str, *consents: str, action: str = "given") -> None:
        acts = [
            ConsentAct(consent=name, action=action, source="settings", text_version="1")
            for name in consents
        ]
        self.run(self.service.viewers.record_consents, viewer, acts)

    def store(self, viewer: str, **values: Any) -> None:
        days = dict.fromkeys(values, 30)
        self.run(self.service.viewers.put_signals, viewer, values, source="app", keep_days=days)

    def switch(self, viewer: str, **controls: Any) -> None:
        self.run(self.service.viewers.set_controls, viewer, Controls(**controls), if_revision=None)

    def servings(self, viewer: str) -> list[Any]:
        return list(self.run(self.service.viewers.servings, viewer, limit=50).items)


def body(viewer: str | None, signals: Any = None, **changes: Any) -> dict[str, Any]:
    audience = {"signals": signals or {}, **({} if viewer is None else {"viewer": viewer})}
    return {**order(title_id=TITLE, audience=audience), **changes}


def decision(answer: Any, signal: str) -> dict[str, Any]:
    decisions = answer.json()["receipt"]["statement"]["decisions"]
    return next(item for item in decisions if item["signal"] == signal)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("viewers")


@pytest.fixture(scope="module")
def app(folder: Path) -> Iterator[App]:
    settings = small_settings(folder, twins="")
    application = create_app(settings, model=Scripted(), reserve=Scripted())
    with TestClient(application, raise_server_exceptions=False) as client:
        yield App(client)


@pytest.fixture(scope="module")
def other(app: App, folder: Path) -> Iterator[App]:
    """Another service on the same folders."""
    settings = small_settings(folder, twins="")
    application = create_app(settings, model=Scripted(), reserve=Scripted())
    with TestClient(application, raise_server_exceptions=False) as client:
        yield App(client)


@pytest.fixture
def viewer(app: App, request: pytest.FixtureRequest) -> str:
    """A viewer who agreed and likes crime."""
    name = re.sub(r"[^a-z0-9]", "-", request.node.name)
    app.consent(name, *BOTH)
    app.store(name, **CRIME)
    return name


def test_what_is_stored_shapes_a_text_byte_for_byte_like_what_is_sent(app, viewer) -> None:
    stored, sent = app.promo(viewer), app.promo(None, CRIME)
    assert stored.json()["blurbs"][0]["angle"] == "genre_affinity"
    assert stored.content == sent.content


def test_a_sent_signal_stands_in_place_of_the_stored_one(app, viewer) -> None:
    drama = {"genre_affinity": ["drama"]}
    assert app.promo(viewer, drama).content == app.promo(None, drama).content


def test_a_segment_counts_as_sent(app, viewer) -> None:
    audience = {"viewer": viewer, "segment": "comfort_viewing"}
    beside = app.post({**body(None), "audience": audience})
    assert beside.json()["blurbs"][0]["angle"] == "genre_affinity"


def test_a_viewer_never_heard_of_and_one_of_whom_nothing_is_held_are_answered_alike(app) -> None:
    first = app.promo("never-heard-of", CRIME)
    again = app.promo("never-heard-of", CRIME)
    app.switch("switched-nothing")
    assert first.status_code == 200
    assert first.json()["blurbs"][0]["reason"] == "nothing_released"
    assert first.json()["receipt"]["statement"]["context"]["consents"] == []
    assert {first.content} == {again.content, app.promo("switched-nothing", CRIME).content}


@pytest.mark.parametrize("sent", [[], ["content_use"], list(BOTH)], ids=len)
@pytest.mark.parametrize("standing", [[], ["content_profile"], list(BOTH)], ids=len)
def test_a_consent_counts_only_if_it_is_sent_and_stands(app, sent, standing) -> None:
    name = f"consents-{len(sent)}-{len(standing)}"
    app.consent(name, *standing)
    answer = app.promo(name, CRIME, context={**order()["context"], "consents": sent})
    both = sorted({*sent}.intersection(standing))
    assert answer.json()["receipt"]["statement"]["context"]["consents"] == both
    assert answer.json()["blurbs"][0]["personalised"] is (len(both) == 2)


def test_a_consent_withdrawn_in_another_process_counts_at_the_next_request(
    app, other, viewer
) -> None:
    for service in (app, other):
        assert service.promo(viewer).json()["blurbs"][0]["personalised"]
    other.consent(viewer, "content_use", action="withdrawn")
    for service in (app, other):
        (blurb,) = service.promo(viewer).json()["blurbs"]
        assert (blurb["source"], blurb["reason"]) == ("twin", "nothing_released")
    app.consent(viewer, "content_use")
    assert other.promo(viewer).json()["blurbs"][0]["personalised"]


def test_personalisation_switched_off_in_another_process_counts_at_the_next_request(
    app, other, viewer
) -> None:
    assert app.promo(viewer).json()["blurbs"][0]["personalised"]
    other.switch(viewer, level="off")
    for service in (app, other):
        answer = service.promo(viewer, {"mood_affinity": ["tense"]})
        (blurb,) = answer.json()["blurbs"]
        assert (blurb["source"], blurb["reason"]) == ("twin", "personalisation_off")
        for signal in ("genre_affinity", "mood_affinity", "device"):
            assert decision(answer, signal)["outcome"] == "withheld"
            assert decision(answer, signal)["rules"][-1] == OFF.id
        assert decision(answer, "gender")["rules"] == ["never-used"]
    other.switch(viewer)
    assert app.promo(viewer).json()["blurbs"][0]["personalised"]


def test_an_erasure_counts_at_the_next_request_in_every_process(app, other, viewer) -> None:
    assert other.promo(viewer).json()["blurbs"][0]["personalised"]
    app.run(app.service.viewers.erase, viewer)
    assert other.promo(viewer).content == app.promo("someone-else").content


def test_a_signal_switched_off_does_not_count_stored_or_sent(app, viewer) -> None:
    app.switch(viewer, signals_off=("genre_affinity",))
    for signals in ({}, CRIME):
        answer = app.promo(viewer, signals)
        assert not answer.json()["blurbs"][0]["personalised"]
        assert decision(answer, "genre_affinity")["rules"][-1] == SIGNAL_OFF.id


def test_an_objection_holds_for_its_purpose_alone(app, viewer) -> None:
    app.switch(viewer, objections=("promo",))
    assert app.promo(viewer).json()["blurbs"][0]["reason"] == "personalisation_off"
    assert app.promo(viewer, path="/v1/synopses").json()["blurbs"][0]["personalised"]


def test_context_only_leaves_the_situation(app, viewer) -> None:
    app.switch(viewer, level="context_only")
    late = {"time_of_day": ["22:10"], "mood_affinity": ["tense"]}
    answer = app.promo(viewer, late)
    assert answer.json()["blurbs"][0]["angle"] == "time_of_day"
    used = answer.json()["receipt"]["statement"]["used"]
    assert [item["signal"] for item in used] == ["time_of_day"]


def test_a_word_that_is_left_out_is_as_if_it_were_nowhere(app, viewer) -> None:
    app.switch(viewer, themes_left_out=("crime",))
    both, one = {"genre_affinity": ["crime", "drama"]}, {"genre_affinity": ["drama"]}
    answer = app.promo(viewer, {**both, "watch_history": ["harbour-lights"]})
    assert answer.content == app.promo(viewer, one).content
    assert answer.json()["receipt"]["statement"]["used"][0]["value"] == ["drama"]


def test_a_title_that_is_left_out_is_as_if_nobody_had_watched_it(app) -> None:
    app.consent("leaves-a-title-out", *BOTH)
    app.store("leaves-a-title-out", watch_history=["harbour-lights"])
    assert app.promo("leaves-a-title-out").json()["blurbs"][0]["angle"] == "watch_history"
    app.switch("leaves-a-title-out", titles_left_out=("harbour-lights",))
    for signals in ({}, {"completions": ["harbour-lights"]}):
        left = app.promo("leaves-a-title-out", signals)
        assert left.json()["blurbs"][0]["reason"] == "nothing_released"
        assert left.content == app.promo("leaves-a-title-out", {"watch_history": []}).content


def test_a_receipt_tells_the_viewer_what_the_viewer_switched(app, viewer) -> None:
    app.switch(viewer, signals_off=("genre_affinity",))
    receipt = app.promo(viewer).json()["receipt"]
    headers = {"Authorization": f"Bearer {app.key('app')}"}
    told = app.client.get(f"/v1/receipts/{receipt['id']}/explanation", headers=headers).json()
    said = {item["signal"]: item["said"] for item in told["not_used"]}
    assert said["genre_affinity"] == "Genres you like: not used. You switched this off."
    verified = app.client.post(
        "/v1/receipts/verify", json={"receipt": receipt}, headers=headers
    ).json()
    assert verified == {"valid": True, "reason": None}


def test_a_stored_value_that_no_longer_fits_counts_for_nothing_and_a_sent_one_is_refused(
    app, viewer
) -> None:
    app.store(viewer, genre_affinity=["a-word-of-yesterday"], left_over=True)
    answer = app.promo(viewer)
    assert answer.json()["blurbs"][0]["reason"] == "nothing_released"
    assert answer.json()["notices"] == []
    assert app.promo(viewer, {"genre_affinity": ["a-word-of-yesterday"]}).status_code == 400


# ----- who may name a viewer, and beside what -----


def test_an_editor_may_not_name_a_viewer(app, viewer) -> None:
    refused = app.promo(viewer, role="editor")
    assert refused.status_code == 403
    assert app.promo(None, CRIME, role="editor").status_code == 200
    assert app.promo(viewer, role="admin").status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize(
    "field",
    [{"note": "Shorter."}, {"title": {"id": "x", "kind": "film", "name": "X", "language": "en"}}],
    ids=["note", "title"],
)
def test_neither_a_note_nor_a_title_of_ones_own_stands_beside_a_viewer(
    app, viewer, field, accept
) -> None:
    refused = app.promo(viewer, role="admin", Accept=accept, **field)
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["pointer"] == f"#/{next(iter(field))}"
    assert error["detail"] == "never beside a viewer"
    assert app.promo(viewer, role="app", **field).status_code == 403
    assert viewer not in refused.text


@pytest.mark.parametrize("name", ["", "Jane Roe", "x" * 129, "jane@example.org", "v-1\n"])
def test_what_could_not_be_a_pseudonym_is_refused_and_not_shown(app, name) -> None:
    refused = app.promo(name)
    assert refused.status_code == 400
    assert not name or name not in refused.text


# ----- before the answer leaves -----


def test_what_a_viewer_is_shown_is_recorded_with_its_receipt(app, viewer) -> None:
    answers = [app.promo(viewer).json(), app.promo(viewer, variants=2, seed=7).json()]
    recorded = [(item.receipt, list(item.blurbs)) for item in reversed(app.servings(viewer))]
    assert recorded == [
        (answer["receipt"]["id"], [blurb["id"] for blurb in answer["blurbs"]]) for answer in answers
    ]


def test_a_streamed_answer_is_recorded_as_well(app, viewer) -> None:
    streamed = app.promo(viewer, length="long", **EVENTS)
    events = [line for line in streamed.text.splitlines() if line.startswith("data: ")]
    receipt = json.loads(events[-1].removeprefix("data: "))["receipt"]
    assert [item.receipt for item in app.servings(viewer)] == [receipt["id"]]


def test_a_dry_run_records_nothing(app, viewer) -> None:
    preview = app.promo(viewer, role="admin", dry_run=True)
    assert preview.json()["brief"]["angle"][0]["signal"] == "genre_affinity"
    assert app.servings(viewer) == []


def failing(**errors: Exception) -> Remembering:
    """Viewers whom nobody can ask, or whose servings nobody can record."""
    viewers = Remembering()
    viewers.failing.update(errors)
    return viewers


@contextmanager
def with_viewers(app: App, viewers: Any) -> Iterator[None]:
    """The same service with other viewers."""
    held = app.service
    blurbs = Blurbs(msgspec.structs.replace(held.blurbs._parts, viewers=viewers))
    app.client.app.state[STATE_KEY] = replace(held, blurbs=blurbs)
    try:
        yield
    finally:
        app.client.app.state[STATE_KEY] = held


DOWN = UnavailableError("The database does not answer.")


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_what_cannot_be_read_is_a_503_and_not_even_the_twin(app, accept) -> None:
    with with_viewers(app, failing(held=DOWN)):
        refused = app.promo("v-1", CRIME, Accept=accept)
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert app.promo(None, CRIME, Accept=accept).status_code == 200


@pytest.mark.parametrize("error", [DOWN, ConflictError("Another write came first.")], ids=str)
def test_an_answer_that_cannot_be_recorded_does_not_leave(app, error) -> None:
    with with_viewers(app, failing(record_serving=error)):
        refused = app.promo("v-1", CRIME)
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        streamed = app.promo("v-1", CRIME, length="long", **EVENTS).text
    assert streamed.rstrip().splitlines()[-2] == "event: error"
    assert "event: receipt" not in streamed


class Erasing:
    """Viewers of whom each is erased between the reading and the record."""

    def __init__(self, viewers: Viewers) -> None:
        self._viewers = viewers

    async def held(self, viewer: str) -> Held:
        return await self._viewers.held(viewer)

    async def record_serving(self, viewer: str, *args: Any, **named: Any) -> None:
        await self._viewers.erase(viewer)
        await self._viewers.record_serving(viewer, *args, **named)


def test_a_text_made_of_what_was_erased_meanwhile_does_not_leave(app, viewer) -> None:
    with with_viewers(app, Erasing(app.service.viewers)):
        assert app.promo(viewer).status_code == 503
    assert app.run(app.service.viewers.export, viewer) == Exported()
    assert app.promo(viewer).json()["blurbs"][0]["reason"] == "nothing_released"


def test_no_file_knows_the_viewer_that_requests_name(app, folder) -> None:
    name = "canary-of-the-path-77e0"
    app.consent(name, *BOTH)
    app.store(name, **CRIME)
    app.promo(name)
    app.promo(name, length="long", **EVENTS)
    found = [
        path for path in folder.rglob("*") if path.is_file() and name.encode() in path.read_bytes()
    ]
    assert found == []
    assert len(app.servings(name)) == 2
