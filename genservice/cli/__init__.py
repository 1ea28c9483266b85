"""The `genservice` command. Each command lives in a module of its own, imported when it is called."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

import click

from genservice import __version__
from genservice.cli.later import Later
from genservice.errors import DocumentError, GenserviceError, InvalidInputError, StartError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "batch": ("batch", "Write for every title and audience."),
    "catalog": ("catalog", "Import and show titles, write twins."),
    "check": ("check", "Check a text against a title's facts."),
    "consent": ("consent", "Say what a consent string says."),
    "demo": ("demo", "Do the main job on real titles and print it."),
    "detect": ("detect", "Look for the watermark in a text."),
    "keys": ("keys", "Create, list and revoke API keys."),
    "log": ("log", "Verify the decision log."),
    "model": ("model", "Show the text model."),
    "policy": ("policy", "Check, test, explain and compare policies."),
    "prewrite": ("prewrite", "Write texts before they are asked for."),
    "receipt": ("receipt", "Verify receipts offline."),
    "scan": ("scan", "Find personal data in a text."),
    "serve": ("serve", "Run the service."),
    "store": ("store", "Check that nothing of what is stored is damaged."),
    "viewer": ("viewer", "Export, erase and tidy what is held of viewers; verify confirmations."),
    "write": ("write", "Write one blurb."),
}
"""Command -> the module that holds it, and its short help: listing them imports none."""

USAGE = 2
INTERRUPTED = 130
_NOT_UTF8 = range(0xDC80, 0xDD00)
"""What Python makes of bytes of an argument that are no text."""


def _home(name: str) -> tuple[str, str]:
    return f"genservice.cli.{COMMANDS[name][0]}", name


@click.group(
    cls=Later,
    helps={name: does for name, (_, does) in COMMANDS.items()},
    home=_home,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="genservice")
def cli() -> None:
    """Personalised synopses and promos, with a proof of what was not used.

    Exit codes: 0 done, 1 found something, 2 wrong usage.

    Example: genservice demo
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    Whatever goes wrong ends in a line or more on stderr, never in a traceback, and in exit code 2: 1
    says that a command did its work and found something.
    """
    given = list(sys.argv[1:] if args is None else args)
    if any(ord(letter) in _NOT_UTF8 for word in given for letter in word):
        _fail("an argument is not UTF-8")
    try:
        code = cli.main(args=given, prog_name="genservice", standalone_mode=False)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (DocumentError, InvalidInputError, StartError) as error:
        _fail(*error.problems)
    except GenserviceError as error:
        _fail(error)
    except Exception as error:  # noqa: BLE001 - a traceback would exit with 1, and messages may quote input
        _fail(f"a fault of genservice: {type(error).__name__}", *_places(error))
    sys.exit(code if isinstance(code, int) else 0)


def _fail(*problems: object) -> NoReturn:
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    sys.exit(USAGE)


def _places(error: BaseException) -> list[str]:
    """Where an error was raised, innermost last, without the values a traceback's message may quote."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return [f"  at {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
