"""Policies: YAML rules that decide, per declared signal and context, what a text may be shaped by."""

from genservice.policy.contexts import stated
from genservice.policy.demands import require_tests, require_words
from genservice.policy.document import from_files, load
from genservice.policy.engine import Explanation, Spoken, decide, explain
from genservice.policy.inferencefiles import unknown_words
from genservice.policy.ladders import barring, release
from genservice.policy.regions import COUNTRIES, is_region, require_region
from genservice.policy.segments import unknown_terms, with_segment
from genservice.policy.sentences import Misread, misread
from genservice.policy.suite import Failure, Results, Row, differences, rows, run, titles_named
from genservice.policy.values import (
    Choice,
    Consent,
    Groups,
    InferenceSet,
    Place,
    PolicySet,
    Rule,
    Segment,
    Sentence,
    TitleTerms,
    When,
    Words,
)

__all__ = [
    "COUNTRIES",
    "Choice",
    "Consent",
    "Explanation",
    "Failure",
    "Groups",
    "InferenceSet",
    "Misread",
    "Place",
    "PolicySet",
    "Results",
    "Row",
    "Rule",
    "Segment",
    "Sentence",
    "Spoken",
    "TitleTerms",
    "When",
    "Words",
    "barring",
    "decide",
    "differences",
    "explain",
    "from_files",
    "is_region",
    "load",
    "misread",
    "release",
    "require_region",
    "require_tests",
    "require_words",
    "rows",
    "run",
    "stated",
    "titles_named",
    "unknown_terms",
    "unknown_words",
    "with_segment",
]
