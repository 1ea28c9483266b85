"""`genservice store`: whether what is stored is whole."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from genservice.cli.options import example
from genservice.errors import SettingsError
from genservice.receipts import Signer
from genservice.settings import read_settings

if TYPE_CHECKING:
    from genservice.integrity import Report
    from genservice.settings import Settings

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(epilog=example("genservice store check"))
def store() -> None:
    """See to the database."""


@store.command("check", epilog=example("genservice store check --json"))
@click.option("--data", type=_FOLDER, help="Folder of the database [GENSERVICE_DATA].")
@click.option("--keystore", type=_FOLDER, help="Folder of the signing keys [GENSERVICE_KEYSTORE].")
@click.option(
    "--database-url",
    help="postgresql://..., or another SQLite file [GENSERVICE_DATABASE_URL].",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_(
    data: Path | None, keystore: Path | None, database_url: str | None, *, as_json: bool
) -> None:
    """Read everything that is stored and say what is not as it was written. Nothing is changed.

    Every record must be readable, every digest right, every receipt signed by a key of the keystore,
    no act of the policies missing. The service may run meanwhile. Exit code 1: something is wrong.
    """
    settings = read_settings(data=data, keystore=keystore, database_url=database_url)
    database = settings.database()
    if isinstance(database, Path) and not database.exists():
        # Opening it would make an empty one.
        raise SettingsError(f"GENSERVICE_DATA: there is no database {database}")
    signer = Signer.open(settings.keystore, create=False)
    report = asyncio.run(_check(settings, signer))
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        _print(report)
    sys.exit(1 if report.faults else 0)


async def _check(settings: Settings, signer: Signer) -> Report:
    # SQLAlchemy takes a second to import: whoever asks for help does not wait for it.
    from genservice.integrity import check
    from genservice.store import open_store

    def now() -> datetime:
        return datetime.now(UTC)

    with _bar() as bar:
        task = bar.add_task("the database file", total=None)

        def told(table: str, done: int, total: int) -> None:
            bar.update(task, description=table.replace("_", " "), completed=done, total=total)

        async with open_store(settings.database(), clock=now, **settings.database_limits()) as held:
            await held.require_migrated()
            return await check(held.inspection, signer.public_keys(), told)


def _print(report: Report) -> None:
    for fault in report.faults:
        place = f"{fault.table} {fault.row}".strip()
        click.echo(f"{place}: {fault.detail}")
    if report.more:
        click.echo(f"... and {report.more} more")
    if report.unread:
        click.echo(
            f"{report.unread} former policy sets cannot be read by this version; "
            "their digests were not checked.",
            err=True,
        )
    rows = sum(report.rows.values())
    found = len(report.faults) + report.more
    faults = "nothing wrong" if not found else "1 fault" if found == 1 else f"{found} faults"
    click.echo(f"{rows} rows of {len(report.rows)} tables read: {faults}")


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
