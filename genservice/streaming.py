"""Long texts, written and released sentence by sentence.

Before a sentence is released the whole text so far has passed the guard and every check, raw and
filled. A sentence that fails is written anew, behind what was released. What only a whole text can
show, such as an angle that nothing answers, is judged with the last sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

import structlog

from genservice.judging import judge
from genservice.sentences import growing
from genservice.writing import (
    CANDIDATES,
    CheckFailedError,
    entry_of,
    key_of,
    rendered,
    request_for,
    seed_of,
    write_whole,
)

if TYPE_CHECKING:
    from genservice.generation import Request
    from genservice.judging import Job, Passed
    from genservice.store import Entry
    from genservice.writing import Writing

log = structlog.get_logger(__name__)

Release = Callable[[str], None]
"""Takes a sentence, filled, that may leave."""


def unheard(_: str) -> None:
    """Release to nobody."""


async def write(
    job: Job, writing: Writing, release: Release = unheard, *, key: str | None = None
) -> Entry:
    """A text for the brief that passed the guard and every check.

    Args:
        job: What is to be written.
        writing: What it is written with.
        key: Theirs, if somebody has worked it out.
        release: Takes each sentence of a long text as soon as it may leave. Joined by single spaces
            they are the text, unless this raises: then they belong to none.

    Raises:
        CheckFailedError: None did within the attempts allowed.
        ModelUnavailableError: The model did not answer.
        GuardUnavailableError: The guard could not screen.
    """
    key = key or key_of(job, writing)
    if job.brief.length == "long":
        return await _Teller(key, job, writing, release).write()
    return await write_whole(key, job, writing)


class _Teller:
    """One long text: what of it was released, and what went wrong on the way."""

    def __init__(self, key: str, job: Job, writing: Writing, release: Release) -> None:
        self._key = key
        self._job = job
        self._writing = writing
        self._release = release
        self._raw = ""
        self._text = ""
        self._ends: list[int] = []
        self._removed = Counter[str]()
        self._kinds = Counter[str]()

    async def write(self) -> Entry:
        key, job, writing = self._key, self._job, self._writing
        request = request_for(job, writing, rendered(job, writing))
        # As many texts as are written for a short one, and no more however often it stumbles.
        for draw in range(1, writing.attempts * CANDIDATES + 1):
            asked = request(self._raw, (seed_of(key, draw, 0),))
            # What a model puts around its texts may be known only from a whole one.
            whole = draw > writing.attempts and not self._raw
            pieces = self._at_once(asked) if whole else writing.model.stream(asked)
            # To its last sentence: what screens and checks of those before it take is within.
            with writing.watch.step("write", texts=1):
                passed = await self._draw(pieces)
            if passed is not None:
                return entry_of(
                    key, job, writing, passed,
                    attempts=draw, removed=self._removed, sentences=tuple(self._ends),
                )  # fmt: skip
        log.info("no text passed", purpose=job.brief.purpose, kinds=dict(self._kinds))
        raise CheckFailedError(self._kinds)

    async def _at_once(self, request: Request) -> AsyncGenerator[str]:
        (text,) = await self._writing.model.write(request)
        yield text

    async def _draw(self, pieces: AsyncGenerator[str]) -> Passed | None:
        """The whole text, going on from what was released; None if a sentence was refused."""
        async with aclosing(growing(pieces, self._raw)) as texts:
            async for raw, whole in texts:
                passed = await self._passed(raw, whole=whole)
                if passed is None or not self._released(passed):
                    return None
                if whole:
                    return passed
        return None

    async def _passed(self, raw: str, *, whole: bool) -> Passed | None:
        (screening,) = await self._writing.guard.screen([raw], side="output")
        if screening.findings:
            self._removed.update(screening.counts)
            self._kinds["personal_data"] += 1
            return None
        verdict = judge(raw, self._job, whole=whole, watch=self._writing.watch)
        if isinstance(verdict, list):
            self._kinds.update(verdict)
            return None
        return verdict

    def _released(self, passed: Passed) -> bool:
        """Whether the text goes on from what was released; what is new of it is released then."""
        if passed.text == self._text:
            return True
        before = f"{self._text} " if self._text else ""
        if not passed.text.startswith(before):
            self._kinds["seam"] += 1
            return False
        self._raw, self._text = passed.raw, passed.text
        self._ends.append(len(passed.text))
        self._release(passed.text[len(before) :])
        return True
