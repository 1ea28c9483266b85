"""Who may ask for what: the roles an API key can have."""

from __future__ import annotations

from typing import Literal

Role = Literal["editor", "app", "policy_owner", "privacy_officer", "admin"]

ROLES: tuple[Role, ...] = ("editor", "app", "policy_owner", "privacy_officer", "admin")

__all__ = ["ROLES", "Role"]
