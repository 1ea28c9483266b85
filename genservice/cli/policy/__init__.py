"""`genservice policy`: everything a policy owner does, each command in a module of its own."""

from __future__ import annotations

import importlib

import click

from genservice.cli.options import example

COMMANDS = {
    "check": "Say whether a policy set is valid.",
    "diff": "List every decision that an edit changes.",
    "explain": "Say what may be used in a context, and why.",
    "history": "Say who did what to the policies, when and why.",
    "matrix": "Show what is released to whom.",
    "replay": "Say what a draft would have changed in real traffic.",
    "test": "Run the tests of a policy set.",
}
"""Command -> its short help. The module of the same name here holds it as `command`."""


class _Commands(click.Group):
    """Commands imported when they are called: each starts with what it needs and no more."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"genservice.cli.policy.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=_Commands, epilog=example("genservice policy check policies/"))
def policy() -> None:
    """Check, test, explain and compare the policies that decide what a text may use.

    DIR is the folder of the policy set: as given, else GENSERVICE_POLICIES, else the shipped set.
    """
