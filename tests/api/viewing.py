"""What the tests of viewers' rights share: one viewer, asked about by whoever may."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from genservice.api.service import STATE_KEY

if TYPE_CHECKING:
    from tests.api.conftest import Api

_NUMBERS = itertools.count(1)

SIGNALS = {"genre_affinity": ["crime"], "watch_history": ["double-indemnity", "the-third-man"]}
GIVEN = {"action": "given", "source": "sign-up", "text_version": "2026-11"}


class Viewer:
    """One viewer of whom nothing is held yet, and the application's routes about them."""

    def __init__(self, api: Api, name: str | None = None) -> None:
        self.id = name or f"viewer-{next(_NUMBERS)}"
        self._api = api
        self._headers = api.headers("app")

    def ask(self, method: str, path: str = "", body: Any = None, **headers: str) -> Any:
        """The answer about this viewer, to an app or, after `come`, to the viewer."""
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if isinstance(body, bytes):
            sent = {"content": body}
            headers = {"Content-Type": "application/json", **headers}
        return self._api.client.request(
            method, f"/v1/viewers/{self.id}{path}", headers={**self._headers, **headers}, **sent
        )

    def get(self, path: str, **headers: str) -> Any:
        answer = self.ask("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def come(self) -> Viewer:
        """The same viewer, with a token of theirs."""
        token = self.ask("POST", "/tokens", {}).json()["token"]
        viewer = Viewer(self._api, self.id)
        viewer._headers = {"Authorization": f"Bearer {token}"}
        return viewer

    def tell(self, signals: dict[str, Any] | None = None) -> Any:
        return self.ask("PATCH", "/signals", {"signals": signals or SIGNALS})

    def agree(self, *consents: str) -> Any:
        acts = [{"consent": consent, **GIVEN} for consent in consents]
        return self.ask("POST", "/consents", {"acts": acts})

    def be_shown(self, signals: dict[str, Any] | None = None, **changes: Any) -> Any:
        """A promo, as the path would have recorded that this viewer was shown it."""
        answer = self._api.promo(signals, **changes).json()
        blurbs = [blurb["id"] for blurb in answer["blurbs"]]
        viewers = self._api.client.app.state[STATE_KEY].viewers
        with self._api.client.portal() as portal:
            portal.call(viewers.record_serving, self.id, answer["receipt"]["id"], blurbs)
        return answer

    def fill(self) -> None:
        """Something of every kind is held."""
        self.tell()
        self.agree("content_profile", "content_use")
        self.ask("PUT", "/controls", {"signals_off": ["location"], "objections": ["advertising"]})
        self.be_shown({"genre_affinity": ["crime"]})
