"""Passages: sentences of a story, and those that lean on them, as they go into one slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.catalog.masking import Masked
from genservice.catalog.pieces import DESCRIPTION, Piece
from genservice.catalog.trimming import shorter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from genservice.domain import Title

_FINAL = tuple('?!\u2026"\u201d')
_LOGLINE = 150
"""Most characters of a description's first sentence, with those that lean on it, in a logline's place."""
_PASSAGE = 240
"""Most characters of sentences that go into one slot."""


class Passage(msgspec.Struct, frozen=True):
    """A sentence of the story, and those that lean on it as far as they go with it into one slot."""

    texts: tuple[tuple[Piece, Masked], ...]
    leans: bool

    @property
    def pointer(self) -> str:
        """The fact that its first sentence is."""
        return self.texts[0][0].pointer

    @property
    def length(self) -> int:
        """Characters, with marks and spaces between its sentences."""
        return sum(len(piece.text) + 2 for piece, _ in self.texts) - 2

    def parted(self, room: int) -> tuple[Passage | None, Passage | None]:
        """As many of its sentences as fit into `room`, and the rest, which leans on them."""
        count = len(self.texts)
        while count and Passage(self.texts[:count], self.leans).length > room:
            count -= 1
        head, tail = self.texts[:count], self.texts[count:]
        return (
            Passage(head, self.leans) if head else None,
            Passage(tail, leans=True) if tail else None,
        )

    def versions(self, masked_of: Callable[[Piece], Masked | None]) -> list[str]:
        """The passage, and shorter versions of it, with names as slots; the longest first.

        Args:
            masked_of: Puts slots in place of names, if all of them are known.
        """
        masked = [text.text for _, text in self.texts]
        found = [_row(masked[:count]) for count in range(len(masked), 0, -1)]
        first = self.texts[0][0]
        if first.pointer == DESCRIPTION:
            for text in shorter(first.text):
                piece = msgspec.structs.replace(first, text=text)
                if (short := masked_of(piece)) is not None:
                    found.append(short.text)
        return list(dict.fromkeys(found))


def in_slots(title: Title, passages: Sequence[Passage]) -> Iterator[tuple[str, Passage]]:
    """The slots that passages go into: the first of a description is the logline where there is none."""
    rest = list(passages)
    if rest and title.logline is None and rest[0].pointer == DESCRIPTION and not rest[0].leans:
        head, tail = rest[0].parted(_LOGLINE)
        if head is not None:
            yield "LOGLINE", head
            rest[:1] = [tail] if tail is not None else []
    for number, passage in enumerate(rest, 1):
        yield f"STORY_{number}", passage


def _row(sentences: Sequence[str]) -> str:
    """Sentences without their final full stops as one text without it."""
    return " ".join(
        text if at == len(sentences) - 1 or text[-1:] in _FINAL else f"{text}."
        for at, text in enumerate(sentences)
    )


def passages_of(told: Sequence[tuple[Piece, Masked]]) -> list[Passage]:
    """What of the story stands, sentence by sentence: nothing whose forerunner does not stand."""
    found: list[Passage] = []
    stands: set[tuple[str, int]] = set()
    for piece, masked in told:
        source = piece.pointer.split("/")[1]
        if piece.back and (source, piece.number - 1) not in stands:
            continue
        if piece.earlier and not any((source, at) in stands for at in piece.earlier):
            continue
        stands.add((source, piece.number))
        last = found[-1] if found else None
        joins = piece.back and source == "description" and last is not None
        if joins and last is not None and last.length + len(piece.text) + 2 <= _PASSAGE:
            found[-1] = Passage((*last.texts, (piece, masked)), last.leans)
        else:
            found.append(Passage(((piece, masked),), piece.back or bool(piece.earlier)))
    return found
