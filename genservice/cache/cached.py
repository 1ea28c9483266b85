"""The database with caches before it: whatever these lose or refuse, it still has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.domain import Channel, Length, Place, Purpose, TitleRef, Tone
    from genservice.store import Blurbs, Entry, Lacking


@dataclass(kw_only=True)
class Tally:
    """What became of lookups since the start, and what is held."""

    hits: int = 0
    misses: int = 0
    errors: int = 0
    """The cache did not answer."""
    refused: int = 0
    """What it answered was not what had been put there."""
    bytes: int | None = 0
    """Held now; None if the cache does not know."""


class TextCache(Protocol):
    """Texts under their keys, for a while.

    It may lose any of them, gives none but what was put there, and never raises: a cache that is away is
    one that holds nothing.
    """

    @property
    def name(self) -> str:
        """What metrics call it."""
        ...

    @property
    def tally(self) -> Tally:
        """What became of lookups."""
        ...

    async def get(self, key: str) -> Entry | None:
        """The text that was put under `key`, if it is still held."""
        ...

    async def put(self, entry: Entry) -> None:
        """Hold a text that stands in the database."""
        ...


class Cached:
    """Texts as `genservice.store` has them, found in caches first.

    A text gets into a cache only once it is known to stand in the database, so that what is found in one
    is what the database holds under that key. Which keys are touched, and in which order, follows from
    the keys asked for and from what is held: from nothing else of a request.

    Args:
        texts: The database.
        caches: The nearest first.
    """

    def __init__(self, texts: Blurbs, caches: Sequence[TextCache]) -> None:
        self._texts = texts
        self.caches = tuple(caches)

    async def get(self, key: str) -> Entry | None:
        """The text that stands for a key; nearer caches than where it was found hold it from now on.

        Raises:
            UnavailableError: No cache holds it, and the database does not answer.
        """
        for at, cache in enumerate(self.caches):
            if (held := await cache.get(key)) is not None:
                await self._put(held, self.caches[:at])
                return held
        held = await self._texts.get(key)
        if held is not None:
            await self._put(held, self.caches)
        return held

    async def add(self, entry: Entry) -> Entry:
        """The entry that stands for the key, on disk when this returns: this one, or the first.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        standing = await self._texts.add(entry)
        await self._put(standing, self.caches)
        return standing

    async def twin(
        self,
        title: TitleRef,
        *,
        purpose: Purpose,
        channel: Channel,
        length: Length,
        language: str,
        tone: Tone | None = None,
    ) -> Entry | None:
        """As `genservice.store.Blurbs.twin`, from the database: it is asked for where a text cannot be had."""
        return await self._texts.twin(
            title, purpose=purpose, channel=channel, length=length, language=language, tone=tone
        )

    async def fitting(
        self, title: TitleRef, *, purpose: Purpose, language: str, limit: int, tone: Tone
    ) -> Entry | None:
        """As `genservice.store.Blurbs.fitting`, from the database."""
        return await self._texts.fitting(
            title, purpose=purpose, language=language, limit=limit, tone=tone
        )

    async def lacking(
        self, places: Sequence[Place], *, after: str = "", limit: int = 500
    ) -> tuple[Lacking, ...]:
        """As `genservice.store.Blurbs.lacking`, from the database."""
        return await self._texts.lacking(places, after=after, limit=limit)

    async def _put(self, entry: Entry, caches: Sequence[TextCache]) -> None:
        for cache in caches:
            await cache.put(entry)
