"""The catalogue's closed vocabulary, read from vocabulary.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.documents import in_folder, read
from genservice.domain import Vocabulary
from genservice.errors import DocumentError, Problem, VocabularyError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "vocabulary.yaml"


def load_vocabulary(directory: Path) -> Vocabulary:
    """The vocabulary in `directory`/vocabulary.yaml.

    Raises:
        VocabularyError: It is missing, or a word is declared twice or has the wrong shape.
    """
    with in_folder(directory):
        return _read(directory)


def _read(directory: Path) -> Vocabulary:
    try:
        document = read(directory / FILE)
        vocabulary = document.convert("", document.value, Vocabulary)
    except DocumentError as error:
        raise VocabularyError(*error.problems) from None
    doubles: list[Problem] = []
    for family in Vocabulary.__struct_fields__:
        seen: set[str] = set()
        for index, term in enumerate(getattr(vocabulary, family)):
            if term.name in seen:
                doubles.append(
                    document.problem(f"/{family}/{index}", f"{term.name!r} stands twice")
                )
            seen.add(term.name)
    if doubles:
        raise VocabularyError(*doubles)
    return vocabulary
