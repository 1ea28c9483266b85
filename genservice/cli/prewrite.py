"""`genservice prewrite`: texts of tomorrow's page, written before it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from genservice.batch import prewrite as prewritten
from genservice.batch import read_audiences, require_known
from genservice.cli.options import example, settings_options, text_of
from genservice.cli.running import title_of, with_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.api.service import Service
    from genservice.batch import AudienceFile, Prewritten
    from genservice.domain import Title

_PAGE = 500


@click.command(
    epilog=example(
        "genservice prewrite --titles tomorrow.txt --audiences audiences.yaml",
        "genservice prewrite double-indemnity casablanca --audiences audiences.yaml",
    )
)
@click.argument("title_ids", nargs=-1)
@click.option(
    "--titles", "titles_file", type=click.File("rb"), help="Titles by id, one a line; - is stdin."
)
@click.option(
    "--audiences",
    "audiences_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Whom to write for, as for `genservice batch`.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="Texts asked for at a time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@settings_options
def prewrite(
    *,
    title_ids: tuple[str, ...],
    titles_file: BinaryIO | None,
    audiences_file: Path,
    concurrency: int,
    as_json: bool,
    **flags: Any,
) -> None:
    """Write what titles may show audiences before it is asked for; without titles, of the whole catalogue.

    Texts go into the store, and into Valkey where there is one. What stands already is left.
    Exit code 1 if for an order no text passed the checks.
    """
    file = read_audiences(audiences_file)
    listed = text_of(titles_file, flag="--titles").split() if titles_file else []
    ids = list(dict.fromkeys((*title_ids, *listed)))
    if titles_file and not ids:
        raise click.BadParameter("there is no title in it", param_hint="--titles")

    async def work(service: Service) -> Prewritten:
        require_known(file, service.policies())
        titles = [await title_of(service, each) for each in ids] if ids else await _all(service)
        return await _shown(service, titles, file, concurrency)

    result = with_service(flags, work)
    if as_json:
        click.echo(msgspec.json.encode(result))
    else:
        click.echo(
            f"{result.written} written, {result.standing} stood already, "
            f"{result.locked} left to the editors, {result.failed} failed"
        )
    sys.exit(1 if result.failed else 0)


async def _all(service: Service) -> Sequence[Title]:
    titles: list[Title] = []
    cursor: str | None = None
    while True:
        page = await service.titles.search("", limit=_PAGE, cursor=cursor)
        titles += page.items
        cursor = page.next
        if cursor is None:
            return titles


async def _shown(
    service: Service, titles: Sequence[Title], file: AudienceFile, concurrency: int
) -> Prewritten:
    console = Console(stderr=True)
    columns = TextColumn("texts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("texts", total=None)

        def told(progress: Prewritten) -> None:
            bar.update(task, total=progress.orders, completed=progress.done)

        return await prewritten(
            service.blurbs, titles, file.audiences, concurrency=concurrency, told=told
        )
