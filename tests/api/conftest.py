"""The real application over the shipped set and catalogue, with the scripted model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.domain.access import ROLES
from genservice.generation import Scripted
from genservice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.domain.access import Role

TITLE = "double-indemnity"
UNLIMITED = ", ".join(f"{name}=off" for name in (*ROLES, "viewer", "failed"))
"""Tests ask as fast as they can."""


class Api:
    """The application, and a key for every role."""

    def __init__(self, client: TestClient[Any], model: Scripted, keys: dict[str, str]) -> None:
        self.client = client
        self.model = model
        self._keys = keys

    def headers(self, role: Role = "editor") -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys[role]}"}

    def as_viewer(self, viewer: str) -> dict[str, str]:
        """Headers of a viewer, with a token just made."""
        made = self.post(f"/v1/viewers/{viewer}/tokens", {}, role="app")
        return {"Authorization": f"Bearer {made.json()['token']}"}

    def post(self, path: str, body: Any, *, role: Role = "editor", **headers: str) -> Any:
        return self.client.post(path, json=body, headers={**self.headers(role), **headers})

    def get(self, path: str, *, role: Role = "editor", **params: Any) -> Any:
        return self.client.get(path, params=params, headers=self.headers(role))

    def promo(self, signals: dict[str, Any] | None = None, **changes: Any) -> Any:
        return self.post("/v1/promos", order(signals, **changes))


def order(signals: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A request for a promo of an adult in Germany who agreed."""
    body = {
        "title_id": TITLE,
        "context": {
            "region": "DE",
            "age_band": "age_25_34",
            "consents": ["content_profile", "content_use"],
        },
        "audience": {"signals": signals or {}},
    }
    return {**body, **changes}


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("service")
    model = Scripted()
    app = create_app(
        Settings(
            data=folder / "data", keystore=folder / "keystore", twins="", rate_limits=UNLIMITED
        ),
        model=model,
        reserve=Scripted(),
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        service = app.state[STATE_KEY]
        with client.portal() as portal:
            keys = {
                role: portal.call(service.keys.create, role, f"{role} of the tests").key
                for role in ROLES
            }
        yield Api(client, model, keys)
