"""One byte form per value, for digests, signatures and cache keys, and JSON with two values."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, cast

import msgspec

_PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}")


def canonical(value: Any) -> bytes:
    """The canonical JSON of a value: UTF-8, keys sorted, no white space, struct defaults as declared."""
    return msgspec.json.encode(value, order="sorted")


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def doubled(raw: bytes) -> tuple[str, ...]:
    """JSON Pointers to the objects of a JSON text that have a key twice; `""` is the whole.

    Of a doubled key one reader takes the first and another the last, so such a text says two
    things. Readers do not tell: msgspec takes the last. A key on the way to the object that is no
    plain word is shown as `*`, for it may be anything.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested too deep.
    """
    found: list[str] = []
    pending: list[tuple[str, Any]] = [("", json.loads(raw, object_pairs_hook=_Object))]
    while pending:
        pointer, value = pending.pop()
        if isinstance(value, _Object):
            if len(dict(value)) != len(value):
                found.append(pointer)
            pending += ((f"{pointer}/{_step(key)}", item) for key, item in value)
        elif isinstance(value, list):
            items = enumerate(cast("list[Any]", value))
            pending += ((f"{pointer}/{number}", item) for number, item in items)
    return tuple(sorted(found))


class _Object(list[tuple[str, Any]]):
    """The pairs of a JSON object as they stand; arrays are plain lists."""


def _step(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else "*"
