"""`genservice viewer export`, `erase` and `tidy`: what is held, for a privacy officer at the machine."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from genservice.cli.options import example, settings_options
from genservice.domain.viewers import Tidied, ViewerId
from genservice.settings import Settings, read_settings

if TYPE_CHECKING:
    from genservice.api.service import Service


def _viewer(_: click.Context, __: click.Parameter, value: str) -> str:
    if value == "-":
        value = sys.stdin.readline().rstrip("\r\n")
    try:
        return msgspec.convert(value, ViewerId)
    except msgspec.ValidationError:
        # Not the id itself: whoever reads the screen or its log need not learn it.
        raise click.BadParameter("not an id: 1 to 128 of A-Z a-z 0-9 . _ ~ -") from None


_id = click.argument("viewer_id", metavar="ID", callback=_viewer)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(epilog=example("genservice viewer export ada > held.json"))
@_id
@settings_options
def export(viewer_id: str, **flags: Any) -> None:
    """Print everything that is held of a viewer as JSON, as `GET /v1/viewers/{viewer_id}/export` answers it.

    An ID of - is read from standard input, so that it stands in no history of commands.
    """
    # The whole service takes seconds to import: only what needs it waits.
    from genservice.cli.running import with_service

    async def work(service: Service) -> bytes:
        return msgspec.json.encode(await service.rights.export(viewer_id))

    click.echo(msgspec.json.format(with_service(flags, work, writes=False)))


@click.command(epilog=example("genservice viewer erase ada > confirmation.json"))
@_id
@settings_options
def erase(viewer_id: str, **flags: Any) -> None:
    """Erase everything that is held of a viewer, and print the signed confirmation as JSON.

    The viewer's key is destroyed with it: backups of the data cannot be read back. An ID of - is read from
    standard input. `genservice viewer verify` checks the confirmation.
    """
    from genservice.cli.running import with_service

    async def work(service: Service) -> bytes:
        return msgspec.json.encode(await service.rights.erase(viewer_id))

    click.echo(msgspec.json.format(with_service(flags, work, writes=False)))


@click.command(epilog=example("genservice viewer tidy --json"))
@_json
@settings_options
def tidy(*, as_json: bool, **flags: Any) -> None:
    """Take out what is kept no longer, end erasures, and leave nothing of either in SQLite's files.

    The running service does the former every ten minutes, and the latter at once while the data is no larger
    than 32 MiB and the keystore than 256; this command, whatever their size. Writers wait meanwhile.
    """
    tidied = asyncio.run(_tidy(read_settings(**flags)))
    if as_json:
        click.echo(msgspec.json.encode(tidied).decode())
        return
    click.echo(
        f"Taken out: {tidied.signals} signals, {tidied.servings} servings, {tidied.viewers} viewers of whom"
        f" nothing was left, {tidied.restored} erased viewers whom a backup had brought back."
    )


async def _tidy(settings: Settings) -> Tidied:
    from genservice.store import open_store
    from genservice.viewers import open_viewers

    limits = settings.database_limits()
    async with open_store(settings.database(), clock=_now, **limits) as store:
        await store.migrate()
        async with open_viewers(
            store.viewers,
            settings.keystore_database(),
            settings.master_keys(),
            servings_days=settings.servings_days,
            clock=_now,
            **limits,
        ) as viewers:
            return await viewers.tidy(thorough=True)


def _now() -> datetime:
    return datetime.now(UTC)
