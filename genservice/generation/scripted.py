"""A text model without a model: for tests, and for trying the service where no weights are."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING

from genservice.errors import ModelUnavailableError

if TYPE_CHECKING:
    from genservice.domain import Processor
    from genservice.generation.model import Request

Answers = Callable[["Request", int], str] | Sequence[str]
"""A text for a request and one of its seeds, or texts to be given out one after the other."""

_SLOT = re.compile(r"\[([A-Z][A-Z0-9_]*)\]")
_WORD = re.compile(r"\s*\S+|\s+")
_OPENINGS = (
    "A [MOOD] [GENRE]: [TITLE].",
    "[TITLE]: a [GENRE].",
    "[TITLE], a [MOOD] [GENRE].",
    "[LOGLINE].",
    "[TITLE]: [WHERE].",
    "[TITLE], from [COUNTRY].",
    "[TITLE].",
    "A [GENRE].",
)
_ADDED = {
    "MOOD": "A [MOOD] story.",
    "PACE": "A [PACE] story.",
    "THEME": "A story of [THEME].",
    "OCCASION": "For [OCCASION].",
    "MINUTES": "In [MINUTES] minutes.",
    "LEAD": "With [LEAD].",
    "CAST": "With [CAST].",
    "DIRECTOR": "From [DIRECTOR].",
    "CREATOR": "From [CREATOR].",
    "GENRE": "A [GENRE].",
}


def plain_text(request: Request, seed: int) -> str:
    """A short text of the request's own slots, the same for the same slots and seed.

    It uses no slot that was not offered, and every one it must. Without slots it is empty.
    """
    lawful = [text for text in _OPENINGS if set(_SLOT.findall(text)) <= set(request.slots)]
    if not lawful:
        lawful = [f"[{name}]." for name in request.slots[:1]]
    draw = hashlib.sha256(f"{seed} {' '.join(request.slots)}".encode()).digest()
    text = lawful[int.from_bytes(draw[:8]) % len(lawful)] if lawful else ""
    for name in request.must:
        if name in request.slots and f"[{name}]" not in text:
            text = f"{text} {_added(name)}".lstrip()
    return text


def _added(name: str) -> str:
    family = re.sub(r"_\d+$", "", name)
    return _ADDED.get(family, f"[{family}].").replace(f"[{family}]", f"[{name}]")


class Scripted:
    """A text model that says what a test tells it to, and remembers what it was asked.

    Attributes:
        requests: Every request, in order, those that failed among them.
    """

    def __init__(
        self,
        answers: Answers = plain_text,
        *,
        revision: str = "scripted 1",
        processor: Processor = "in_process",
        deadline: float | None = None,
    ) -> None:
        """Set what it answers.

        Args:
            answers: The default writes lawful texts from slots and seed alone. Of a list every
                text is given once; a request beyond its end fails.
            revision: What it calls itself.
            processor: Where it claims to stand.
            deadline: Seconds after which a hanging `write` gives up; None waits.
        """
        self.requests: list[Request] = []
        self._say = answers if callable(answers) else None
        self._texts = iter(()) if callable(answers) else iter(answers)
        self._revision = revision
        self._processor: Processor = processor
        self._deadline = deadline
        self._failing = False
        self._closed = False
        self._free = asyncio.Event()
        self._free.set()

    @property
    def revision(self) -> str:
        """As given."""
        return self._revision

    @property
    def processor(self) -> Processor:
        """As given."""
        return self._processor

    def fail(self) -> None:
        """From now on `write` raises, until `recover`."""
        self._failing = True

    def hang(self) -> None:
        """From now on `write` does not return, until `recover`, `close` or its deadline."""
        self._free.clear()

    def recover(self) -> None:
        """Answer again; what hung goes on."""
        self._failing = False
        self._free.set()

    async def write(self, request: Request) -> tuple[str, ...]:
        """The script's texts; see `TextModel.write`.

        Raises:
            ModelUnavailableError: Told to fail, closed, past the deadline, or out of texts.
        """
        self.requests.append(request)
        await self._turn()
        return tuple(self._text(request, seed) for seed in request.seeds)

    async def stream(self, request: Request) -> AsyncGenerator[str]:
        """The script's text word by word; see `TextModel.stream`.

        Of a script's text that begins with the request's prefix the rest is said, any other is what
        follows it. Told to fail or hang, it does so before the next word.

        Raises:
            ModelUnavailableError: As `write` does, even in the midst of a text.
        """
        self.requests.append(request)
        await self._turn()
        text = self._text(request, request.seeds[0])
        for word in _WORD.findall(text.removeprefix(request.prefix).lstrip()):
            await self._turn()
            yield word
        await self._turn()

    async def close(self) -> None:
        """Let go of whatever hangs; see `TextModel.close`."""
        self._closed = True
        self._free.set()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await asyncio.sleep(0)  # others get their turn, as with any real model
                await self._free.wait()
        except TimeoutError:
            raise ModelUnavailableError(
                "The text model did not answer in time.", cause="late"
            ) from None
        if self._closed:
            raise ModelUnavailableError("The text model is closed.", cause="closed")
        if self._failing:
            raise ModelUnavailableError("The text model fails, as scripted.")

    def _text(self, request: Request, seed: int) -> str:
        if self._say is not None:
            return self._say(request, seed)
        text = next(self._texts, None)
        if text is None:
            raise ModelUnavailableError("The script has no further text.")
        return text
