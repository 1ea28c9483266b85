"""The guard as the path is given it: every screening is a step that is seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.dossiers import Screener
    from genservice.privacy import Screening, Side
    from genservice.watch import Watch


class WatchedGuard:
    """Screens as `guard` does, and has it seen: where texts came from, and types of what was found."""

    def __init__(self, guard: Screener, watch: Watch) -> None:
        self._guard = guard
        self._watch = watch
        self._held = 0

    @property
    def revision(self) -> str:
        """The guard's."""
        return self._guard.revision

    @property
    def held(self) -> int:
        """Screenings under way and waiting."""
        return self._held

    async def screen(self, texts: Sequence[str], *, side: Side) -> tuple[Screening, ...]:
        """See `genservice.dossiers.Screener`.

        Raises:
            GuardUnavailableError: The guard could not screen.
        """
        with self._watch.step("screen", side=side, texts=len(texts)) as seen:
            self._held += 1
            try:
                screenings = await self._guard.screen(texts, side=side)
            finally:
                self._held -= 1
            types = Counter[str]()
            for screening in screenings:
                types.update(screening.counts)
            seen.outcome = "found" if types else "clean"
            seen.note(types=dict(types))
            return screenings
