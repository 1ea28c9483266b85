"""Any Hugging Face model in this process: the embedded one like any other."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from genservice.errors import ModelUnavailableError
from genservice.generation.batching import Scheduler
from genservice.generation.one_by_one import OneByOne
from genservice.generation.pieces import told
from genservice.generation.stepwise import Stepwise

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from genservice.domain import Processor
    from genservice.generation.batching import Batch, Counted
    from genservice.generation.checkpoint import Checkpoint
    from genservice.generation.description import Description
    from genservice.generation.model import Request

_SHOWN = 16


def written_by(checkpoint: Checkpoint) -> Batch:
    """How a loaded model writes fastest here."""
    llama = checkpoint.arithmetic()
    return OneByOne(checkpoint) if llama is None else Stepwise(checkpoint, llama)


class Transformers:
    """A language model that writes on a thread of its own.

    Small ones of whole words write many requests at once, which join and leave at any word
    (`Stepwise`); all others one request after the other (`OneByOne`).

    Only offered slots can be written, free text of the catalogue at most once. The same request
    gives the same texts, whether its seeds come together or one by one, up to the rounding of the
    logits, whose last digits may change with the size of a batch: where that tips the choice
    between two equally good tokens a text changes from there on. So the first text written for a
    cache key stands.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        name: str,
        deadline: float = 30.0,
        queue: int = 64,
        batch: Batch | None = None,
    ) -> None:
        """Write with a loaded model.

        Args:
            checkpoint: The model; closed with this object.
            name: What it is called in `revision`.
            deadline: Most seconds between a request and its texts.
            queue: Most requests under way and waiting; further ones are refused at once.
            batch: How it writes; by default one request after the other.
        """
        self._checkpoint: Checkpoint | None = checkpoint
        marked = "" if checkpoint.watermark is None else f" {checkpoint.watermark}"
        self._revision = f"{name} sha256:{checkpoint.digest[:_SHOWN]}{marked}"
        self._description = checkpoint.describe(self._revision)
        self._batch = batch or OneByOne(checkpoint)
        self._scheduler = Scheduler(
            self._batch,
            deadline=deadline,
            queue=queue,
            prepare=checkpoint.prepare_thread,
        )

    @property
    def revision(self) -> str:
        """Its name, the digest of its files, its watermark: `embedded sha256:0b9e...`."""
        return self._revision

    @property
    def description(self) -> Description:
        """What it is made of: family, size, numbers, device, context, and how prompts are put to it."""
        return self._description

    @property
    def processor(self) -> Processor:
        """Prompts stay in this process."""
        return "in_process"

    @property
    def held(self) -> int:
        """Requests under way and waiting."""
        return self._scheduler.held

    @property
    def waiting(self) -> int:
        """Requests that nothing has been written for yet."""
        return self._scheduler.waiting

    @property
    def counted(self) -> Counted:
        """What its batches have come to."""
        return self._scheduler.counted

    @property
    def at_once(self) -> int:
        """One, where a second text would take the place of another request's: nearly every first one passes."""
        return 1 if isinstance(self._batch, Stepwise) else 2

    async def write(self, request: Request) -> tuple[str, ...]:
        """One raw text per seed; see `TextModel.write`.

        Raises:
            ModelUnavailableError: Overload, past the deadline, closed, a prompt longer than the
                model can read, or a failure inside it.
        """
        if self._checkpoint is None:
            raise ModelUnavailableError("The text model is closed.", cause="closed")
        return await self._scheduler.run(request)

    async def stream(self, request: Request) -> AsyncGenerator[str]:
        """One raw text word by word; see `TextModel.stream`.

        Raises:
            ModelUnavailableError: As `write` does.
        """
        if self._checkpoint is None:
            raise ModelUnavailableError("The text model is closed.", cause="closed")
        loop = asyncio.get_running_loop()

        async def work(put: Callable[[str], None]) -> None:
            def put_on_loop(piece: str) -> None:
                loop.call_soon_threadsafe(put, piece)

            await self._scheduler.run(request, put_on_loop)

        async with aclosing(told(work)) as pieces:
            async for piece in pieces:
                yield piece

    async def close(self) -> None:
        """Stop what is being written, and free the model's memory."""
        self._checkpoint = None
        await self._scheduler.close()
