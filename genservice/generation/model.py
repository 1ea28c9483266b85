"""The one interface behind which every text model stands."""

from __future__ import annotations

from typing import Protocol

import msgspec

from genservice.domain import Processor, Rendered


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a text is asked for with."""

    prompt: Rendered
    slots: tuple[str, ...]
    """Names of the slots the text may use, without brackets."""
    must: tuple[str, ...] = ()
    """Those of them the text has to use: the angle's. A model may fail to, and the checks tell."""
    limit: int
    """Most characters the filled text may have; a hint for how long to write."""
    seeds: tuple[int, ...]
    """One text is written per seed; the same request gives the same texts."""


class TextModel(Protocol):
    """Writes raw texts, in which names stand as slots (`[TITLE]`).

    Raw means unscreened and unchecked: nothing a model wrote may leave before both.
    """

    @property
    def revision(self) -> str:
        """Name and digest or version of what writes: `embedded sha256:...`. Part of the cache key."""
        ...

    @property
    def processor(self) -> Processor:
        """Where the prompt goes: part of the context that rules see."""
        ...

    async def write(self, request: Request) -> tuple[str, ...]:
        """One raw text per seed, in the order of the seeds, without blocking the event loop.

        Raises:
            ModelUnavailableError: It did not answer, or not in time.
        """
        ...

    async def close(self) -> None:
        """Free what the model holds. Further calls of `write` raise ModelUnavailableError."""
        ...
