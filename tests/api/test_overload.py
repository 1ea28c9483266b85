"""More than a model can take, over HTTP: what is too much is refused at once, and what was taken is answered."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app
from genservice.generation import Scripted
from genservice.generation.batching import Scheduler
from genservice.generation.one_by_one import OneByOne
from tests.api.conftest import Api
from tests.small_service import small_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

    from genservice.generation import Request

QUEUE = 3
PATIENCE = 30.0


class _Slow:
    """Writes on the scheduler's thread, and only once it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.written = 0
        self._texts = Scripted()

    def write(self, request: Request, abandoned: threading.Event) -> tuple[str, ...]:
        while not self.let.wait(0.005):
            if abandoned.is_set():
                return ("",) * len(request.seeds)
        self.written += 1
        return asyncio.run(self._texts.write(request))

    def stream(self, request: Request, put: Any, abandoned: threading.Event) -> None:
        put(self.write(request, abandoned)[0])


class Queued(Scripted):
    """A model in this process with room for a few requests."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = _Slow()
        self._scheduler = Scheduler(OneByOne(self.slow), deadline=PATIENCE, queue=QUEUE)

    @property
    def held(self) -> int:
        """Requests under way and waiting."""
        return self._scheduler.held

    async def write(self, request: Request) -> tuple[str, ...]:
        return await self._scheduler.run(request)

    async def stream(self, request: Request) -> AsyncGenerator[str]:
        (text,) = await self.write(request)
        yield text

    async def close(self) -> None:
        await self._scheduler.close()


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[tuple[Api, Queued]]:
    """The application over a model that takes three requests, and writes none until it is let."""
    model = Queued()
    app = create_app(small_settings(tmp_path, twins=""), model=model, reserve=model)
    with TestClient(app) as client:
        with client.portal() as portal:
            key = portal.call(app.state[STATE_KEY].keys.create, "editor", "the tests'").key
        yield Api(client, Scripted(), {"editor": key}), model
        model.slow.let.set()


def asked(number: int) -> dict[str, Any]:
    """A promo of a title that nothing is stored for."""
    name = f"Cold Quay {number}"
    title = {"id": f"quay-{number}", "kind": "film", "name": name, "language": "en"}
    context = {"region": "DE", "age_band": "age_25_34", "consents": []}
    return {"title": {**title, "genres": ["crime"], "year": 2021}, "context": context}


def test_what_is_too_much_is_refused_at_once_and_what_was_taken_is_answered(crowded):
    api, model = crowded
    with ThreadPoolExecutor(QUEUE) as callers:
        taken = [callers.submit(api.post, "/v1/promos", asked(at)) for at in range(QUEUE)]
        until = time.monotonic() + PATIENCE
        while model.held < QUEUE and time.monotonic() < until:
            time.sleep(0.005)
        refused = api.post("/v1/promos", asked(QUEUE))
        # Nobody was let yet: the refusal waited for no text.
        assert (refused.status_code, model.slow.written) == (503, 0)
        assert refused.json()["type"] == "urn:genservice:problem:unavailable"
        assert int(refused.headers["Retry-After"]) >= 1
        assert not any(answer.done() for answer in taken)
        model.slow.let.set()
        answers = [answer.result(PATIENCE) for answer in taken]
    assert [answer.status_code for answer in answers] == [200] * QUEUE
    whys = [answer.json()["blurbs"][0]["reason"] for answer in answers]
    assert whys == ["nothing_released"] * QUEUE  # each its own text, and none for want of the model
    assert api.post("/v1/promos", asked(QUEUE)).status_code == 200
