"""Policies: YAML rules that decide, per declared signal and context, what a text may be shaped by."""

from genservice.policy.contexts import stated
from genservice.policy.document import from_files, load
from genservice.policy.engine import Explanation, Spoken, decide, explain
from genservice.policy.ladders import release
from genservice.policy.regions import COUNTRIES, is_region, require_region
from genservice.policy.suite import Failure, Results, Row, differences, rows, run, titles_named
from genservice.policy.values import (
    Choice,
    Consent,
    Groups,
    Place,
    PolicySet,
    Rule,
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
    "Place",
    "PolicySet",
    "Results",
    "Row",
    "Rule",
    "Spoken",
    "TitleTerms",
    "When",
    "Words",
    "decide",
    "differences",
    "explain",
    "from_files",
    "is_region",
    "load",
    "release",
    "require_region",
    "rows",
    "run",
    "stated",
    "titles_named",
]
