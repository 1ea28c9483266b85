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
from genservice.policy import PolicySet, load, require_words
from genservice.shipped import shipped
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.domain import Vocabulary

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
SETTING = "GENSERVICE_POLICIES"


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
    """Print everything that is wrong with a set, and exit with 1."""
    if as_json:
        print_json({"valid": False, "policy": None, "problems": error.problems})
    else:
        count = len(error.problems)
        click.echo(error, err=True)
        click.echo(f"{count} {'problem' if count == 1 else 'problems'}.", err=True)
    sys.exit(1)


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
