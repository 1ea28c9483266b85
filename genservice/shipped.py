"""Where the files that travel with the package lie: in a wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def shipped(folder: Literal["prompts", "policies", "catalogue"]) -> Path:
    """The shipped folder of that name.

    Raises:
        FileNotFoundError: Neither the wheel's copy nor the checkout's folder is there.
    """
    for place in (_PACKAGE / "_shipped" / folder, _PACKAGE.parent / folder):
        if place.is_dir():
            return place
    raise FileNotFoundError(_PACKAGE / "_shipped" / folder)
