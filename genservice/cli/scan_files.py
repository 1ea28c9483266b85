"""What `genservice scan` does with files: answers line by line, or measures the guard on them."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from itertools import islice
from operator import itemgetter
from typing import IO, TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from genservice.catalog import Format, detect, load_vocabulary, read
from genservice.cli.screening import open_guard, screened
from genservice.errors import DocumentError, Problem
from genservice.evaluation.guarding import (
    Labelled,
    judge,
    measured,
    names_in,
    names_kept,
    read_labelled,
    read_lines,
)
from genservice.evaluation.guarding.report import kept_table, tables, told, told_kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from genservice.evaluation.guarding import Judged, Named
    from genservice.privacy import Finding, Side
    from genservice.settings import Settings

TOGETHER = "all together"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """How figures are printed."""

    as_json: bool = False
    show: int = 0
    """How many errors are listed."""
    show_text: bool = False
    """Whether the words at fault stand beside them."""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error for the list. It holds no text unless that was asked for."""

    file: str
    line: int
    what: str
    type: str
    start: int
    end: int
    text: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line} {self.start}-{self.end} {self.what} {self.type}"
        return place if self.text is None else f"{place} {self.text!r}"


def answer(settings: Settings, stream: IO[bytes], *, side: Side) -> None:
    """Print the findings in each text of a JSON Lines file.

    A text that the guard refuses is answered too, as one finding from end to end and `refused`.

    Raises:
        DocumentError: A line cannot be read; or, once all are answered, some were refused.
    """
    name = getattr(stream, "name", "stdin")
    lines = enumerate(read_lines(stream, file=name, side=side), 1)

    async def run() -> list[Problem]:
        refused: list[Problem] = []
        with closing(open_guard(settings)) as guard:
            async for (number, _), findings, why in screened(guard, lines, text_of=itemgetter(1)):
                told = {"findings": findings}
                click.echo(msgspec.json.encode(told if why is None else {**told, "refused": True}))
                if why is not None:
                    refused.append(Problem(file=name, line=number, detail=why))
        return refused

    if problems := asyncio.run(run()):
        raise DocumentError(*problems)


def measure_marked(
    settings: Settings, files: Sequence[Path], *, side: Side, listing: Listing
) -> None:
    """Print what the guard is worth on the texts of marked files, of each and of all.

    Raises:
        DocumentError: A line cannot be read.
    """
    lines = {str(path): list(_marked(path, side)) for path in files}
    judged = asyncio.run(_judged(settings, lines))
    figures = {name: measured([text for _, text in texts]) for name, texts in judged.items()}
    if len(figures) > 1:
        every = [text for texts in judged.values() for _, text in texts]
        figures[TOGETHER] = measured(every)
    places = list(_places(judged, listing))
    if listing.as_json:
        said = {name: told(each) for name, each in figures.items()}
        click.echo(msgspec.json.encode({"files": said, "errors": places}))
        return
    console = _console()
    for table in tables(figures):
        console.print(table)
    for place in places:
        click.echo(str(place))


def measure_names(
    settings: Settings,
    files: Sequence[Path],
    *,
    form: Format | None,
    most: int,
    listing: Listing,
) -> None:
    """Print which names of titles the guard leaves alone in their descriptions.

    Raises:
        UsageError: The files hold no title with a description.
        DocumentError: The format of a file cannot be told.
    """
    every = list(_described(settings, files, form))
    if not every:
        raise click.UsageError("The files hold no title with a description.")
    chosen = [every[number] for number in _evenly(len(every), most)]
    found = asyncio.run(_found(settings, chosen))
    figures = names_kept(
        (title.names, findings) for title, findings in zip(chosen, found, strict=True)
    )
    places = list(_places_of_names(chosen, found, listing))
    if listing.as_json:
        click.echo(msgspec.json.encode({**told_kept(figures), "errors": places}))
        return
    _console().print(kept_table(figures))
    for place in places:
        click.echo(str(place))


class _Described(msgspec.Struct, frozen=True, kw_only=True):
    """A description, and where its title's names stand in it."""

    file: str
    line: int
    text: str
    names: tuple[Named, ...]


def _marked(path: Path, side: Side) -> list[Labelled]:
    with path.open("rb") as lines:
        return list(read_labelled(lines, file=str(path), side=side))


async def _judged(
    settings: Settings, files: Mapping[str, Sequence[Labelled]]
) -> dict[str, list[tuple[Labelled, Judged]]]:
    judged: dict[str, list[tuple[Labelled, Judged]]] = {name: [] for name in files}
    with closing(open_guard(settings)) as guard, _bar() as bar:
        for name, lines in files.items():
            task = bar.add_task(name, total=len(lines))
            async for line, findings, refused in screened(
                guard, lines, text_of=lambda line: (line.text, line.side)
            ):
                judged[name].append((line, judge(line, findings, refused=refused is not None)))
                bar.advance(task)
    return judged


async def _found(settings: Settings, titles: Sequence[_Described]) -> list[tuple[Finding, ...]]:
    with closing(open_guard(settings)) as guard, _bar() as bar:
        task = bar.add_task("descriptions", total=len(titles))
        found: list[tuple[Finding, ...]] = []
        async for title in screened(guard, titles, text_of=lambda title: (title.text, "title")):
            found.append(title.findings)
            bar.advance(task)
    return found


def _described(
    settings: Settings, files: Sequence[Path], form: Format | None
) -> Iterator[_Described]:
    vocabulary = load_vocabulary(settings.catalogue)
    for path in files:
        raw = path.read_bytes()
        reading = read(raw, format=form or detect(path.name, raw), vocabulary=vocabulary)
        for title, line in zip(reading.titles, reading.lines, strict=True):
            if title.description:
                yield _Described(
                    file=str(path), line=line, text=title.description, names=names_in(title)
                )


def _evenly(count: int, most: int) -> list[int]:
    """So many numbers below `count`, spread evenly: the same ones every time."""
    return [number * count // most for number in range(most)] if count > most else [*range(count)]


def _places(
    judged: Mapping[str, Sequence[tuple[Labelled, Judged]]], listing: Listing
) -> Iterator[Place]:
    misses = (
        (name, line, miss)
        for name, texts in judged.items()
        for line, text in texts
        for miss in text.misses
    )
    for name, line, miss in islice(misses, listing.show):
        yield Place(
            file=name,
            line=line.line,
            what=miss.what,
            type=miss.type,
            start=miss.start,
            end=miss.end,
            text=line.text[miss.start : miss.end] if listing.show_text else None,
        )


def _places_of_names(
    titles: Sequence[_Described], found: Sequence[Sequence[Finding]], listing: Listing
) -> Iterator[Place]:
    findings = (
        (title, finding) for title, each in zip(titles, found, strict=True) for finding in each
    )
    for title, finding in islice(findings, listing.show):
        touches = any(finding.start < name.end and name.start < finding.end for name in title.names)
        yield Place(
            file=title.file,
            line=title.line,
            what="touched" if touches else "found",
            type=finding.type,
            start=finding.start,
            end=finding.end,
            text=title.text[finding.start : finding.end] if listing.show_text else None,
        )


def _console() -> Console:
    return Console(width=max(120, Console().width), highlight=False)


def _bar() -> Progress:
    """Progress on standard error, so that standard output stays the answer."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
