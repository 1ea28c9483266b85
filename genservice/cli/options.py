"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

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
