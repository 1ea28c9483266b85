"""Running one command over the service's parts, without HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console

from genservice.app import open_service
from genservice.errors import ModelUnavailableError, NotFoundError
from genservice.logs import configure_logging
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from genservice.api.service import Service
    from genservice.domain import Processor, Title
    from genservice.generation import Request

T = TypeVar("T")


class NoModel:
    """Stands for the text model where nothing is written, so that nobody waits for torch."""

    revision = "none"
    processor: Processor = "in_process"

    async def write(self, request: Request) -> tuple[str, ...]:
        """Nothing: there is no model.

        Raises:
            ModelUnavailableError: Always.
        """
        del request
        raise ModelUnavailableError("This command has no text model.")

    async def stream(self, request: Request) -> AsyncGenerator[str]:
        """Nothing: there is no model.

        Raises:
            ModelUnavailableError: Always.
        """
        for text in await self.write(request):
            yield text

    async def close(self) -> None:
        """Nothing is held."""


def with_service(
    flags: dict[str, Any], work: Callable[[Service], Awaitable[T]], *, writes: bool = True
) -> T:
    """What `work` comes to, given the service that the flags and the environment set up.

    Args:
        flags: Settings that were given as options.
        work: What to do.
        writes: Whether a text model is needed for it; loading one takes seconds.
    """
    settings = read_settings(**flags)
    configure_logging()
    model = None if writes else NoModel()
    waiting = Console(stderr=True).status("Getting ready")

    async def run() -> T:
        with waiting:
            async with open_service(settings, model=model, reserve=model) as service:
                # From here on the work shows itself what is going on.
                waiting.stop()
                return await work(service)

    return asyncio.run(run())


async def title_of(service: Service, title_id: str) -> Title:
    """The title of that id.

    Raises:
        NotFoundError: None is held.
    """
    title = await service.titles.get(title_id)
    if title is None:
        raise NotFoundError("title; `genservice catalog show` lists them")
    return title
