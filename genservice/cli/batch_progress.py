"""How far a batch is: a bar on a terminal, a line now and then anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from genservice.batch import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genservice.batch import Plan, Record, Row, Written

EVERY = 60.0
"""Seconds between two lines where the output is no terminal."""


class Shown:
    """Shows on stderr how many texts are written, how fast, how long the rest takes, and what they are."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """Show nothing yet.

        Args:
            clock: Seconds that only grow.
        """
        self._clock = clock
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[kinds]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("getting ready", total=None, rate="", kinds="")
        self._terminal = console.is_terminal
        self._began = self._told = clock()
        self._total = self._before = self._rows = 0
        self._in_parts = 0
        self._counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def listed(self, titles: int) -> None:
        """So many more titles are listed."""
        self._bar.update(self._task, description="listing", advance=titles)

    def begin(self, plan: Plan, done: Mapping[int, Record]) -> None:
        """The writing begins, after what earlier runs did."""
        self._total = plan.manifest.items
        self._before = sum(record.items for record in done.values())
        for record in done.values():
            self._count(record.counts)
        self._began = self._told = self._clock()
        self._bar.update(
            self._task, description="writing", total=self._total, completed=self._before
        )

    def row(self, row: Row) -> None:
        """A text is written."""
        self._rows += 1
        self._count({kind_of(row): 1})
        self._show(self._rows)

    def part(self, written: Written) -> None:
        """A part is on disk."""
        self._in_parts += written.record.items
        if not self._rows:
            # Texts written elsewhere are heard of part by part.
            self._count(written.record.counts)
        self._show(self._rows or self._in_parts)

    def _count(self, counts: Mapping[str, int]) -> None:
        for kind, number in counts.items():
            self._counts[kind] = self._counts.get(kind, 0) + number

    def _show(self, new: int) -> None:
        seconds = self._clock() - self._began
        rate = new / seconds if seconds else 0.0
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(self._counts.items()))
        done = self._before + new
        self._bar.update(self._task, completed=done, rate=f"{rate:.1f}/s", kinds=kinds)
        if not self._terminal and self._clock() - self._told >= EVERY:
            self._told = self._clock()
            left = f"{(self._total - done) / rate / 60:.0f} min left" if rate else ""
            click.echo(f"{done}/{self._total} texts, {rate:.1f}/s, {left}: {kinds}", err=True)
