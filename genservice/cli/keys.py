"""`genservice keys`: API keys, made, listed, rotated and revoked; and the keys that sign and wrap, rotated."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from genservice.cli.options import example
from genservice.cli.rotating import rotate_master
from genservice.cli.signing import rotate_signing
from genservice.domain.access import ROLES, Role
from genservice.errors import InvalidInputError
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from genservice.store import KeyRecord, NewKey, Store

Command = TypeVar("Command", bound="Callable[..., Any]")

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"([0-9]{1,4})([mhd])")
_DAYS = re.compile(r"([1-9][0-9]{0,4})d")


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """When `90d` or a day or time of ISO 8601 is, in UTC where it says none."""
    if value is None:
        return None
    if days := _DAYS.fullmatch(value):
        return _now().replace(microsecond=0) + timedelta(days=int(days[1]))
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            "not a time: give days from now (90d) or a date (2027-01-31)"
        ) from None


def _overlap(_: click.Context, __: click.Parameter, value: str) -> timedelta:
    found = _SPAN.fullmatch(value)
    if found is None:
        raise click.BadParameter("not a length of time, as in 30m, 24h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _on_store(command: Command) -> Command:
    folder = click.Path(file_okay=False, path_type=Path)
    data = click.option("--data", type=folder, help="Folder of the database [GENSERVICE_DATA].")
    url = click.option(
        "--database-url", help="postgresql://..., or another SQLite file [GENSERVICE_DATABASE_URL]."
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return data(url(as_json(command)))


@click.group(
    epilog=example('genservice keys create --role app --name "living-room app" --expires 365d')
)
def keys() -> None:
    """Make, list, rotate and revoke API keys, and rotate the key that signs."""


keys.add_command(rotate_master)
keys.add_command(rotate_signing)


@keys.command(epilog=example("genservice keys create --role editor --name newsroom --expires 90d"))
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the key may do.")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--expires", callback=_moment, help="When it ends: 90d, 2027-01-31; else never.")
@_on_store
def create(
    role: Role,
    name: str,
    expires: datetime | None,
    data: Path | None,
    database_url: str | None,
    *,
    as_json: bool,
) -> None:
    """Make a key and show it, this once."""

    async def work() -> None:
        async with _store(data, database_url) as store:
            try:
                new = await store.keys.create(role, name, expires)
            except InvalidInputError as error:
                (problem,) = error.problems
                flag = (problem.pointer or "").replace("#/", "--")
                raise click.BadParameter(problem.detail, param_hint=flag) from None
        _show(new, as_json=as_json)

    asyncio.run(work())


@keys.command("list")
@_on_store
def list_(data: Path | None, database_url: str | None, *, as_json: bool) -> None:
    """Show every key; never the secret.

    Example: genservice keys list --json
    """

    async def work() -> None:
        async with _store(data, database_url) as store:
            records = await store.keys.list()
        if as_json:
            click.echo(msgspec.json.encode({"items": records, "next": None}).decode())
            return
        for record in records:
            click.echo(_line(record))

    asyncio.run(work())


@keys.command()
@click.argument("key_id", metavar="ID")
@_on_store
def revoke(key_id: str, data: Path | None, database_url: str | None, *, as_json: bool) -> None:
    """Make a key open nothing from now on. ID is what `keys list` shows first.

    Example: genservice keys revoke k3x9w2ab
    """

    async def work() -> None:
        async with _store(data, database_url) as store:
            record = await store.keys.revoke(key_id)
        click.echo(msgspec.json.encode(record).decode() if as_json else _line(record))

    asyncio.run(work())


@keys.command(epilog=example("genservice keys rotate k3x9w2ab --overlap 24h"))
@click.argument("key_id", metavar="ID")
@click.option(
    "--overlap",
    callback=_overlap,
    default="24h",
    show_default=True,
    help="How long the old key still opens: 30m, 24h, 7d; 0h ends it now.",
)
@_on_store
def rotate(
    key_id: str,
    overlap: timedelta,
    data: Path | None,
    database_url: str | None,
    *,
    as_json: bool,
) -> None:
    """Make a key in the place of another, show it, and end the old one after the overlap.

    The new one has an ID of its own, and role, name and lifetime of the old one.
    """

    async def work() -> None:
        async with _store(data, database_url) as store:
            new = await store.keys.rotate(key_id, overlap=overlap)
        _show(new, as_json=as_json)

    asyncio.run(work())


@asynccontextmanager
async def _store(data: Path | None, database_url: str | None) -> AsyncGenerator[Store]:
    # SQLAlchemy takes a second to import: only commands that need it wait.
    from genservice.store import open_store

    settings = read_settings(data=data, database_url=database_url)
    async with open_store(settings.database(), clock=_now, **settings.database_limits()) as store:
        await store.migrate()
        yield store


def _show(new: NewKey, *, as_json: bool) -> None:
    if as_json:
        record = new.record
        made = {
            "id": record.id,
            "key": new.key,
            "role": record.role,
            "expires": record.expires_at,
        }
        click.echo(msgspec.json.encode(made).decode())
        return
    click.echo(new.key)
    click.echo("Keep it safe: it is not stored and cannot be shown again.", err=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _line(record: KeyRecord) -> str:
    if record.revoked_at is not None:
        state = f"revoked {record.revoked_at:%Y-%m-%d}"
    elif record.expires_at is not None:
        expired = record.expires_at <= _now()
        state = f"{'expired' if expired else 'until'} {record.expires_at:%Y-%m-%d}"
    else:
        state = "no end"
    used = f"used {record.last_used_at:%Y-%m-%d}" if record.last_used_at else "never used"
    return f"{record.id}  {record.role:<15}  {state:<18}  {used:<15}  {record.name}"
