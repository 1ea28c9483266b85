"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click
import msgspec

from genservice.consents import MOST_IDS
from genservice.errors import InvalidInputError
from genservice.policy import require_region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genservice.domain import Notice

F = TypeVar("F", bound="Callable[..., Any]")
T = TypeVar("T")

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(dir_okay=False)
_SETTINGS = (
    click.option("--data", type=_FOLDER, help="Folder of the database [GENSERVICE_DATA]."),
    click.option(
        "--keystore", type=_FOLDER, help="Folder of the signing keys [GENSERVICE_KEYSTORE]."
    ),
    click.option(
        "--database-url", help="postgresql://..., or another SQLite file [GENSERVICE_DATABASE_URL]."
    ),
    click.option(
        "--policies", type=_FOLDER, help="Folder of the policy set [GENSERVICE_POLICIES]."
    ),
    click.option(
        "--policy-source",
        type=click.Choice(("files", "registry")),
        help="Who rules: folder or database [GENSERVICE_POLICY_SOURCE].",
    ),
    click.option("--prompts", type=_FOLDER, help="Folder of the prompts [GENSERVICE_PROMPTS]."),
    click.option(
        "--catalogue", type=_FOLDER, help="Folder of the catalogue [GENSERVICE_CATALOGUE]."
    ),
    click.option("--model", help="embedded, a folder, a hub id or an address [GENSERVICE_MODEL]."),
    click.option(
        "--guard-nlp",
        type=_FILE,
        help="Presidio NLP engine to read besides [GENSERVICE_GUARD_NLP].",
    ),
    click.option(
        "--guard-recognisers",
        type=_FILE,
        help="Presidio recogniser registry to read besides [GENSERVICE_GUARD_RECOGNISERS].",
    ),
)


_IN_WORDS = (
    (re.compile(r"Expected `str` matching regex .*", re.DOTALL), "not of the form allowed here"),
    (re.compile(r"Expected `str` of length >= 1"), "nothing in it"),
    (re.compile(r"Expected `str` of length <= (\d+)"), r"longer than \1 characters"),
    (re.compile(r"Expected `array` of length <= (\d+)"), r"given more than \1 times"),
    (re.compile(r"Expected `object` of length <= (\d+)"), r"given more than \1 times"),
    (re.compile(r"Expected `int` <= (\d+)"), r"larger than \1"),
)
"""What msgspec says -> what it comes to for those who type words."""


def settings_options(command: F) -> F:
    """The settings as flags; a flag beats the environment."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def example(*lines: str) -> str:
    """An epilog that shows how a command is used, line by line as given."""
    # A paragraph that begins with a backspace is one that click does not rewrap.
    return "\n".join(["\b", "Example:", *(f"  {line}" for line in lines)])


def text_of(file: BinaryIO, *, flag: str) -> str:
    """The text of a file that an option named.

    Raises:
        BadParameter: It is not UTF-8.
    """
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.BadParameter("not UTF-8", param_hint=flag) from None


def shaped(value: Any, to: type[T], *, flags: Mapping[str, str]) -> T:
    """What was given, held to the shape that requests over HTTP have.

    Args:
        value: As options gave it.
        to: The shape.
        flags: Field -> the option that gives it.

    Raises:
        BadParameter: It has not that shape; names the option, and not the value.
    """
    try:
        return msgspec.convert(value, to)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        flag = next((flag for field, flag in flags.items() if field in path), None)
        for pattern, words in _IN_WORDS:
            detail = pattern.sub(words, detail)
        raise click.BadParameter(detail, param_hint=flag) from None


def region_option(**more: Any) -> Callable[[F], F]:
    """`--region`, held to ISO 3166; `more` is what `click.option` takes besides."""
    return click.option(
        "--region",
        callback=_region,
        help="ISO 3166 code such as DE or US-CA, or unknown.",
        **more,
    )


def consent_string_options(command: F) -> F:
    """`--tcf` and `--gpp`."""
    gpp = click.option("--gpp", metavar="STRING", help="An IAB GPP string.")
    return click.option("--tcf", metavar="STRING", help="A TC string of IAB TCF v2.")(gpp(command))


def vendor_option(command: F) -> F:
    """`--tcf-vendor`, for commands that read no other settings."""
    return click.option(
        "--tcf-vendor",
        "vendor",
        type=click.IntRange(0, MOST_IDS),
        default=0,
        envvar="GENSERVICE_TCF_VENDOR",
        help="Our id on the Global Vendor List, 0 for none [GENSERVICE_TCF_VENDOR].",
    )(command)


def unusable_told(notice: Notice) -> str:
    """What a command says of a consent string that counts for nothing."""
    fault = notice.kind.removesuffix("_consent_string")
    return f"{notice.name}: {fault}, and so no consent; `genservice consent show` says why"


def _region(_context: click.Context, _parameter: click.Parameter, word: str) -> str:
    try:
        require_region(word, pointer="#/region")
    except InvalidInputError as error:
        (problem,) = error.problems
        detail = f"{problem.detail} ({problem.hint})" if problem.hint else problem.detail
        raise click.BadParameter(detail) from None
    return word
