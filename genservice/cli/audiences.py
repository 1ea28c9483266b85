"""Whom the demo writes for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONSENTED = ["content_profile", "content_use"]


class Audience(msgspec.Struct, frozen=True):
    """One audience of the demo: who, in what context, and what is known of it."""

    name: str
    context: dict[str, Any]
    signals: dict[str, Any]


FAN = {
    "genre_affinity": ["crime", "comedy", "nature"],
    "mood_affinity": ["tense", "funny", "wondrous"],
    "location": {"country": "DE", "city": "Kiel"},
    "time_of_day": ["22:40"],
    "companions": "friends",
    "gender": "female",
}
AUDIENCES: Sequence[Audience] = (
    Audience(
        "An adult in Germany, who agreed",
        {"region": "DE", "age_band": "age_25_34", "consents": _CONSENTED},
        FAN,
    ),
    Audience(
        "The same person, who did not",
        {"region": "DE", "age_band": "age_25_34", "consents": []},
        FAN,
    ),
    Audience(
        "An adult in California, late, GPC on",
        {"region": "US-CA", "age_band": "age_35_49", "consents": [], "gpc": True},
        {
            "genre_affinity": ["drama"],
            "time_of_day": ["23:30"],
            "watch_history": ["double-indemnity"],
        },
    ),
    Audience(
        "A viewer in Britain, who searched",
        {"region": "GB", "age_band": "age_50_64", "consents": _CONSENTED},
        {
            "search_terms": "films about friendship, the ocean or fathers and sons",
            "pace_preference": "slow_burn",
        },
    ),
    Audience(
        "A child of eleven",
        {"region": "GB", "age_band": "under_13", "consents": _CONSENTED},
        {
            "genre_affinity": ["animation"],
            "companions": "family",
            "watch_history": ["paddington-2"],
        },
    ),
)
