"""The whole path over the shipped set, in one event loop that every example shares."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from genservice.app import open_service
from genservice.blurbs import Blurbs
from genservice.generation import Scripted
from genservice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from genservice.api.service import Service


class Path:
    """The path, and what it is put together from."""

    def __init__(self, runner: asyncio.Runner, service: Service, model: Scripted) -> None:
        self._runner = runner
        self.service = service
        self.model = model
        self.titles = self.run(service.titles.search("", limit=500)).items

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    def blurbs(self, **changes: Any) -> Blurbs:
        """The path with other parts put in."""
        return Blurbs(msgspec.structs.replace(self.service.blurbs._parts, **changes))


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("path")
    settings = Settings(data=folder / "data", keystore=folder / "keystore", guard_timeout=30)
    model = Scripted()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(
            stack.enter_async_context(open_service(settings, model=model, reserve=Scripted()))
        )
        yield Path(runner, service, model)
        runner.run(stack.aclose())
