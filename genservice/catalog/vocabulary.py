"""The catalogue's closed vocabulary, read from vocabulary.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.documents import read
from genservice.domain import Vocabulary
from genservice.errors import DocumentError, VocabularyError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "vocabulary.yaml"


def load_vocabulary(directory: Path) -> Vocabulary:
    """The vocabulary in `directory`/vocabulary.yaml.

    Raises:
        VocabularyError: It is missing, or a word is declared twice or has the wrong shape.
    """
    try:
        document = read(directory / FILE)
        vocabulary = document.convert("", document.value, Vocabulary)
    except DocumentError as error:
        raise VocabularyError(*error.problems) from None
    doubles = [
        document.problem(f"/{family}/{index}", f"the word {term.name!r} stands twice in {family}")
        for family in Vocabulary.__struct_fields__
        for index, term in enumerate(terms := getattr(vocabulary, family))
        if any(other.name == term.name for other in terms[:index])
    ]
    if doubles:
        raise VocabularyError(*doubles)
    return vocabulary
