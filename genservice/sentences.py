"""Texts cut into sentences: while they grow, and once they stand.

Only a single space parts two sentences of ours, so they join to the text again, byte for byte.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from itertools import pairwise
from typing import TYPE_CHECKING

from genservice.catalog.sentences import split

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

_ENDED = re.compile(r"[.!?\u2026\])\"'\u2019\u201d]\Z")
"""A mark, or a slot: a name may end a text by itself."""


async def growing(
    pieces: AsyncGenerator[str], prefix: str = ""
) -> AsyncGenerator[tuple[str, bool]]:
    """A text each time that a further sentence of it is finished, and whether it is whole then.

    A sentence is finished once the next one has begun. The last text is the whole one, save for an
    end that breaks off within a sentence.

    Args:
        pieces: What follows the prefix, as it is written.
        prefix: What stands already, in whole sentences.
    """
    text, end = prefix, len(prefix)
    async with aclosing(pieces):
        async for piece in pieces:
            text += f" {piece}" if text and text == prefix else piece
            while (found := _next_end(text, end)) is not None:
                end = found
                yield text[:end], False
    text = text.rstrip(" ")
    yield text if end == 0 or _ENDED.search(text) else text[:end], True


def sentences_of(text: str, ends: Sequence[int] = ()) -> tuple[str, ...]:
    """The sentences of a finished text; joined by single spaces they are the text.

    Args:
        text: As it is shown.
        ends: Where its sentences end, if that was kept. Else they are looked for.
    """
    if ends:
        return tuple(text[start:end].lstrip(" ") for start, end in pairwise((0, *ends)))
    found = split(text)
    return found if " ".join(found) == text else (text,)


def _next_end(text: str, start: int) -> int | None:
    """Where the sentence that begins at `start` ends; None if it has not, as far as one can tell."""
    rest = text[start:].removeprefix(" ")
    first, *others = split(rest) or ("",)
    end = len(text) - len(rest) + len(first)
    gap = text[end : end + 2]
    parted = rest.startswith(first) and gap[:1] == " " and not gap[1:].isspace()
    return end if others and parted else None
