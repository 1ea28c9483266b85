"""What is read from files before anything runs: the vocabulary, occasions, house phrases and prompts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genservice.briefing import load_occasions
from genservice.catalog import load_vocabulary
from genservice.checking import load_phrases
from genservice.documents import in_folder
from genservice.privacy import allowed_words, ordinary_words
from genservice.prompting import load_prompts
from genservice.words import words_of_phrases

if TYPE_CHECKING:
    from genservice.briefing import Occasion
    from genservice.checking import Phrases
    from genservice.domain import Vocabulary
    from genservice.prompting import Prompts
    from genservice.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Files:
    """What the files of a service say."""

    vocabulary: Vocabulary
    occasions: tuple[Occasion, ...]
    phrases: Phrases
    prompts: Prompts

    @property
    def said(self) -> frozenset[str]:
        """The words of the house phrases."""
        return words_of_phrases(self.phrases)

    @property
    def ordinary(self) -> frozenset[str]:
        """Words that name nobody by themselves."""
        return ordinary_words() | allowed_words(self.vocabulary) | self.said


def read_files(settings: Settings) -> Files:
    """Everything that `settings` says lies in files, policies apart.

    Raises:
        PromptError, PhraseError, VocabularyError: A file is invalid; names file, line and column.
    """
    vocabulary = load_vocabulary(settings.catalogue)
    with in_folder(settings.catalogue):
        occasions = load_occasions(settings.catalogue)
    with in_folder(settings.prompts):
        phrases = load_phrases(settings.prompts / "phrases.yaml")
        prompts = load_prompts(settings.prompts)
    return Files(vocabulary=vocabulary, occasions=occasions, phrases=phrases, prompts=prompts)
