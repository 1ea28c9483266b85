"""Running one command over the service's parts, without HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from genservice.app import open_service
from genservice.errors import NotFoundError
from genservice.logs import configure_logging
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from genservice.api.service import Service
    from genservice.domain import Title

T = TypeVar("T")


def with_service(flags: dict[str, Any], work: Callable[[Service], Awaitable[T]]) -> T:
    """What `work` comes to, given the service that the flags and the environment set up."""
    settings = read_settings(**flags)
    configure_logging()

    async def run() -> T:
        async with open_service(settings) as service:
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
