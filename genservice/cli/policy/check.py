"""`genservice policy check`: whether a policy set is valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from genservice.cli.options import example
from genservice.cli.policy.sets import (
    folder_argument,
    json_option,
    loaded,
    print_json,
    show,
    words_known,
)
from genservice.policy import notes

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    name="check",
    short_help="Say whether a policy set is valid.",
    epilog=example("genservice policy check policies/"),
)
@folder_argument
@json_option
def command(folder: Path | None, *, as_json: bool) -> None:
    """Say whether the policy set in DIR is valid, and everything that is wrong with it.

    Of a valid set, notes name rules that change nothing because others do all that they do. Exits
    with 0 if it is valid, with notes or without, and 1 if not.
    """
    policies = loaded(folder, as_json=as_json)
    words_known(policies, as_json=as_json)
    allows = sum(rule.verb == "allow" for rule in policies.rules)
    tests = sum(len(suite.tests) for suite in policies.suites)
    noted = notes(policies)
    if as_json:
        print_json({"valid": True, "policy": policies.version, "problems": [], "notes": noted})
        return
    if noted:
        show(noted, policies.files, note=True)
        click.echo()
    segments = len(policies.segments)
    inferences = len(policies.inferences.rules)
    told = f", {inferences} inference rules, {len(policies.sentences)} sentences"
    click.echo(
        f"Valid: {len(policies.signals)} signals, {allows} allows, "
        f"{len(policies.rules) - allows} caps, {tests} tests"
        f"{told if inferences else ''}{f', {segments} segments' if segments else ''}.\n"
        f"{policies.version}"
    )
