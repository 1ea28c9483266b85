"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from genservice.errors import InvalidInputError
from genservice.policy import require_region

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

_FOLDER = click.Path(path_type=Path, file_okay=False)
_SETTINGS = (
    click.option("--data", type=_FOLDER, help="Folder of the database [GENSERVICE_DATA]."),
    click.option(
        "--keystore", type=_FOLDER, help="Folder of the signing keys [GENSERVICE_KEYSTORE]."
    ),
    click.option("--database-url", help="SQLAlchemy URL [GENSERVICE_DATABASE_URL]."),
    click.option(
        "--policies", type=_FOLDER, help="Folder of the policy set [GENSERVICE_POLICIES]."
    ),
    click.option("--prompts", type=_FOLDER, help="Folder of the prompts [GENSERVICE_PROMPTS]."),
    click.option(
        "--catalogue", type=_FOLDER, help="Folder of the catalogue [GENSERVICE_CATALOGUE]."
    ),
    click.option("--model", help="embedded, a folder, a hub id or an address [GENSERVICE_MODEL]."),
)


def settings_options(command: F) -> F:
    """The settings as flags; a flag beats the environment."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def region_option(**more: Any) -> Callable[[F], F]:
    """`--region`, held to ISO 3166; `more` is what `click.option` takes besides."""
    return click.option(
        "--region",
        callback=_region,
        help="ISO 3166 code such as DE or US-CA, or unknown.",
        **more,
    )


def _region(_context: click.Context, _parameter: click.Parameter, word: str) -> str:
    try:
        require_region(word, pointer="#/region")
    except InvalidInputError as error:
        (problem,) = error.problems
        detail = f"{problem.detail} ({problem.hint})" if problem.hint else problem.detail
        raise click.BadParameter(detail) from None
    return word
