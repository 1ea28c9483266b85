"""How long to wait for a server, and when to try again."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec
from tenacity.wait import wait_base, wait_random_exponential

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tenacity import RetryCallState


_DAY = 86_400


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait, and how often to try again."""

    deadline: float = 20.0
    """Most seconds between a request and its texts, all attempts included."""
    connect: float = 3.0
    """Most seconds to reach the server."""
    attempts: int = 3
    """Most times one text is asked for."""
    backoff: float = 0.25
    """Seconds that the first pause is at most; each further one may be twice as long. The pause is
    drawn anew between 0 and that (full jitter)."""
    pause: float = 4.0
    """Most seconds of one pause. A server that asks for more is not waited for."""
    calls: int = 8
    """Most calls of one request under way at once."""
    silence: float = 20.0
    """Most seconds without a word, before the first one and between two of a stream."""
    failures: int = 5
    """So many requests in a row have to fail for the server to be left alone."""
    cool_down: float = 30.0
    """Seconds for which it is."""


class BusyError(Exception):
    """Worth another try."""

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Pause(wait_base):
    """Full jitter, but never less than the server asked for."""

    def __init__(self, patience: Patience) -> None:
        self._jitter = wait_random_exponential(multiplier=patience.backoff, max=patience.pause)

    def __call__(self, retry_state: RetryCallState) -> float:
        """Seconds until the next attempt."""
        outcome = retry_state.outcome
        error = outcome.exception() if outcome is not None else None
        asked = error.retry_after if isinstance(error, BusyError) else None
        return max(self._jitter(retry_state), asked or 0.0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait (RFC 9110, 10.2.3), read by its own clock if it gives a date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), _DAY))
    then, now = _date(text), _date(headers.get("date", ""))
    if then is None or now is None:
        return None
    return min(max(0.0, (then - now).total_seconds()), float(_DAY))


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
