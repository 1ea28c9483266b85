"""What is asked: promos of titles for audiences, as an app sends them."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

CONSENTS = ["content_profile", "content_use"]
AUDIENCES: tuple[dict[str, Any], ...] = (
    {"genre_affinity": ["crime"], "time_of_day": ["22:40"]},
    {"genre_affinity": ["comedy", "romance"], "location": {"country": "DE", "city": "Kiel"}},
    {"genre_affinity": ["drama"], "pace_preference": "slow_burn", "device": "phone"},
    {"mood_affinity": ["tense"], "watch_history": ["metropolis", "nosferatu"], "age": 29},
    {"genre_affinity": ["science_fiction", "fantasy"], "companions": "family"},
    {},
)
"""Signals of audiences that say much, little and nothing; some of it no policy releases."""


def promos(
    titles: Iterable[str], *, viewers: Iterable[str] = (), most: int = 10_000
) -> list[bytes]:
    """Bodies of requests, title after title.

    Args:
        titles: Ids.
        viewers: If there are any, it is them that promos are for, and their stored signals count;
            else the audiences are sent along.
        most: How many bodies at most.
    """
    audiences = [{"viewer": viewer} for viewer in viewers] or [
        {"signals": signals} for signals in AUDIENCES
    ]
    return [
        msgspec.json.encode(
            {
                "title_id": title,
                "context": {
                    "region": "DE",
                    "age_band": "age_25_34",
                    "consents": CONSENTS,
                    "gpc": False,
                    "language": "en",
                },
                "audience": audience,
                "channel": "tile",
                "length": "short",
            }
        )
        for title, audience in islice(product(titles, audiences), most)
    ]
