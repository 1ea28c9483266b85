"""The titles of a catalogue folder: its JSON files, each in one of the formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.catalog.reading import detect, read
from genservice.catalog.terms import TitleTerms, terms_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from genservice.catalog.reading import Reading
    from genservice.domain import Vocabulary


def read_folder(directory: Path, vocabulary: Vocabulary) -> Iterator[tuple[str, Reading]]:
    """Every file of titles by its name, sorted, and what it holds.

    Raises:
        DocumentError: The format of a file cannot be told.
    """
    for path in sorted(directory.glob("*.json")):
        raw = path.read_bytes()
        yield path.name, read(raw, format=detect(path.name, raw), vocabulary=vocabulary)


def terms_in_folder(directory: Path, vocabulary: Vocabulary) -> dict[str, TitleTerms]:
    """What the folder's titles coarsen to, by id, so that tests of policies may name them.

    Raises:
        DocumentError: The format of a file cannot be told.
    """
    return {
        title.id: terms_of(title, vocabulary)
        for _, reading in read_folder(directory, vocabulary)
        for title in reading.titles
    }
