"""What the policy commands share: which set is meant, and how it is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
import msgspec

from genservice.catalog import load_vocabulary
from genservice.documents import suggestion
from genservice.errors import PolicyError
from genservice.excerpts import WIDTH, Part, plain, told
from genservice.policy import PolicySet, load, require_words
from genservice.shipped import shipped
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genservice.domain import Vocabulary
    from genservice.errors import Problem

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
SETTING = "GENSERVICE_POLICIES"

_COLOURS: dict[Part, dict[str, Any]] = {
    "place": {"bold": True},
    "detail": {"bold": True},
    "note": {"fg": "cyan", "bold": True},
    "gutter": {"fg": "blue"},
    "mark": {"fg": "red", "bold": True},
    "hint": {"fg": "green"},
}


def folder_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """`[DIR]`, the folder of the policy set."""
    return click.argument("folder", metavar="[DIR]", type=FOLDER, required=False, envvar=SETTING)(
        command
    )


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def loaded(folder: Path | None, *, as_json: bool) -> PolicySet:
    """The policy set; where it is invalid, the command ends here."""
    try:
        return load(folder or shipped("policies"))
    except PolicyError as error:
        refuse(error, as_json=as_json)


def words_known(policies: PolicySet, *, as_json: bool) -> Vocabulary:
    """The shipped vocabulary; where the set bars a word that it lacks, the command ends here."""
    vocabulary = load_vocabulary(shipped("catalogue"))
    try:
        require_words(policies, policy_words(vocabulary))
    except PolicyError as error:
        refuse(error, as_json=as_json)
    return vocabulary


def refuse(error: PolicyError, *, as_json: bool) -> NoReturn:
    """Print everything that is wrong with a set, each in the line it stands in, and exit with 1."""
    if as_json:
        print_json({"valid": False, "policy": None, "problems": error.problems})
    else:
        count = len(error.problems)
        show(error.problems, error.files, err=True)
        click.echo(f"\n{count} {'problem' if count == 1 else 'problems'}.", err=True)
    sys.exit(1)


def show(
    problems: Sequence[Problem], files: Mapping[str, str], *, err: bool = False, note: bool = False
) -> None:
    """Print problems with the lines they stand in; in colour on a terminal that has it."""
    stream = sys.stderr if err else sys.stdout
    width, paint = WIDTH, plain
    if stream.isatty():
        # Programs and pipes need not wait for it.
        from rich.console import Console

        console = Console(stderr=err)
        width = console.width
        paint = _painted if console.color_system and not console.no_color else plain
    click.echo(told(problems, files, width=width, paint=paint, note=note), err=err)


def _painted(text: str, part: Part) -> str:
    return click.style(text, **_COLOURS[part])


def known(word: str, words: Sequence[str], what: str, hint: str) -> None:
    """Return if `word` is one of `words`.

    Raises:
        BadParameter: It is not; names what was probably meant.
    """
    if word not in words:
        meant = suggestion(word, words)
        message = f"no such {what}: {word!r}{f'; {meant}' if meant else ''}"
        raise click.BadParameter(message, param_hint=f"'{hint}'")


def print_json(value: Any) -> None:
    """Print JSON for programs."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
