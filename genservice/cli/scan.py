"""`genservice scan`: the guard over a text, over the texts of a file, and over marked ones."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import click
import msgspec
from rich.console import Console
from rich.text import Text

from genservice.catalog import FORMATS
from genservice.cli.options import example, text_of
from genservice.cli.screening import open_guard
from genservice.privacy import SIDES, Screening, Side
from genservice.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL = "all"
"""In place of a side: each of them."""

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(
    epilog=example(
        'genservice scan "I\'m 34 and my daughter Emma loves whales"',
        "genservice scan --eval marked.jsonl --show 20",
        "genservice scan --catalogue films.json --format wikipedia",
    )
)
@click.argument("text", required=False)
@click.option("--file", type=click.File("rb"), help="Read the text from a file; - is stdin.")
@click.option(
    "--side",
    type=click.Choice((*SIDES, ALL)),
    default="viewer",
    show_default=True,
    help="viewer: when unsure, it goes; title: names stay; output: names are leaks; all: each.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--jsonl",
    type=click.File("rb"),
    help='Read {"text", "side"} a line, print {"findings"} a line; - is stdin.',
)
@click.option(
    "--eval",
    "marked",
    type=_FILE,
    multiple=True,
    help='Measure the guard on {"text", "side", "spans"} a line; may be given again.',
)
@click.option(
    "--catalogue",
    "titles",
    type=_FILE,
    multiple=True,
    help="Measure which names of these titles it leaves alone; may be given again.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Of --catalogue.")
@click.option(
    "--most",
    type=click.IntRange(1, 1_000_000),
    default=2_000,
    show_default=True,
    help="Descriptions read of --catalogue, drawn evenly from all.",
)
@click.option("--show", type=click.IntRange(0), default=0, help="List so many errors, by place.")
@click.option("--show-text", is_flag=True, help="List the words at fault as well.")
@click.option("--guard-nlp", help="Presidio NLP engine to read besides [GENSERVICE_GUARD_NLP].")
@click.option(
    "--guard-recognisers",
    help="Presidio recogniser registry to read besides [GENSERVICE_GUARD_RECOGNISERS].",
)
def scan(
    *,
    text: str | None,
    file: BinaryIO | None,
    side: Any,
    as_json: bool,
    jsonl: IO[bytes] | None,
    marked: tuple[Path, ...],
    titles: tuple[Path, ...],
    guard_nlp: str | None,
    guard_recognisers: str | None,
    **options: Any,
) -> None:
    """Find the personal data in TEXT. Exit code 1 if anything is found.

    With --jsonl, --eval and --catalogue the exit code is 0 once everything is read, and 2 at a line
    that cannot be read; what the files say is not printed, except by --show-text.
    """
    given = (text is not None, file is not None, jsonl is not None, bool(marked), bool(titles))
    if sum(given) != 1:
        raise click.UsageError("give one of TEXT, --file, --jsonl, --eval and --catalogue")
    settings = read_settings(guard_nlp=guard_nlp, guard_recognisers=guard_recognisers)
    if text is None and file is None:
        if side == ALL:
            raise click.UsageError("--side all is for one text")
        _scan_files(settings, jsonl, marked, titles, side=side, as_json=as_json, **options)
        return
    words = (text if file is None else text_of(file, flag="--file")) or ""
    screenings = asyncio.run(_screened(settings, words, SIDES if side == ALL else (side,)))
    if as_json:
        told = {name: _told(each) for name, each in screenings.items()}
        click.echo(msgspec.json.encode({"sides": told} if side == ALL else told[side]))
    else:
        _show(words, screenings)
    sys.exit(1 if any(each.findings for each in screenings.values()) else 0)


def _scan_files(
    settings: Settings,
    jsonl: IO[bytes] | None,
    marked: tuple[Path, ...],
    titles: tuple[Path, ...],
    *,
    side: Side,
    as_json: bool,
    form: Any,
    most: int,
    show: int,
    show_text: bool,
) -> None:
    # What measures imports the service; a text alone does not wait for that.
    from genservice.cli import scan_files

    if jsonl is not None:
        scan_files.answer(settings, jsonl, side=side)
        return
    listing = scan_files.Listing(as_json=as_json, show=show, show_text=show_text)
    if marked:
        scan_files.measure_marked(settings, marked, side=side, listing=listing)
    else:
        scan_files.measure_names(settings, titles, form=form, most=most, listing=listing)


async def _screened(
    settings: Settings, text: str, sides: tuple[Side, ...]
) -> Mapping[Side, Screening]:
    guard = open_guard(settings)
    try:
        return {side: (await guard.screen([text], side=side))[0] for side in sides}
    finally:
        guard.close()


def _told(screening: Screening) -> dict[str, Any]:
    return {"findings": screening.findings, "text": screening.text}


def _show(text: str, screenings: Mapping[Side, Screening]) -> None:
    """For each side the text with its findings marked, a line for each, and the text without them."""
    console = Console(highlight=False, soft_wrap=True)
    for side, screening in screenings.items():
        if len(screenings) > 1:
            console.print(Text(f"{side}:", style="bold"))
        shown = Text(text)
        for finding in screening.findings:
            shown.stylize("bold white on red", finding.start, finding.end)
        console.print(shown)
        for finding in screening.findings:
            place = f"{finding.start}-{finding.end}"
            console.print(f"  {place} {finding.type} {finding.score:.2f}", markup=False)
        count = len(screening.findings)
        console.print(f"{count} found" if count else "nothing found")
        if count:
            console.print(Text(screening.text))
