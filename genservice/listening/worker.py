"""One process that answers: alone, or one of several that a crew forked."""

from __future__ import annotations

import asyncio
import math
import signal
import sys
import time
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import structlog

from genservice.app import app_around
from genservice.assembly import Loaded, open_service
from genservice.generation.cores import share_cores
from genservice.listening import loops
from genservice.listening.collecting import seldom_collected
from genservice.listening.connections import Departing, served
from genservice.listening.door import Door
from genservice.listening.messages import (
    Alive,
    Failed,
    Leave,
    Ready,
    Waiting,
    hear,
    problems_of,
    tell,
)
from genservice.metrics import Among
from genservice.readiness import status_of

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncGenerator, Callable
    from multiprocessing.connection import Connection
    from types import FrameType

    import uvicorn

    from genservice.api.service import Service
    from genservice.listening.crowds import Crowds
    from genservice.settings import Settings

log = structlog.get_logger(__name__)

_BEAT = 50
"""Ticks of the server, ten a second, between two signs of life."""
_LOOK = 0.2
"""Seconds between two looks whether it is ready."""


def serve_alone(
    settings: Settings, listening: socket.socket, announce: Callable[[str | None], None]
) -> None:
    """Answer in this process until it is told to stop by SIGTERM or SIGINT.

    Args:
        settings: What the service is built from.
        listening: Where requests come from.
        announce: Gets the first API key, or None, once it answers.
    """
    signal.signal(signal.SIGTERM, _terminated)

    async def run() -> None:
        async with _opened(settings, Loaded(), None) as (service, config):
            server = Departing(config, leave=service.readiness.stop, delay=settings.stop_delay)
            announce(await _first_key(service))
            await server.serve(sockets=[listening])

    loops.run(run())


def work(
    among: Among,
    *,
    settings: Settings,
    loaded: Loaded,
    listening: socket.socket,
    crowds: Crowds,
    crew: Connection,
) -> None:
    """Answer as one of several until the crew says to leave, or is gone; called in a forked process.

    Args:
        among: Which of them this one is.
        settings: What the service is built from.
        loaded: What all of them share.
        listening: Where requests come from.
        crowds: How many connections each of them holds.
        crew: Hears how it goes, and says when to leave.
    """
    signal.signal(signal.SIGTERM, _terminated)
    # Ctrl-C and reloads are the supervisor's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    share_cores(len(among.sockets))

    async def run() -> None:
        async with _opened(settings, loaded, among) as (service, config):
            key = await _first_key(service) if among.number == 0 else None
            server = Sharing(
                config,
                among.number,
                service=service,
                listening=listening,
                crowds=crowds,
                crew=crew,
                key=key,
                settings=settings,
            )
            await server.serve(sockets=[])

    try:
        loops.run(run())
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever started it has to be told
        tell(crew, Failed(problems_of(error)))
        sys.exit(1)


class Sharing(Departing):
    """A server that takes its connections from a socket that others listen on as well.

    Args:
        config: How an application is served.
        number: Which of them this one is.
        service: What answers.
        listening: The socket.
        crowds: How many connections each of them holds.
        crew: Hears when it is ready, and says when to leave.
        key: The first API key, if this process made one.
        settings: How long it may take to leave.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        number: int,
        *,
        service: Service,
        listening: socket.socket,
        crowds: Crowds,
        crew: Connection,
        key: str | None,
        settings: Settings,
    ) -> None:
        super().__init__(config, leave=service.readiness.stop, delay=settings.stop_delay)
        self._service = service
        self._listening = listening
        self._door = Door(
            listening,
            self._connection,
            held=self.server_state.connections,
            number=number,
            crowds=crowds,
        )
        self._crew = crew
        self._key = key
        self._relieved = False
        self._seconds = settings.drain_timeout

    async def main_loop(self) -> None:
        """Answer until it is time to leave."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._crew.fileno(), self._told)
        opening = asyncio.create_task(self._open())
        opening.add_done_callback(self._opened)
        try:
            await super().main_loop()
        finally:
            loop.remove_reader(self._crew.fileno())
            opening.cancel()
            await self._door.close()
            self._listening.close()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: how many connections there are, as some have ended."""
        self._door.count()
        if counter % _BEAT == 0:
            tell(self._crew, Alive())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; relieved, once every connection had its last answer."""
        began = time.monotonic()
        if self._relieved:
            # Whoever keeps a connection may be sending on it at this moment: closed now, that request
            # would be lost. It ends with its next answer, or after the seconds that idle ones have.
            self.farewell.begin()
            until = began + self._seconds
            while self.server_state.connections and time.monotonic() < until:  # noqa: ASYNC110 - uvicorn has no event
                await asyncio.sleep(_LOOK)
        left = self._seconds - (time.monotonic() - began)
        self.config.timeout_graceful_shutdown = max(1, math.ceil(left))
        await super().shutdown(sockets)

    async def _open(self) -> None:
        """Take connections once requests should come here."""
        told: tuple[str, ...] = ()
        while status_of(states := await self._service.readiness.look()) == "unavailable":
            wrong = tuple(state.detail for state in states if state.detail is not None)
            if wrong != told:
                tell(self._crew, Waiting(wrong))
            told = wrong
            await asyncio.sleep(_LOOK)
        self._door.open()
        tell(self._crew, Ready(self._key))

    def _opened(self, opening: asyncio.Task[None]) -> None:
        if not opening.cancelled() and (error := opening.exception()) is not None:
            tell(self._crew, Failed(problems_of(error)))
            self.should_exit = True

    def _connection(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        return make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    def _told(self) -> None:
        # A crew that is gone can neither be relieved nor start anybody anew: the service stops.
        message = hear(self._crew)
        if isinstance(message, Leave) and message.relieved:
            self._relieved, self._delay = True, 0.0
        if message is None or isinstance(message, Leave):
            asyncio.get_running_loop().remove_reader(self._crew.fileno())
            self.should_exit = True


@asynccontextmanager
async def _opened(
    settings: Settings, loaded: Loaded, among: Among | None
) -> AsyncGenerator[tuple[Service, uvicorn.Config]]:
    """The service, and how it is served."""
    with ExitStack() as opening:
        opening.enter_context(seldom_collected())
        async with open_service(
            settings, model=loaded.model, reserve=loaded.reserve, guard=loaded.guard, among=among
        ) as service:

            @asynccontextmanager
            async def opened() -> AsyncGenerator[Service]:
                yield service

            config = served(app_around(opened, settings), settings)
            opening.close()
            yield service, config


async def _first_key(service: Service) -> str | None:
    """A key for whoever starts a service that has none."""
    if await service.keys.list():
        return None
    return (await service.keys.create("admin", "first key")).key


def _terminated(number: int, _frame: FrameType | None) -> NoReturn:
    # uvicorn stops answering and then raises its signals again: by default that would end the process
    # before model, guard and database are closed.
    sys.exit(128 + number)
