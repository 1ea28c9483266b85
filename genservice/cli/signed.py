"""What commands that verify signed documents share: the document, and the keys to trust."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click
import httpx

from genservice.errors import DocumentError, SettingsError
from genservice.receipts import KeySet, read_keys
from genservice.settings import read_settings
from genservice.signing import public_keys_of

MAX_BYTES = 1_000_000
"""Largest file or answer read; a receipt has a few thousand bytes."""


def trusted_keys(place: str | None, keystore: Path | None) -> KeySet:
    """The public keys of a file or an address; with none given, those of the keystore."""
    try:
        if place is None:
            return public_keys_of(read_settings(keystore=keystore).keystore)
        if place.startswith(("https://", "http://")):
            return read_keys(_fetch(place), file=place)
        with Path(place).open("rb") as opened:
            return read_keys(opened.read(MAX_BYTES), file=place)
    except (SettingsError, DocumentError) as error:
        raise click.BadParameter(str(error), param_hint="--keys") from None
    except OSError as error:
        raise click.BadParameter(
            f"{place}: {error.strerror or 'cannot be read'}", param_hint="--keys"
        ) from None


def _fetch(url: str) -> bytes:
    content = b""
    try:
        with httpx.stream("GET", url, timeout=10, follow_redirects=True) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MAX_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL):
        raise click.BadParameter(f"{url}: no answer", param_hint="--keys") from None
    return content


def read_small(file: BinaryIO) -> bytes:
    """What a file holds, as far as it can be what is asked for."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise click.UsageError("The file is larger than any receipt, confirmation or text.")
    return content
