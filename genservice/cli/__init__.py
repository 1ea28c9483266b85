"""The `genservice` command. Each command lives in a module of its own, imported when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from genservice import __version__
from genservice.errors import DocumentError, GenserviceError, InvalidInputError

COMMANDS = {
    "catalog": ("catalog", "Import and show titles, write twins."),
    "check": ("check", "Check a text against a title's facts."),
    "demo": ("demo", "Do the main job on real titles and print it."),
    "keys": ("keys", "Create, list and revoke API keys."),
    "model": ("model", "Show the text model."),
    "policy": ("policy", "Check, test and explain policies."),
    "receipt": ("receipt", "Verify receipts offline."),
    "scan": ("scan", "Find personal data in a text."),
    "serve": ("serve", "Run the service."),
    "write": ("write", "Write one blurb."),
}
"""Command -> the module that holds it, and its short help: listing them imports none."""

USAGE = 2


class _Commands(click.Group):
    """Commands imported when they are called, so that `policy` never waits for torch."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"genservice.cli.{COMMANDS[cmd_name][0]}")
        return getattr(module, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="genservice")
def cli() -> None:
    """Personalised synopses and promos, with a proof of what was not used.

    Exit codes: 0 done, 1 found something, 2 wrong usage.

    Example: genservice demo
    """


def main(args: list[str] | None = None) -> Any:
    """Run the command line; every error of ours ends in a line on stderr and exit code 2."""
    try:
        return cli.main(args=args, prog_name="genservice")
    except (DocumentError, InvalidInputError) as error:
        for problem in error.problems:
            click.echo(f"error: {problem}", err=True)
        sys.exit(USAGE)
    except GenserviceError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(USAGE)
