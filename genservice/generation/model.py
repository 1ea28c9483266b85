"""The one interface behind which every text model stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, Self

import msgspec

from genservice.domain import Processor, Rendered

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection


class Reading(Protocol):
    """A text word by word: where it stands, and which words a lawful one goes on with."""

    def words(self) -> Collection[str]:
        """The words, slots and marks that may come next."""
        ...

    def after(self, word: str) -> Self | None:
        """The reading with one word more; None if no lawful text goes on so."""
        ...

    def may_end(self) -> bool:
        """Whether the text may end here."""
        ...


class Grammar(Protocol):
    """The texts that a model of whole words may write."""

    def begin(self, words: frozenset[str]) -> Reading:
        """An empty text, to be made of these words alone."""
        ...


Priority = Literal["app", "editor", "background"]
"""Who waits: a viewer, an editor, nobody. The first comes first."""


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
    grammar: Grammar | None = None
    """Held to by a model that writes in house phrases; others write freely."""
    prefix: str = ""
    """What stands of the text already, in whole sentences: `stream` goes on from there."""
    priority: Priority = "app"
    """When it is written; never what."""
    caller: str = ""
    """Between whom to be fair: any mark of the key that asks. No text depends on it, and no model reads it."""


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

    def stream(self, request: Request) -> AsyncGenerator[str]:
        """The raw text of the first seed, in pieces as they are written.

        Joined they are the text that `write` returns, or what follows the request's prefix, without
        the space between. A text that was cut off for want of room may end within a sentence. Whoever
        closes the generator stops the writing.

        Raises:
            ModelUnavailableError: It did not answer, not in time, or broke off.
        """
        ...

    async def close(self) -> None:
        """Free what the model holds. Further calls raise ModelUnavailableError."""
        ...
