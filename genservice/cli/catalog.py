"""`genservice catalog`: titles in and out, and their twins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from genservice.catalog import FORMATS, detect, load_vocabulary, read
from genservice.cli.options import settings_options
from genservice.cli.running import title_of, with_service
from genservice.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.api.service import Service
    from genservice.catalog import Reading
    from genservice.domain import Vocabulary
    from genservice.errors import Problem
    from genservice.store import ImportResult
    from genservice.twins import Progress as Twins


@click.group()
def catalog() -> None:
    """Import and show titles, and write their neutral twins.

    Example: genservice catalog import titles.json
    """


@catalog.command("import", short_help="Import titles from files of several formats.")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Seen from name and content if left out."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@settings_options
def import_(*, files: tuple[Path, ...], form: str | None, as_json: bool, **flags: Any) -> None:
    """Import titles from FILES: JSON, JSON Lines, CSV, schema.org JSON-LD, TV-Anytime XML.

    A bad record is named with line and field and skipped; the rest is imported. Exit code 1 then.

    Example: genservice catalog import --format tva schedule.xml
    """
    unscreened = _readings(files, form, load_vocabulary(read_settings(**flags).catalogue))

    async def work(service: Service) -> tuple[ImportResult, list[tuple[Path, Reading]]]:
        readings = await _screened(unscreened, service)
        titles = [title for _, reading in readings for title in reading.titles]
        return await service.titles.put_all(titles), readings

    result, readings = with_service(flags, work, writes=False)
    problems = [_told(path, found) for path, reading in readings for found in reading.problems]
    warnings = [_told(path, found) for path, reading in readings for found in reading.warnings]
    for kind, found in (("warning", warnings), ("skipped", problems)):
        for told in found:
            click.echo(f"{kind}: {told}", err=True)
    if as_json:
        told = {"problems": problems, "warnings": warnings}
        click.echo(msgspec.json.encode({**msgspec.structs.asdict(result), **told}))
    else:
        counted = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        click.echo(
            f"{result.created} new, {result.changed} changed, {result.unchanged} unchanged, {counted}"
        )
    sys.exit(1 if problems else 0)


def _readings(
    files: Sequence[Path], form: Any, vocabulary: Vocabulary
) -> list[tuple[Path, Reading]]:
    """What the files hold; read before the database is opened, so that a wrong file changes nothing."""
    readings: list[tuple[Path, Reading]] = []
    with _bar() as bar:
        for path in bar.track(files, description="reading"):
            raw = path.read_bytes()
            kind = form or detect(path.name, raw)
            readings.append((path, read(raw, format=kind, vocabulary=vocabulary)))
    return readings


async def _screened(
    readings: Sequence[tuple[Path, Reading]], service: Service
) -> list[tuple[Path, Reading]]:
    """The same, with a warning for each text that holds an identifier."""
    with _bar() as bar:
        total = sum(len(reading.titles) for _, reading in readings)
        task = bar.add_task("screening", total=total)
        return [
            (path, await service.dossiers.screened(reading, told=lambda: bar.advance(task)))
            for path, reading in readings
        ]


def _told(path: Path, problem: Problem) -> str:
    """A problem with its file, line and field."""
    places = (path.name, problem.line, problem.pointer)
    place = ":".join(str(part) for part in places if part is not None)
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{place}: {problem.detail}{hint}"


@catalog.command(short_help="Show titles.")
@click.argument("title_id", required=False)
@click.option("-q", "q", default="", help="Part of a name.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print records as JSON.")
@settings_options
def show(*, title_id: str | None, q: str, limit: int, as_json: bool, **flags: Any) -> None:
    """Show one title, or the titles whose names hold a text.

    Example: genservice catalog show -q paddington
    """

    async def one(service: Service) -> Any:
        return await title_of(service, title_id or "")

    async def many(service: Service) -> Any:
        return (await service.titles.search(q, limit=limit)).items

    if title_id is not None:
        title = with_service(flags, one, writes=False)
        record = msgspec.json.format(msgspec.json.encode(title), indent=2)
        click.echo(record)
        return
    titles = with_service(flags, many, writes=False)
    if as_json:
        click.echo(msgspec.json.encode(titles))
        return
    for title in titles:
        click.echo(f"{title.id:40} {title.year or '':>4}  {title.kind:9} {title.name}")


@catalog.command(short_help="Write the neutral twins that are missing.")
@click.option(
    "--twins", help="Places, as in promo/tile/short, with commas between [GENSERVICE_TWINS]."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@settings_options
def twins(*, as_json: bool, **flags: Any) -> None:
    """Write every neutral twin that is missing, now; a running service does so by itself.

    Exit code 1 if for a title and place no text passed the checks.

    Example: genservice catalog twins --twins promo/push/short
    """

    async def work(service: Service) -> Twins:
        with _bar() as bar:
            task = bar.add_task("twins", total=None)

            def told(progress: Twins) -> None:
                total = bar.tasks[0].total
                total = progress.missing if total is None else total
                bar.update(task, total=total, completed=total - progress.missing)

            return await service.twins.write_missing(told)

    result = with_service(flags, work)
    if as_json:
        click.echo(msgspec.json.encode(result))
    else:
        click.echo(
            f"{result.written} written, {result.locked} left to the editors, {result.failed} failed"
        )
    sys.exit(1 if result.failed else 0)


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
