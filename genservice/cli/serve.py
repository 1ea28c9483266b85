"""`genservice serve`: the service over HTTP."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import socket
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from genservice.app import app_around, open_service
from genservice.cli.options import settings_options
from genservice.listening.connections import Departing, served
from genservice.logs import configure_logging
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import FrameType

    from genservice.api.service import Service


@click.command()
@settings_options
@click.option("--host", help="Address to listen on [GENSERVICE_HOST].")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port; 0 picks a free one [GENSERVICE_PORT]."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print address and first key as one JSON line."
)
def serve(*, as_json: bool, **flags: Any) -> None:
    """Run the service until it is stopped; print its address and, the first time, a key.

    Example: genservice serve --port 8765
    """
    settings = read_settings(**flags)
    configure_logging(level=settings.log_level, form=settings.log_format)
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    address = f"http://{host}:{port}"

    async def run() -> None:
        async with open_service(settings) as service:
            key = await _first_key(service)

            @asynccontextmanager
            async def opened() -> AsyncGenerator[Service]:
                yield service

            server = Departing(
                served(app_around(opened, settings), settings),
                leave=service.readiness.stop,
                delay=settings.stop_delay,
            )
            # What is loaded by now stays to the end. Going through it all once more, as soon as enough
            # is new, would stop every request for a third of a second.
            gc.collect()
            gc.freeze()
            _announce(address, key, as_json=as_json)
            await server.serve(sockets=[listening])

    signal.signal(signal.SIGTERM, _terminated)
    try:
        asyncio.run(run())
    finally:
        listening.close()


def _terminated(number: int, _frame: FrameType | None) -> NoReturn:
    # uvicorn stops answering and then raises its signals again: by default that would end the process
    # before model, guard and database are closed.
    sys.exit(128 + number)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; opened before anything is loaded, so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, ValueError) as error:
        listening.close()
        # A host that is no name at all is a ValueError, of its encoding.
        detail = error.strerror if isinstance(error, OSError) else "not an address"
        raise click.UsageError(f"cannot listen on {host}:{port}: {detail}") from None
    return listening


async def _first_key(service: Service) -> str | None:
    """A key for whoever starts a service that has none."""
    if await service.keys.list():
        return None
    return (await service.keys.create("admin", "first key")).key


def _announce(address: str, key: str | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"address": address, "key": key}))
        return
    click.echo(f"genservice listens on {address}")
    if key is None:
        click.echo(
            "Keys exist already; another one: genservice keys create --role editor --name NAME"
        )
        return
    click.echo(f"First key (admin; shown only now): {key}")
    click.echo(f'Try: curl -s {address}/v1/titles?limit=3 -H "Authorization: Bearer {key}"')
