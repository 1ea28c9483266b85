"""`genservice serve`: the service over HTTP."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from genservice.cli.options import settings_options
from genservice.listening.collecting import seldom_collected
from genservice.logs import Level, configure_logging
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.settings import Settings


@click.command()
@settings_options
@click.option("--host", help="Address to listen on [GENSERVICE_HOST].")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port; 0 picks a free one [GENSERVICE_PORT]."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes that answer [GENSERVICE_WORKERS]."
)
@click.option(
    "--log-level",
    type=click.Choice(get_args(Level)),
    help="The least that is logged [GENSERVICE_LOG_LEVEL].",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print address and first key as one JSON line."
)
def serve(*, as_json: bool, **flags: Any) -> None:
    """Run the service until it is stopped; print its address and, the first time, a key.

    With several workers SIGHUP replaces them one crew by the next, without losing a request.

    Example: genservice serve --port 8765
    """
    settings = read_settings(**flags)
    configure_logging(level=settings.log_level, form=settings.log_format)
    if settings.workers > 1 and not hasattr(os, "fork"):
        raise click.UsageError("--workers: this system cannot fork processes; use 1")
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]

    def announce(key: str | None) -> None:
        _announce(f"http://{host}:{port}", key, as_json=as_json)

    try:
        if settings.workers == 1:
            _serve_alone(settings, listening, announce)
        else:
            _supervise(settings, flags, listening, announce)
    finally:
        listening.close()


def _serve_alone(
    settings: Settings, listening: socket.socket, announce: Callable[[str | None], None]
) -> None:
    with seldom_collected():
        from genservice.listening.worker import serve_alone

    serve_alone(settings, listening, announce)


def _supervise(
    settings: Settings,
    flags: dict[str, Any],
    listening: socket.socket,
    announce: Callable[[str | None], None],
) -> None:
    # Of all that the service needs this process loads nothing: the workers' parent does.
    from genservice.listening.supervisor import Supervisor

    given = {name: value for name, value in flags.items() if value is not None}
    # Relative folders stand for the same whoever reads them.
    words = {
        name: str(value.absolute()) if isinstance(value, Path) else value
        for name, value in given.items()
    }
    sys.exit(128 + Supervisor(listening, settings, words, announce).run())


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
