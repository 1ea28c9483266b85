"""`genservice model eval`: measure a text model on the real path."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from genservice.app import open_service
from genservice.catalog import FORMATS, detect, load_vocabulary, read
from genservice.evaluation import (
    Figures,
    Known,
    Observed,
    Openings,
    Record,
    blind,
    draw,
    figures,
    observe,
    openings,
    openings_of,
    rows,
    writable,
)
from genservice.generation import connect, load_model
from genservice.logs import configure_logging
from genservice.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.api.service import Service
    from genservice.domain import Title, Vocabulary

_TEXTS_EACH = 20
_MOST_TITLES = 20_000
_PATIENCE = 60.0
"""Seconds the guard may take for a text: an evaluation measures texts, not a busy machine."""


class _Plan(msgspec.Struct, frozen=True):
    """What to measure."""

    briefs: int
    titles: int
    """For how many titles openings are compared."""
    seed: int


class _Outcome(msgspec.Struct, frozen=True):
    """What was measured."""

    model: str
    records: tuple[Record, ...]
    openings: Openings
    titles: dict[str, Any]


@click.command("eval", short_help="Measure what a model writes.")
@click.argument("files", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1)
@click.option(
    "--model", "source", help="embedded, a folder, a hub id or an address [GENSERVICE_MODEL]."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Seen from name and content if left out."
)
@click.option("--briefs", type=click.IntRange(1, 100_000), default=300, show_default=True)
@click.option(
    "--openings",
    "titles",
    type=click.IntRange(0, 1000),
    default=20,
    show_default=True,
    help=f"Titles of which {_TEXTS_EACH} texts each are compared.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Training texts, one raw text a line: tells near-copies.",
)
@click.option("--show", type=click.IntRange(0), default=0, help="Print so many texts.")
@click.option(
    "--blind",
    "sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write texts and editors' own to this CSV, shuffled; who wrote which goes beside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    *,
    files: tuple[Path, ...],
    source: str | None,
    form: Any,
    briefs: int,
    titles: int,
    seed: int,
    against: Path | None,
    show: int,
    sheet: Path | None,
    as_json: bool,
) -> None:
    """Have a model write about the titles of FILES, and measure the texts before and after the checks.

    Without FILES it writes about the shipped catalogue. Nothing is kept but what the options name. The
    same seed asks for the same texts.

    Example: genservice model eval --model ./my-model --briefs 100 films.json
    """
    configure_logging()
    known = None if against is None else Known(_lines(against))
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            model=source, data=Path(folder) / "data", keystore=Path(folder) / "keys"
        )
        settings = msgspec.structs.replace(settings, guard_timeout=_PATIENCE)
        vocabulary = load_vocabulary(settings.catalogue)
        given = _titles(files, form, vocabulary)
        outcome = asyncio.run(_measure(settings, given, _Plan(briefs, titles, seed)))
    found = figures(outcome.records, known)
    if sheet is not None:
        _write_sheet(sheet, outcome, seed)
    if as_json:
        click.echo(msgspec.json.encode(_told(outcome, found)))
        return
    for record in outcome.records[:show]:
        click.echo(f"{record.purpose} {record.limit} {record.tone}: {record.text}")
    _print_table(outcome, found)


async def _measure(settings: Settings, given: Sequence[Title], plan: _Plan) -> _Outcome:
    model = await asyncio.to_thread(
        load_model,
        settings.model,
        name=settings.model_name,
        key=settings.model_key,
        processor=settings.model_processor,
        deadline=settings.model_timeout,
    )
    await connect(model)
    observed = Observed(model)
    async with open_service(settings, model=observed) as service:
        if given:
            await service.titles.put_all(given)
            wanted = [title.id for title in given]
        else:
            wanted = [title.id for title in (await service.titles.search("", limit=500)).items]
        held = await service.titles.get_many(wanted)
        titles = writable(held.values())
        if not titles:
            raise click.UsageError("No title of these may be written about.")
        with _bar() as bar:
            records = await _records(service, observed, titles, plan, bar)
            texts = await _openings(service, titles, plan, bar)
    return _Outcome(observed.revision, tuple(records), openings(texts), dict(held))


async def _records(
    service: Service, observed: Observed, titles: Sequence[Title], plan: _Plan, bar: Progress
) -> list[Record]:
    rng = Random(plan.seed)  # noqa: S311 (a sample, nothing secret)
    consents = [consent.name for consent in service.policies().consents]
    return [
        await observe(service, observed, draw(titles, consents, rng).order)
        for _ in bar.track(range(plan.briefs), description="writing")
    ]


async def _openings(
    service: Service, titles: Sequence[Title], plan: _Plan, bar: Progress
) -> list[list[str]]:
    rng = Random(plan.seed + 1)  # noqa: S311 (a sample, nothing secret)
    consents = [consent.name for consent in service.policies().consents]
    found: list[list[str]] = []
    for _ in bar.track(range(plan.titles), description="openings"):
        orders = openings_of(titles, consents, rng, _TEXTS_EACH)
        answers = [await service.blurbs.write(order) for order in orders]
        found.append([answer.blurbs[0].text for answer in answers])
    return found


def _titles(files: Sequence[Path], form: Any, vocabulary: Vocabulary) -> tuple[Title, ...]:
    """Every title of the files, as far as each is right.

    Raises:
        UsageError: They hold none, or too many.
    """
    titles: dict[str, Title] = {}
    for path in files:
        raw = path.read_bytes()
        reading = read(raw, format=form or detect(path.name, raw), vocabulary=vocabulary)
        titles |= {title.id: title for title in reading.titles}
    if files and not titles:
        raise click.UsageError("The files hold no title that is right; try `genservice catalog`.")
    return tuple(titles.values())[:_MOST_TITLES]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise click.BadParameter("not UTF-8", param_hint="--against") from None


def _told(outcome: _Outcome, found: Figures) -> dict[str, Any]:
    return {"model": outcome.model, "figures": found, "openings": outcome.openings}


def _print_table(outcome: _Outcome, found: Figures) -> None:
    table = Table("figure", "measured", "aim", "met", title=outcome.model)
    for row in rows(found, outcome.openings):
        met = {None: "", True: "yes", False: "no"}[row.met]
        table.add_row(row.name, row.value, row.aim, met)
    kinds = ", ".join(f"{kind} {count}" for kind, count in found.kinds.items()) or "nothing"
    console = Console(width=max(120, Console().width))
    console.print(table)
    console.print(f"Found in candidates: {kinds}", highlight=False)


def _write_sheet(path: Path, outcome: _Outcome, seed: int) -> None:
    """The sheet, and beside it the key; together or not at all."""
    key = path.with_name(f"{path.stem}-key{path.suffix}")
    with (
        path.open("w", encoding="utf-8", newline="") as sheet,
        key.open("w", encoding="utf-8", newline="") as names,
    ):
        shuffled = Random(seed)  # noqa: S311 (an order, nothing secret)
        blind(outcome.records, outcome.titles, shuffled, sheet, names)
    click.echo(f"{path} and {key}", err=True)


def _bar() -> Progress:
    """Progress on standard error, so that standard output stays the answer."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
