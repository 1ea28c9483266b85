"""`genservice policy matrix`: what is released to whom, as a table."""

from __future__ import annotations

import csv
import html
import io
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from genservice.cli.options import example, region_option
from genservice.cli.policy.sets import folder_argument, loaded, print_json
from genservice.domain import AGE_BANDS, CHANNELS, PROCESSORS, PURPOSES
from genservice.policy import (
    ALWAYS,
    NOTHING,
    PLAIN_KEYS,
    Cell,
    Matrix,
    PolicySet,
    box_to_json,
    grants,
    groups_of,
    matrix,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NAMES = {"age_band": "age", "gpc": "GPC"}


@click.command(
    name="matrix",
    short_help="Show what is released to whom.",
    epilog=example(
        "genservice policy matrix policies/ --purpose promo",
        "  genservice policy matrix --by age_band --region DE --format markdown",
    ),
)
@folder_argument
@click.option(
    "--by", type=click.Choice(PLAIN_KEYS), default="region", show_default=True, help="Columns."
)
@click.option("--purpose", type=click.Choice(PURPOSES), default="promo", show_default=True)
@region_option(default="unknown", show_default=True)
@click.option("--age-band", type=click.Choice(AGE_BANDS), default="age_25_34", show_default=True)
@click.option("--gpc", is_flag=True, help="Global Privacy Control is asserted.")
@click.option("--channel", type=click.Choice(CHANNELS), default="detail", show_default=True)
@click.option("--processor", type=click.Choice(PROCESSORS), default="in_process", show_default=True)
@click.option("--in-full", is_flag=True, help="Every context, as statements instead of a table.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "html", "csv", "json"]),
    default="terminal",
    show_default=True,
)
def command(folder: Path | None, *, by: str, in_full: bool, form: str, **fixed: Any) -> None:
    """Show what the policy set in DIR releases to whom: signals by one key of the context.

    The other keys are held at what the options say. A cell holds the level at which a signal may be
    used, and the consents that this takes; "-" is withheld. Values of the key that no signal tells
    apart share a column. --in-full says the same of every context there is, in statements.
    """
    policies = loaded(folder, as_json=form == "json")
    if in_full:
        _print_in_full(policies, form)
        return
    held = {**fixed, "gpc": "yes" if fixed["gpc"] else "no"}
    del held[by]
    made = matrix(policies, by=by, fixed=held)
    if form == "json":
        print_json(made)
        return
    _FORMS[form](made)


def _head(made: Matrix) -> str:
    fixed = ", ".join(f"{_NAMES.get(key, key)} {value}" for key, value in made.fixed.items())
    return f"What may be used, by {_NAMES.get(made.by, made.by)}; {fixed}"


def _footnoted(made: Matrix) -> tuple[list[list[str]], list[str]]:
    """Cells with conditions as numbers, and the conditions, so that tables stay narrow."""
    conditions: dict[str, int] = {}

    def cell(found: Cell) -> str:
        if not found.ways:
            return NOTHING
        return "; ".join(
            level
            if under == ALWAYS
            else f"{level} ({conditions.setdefault(under, len(conditions) + 1)})"
            for level, under in found.ways
        )

    rows = [[line.signal, *(cell(found) for found in line.cells)] for line in made.lines]
    return rows, [f"({number}) {under}" for under, number in conditions.items()]


def _terminal(made: Matrix) -> None:
    rows, notes = _footnoted(made)
    table = Table(box=None, pad_edge=False)
    for column in ("signal", *made.columns):
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(_head(made), highlight=False)
    console.print(table)
    for note in notes:
        console.print(note, highlight=False)


def _markdown(made: Matrix) -> None:
    rows, notes = _footnoted(made)
    head = ["signal", *made.columns]
    lines = [f"**{_head(made)}**", "", _row(head), _row(["---"] * len(head))]
    click.echo("\n".join([*lines, *map(_row, rows), "", *(f"- {note}" for note in notes)]))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _csv(made: Matrix) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["signal", "label", *made.columns])
    writer.writerows([line.signal, line.label, *map(str, line.cells)] for line in made.lines)
    click.echo(out.getvalue(), nl=False)


def _html(made: Matrix) -> None:
    def cells(tag: str, texts: list[str]) -> str:
        return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)

    head = cells("th", ["Signal", *made.columns])
    rows = "\n".join(
        f"<tr>{cells('th', [line.label])}{cells('td', [str(cell) for cell in line.cells])}</tr>"
        for line in made.lines
    )
    title = html.escape(_head(made))
    click.echo(
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        "<style>table{border-collapse:collapse;font:14px sans-serif}"
        "th,td{border:1px solid #bbb;padding:4px 8px;text-align:left;vertical-align:top}"
        "thead th{position:sticky;top:0;background:#eee}</style>\n"
        f"<table>\n<caption>{title}<br>{html.escape(made.policy)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</html>"
    )


_FORMS: dict[str, Callable[[Matrix], None]] = {
    "terminal": _terminal,
    "markdown": _markdown,
    "csv": _csv,
    "html": _html,
}


def _print_in_full(policies: PolicySet, form: str) -> None:
    if form not in ("terminal", "json"):
        raise click.BadParameter("--in-full prints terminal or json", param_hint="'--format'")
    found, domain = grants(policies)
    groups = groups_of(policies)
    if form == "json":
        print_json(
            {
                "policy": policies.version,
                "contexts": domain.size,
                "grants": [
                    {
                        "where": told(grant.where, domain, groups),
                        **box_to_json(grant.where, domain),
                        "contexts": grant.contexts,
                        "signals": {name: use.level for name, use in grant.uses},
                    }
                    for grant in found
                ],
            }
        )
        return
    for grant in found:
        click.echo(f"{told(grant.where, domain, groups)}  ({grant.contexts:,} contexts)")
        for name, use in grant.uses:
            click.echo(f"    {name}: {use}")
        click.echo()
    click.echo(f"Withheld in every other of {domain.size:,} contexts.")
