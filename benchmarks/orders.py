"""Orders of fresh promos: no two of them are alike, so that each is written anew."""

from __future__ import annotations

from itertools import count, product
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.answers import Order
from genservice.briefing import Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from genservice.domain import Channel, Title

_CONSENTS = ("content_profile", "content_use")
_CHANNELS: tuple[Channel, ...] = ("tile", "email", "detail", "push", "home_row")
_MOMENTS: tuple[dict[str, Any], ...] = (
    {},
    {"time_of_day": ["08:10"]},
    {"time_of_day": ["13:10"]},
    {"time_of_day": ["19:30"]},
    {"time_of_day": ["23:10"]},
)
_AUDIENCES = tuple(product(_MOMENTS, (True, False)))
"""When, and whether the viewer likes the title's first genre."""


def orders_of(titles: Sequence[Title]) -> Iterator[Order]:
    """Orders without end, title after title, each time round for other channels and audiences.

    A few in a row are for every channel and many audiences. Each has a seed of its own: once every title
    was asked for in all channels for all audiences, other texts are asked for.
    """
    for at in count():
        time, number = divmod(at, len(titles))
        title = titles[number]
        moment, likes = _AUDIENCES[(number + time // len(_CHANNELS)) % len(_AUDIENCES)]
        yield Order(
            title=title,
            options=Options(purpose="promo", channel=_CHANNELS[(number + time) % len(_CHANNELS)]),
            region="DE",
            age_band="age_25_34",
            consents=_CONSENTS,
            signals={**moment, **({"genre_affinity": list(title.genres[:1])} if likes else {})},
            seed=at,
        )


def body_of(order: Order) -> bytes:
    """The same order as the body of a request for a promo."""
    return msgspec.json.encode(
        {
            "title_id": order.title.id,
            "context": {
                "region": order.region,
                "age_band": order.age_band,
                "consents": order.consents,
                "gpc": order.gpc,
                "language": order.language,
            },
            "audience": {"signals": order.signals},
            "channel": order.options.channel,
            "seed": order.seed,
        }
    )
