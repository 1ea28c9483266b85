"""The guard for the commands that measure or show it: built as the service builds it, fed in batches."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from rich.console import Console

from genservice.catalog import load_vocabulary
from genservice.checking import load_phrases
from genservice.errors import GuardUnavailableError
from genservice.privacy import SIDES, Finding, Guard, Screening, Side, allowed_words, build_guard
from genservice.words import words_of_phrases

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from genservice.settings import Settings

BATCH = 64
"""Texts screened in one call."""
ROOM = 16_000
"""Characters screened in one call, unless one text alone has more."""
PATIENCE = 60.0
"""Seconds one call may take: nobody waits for a page here."""

T = TypeVar("T")


def open_guard(settings: Settings) -> Guard:
    """The guard that the service would run with these settings, in no hurry."""
    engine_file, registry_file = settings.guard_files()
    with Console(stderr=True).status("Loading the guard"):
        return build_guard(
            ordinary=words_of_phrases(load_phrases(settings.prompts / "phrases.yaml")),
            allowed=allowed_words(load_vocabulary(settings.catalogue)),
            engine_file=engine_file,
            registry_file=registry_file,
            deadline=PATIENCE,
            workers=1,
        )


class Screened(NamedTuple, Generic[T]):
    """An item, and what was found in its text."""

    item: T
    findings: tuple[Finding, ...]
    refused: str | None = None
    """Why the text was refused; it is then one finding from end to end, for nothing of it may leave."""


async def screened(
    guard: Guard, items: Iterable[T], *, text_of: Callable[[T], tuple[str, Side]]
) -> AsyncIterator[Screened[T]]:
    """Each item with what is found in its text, in order, many texts to a call.

    Items are drawn as they are needed: a file of any length is never held whole. A text that cannot
    be screened does not take others of its call with it.

    Args:
        guard: Screens.
        items: What has texts.
        text_of: The text of an item, and the side it is on.
    """
    for batch in _batches(iter(items), text_of):
        answers: dict[Side, Iterator[Screening | str]] = {
            side: iter(await _answers(guard, texts, side))
            for side in SIDES
            if (texts := _texts(batch, side, text_of))
        }
        for item in batch:
            text, side = text_of(item)
            answer = next(answers[side])
            if isinstance(answer, str):
                yield Screened(item, _all_of(text), refused=answer)
            else:
                yield Screened(item, answer.findings)


async def _answers(guard: Guard, texts: Sequence[str], side: Side) -> list[Screening | str]:
    try:
        return [*await guard.screen(texts, side=side)]
    except GuardUnavailableError as error:
        if len(texts) == 1:
            return [str(error)]
    return [answer for text in texts for answer in await _answers(guard, [text], side)]


def _all_of(text: str) -> tuple[Finding, ...]:
    return (Finding(start=0, end=len(text), type="OPAQUE", score=1.0),) if text else ()


def _texts(batch: Sequence[T], side: Side, text_of: Callable[[T], tuple[str, Side]]) -> list[str]:
    return [text for text, own in map(text_of, batch) if own == side]


def _batches(items: Iterator[T], text_of: Callable[[T], tuple[str, Side]]) -> Iterator[list[T]]:
    for first in items:
        batch, room = [first], ROOM - len(text_of(first)[0])
        while room > 0 and len(batch) < BATCH and (more := list(itertools.islice(items, 1))):
            batch += more
            room -= len(text_of(more[0])[0])
        yield batch
