"""`genservice keys rotate-master`: another master key wraps viewers' keys."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import msgspec
from rich.console import Console

from genservice.cli.options import example
from genservice.settings import Settings, read_settings


@click.command("rotate-master", epilog=example("genservice keys rotate-master"))
@click.option(
    "--keystore",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the keystore [GENSERVICE_KEYSTORE].",
)
@click.option(
    "--keystore-url",
    help="postgresql://..., or another SQLite file [GENSERVICE_KEYSTORE_URL].",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate_master(keystore: Path | None, keystore_url: str | None, *, as_json: bool) -> None:
    """Wrap every viewer's key by another master key. Stopped at any moment, it goes on when run again.

    Where the master key is the keystore's own file, a new one is made, and the old one destroyed at the
    end; the service may run meanwhile. Where it is a setting, put the new key before the old one there,
    restart the service, run this, and take the old one out.
    """
    settings = read_settings(keystore=keystore, keystore_url=keystore_url)
    count, key_id = asyncio.run(_rotate(settings))
    if as_json:
        click.echo(msgspec.json.encode({"wrapped": count, "master_key": key_id}).decode())
        return
    keys = "1 key" if count == 1 else f"{count} keys"
    click.echo(f"Wrapped {keys} anew; {key_id} is the master key.")
    if not settings.master_keys().is_own:
        click.echo("Nothing is wrapped by the other master keys: take them out of the setting.")


async def _rotate(settings: Settings) -> tuple[int, str]:
    # SQLAlchemy takes a second to import: only what needs it waits.
    from genservice.store import open_keystore

    place = settings.master_keys()
    console = Console(stderr=True)
    done = 0
    with console.status("Wrapping keys") as status:

        def wrapped(count: int) -> None:
            nonlocal done
            done += count
            status.update(f"Wrapping keys: {done}")

        limits = settings.database_limits()
        async with open_keystore(settings.keystore_database(), place, **limits) as keystore:
            if place.is_own:
                await asyncio.to_thread(place.with_new)
            count = await keystore.rotate(wrapped)
        if place.is_own:
            await asyncio.to_thread(place.keep_first)
        keys = await asyncio.to_thread(place.read)
    return count, keys.first.id
