"""`genservice policy history`: who put which set in force, when and why."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from genservice.cli.options import example
from genservice.cli.policy.sets import json_option, print_json
from genservice.settings import read_settings

if TYPE_CHECKING:
    from genservice.store import Act, ActPage

_SHORT = len("sha256:") + 12
"""Letters of a version that tell it from others."""


@click.command(
    name="history",
    short_help="Say who did what to the policies, when and why.",
    epilog=example("genservice policy history --limit 10"),
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database [GENSERVICE_DATA].",
)
@click.option(
    "--database-url", help="postgresql://..., or another SQLite file [GENSERVICE_DATABASE_URL]."
)
@click.option(
    "--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="Most acts shown."
)
@click.option("--cursor", help="`next` of the page before.")
@json_option
def command(
    data: Path | None, database_url: str | None, limit: int, cursor: str | None, *, as_json: bool
) -> None:
    """Say who did what to the policy set in force and to drafts, the last act first.

    WHO is the id of a key, `files` for an edit of the policy folder, or `start`.
    """
    page = asyncio.run(_page(data, database_url, limit, cursor))
    if as_json:
        print_json(page)
        return
    for act in page.items:
        click.echo(_line(act))
    if page.next is not None:
        click.echo(f"More: --cursor {page.next}")


async def _page(
    data: Path | None, database_url: str | None, limit: int, cursor: str | None
) -> ActPage:
    # SQLAlchemy takes a second to import: only commands that need it wait.
    from genservice.store import open_store

    settings = read_settings(data=data, database_url=database_url)
    async with open_store(
        settings.database(), clock=lambda: datetime.now(UTC), **settings.database_limits()
    ) as store:
        await store.migrate()
        return await store.history.acts(limit=limit, cursor=cursor)


def _line(act: Act) -> str:
    before, after = ((version or "none")[:_SHORT] for version in (act.before, act.after))
    unseen = ", not shadowed before" if act.shadowed is False else ""
    why = f"  {act.why}" if act.why else ""
    return (
        f"{act.number:>4}  {act.at:%Y-%m-%d %H:%M:%S}  {act.who:<8}  {act.what:<11}  "
        f"{before:<19} -> {after:<19}{unseen}{why}"
    )
