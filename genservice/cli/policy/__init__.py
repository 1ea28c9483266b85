"""`genservice policy`: everything a policy owner does, each command in a module of its own."""

from __future__ import annotations

import click

from genservice.cli.later import Later
from genservice.cli.options import example

COMMANDS = {
    "check": "Say whether a policy set is valid.",
    "diff": "List every decision that an edit changes.",
    "explain": "Say what may be used in a context, and why.",
    "history": "Say who did what to the policies, when and why.",
    "matrix": "Show what is released to whom.",
    "replay": "Say what a draft would have changed in real traffic.",
    "schema": "Write the JSON Schema of policy files, for editors.",
    "test": "Run the tests of a policy set.",
}
"""Command -> its short help. The module of the same name here holds it as `command`."""


def _home(name: str) -> tuple[str, str]:
    return f"genservice.cli.policy.{name}", "command"


@click.group(
    cls=Later, helps=COMMANDS, home=_home, epilog=example("genservice policy check policies/")
)
def policy() -> None:
    """Check, test, explain and compare the policies that decide what a text may use.

    DIR is the folder of the policy set: as given, else GENSERVICE_POLICIES, else the shipped set.
    """
