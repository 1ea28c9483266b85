"""Nothing of a viewer reaches Valkey: what it holds and all that it was ever sent is searched."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from tests.api.conftest import order
from tests.small_service import small_settings
from tests.valkey import running_valkey

if TYPE_CHECKING:
    from pathlib import Path

VIEWER = "canary-viewer-7f3e9b"
CITY = "Canaryville"
NOTE = "canarynote"
ADDRESS = "testclient"
END = "the end of it"


def test_no_viewer_signal_key_or_address_is_ever_sent(tmp_path: Path) -> None:
    sent: list[str] = []
    with running_valkey() as server, server.client.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                sent.append(command["command"])
                if END in sent[-1]:
                    return

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        settings = small_settings(tmp_path, twins="", cache_url=server.url, cache_timeout=5)
        app = create_app(settings, model=Scripted(), reserve=Scripted())
        with TestClient(app) as client:
            secrets = ask_for_a_viewer(client)
        server.client.echo(END)
        listening.join(timeout=30)
        held = " ".join(f"{name!r} {value!r}" for name, value in server.everything().items())
    everything = " ".join(sent) + held
    # Texts, leases and counts of requests were there, so that the search means something.
    for word in ("GETRANGE", "Cold Quay", ":lease:", ":fence", ":rates"):
        assert word in everything
    for secret in (VIEWER, CITY, NOTE, ADDRESS, *secrets):
        assert secret not in everything


def ask_for_a_viewer(client: TestClient[Any]) -> list[str]:
    """Everything that touches the server, for a viewer; what besides their id must not get there."""
    service = client.app.state[STATE_KEY]
    with client.portal() as portal:
        keys = {
            role: portal.call(service.keys.create, role, "tests").key for role in ("app", "editor")
        }
    headers = {role: {"Authorization": f"Bearer {key}"} for role, key in keys.items()}
    place = {"country": "DE", "city": CITY}
    signals = {"genre_affinity": ["crime"], "location": place}
    audience = {"viewer": VIEWER, "signals": signals}
    for _ in range(2):
        body = order(title_id="cold-quay", audience=audience)
        assert client.post("/v1/promos", json=body, headers=headers["app"]).status_code == 200
    noted = order(signals, title_id="cold-quay", note=f"Say {NOTE}.")
    assert client.post("/v1/promos", json=noted, headers=headers["editor"]).status_code == 200
    made = client.post(f"/v1/viewers/{VIEWER}/tokens", json={}, headers=headers["app"]).json()
    token = {"Authorization": f"Bearer {made['token']}"}
    assert client.get("/v1/viewers/me/controls", headers=token).status_code == 200
    assert client.get("/v1/titles", headers={"Authorization": "Bearer nobody"}).status_code == 401
    return [*keys.values(), made["token"]]
