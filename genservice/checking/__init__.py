"""Every claim has a source: the check of texts, and how slots become the title's own words."""

from genservice.checking.check import check, uncovered
from genservice.checking.fill import Filled, fill
from genservice.checking.findings import Finding, FindingKind, Report
from genservice.checking.fit import fit
from genservice.checking.inference import implies, inferred
from genservice.checking.phrases import Needs, Phrase, Phrases, load_phrases, parse_phrases
from genservice.checking.sources import Sources

__all__ = [
    "Filled", "Finding", "FindingKind", "Needs", "Phrase", "Phrases", "Report", "Sources", "check", "fill", "fit", "implies", "inferred",
    "load_phrases", "parse_phrases", "uncovered",
]  # fmt: skip
