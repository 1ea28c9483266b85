"""Labelled sentences, and the short markup in which people write them."""

from __future__ import annotations

import re

import msgspec

LABELS = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS")
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BI"))

_MARKED = re.compile(r"\[\[(?P<text>[^\[\]|]+)\|(?P<label>[A-Z_]+)\]\]")


class Span(msgspec.Struct, frozen=True):
    """A labelled stretch of a text, in code points."""

    start: int
    end: int
    label: str


class Example(msgspec.Struct, frozen=True):
    """One text and what is labelled in it; spans sorted and disjoint."""

    text: str
    spans: tuple[Span, ...] = ()


class Pieces:
    """A text put together piece by piece, with the labels of its pieces."""

    def __init__(self) -> None:
        self._text = ""
        self._spans: list[Span] = []

    def add(self, text: str, label: str | None = None) -> None:
        """Go on with `text`."""
        if label is not None and text:
            self._spans.append(Span(len(self._text), len(self._text) + len(text), label))
        self._text += text

    @property
    def length(self) -> int:
        """Characters so far."""
        return len(self._text)

    def example(self) -> Example:
        """What was put together."""
        return Example(self._text, tuple(self._spans))


def marked(text: str) -> Example:
    """`"Ask [[Will|PERSON]]"` as an example.

    Raises:
        ValueError: A label is none of `LABELS`.
    """
    pieces, end = Pieces(), 0
    for match in _MARKED.finditer(text):
        if match["label"] not in LABELS:
            raise ValueError(f"unknown label {match['label']}")
        pieces.add(text[end : match.start()])
        pieces.add(match["text"], match["label"])
        end = match.end()
    pieces.add(text[end:])
    return pieces.example()


def tags_of(
    example: Example, words: list[tuple[int, int]] | tuple[tuple[int, int], ...]
) -> list[int]:
    """The index in `TAGS` of each word (given by its span in the text)."""
    tags: list[int] = []
    spans = iter(example.spans)
    span = next(spans, None)
    inside = False
    for start, end in words:
        while span is not None and span.end <= start:
            span, inside = next(spans, None), False
        if span is None or end <= span.start:
            tags.append(0)
            continue
        tags.append(1 + 2 * LABELS.index(span.label) + inside)
        inside = True
    return tags
