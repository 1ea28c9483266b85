"""What a policy set must meet before it may rule: words that there are, and tests that pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.errors import PolicyError, Problem
from genservice.policy.inferencefiles import unknown_words
from genservice.policy.segments import unknown_terms
from genservice.policy.suite import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.policy.values import PolicySet, TitleTerms, Words


def require_tests(policies: PolicySet, *, words: Words, titles: Mapping[str, TitleTerms]) -> None:
    """Return if every test of the set passes, and the vocabulary has the words that it speaks of.

    Raises:
        PolicyError: Naming each test that fails, or each word that is wrong.
    """
    require_words(policies, words)
    wrong = run(policies, words=words, titles=titles).wrong
    if wrong:
        raise PolicyError(*(Problem(detail=str(failure)) for failure in wrong))


def require_words(policies: PolicySet, words: Words) -> None:
    """Return if the vocabulary has every word that inference rules bar, and that segments name.

    Raises:
        PolicyError: Naming each word that it does not have, and each that a segment names though no
            text may answer to it, with its place.
    """
    unknown = (*unknown_words(policies.inferences, words), *unknown_terms(policies, words))
    if unknown:
        raise PolicyError(*unknown, files=policies.files)
