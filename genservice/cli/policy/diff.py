"""`genservice policy diff`: what another policy set would decide otherwise."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from genservice.cli.options import example
from genservice.cli.policy.sets import FOLDER, json_option, loaded, print_json
from genservice.policy import Change, Comparison, compare, comparison_to_json, groups_of, told

if TYPE_CHECKING:
    from pathlib import Path

    from genservice.policy import Groups

_MARKS = {"gained": "+", "finer": "+", "other": "~", "coarser": "-", "lost": "-"}
_COLOURS = {"+": "green", "~": "yellow", "-": "red"}


@click.command(
    name="diff",
    short_help="List every decision that an edit changes.",
    epilog=example("genservice policy diff policies/ draft/"),
)
@click.argument("old", metavar="OLD", type=FOLDER)
@click.argument("new", metavar="NEW", type=FOLDER)
@json_option
def command(old: Path, new: Path, *, as_json: bool) -> None:
    """List every decision that the policy set in NEW makes otherwise than that in OLD.

    Every context is looked at: each purpose, region, age band, set of consents, opt-out, channel and
    processor. What lets more be used (+) comes before what lets less be used (-). What no decision
    shows, such as a rule's why, stands under "Besides". Exits with 1 if a decision changes.
    """
    before, after = loaded(old, as_json=as_json), loaded(new, as_json=as_json)
    comparison = compare(before, after)
    groups = groups_of(before, after)
    if as_json:
        print_json(comparison_to_json(comparison, groups))
    else:
        _print(comparison, groups)
    sys.exit(1 if comparison.changed else 0)


def _print(comparison: Comparison, groups: Groups) -> None:
    for changed in comparison.changed:
        where = told(changed.where, comparison.domain, groups)
        click.echo(f"{where}  ({changed.contexts:,} contexts)")
        for change in changed.changes:
            mark = _MARKS[change.direction]
            click.secho(f"  {mark} {_said(change)}", fg=_COLOURS[mark])
        click.echo()
    if comparison.besides:
        click.echo("Besides:")
        for line in comparison.besides:
            click.echo(f"  {line}")
        click.echo()
    click.echo(_summary(comparison))


def _said(change: Change) -> str:
    return f"{change.signal}: {change.was} -> {change.will}"


def _summary(comparison: Comparison) -> str:
    if not comparison.changed:
        return "No decision changes." if comparison.besides else "Nothing changes."
    directions: dict[str, set[str]] = {}
    for changed in comparison.changed:
        for change in changed.changes:
            directions.setdefault(_MARKS[change.direction], set()).add(change.signal)
    words: dict[str, str] = {"+": "more", "-": "less", "~": "otherwise"}
    parts: list[Any] = [
        f"{word} of {len(directions[mark])} signal{'s' * (len(directions[mark]) > 1)}"
        for mark, word in words.items()
        if mark in directions
    ]
    return (
        f"{comparison.decisions:,} decisions change in {comparison.domain.size:,} contexts: "
        f"{', '.join(parts)} may be used."
    )
