"""The guard for the commands that measure or show it: built as the service builds it, fed in batches."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console

from genservice.catalog import load_vocabulary
from genservice.checking import load_phrases
from genservice.privacy import SIDES, Guard, Screening, Side, allowed_words, build_guard
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


async def screened(
    guard: Guard, items: Iterable[T], *, text_of: Callable[[T], tuple[str, Side]]
) -> AsyncIterator[tuple[T, Screening]]:
    """Each item with the screening of its text, in order, many texts to a call.

    Items are drawn as they are needed: a file of any length is never held whole.

    Args:
        guard: Screens.
        items: What has texts.
        text_of: The text of an item, and the side it is on.

    Raises:
        GuardUnavailableError: A text could not be screened.
    """
    for batch in _batches(iter(items), text_of):
        answers: dict[Side, Iterator[Screening]] = {
            side: iter(await guard.screen(texts, side=side))
            for side in SIDES
            if (texts := _texts(batch, side, text_of))
        }
        for item in batch:
            yield item, next(answers[text_of(item)[1]])


def _texts(batch: Sequence[T], side: Side, text_of: Callable[[T], tuple[str, Side]]) -> list[str]:
    return [text for text, own in map(text_of, batch) if own == side]


def _batches(items: Iterator[T], text_of: Callable[[T], tuple[str, Side]]) -> Iterator[list[T]]:
    for first in items:
        batch, room = [first], ROOM - len(text_of(first)[0])
        while room > 0 and len(batch) < BATCH and (more := list(itertools.islice(items, 1))):
            batch += more
            room -= len(text_of(more[0])[0])
        yield batch
