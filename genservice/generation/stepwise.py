"""A batch of many requests at once, which join and leave it at any word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.generation.batching import done, failed
from genservice.generation.pieces import Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from genservice.generation.batching import Job
    from genservice.generation.checkpoint import Checkpoint
    from genservice.generation.drawing import Text
    from genservice.generation.llama import Llama

WIDTH = 32
"""Most texts at once: beyond that a step takes as much longer as it does more."""


class _Work:
    """A job under way."""

    def __init__(self, job: Job, texts: Sequence[Text], told: Told | None) -> None:
        self.job = job
        self.texts = texts
        self.told = told
        self.error: Exception | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is to be written for it."""
        done = all(text.done for text in self.texts)
        return done or self.error is not None or self.job.abandoned.is_set()


class _Row:
    """A text, whose it is, and what the model has to read next."""

    def __init__(self, text: Text, work: _Work, unread: list[int]) -> None:
        self.text = text
        self.work = work
        self.unread = unread


class Stepwise:
    """Writes with a model of our own arithmetic; every text at its own place."""

    def __init__(self, checkpoint: Checkpoint, llama: Llama, *, width: int = WIDTH) -> None:
        """Write with a loaded model.

        Args:
            checkpoint: Says what is lawful, how freely to draw, and what tokens spell.
            llama: Its arithmetic.
            width: Most texts at once.
        """
        self._checkpoint = checkpoint
        self._llama = llama
        self._width = width
        self._rows: list[_Row] = []
        self._joining: list[_Row] = []
        """Texts whose prompt was not read yet, those of one request in a row."""

    @property
    def texts(self) -> int:
        """How many are being written."""
        return len(self._rows) + len(self._joining)

    @property
    def room(self) -> int:
        """How many more may join now."""
        return self._width - self.texts

    def join(self, jobs: Sequence[Job]) -> None:
        """Begin these too."""
        for job in jobs:
            try:
                self._begin(job)
            except Exception as error:  # noqa: BLE001  one request that fails ends no other's
                failed(job, error)

    def step(self) -> None:
        """Have all texts go on to their next choice."""
        self._leave()
        if self._rows:
            tokens = [row.unread for row in self._rows]
            self._go_on(self._rows, self._llama.advance(range(len(self._rows)), tokens))
        # Prompts apart: beside them every other row would be laid out as long as they are.
        if self._joining:
            self._read_prompts()
        self._leave()

    def drop(self, error: BaseException) -> None:
        """End all of them with this error."""
        for row in (*self._rows, *self._joining):
            failed(row.work.job, error)
        self._rows.clear()
        self._joining.clear()
        self._llama.clear()

    def _begin(self, job: Job) -> None:
        request = job.request
        seeds = request.seeds if job.put is None else request.seeds[:1]
        if not seeds or job.abandoned.is_set():
            done(job, ("",) * len(seeds))
            return
        asked = self._checkpoint.asked(request, goes_on=job.put is not None)
        told = None if job.put is None else Told(job.put, prefix=request.prefix)
        work = _Work(job, [asked.text(seed) for seed in seeds], told)
        self._joining += [_Row(text, work, asked.read) for text in work.texts]

    def _read_prompts(self) -> None:
        """Read what has joined: of one request's texts the first reads, and the others begin there."""
        joining, self._joining = self._joining, []
        works = list(dict.fromkeys(row.work for row in joining))
        first = {work: next(row for row in joining if row.work is work) for work in works}
        rows = self._llama.open(len(works))
        scores = self._llama.advance(rows, [first[work].unread for work in works])
        number = {work: at for at, work in enumerate(works)}
        others = [row for row in joining if row is not first[row.work]]
        for row, at in zip(others, self._llama.open(len(others)), strict=True):
            self._llama.copy(rows[number[row.work]], at)
        ordered = [*first.values(), *others]
        self._rows += ordered
        self._go_on(ordered, scores[[number[row.work] for row in ordered]])

    def _go_on(self, rows: Sequence[_Row], scores: torch.Tensor) -> None:
        for row, numbers in zip(rows, scores.float().numpy(), strict=True):
            work = row.work
            try:
                row.unread = row.text.go_on(numbers)
                if work.told is not None:
                    work.told.so_far(self._checkpoint.spelled(row.text.tokens))
            except Exception as error:  # noqa: BLE001  one request that fails ends no other's
                work.error = error

    def _leave(self) -> None:
        """Let go of what is done and of what nobody waits for."""
        over = {row.work for row in (*self._rows, *self._joining) if row.work.over}
        self._joining = [row for row in self._joining if row.work not in over]
        for at in range(len(self._rows) - 1, -1, -1):
            if self._rows[at].work in over or self._rows[at].text.done:
                self._llama.close(at)
                last = self._rows.pop()
                if at < len(self._rows):
                    self._rows[at] = last
        for work in over:
            self._end(work)

    def _end(self, work: _Work) -> None:
        if work.error is not None:
            failed(work.job, work.error)
            return
        try:
            texts = [self._checkpoint.text(text.tokens) for text in work.texts]
            if work.told is not None and not work.job.abandoned.is_set():
                work.told.whole(texts[0])
        except Exception as error:  # noqa: BLE001  one request that fails ends no other's
            failed(work.job, error)
        else:
            done(work.job, texts)
