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
    words_known,
)

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

    Exits with 0 if it is valid and 1 if not.
    """
    policies = loaded(folder, as_json=as_json)
    words_known(policies, as_json=as_json)
    allows = sum(rule.verb == "allow" for rule in policies.rules)
    tests = sum(len(suite.tests) for suite in policies.suites)
    if as_json:
        print_json({"valid": True, "policy": policies.version, "problems": []})
        return
    segments = len(policies.segments)
    inferences = len(policies.inferences.rules)
    told = f", {inferences} inference rules, {len(policies.sentences)} sentences"
    click.echo(
        f"Valid: {len(policies.signals)} signals, {allows} allows, "
        f"{len(policies.rules) - allows} caps, {tests} tests"
        f"{told if inferences else ''}{f', {segments} segments' if segments else ''}.\n"
        f"{policies.version}"
    )
