"""Who may ask for what, and how often: roles of API keys, and limits of their requests."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Role = Literal["editor", "app", "policy_owner", "privacy_officer", "admin"]

ROLES: tuple[Role, ...] = ("editor", "app", "policy_owner", "privacy_officer", "admin")

VIEWER = "viewer"
"""What limits call whoever has a viewer token."""
FAILED = "failed"
"""What limits call whoever has neither key nor token that holds."""

_LIMIT = re.compile(r"([a-z_]+) *= *(?:(off)|([1-9][0-9]{0,8}) */ *(second|minute|hour))")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class RateLimit(msgspec.Struct, frozen=True):
    """How many requests may come in how long."""

    requests: int
    seconds: int


def read_limits(text: str) -> dict[str, RateLimit | None]:
    """Limits by name, from `app=600/minute, editor=off`; None is no limit.

    Raises:
        ValueError: A part is no such limit; the message says which one.
    """
    limits: dict[str, RateLimit | None] = {}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for number, part in enumerate(parts, 1):
        found = _LIMIT.fullmatch(part)
        if found is None or found[1] not in (*ROLES, VIEWER, FAILED):
            raise ValueError(
                f"part {number} is not NAME=NUMBER/second, /minute, /hour, or NAME=off;"
                f" names are {', '.join((*ROLES, VIEWER, FAILED))}"
            )
        unit = found[4]
        limits[found[1]] = None if found[2] else RateLimit(int(found[3]), _SECONDS[unit])
    return limits


__all__ = ["FAILED", "ROLES", "VIEWER", "RateLimit", "Role", "read_limits"]
