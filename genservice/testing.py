"""Policy tests as items of pytest: each case and each sentence of a `*_test.yaml` is one.

Opt in with two lines in the `conftest.py` of the folder that holds the policy set, or of any above it:

    from genservice.testing import pytest_collect_file

    __all__ = ["pytest_collect_file"]

or run `pytest -p genservice.testing my-policies/`. A set is the nearest folder with a `signals.yaml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from genservice.catalog import load_vocabulary, terms_in_folder
from genservice.errors import PolicyError
from genservice.policy import (
    Failure,
    PolicySet,
    Row,
    Sentence,
    TitleTerms,
    Words,
    differences,
    load,
    misread,
    require_words,
    rows,
    titles_named,
)
from genservice.shipped import shipped
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUFFIX = "_test.yaml"
SIGNALS = "signals.yaml"


class Tested(NamedTuple):
    """A policy set and what its tests need."""

    policies: PolicySet
    words: Words
    titles: Mapping[str, TitleTerms]


_SETS = pytest.StashKey[dict[Path, Tested]]()
"""Sets by folder, each read once a run."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect a test file of a policy set; files in other folders are left to others."""
    if not file_path.name.endswith(SUFFIX):
        return None
    folder = next((place for place in file_path.parents if (place / SIGNALS).is_file()), None)
    if folder is None:
        return None
    return SuiteFile.from_parent(parent, path=file_path, folder=folder)


class SuiteFile(pytest.File):
    """One test file of a policy set."""

    def __init__(self, *, folder: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._folder = folder

    def collect(self) -> Iterator[pytest.Item]:
        """Its tests in each of their cases, and its sentences.

        Raises:
            CollectError: The set is invalid; names everything that is wrong with it.
        """
        file = self.path.relative_to(self._folder).as_posix()
        try:
            tested = self._tested()
        except PolicyError as error:
            raise self.CollectError(str(error)) from None
        for row in rows(tested.policies, file=file):
            yield RowItem.from_parent(self, name=str(row), row=row, tested=tested)
        for sentence in tested.policies.sentences:
            if sentence.place.file == file:
                yield SentenceItem.from_parent(
                    self, name=sentence.text[:60], sentence=sentence, tested=tested
                )

    def _tested(self) -> Tested:
        sets = self.config.stash.setdefault(_SETS, {})
        if self._folder not in sets:
            sets[self._folder] = _read(self._folder)
        return sets[self._folder]


class RowItem(pytest.Item):
    """One case of a test."""

    def __init__(self, *, row: Row, tested: Tested, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._row = row
        self._tested = tested

    def runtest(self) -> None:
        """Fail with the difference between what was expected and what came."""
        policies, words, titles = self._tested
        found = differences(policies, self._row, words=words, titles=titles)
        if found:
            pytest.fail(str(Failure(row=self._row, differences=found)), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands: its file and line."""
        return self.path, self._row.test.place.line - 1, self.name


class SentenceItem(pytest.Item):
    """One sentence that an inference rule forbids, or that all permit."""

    def __init__(self, *, sentence: Sentence, tested: Tested, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._sentence = sentence
        self._tested = tested

    def runtest(self) -> None:
        """Fail with what was expected and what the rules said."""
        wrong = misread(self._tested.policies, self._sentence)
        if wrong is not None:
            pytest.fail(str(wrong), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the sentence stands: its file and line."""
        return self.path, self._sentence.place.line - 1, self.name


def _read(folder: Path) -> Tested:
    policies = load(folder)
    vocabulary = load_vocabulary(shipped("catalogue"))
    words = policy_words(vocabulary)
    require_words(policies, words)
    named = titles_named(policies)
    titles = terms_in_folder(shipped("catalogue"), vocabulary) if named else {}
    return Tested(policies=policies, words=words, titles=titles)
