"""What is told of an answer while it is made: sentences, blurbs, and the receipt at the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import msgspec

from genservice.domain import (
    TRAINED_ALGORITHMIC_MEDIA,
    Blurb,
    DigitalSourceType,
    Notice,
    Receipt,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence that has passed every check behind those before it."""

    index: int
    """Its place in the blurb."""
    text: str
    digital_source_type: DigitalSourceType = TRAINED_ALGORITHMIC_MEDIA
    """As the blurb will have it: what leaves is marked when it leaves."""


class Replace(msgspec.Struct, frozen=True, kw_only=True):
    """The text that stands in place of the sentences that came: drop those."""

    index: int
    """The first of them."""
    text: str
    digital_source_type: DigitalSourceType = TRAINED_ALGORITHMIC_MEDIA


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """The end of an answer."""

    receipt: Receipt
    notices: tuple[Notice, ...]


Event = Sentence | Replace | Blurb | Closing


class Telling:
    """Tells whoever listens, in an order that holds for any answer.

    Per blurb its sentences, if it is told in sentences; one `Replace`, if those that were told are not
    the blurb's; the blurb itself.
    """

    def __init__(self, hear: Callable[[Event], None] | None = None) -> None:
        """Nothing is told yet.

        Args:
            hear: Takes the events. Without it nobody listens, and nothing has been told ever.
        """
        self._hear = hear
        self._said: list[str] = []
        self._blurbs = 0
        self._begun = False

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return self._hear is not None

    @property
    def begun(self) -> bool:
        """Whether anything was told: what was cannot be taken back."""
        return self._begun

    @property
    def blurbs(self) -> int:
        """How many blurbs were told."""
        return self._blurbs

    def line(self) -> Callable[[str], None]:
        """What takes the sentences of one text as they are released.

        Once a blurb has sentences those of another text are not told beside them: that text can only
        replace them as a whole.
        """
        return self._sentence if self._hear and not self._said else lambda _: None

    def blurb(self, blurb: Blurb, sentences: Sequence[str] = ()) -> None:
        """The blurb that is told now stands.

        Args:
            blurb: As it is answered.
            sentences: Its text in sentences, if it is to be told so and was not yet.
        """
        if not self._said:
            for sentence in sentences:
                self._sentence(sentence, blurb.digital_source_type)
        elif " ".join(self._said) != blurb.text:
            source = blurb.digital_source_type
            self._tell(Replace(index=0, text=blurb.text, digital_source_type=source))
        self._said.clear()
        self._blurbs += 1
        self._tell(blurb)

    def close(self, receipt: Receipt, notices: tuple[Notice, ...]) -> None:
        """The answer is complete."""
        self._tell(Closing(receipt=receipt, notices=notices))

    def _sentence(self, text: str, source: DigitalSourceType = TRAINED_ALGORITHMIC_MEDIA) -> None:
        self._said.append(text)
        index = len(self._said) - 1
        self._tell(Sentence(index=index, text=text, digital_source_type=source))

    def _tell(self, event: Event) -> None:
        if self._hear is not None:
            self._begun = True
            self._hear(event)


class AnswerStream:
    """An answer in the making: the events that tell of it, in order, as they come.

    Ends with the `Closing`, or raises what `Blurbs.write` would have raised. An error after the first
    event is final: what was told belongs to no answer.
    """

    def __init__(self, tell: Callable[[Telling], Awaitable[None]]) -> None:
        self._events = asyncio.Queue[Event | None]()
        self._task = asyncio.ensure_future(tell(Telling(self._events.put_nowait)))
        self._task.add_done_callback(self._end)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """The next event.

        Raises:
            InvalidSignalError: A released signal's value has the wrong shape.
            UnavailableError: No text could be written, and none was stored; the guard failed; or what is
                held of the viewer cannot be read or added to.
        """
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)
            self._task.result()
            raise StopAsyncIteration
        return event

    def stop(self) -> None:
        """Nobody listens any more: what is written for nobody else is written no further."""
        self._task.cancel()

    def _end(self, task: asyncio.Future[None]) -> None:
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not log what nobody awaited
        self._events.put_nowait(None)
