"""Every row of every `*_test.yaml` beside the rules is a test of pytest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genservice.catalog import load_vocabulary
from genservice.policy import PolicySet, Row, Sentence, Words, differences, load, misread, rows
from genservice.shipped import shipped
from genservice.words import policy_words

HERE = Path(__file__).parent
POLICIES = pytest.StashKey[PolicySet]()
WORDS = pytest.StashKey[Words]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect the test files of this folder's policy set, read once a session."""
    if not file_path.name.endswith("_test.yaml"):
        return None
    if POLICIES not in parent.config.stash:
        parent.config.stash[POLICIES] = load(HERE)
        parent.config.stash[WORDS] = policy_words(load_vocabulary(shipped("catalogue")))
    return SuiteFile.from_parent(parent, path=file_path)


class SuiteFile(pytest.File):
    """One test file of the policy set in this folder."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its tests, in each of their contexts and for each of their purposes."""
        file = self.path.relative_to(HERE).as_posix()
        for row in rows(self.config.stash[POLICIES], file=file):
            yield RowItem.from_parent(self, name=str(row), row=row)
        for tried in self.config.stash[POLICIES].sentences:
            if tried.place.file == file:
                yield SentenceItem.from_parent(self, name=tried.text[:60], tried=tried)


class RowItem(pytest.Item):
    """One test in one context, for one purpose."""

    def __init__(self, *, row: Row, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.row = row

    def runtest(self) -> None:
        """Fail with the difference between what was expected and what came."""
        stash = self.config.stash
        found = differences(stash[POLICIES], self.row, words=stash[WORDS])
        if found:
            pytest.fail("\n".join((f"{self.row.test.place}: {self.row}", *found)), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands: its file and line."""
        return self.path, self.row.test.place.line - 1, self.name


class SentenceItem(pytest.Item):
    """One sentence that an inference rule forbids, or that all permit."""

    def __init__(self, *, tried: Sentence, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tried = tried

    def runtest(self) -> None:
        """Fail with what was expected and what the rules said."""
        wrong = misread(self.config.stash[POLICIES], self.tried)
        if wrong is not None:
            pytest.fail(str(wrong), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the sentence stands: its file and line."""
        return self.path, self.tried.place.line - 1, self.name
