"""What a policy set must meet before it may rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from genservice.errors import PolicyError, Problem
from genservice.policy import (
    PolicySet,
    TitleTerms,
    Words,
    from_files,
    load,
    require_tests,
    require_words,
    titles_named,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """Reads sets that want to rule. Everything here takes long: call it on a thread."""

    words: Words
    """The catalogue's vocabulary."""
    titles: Callable[[], Mapping[str, TitleTerms]]
    """Reads the titles that tests may name; called only if a test names one."""
    read: tuple[tuple[str, str], ...] = ()
    """Prompts and the signals that they read: a set without one of these would break them."""

    def of_folder(self, directory: Path) -> PolicySet:
        """The set in a folder, which may rule.

        Raises:
            PolicyError: It may not; the error names everything found.
        """
        return self._passed(load(directory))

    def of_files(self, files: Mapping[str, str]) -> PolicySet:
        """The set in files by name, which may rule.

        Raises:
            PolicyError: It may not; the error names everything found.
        """
        return self._passed(from_files(files))

    def of_record(self, files: Mapping[str, str]) -> PolicySet:
        """The set in files that passed before, in this process or in another one.

        Its tests are not run again, for it is in force: what matters now is that it is at once.

        Raises:
            PolicyError: This version of the service cannot read it, or the vocabulary lacks a word.
        """
        policies = from_files(files)
        require_words(policies, self.words)
        return policies

    def _passed(self, policies: PolicySet) -> PolicySet:
        self._require_signals(policies)
        known: Mapping[str, TitleTerms] = {}
        if titles_named(policies):
            known = self.titles()
        require_tests(policies, words=self.words, titles=known)
        return policies

    def _require_signals(self, policies: PolicySet) -> None:
        declared = {signal.name for signal in policies.signals}
        missing = [
            Problem(
                file="signals.yaml",
                detail=f"the prompt for {prompt} reads the signal {name!r}, which is not declared",
                hint="declare it, or take it out of the prompt first",
            )
            for prompt, name in self.read
            if name not in declared
        ]
        if missing:
            raise PolicyError(*missing)
