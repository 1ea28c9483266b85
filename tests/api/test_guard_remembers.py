"""A text of the catalogue is screened once, at import or first use; what people write, every time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.privacy import Finding, Guard, Side
from tests.small_service import small_settings
from tests.unit.privacy.engines import Plain

RECORD = {
    "id": "lantern-row",
    "kind": "film",
    "name": "Lantern Row",
    "language": "en",
    "genres": ["crime"],
    "logline": "A pilot comes home to a town that keeps its dead close.",
    "texts": [{"language": "en", "length": "short", "text": "A pilot comes home."}],
    "copy": {"avoid": ["gritty"]},
}


class Counting(Plain):
    """Counts what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.read: Counter[tuple[Side, str]] = Counter()

    def find(self, text: str, side: Side) -> Iterable[Finding]:
        self.read[side, text] += 1
        return super().find(text, side)


def _ask(client: TestClient[Any], **more: Any) -> None:
    context = {"region": "DE", "age_band": "age_25_34", "consents": []}
    body = {"title_id": "lantern-row", "context": context, "audience": {"signals": {}}, **more}
    assert client.post("/v1/promos", json=body).status_code == 200


def test_a_text_of_the_catalogue_is_read_once_from_import_to_answer(tmp_path) -> None:
    engine = Counting()
    app = create_app(
        small_settings(tmp_path, twins=""),
        model=Scripted(),
        reserve=Scripted(),
        guard=Guard(engine, revision="guard@test", deadline=20),
    )
    with TestClient(app) as client:
        with client.portal() as portal:
            key = portal.call(app.state[STATE_KEY].keys.create, "admin", "tests").key
        client.headers["Authorization"] = f"Bearer {key}"
        for _ in range(2):
            imported = client.post(
                "/v1/titles/import",
                content=json.dumps([RECORD]),
                headers={"Content-Type": "application/json"},
            )
            assert imported.status_code in (200, 201)
            _ask(client, note="slow please")
            _ask(client, note="slow please")
    titles = {text: times for (side, text), times in engine.read.items() if side == "title"}
    assert RECORD["logline"] in titles
    assert set(titles.values()) == {1}
    assert engine.read["viewer", "slow please"] == 4
