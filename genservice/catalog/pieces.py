"""The free text of a title that may be quoted, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.catalog.forms import numbered
from genservice.catalog.leaning import leans
from genservice.catalog.story import stories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.domain import SlotKind, Title
    from genservice.domain.titles import Part

DESCRIPTION = "/description"
"""Where sentences of a description point to."""
_NOUNS = {"season": "series"}
"""What a title of a kind is called in its own story, where that is not the kind's name."""
KINDS: dict[Part, SlotKind] = {"who": "who", "goal": "goal", "turn": "turn", "where": "where"}
"""Parts of a story, and the kinds of slots they become."""


class Piece(msgspec.Struct, frozen=True):
    """One piece of free text on its way to a slot."""

    name: str
    kind: SlotKind
    text: str
    pointer: str
    number: int = 0
    """Of a sentence of the story: its place among all of them, the unusable ones included."""
    back: bool = False
    """It makes sense only right behind the sentence before it."""
    earlier: frozenset[int] = frozenset()
    """It makes sense only behind one of these."""

    @property
    def starts(self) -> bool:
        """Whether it begins with a capital whatever its first word."""
        return self.kind == "sentence"


def pieces(title: Title) -> Iterator[Piece]:
    """The free text that may be quoted: nothing that spoils, each without its final full stop."""
    unspoilt = [(i, item) for i, item in enumerate(title.story) if item.spoiler == "none"]
    for part, kind in KINDS.items():
        number = 0
        for index, item in unspoilt:
            if item.part == part:
                number += 1
                base = "WHO_PL" if part == "who" and item.plural else part.upper()
                text = unstopped(item.text)
                yield Piece(numbered(base, number), kind, text, f"/story/{index}/text")
    said: set[str] = set()
    if title.logline:
        said.add(unstopped(title.logline))
        yield Piece("LOGLINE", "sentence", unstopped(title.logline), "/logline")
    events = [(i, item) for i, item in enumerate(title.story) if item.part == "event"]
    for number, (index, item) in enumerate(events):
        text = unstopped(item.text)
        if item.spoiler == "none" and text not in said:
            said.add(text)
            yield Piece("STORY", "sentence", text, f"/story/{index}/text", number, leans(text))
    if title.description:
        noun = _NOUNS.get(title.kind, title.kind)
        for told in stories(title.description, name=title.name, noun=noun):
            text = unstopped(told.text)
            if text not in said:
                said.add(text)
                yield Piece(
                    "STORY", "sentence", text, DESCRIPTION, told.number, told.back, told.earlier
                )


def unstopped(sentence: str) -> str:
    """A sentence without its final full stop; an ellipsis, ? and ! stay."""
    text = sentence.strip()
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text
