"""How long a text stays in caches, by the channel that it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genservice.domain.audience import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.domain.audience import Channel

_LIFETIME = re.compile(r"([a-z_]+)=([1-9][0-9]{0,5})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = 366 * 86400
"""Most seconds of one."""


def read_lifetimes(text: str) -> Mapping[Channel, int]:
    """Seconds by channel, from `tile=1d, push=2h`.

    Raises:
        ValueError: A part is no such lifetime; the message says which one.
    """
    found: dict[Channel, int] = {}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for number, part in enumerate(parts, 1):
        read = _LIFETIME.fullmatch(part)
        channel = _channel(read[1]) if read else None
        seconds = int(read[2]) * _SECONDS[read[3]] if read else 0
        if channel is None or not 0 < seconds <= LONGEST:
            raise ValueError(
                f"part {number} is not CHANNEL=NUMBER and s, m, h or d, of at most 366d;"
                f" channels are {', '.join(CHANNELS)}"
            )
        found[channel] = seconds
    return found


def _channel(word: str) -> Channel | None:
    return next((channel for channel in CHANNELS if channel == word), None)


__all__ = ["LONGEST", "read_lifetimes"]
