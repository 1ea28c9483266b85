"""What was found in texts of the catalogue, for as long as they are asked about."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.privacy.values import Screening

LONGEST = 10_000
"""Characters of the longest text that is kept, so that a count bounds the memory."""


class Memory:
    """Screenings by text, those asked for last. Belongs to one guard, and so to one revision of it.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[str, Screening] = OrderedDict()

    def get(self, text: str) -> Screening | None:
        """The screening of `text`, if it is held."""
        held = self._held.get(text)
        if held is not None:
            self._held.move_to_end(text)
        return held

    def keep(self, screenings: Iterable[tuple[str, Screening]]) -> None:
        """Hold the screenings of these texts, and let go of those that nobody asked for longest."""
        for text, screening in screenings:
            if len(text) <= LONGEST:
                self._held[text] = screening
        while len(self._held) > self._most:
            self._held.popitem(last=False)
