"""Texts in pieces, from whatever writes them to whoever reads along."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine


class Told:
    """Puts out what is new of a text that grows, and never takes anything back."""

    def __init__(
        self,
        put: Callable[[str], None],
        *,
        prefix: str = "",
        settled: Callable[[str], str] = str.lstrip,
    ) -> None:
        """Nothing is put out yet.

        Args:
            put: Takes each piece.
            prefix: What the text goes on from. A model that says it again is not repeated.
            settled: How much of an unfinished text no later word can change.
        """
        self._put = put
        self._prefix = prefix
        self._settled = settled
        self._said = ""

    @property
    def begun(self) -> bool:
        """Whether anything was put out."""
        return bool(self._said)

    def so_far(self, text: str) -> None:
        """The text has grown to `text`."""
        # A broken character is one whose last bytes are still to come.
        self._say(self._settled(text.rstrip("\ufffd")).rstrip())

    def whole(self, text: str) -> None:
        """The text is `text`; no more will come."""
        self._say(text)

    def _say(self, text: str) -> None:
        if self._prefix:
            if self._prefix.startswith(text):
                return
            text = text.removeprefix(self._prefix).lstrip()
        if len(text) > len(self._said) and text.startswith(self._said):
            self._put(text[len(self._said) :])
            self._said = text


async def told(
    work: Callable[[Callable[[str], None]], Coroutine[Any, Any, None]],
) -> AsyncGenerator[str]:
    """The pieces that `work` puts out, as they come; then it raises what `work` raises.

    Args:
        work: Called with what takes a piece. It is cancelled when the generator is closed.
    """
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    task = asyncio.ensure_future(work(pieces.put_nowait))

    def ended(task: asyncio.Future[None]) -> None:
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not log what nobody awaited
        pieces.put_nowait(None)

    task.add_done_callback(ended)
    try:
        while (piece := await pieces.get()) is not None:
            yield piece
        await task
    finally:
        task.cancel()
