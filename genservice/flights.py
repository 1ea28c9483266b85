"""One writing under a key at a time, for everybody who waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from genservice.streaming import unheard, write
from genservice.writing import key_of

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from genservice.judging import Job
    from genservice.store import Entry
    from genservice.streaming import Release
    from genservice.writing import Writing


class Shelf(Protocol):
    """Where written texts stand; the first one under a key stays."""

    async def get(self, key: str) -> Entry | None:
        """The text under `key`."""
        ...

    async def add(self, entry: Entry) -> Entry:
        """The text that stands under the key: this one, or the one that came first."""
        ...


class Turns(Protocol):
    """Who may write under a key, among processes."""

    def turn(self, key: str) -> AbstractAsyncContextManager[object]:
        """A block that is entered once no other process writes there, or was waited for long enough."""
        ...


class _Flight:
    """A writing under way, what it has released, and who listens."""

    def __init__(
        self, key: str, job: Job, writing: Writing, shelf: Shelf, turns: Turns | None
    ) -> None:
        self._key = key
        self._released: list[str] = []
        self._listeners: list[Release] = []
        self.task = asyncio.create_task(self._fly(job, writing, shelf, turns))

    @property
    def left(self) -> bool:
        """Whether nobody waits any more."""
        return not self._listeners

    def enter(self, listener: Release) -> None:
        """Listen to all that was released, and to what will be."""
        for sentence in self._released:
            listener(sentence)
        self._listeners.append(listener)

    def leave(self, listener: Release) -> None:
        """Listen no more."""
        self._listeners.remove(listener)

    async def _fly(self, job: Job, writing: Writing, shelf: Shelf, turns: Turns | None) -> Entry:
        if turns is None:
            return await self._write(job, writing, shelf)
        async with turns.turn(self._key):
            # Another process may have written it since it was looked for.
            return await shelf.get(self._key) or await self._write(job, writing, shelf)

    async def _write(self, job: Job, writing: Writing, shelf: Shelf) -> Entry:
        written = await write(job, writing, self._release, key=self._key)
        with writing.watch.step("store", what="text"):
            return await shelf.add(written)

    def _release(self, sentence: str) -> None:
        self._released.append(sentence)
        for listener in self._listeners:
            listener(sentence)


class Flights:
    """At most one writing under a key at a time; whoever asks meanwhile hears and gets the same text.

    Args:
        turns: Sees to the same among processes; without it, processes that write at once each write, and
            the first text stands.
    """

    def __init__(self, turns: Turns | None = None) -> None:
        self._turns = turns
        self._flying: dict[str, _Flight] = {}

    async def join(
        self, job: Job, writing: Writing, shelf: Shelf, release: Release = unheard
    ) -> Entry:
        """The text that stands under the job's key, written now if there is none.

        A caller that is cancelled stops the writing, unless others wait for it.

        Args:
            job: What is to be written.
            writing: What it is written with.
            shelf: Where it stands.
            release: Takes each sentence of a long text that is being written, once it may leave. Of a
                text that stands already it hears nothing.

        Raises:
            CheckFailedError: No text passed.
            ModelUnavailableError: The model did not answer.
            GuardUnavailableError: The guard could not screen.
        """
        key = key_of(job, writing)
        with writing.watch.step("look_up") as seen:
            held = await shelf.get(key)
            seen.outcome = "missing" if held is None else "held"
        if held is not None:
            return held
        if (flight := self._flying.get(key)) is None:
            flight = self._flying[key] = _Flight(key, job, writing, shelf, self._turns)
            flight.task.add_done_callback(lambda _: self._land(key, flight))

        def listener(sentence: str) -> None:
            release(sentence)

        flight.enter(listener)
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.leave(listener)
            if flight.left and not flight.task.done():
                self._land(key, flight)
                flight.task.cancel()

    def _land(self, key: str, flight: _Flight) -> None:
        if self._flying.get(key) is flight:
            del self._flying[key]
