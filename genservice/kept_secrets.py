"""Secrets of the keystore that are made once, at random, and kept: base64url, one a line, the newest first."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from genservice.errors import SettingsError
from genservice.files import locked, put_whole

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 32
"""Bytes of one."""


def kept_secrets(file: Path, *, create: bool = True) -> tuple[bytes, ...]:
    """The secrets in a file of the keystore, of which one is made if there is no file yet.

    Processes that make it at once get the same one, and nobody ever reads half of it.

    Args:
        file: Its file. Whoever wants a new secret puts it in a line before the others.
        create: Make it if there is none.

    Raises:
        SettingsError: It cannot be read or made, holds something else, or is not there and is not to be
            made.
    """
    try:
        if create and not file.exists():
            _make(file)
        lines = file.read_text("ascii", "replace").split()
    except OSError as error:
        file_, detail = error.filename or file, error.strerror or "cannot be read"
        raise SettingsError(f"GENSERVICE_KEYSTORE: {file_}: {detail}") from None
    try:
        found = tuple(_decoded(line) for line in lines)
    except ValueError:
        found = ()
    if not found or any(len(secret) != SIZE for secret in found):
        raise SettingsError(f"{file}: not secrets of {SIZE} bytes in base64url, one a line")
    return found


def _decoded(line: str) -> bytes:
    return base64.b64decode(line + "=" * (-len(line) % 4), altchars=b"-_", validate=True)


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(file.parent):
        if not file.exists():
            put_whole(file, base64.urlsafe_b64encode(secrets.token_bytes(SIZE)) + b"\n")
