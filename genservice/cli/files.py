"""Files that commands write: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click


def write_whole(path: Path, content: bytes, *, flag: str) -> None:
    """Put `content` at `path`; whoever reads it finds all of it, or what stood there before.

    Raises:
        BadParameter: It cannot be written; names the option.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        made = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            # mkstemp lets nobody else read, and reports are for others.
            made.chmod(0o644)
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        detail = f"{path}: {error.strerror or 'cannot be written'}"
        raise click.BadParameter(detail, param_hint=flag) from None
