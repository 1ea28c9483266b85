"""The guard: finds personal data in what viewers write, catalogues say and models answer.

Presidio is imported by `build_guard`, not by this package, so importing it is cheap.
"""

from genservice.privacy.deny import DenyTerms, deny_terms
from genservice.privacy.guard import Guard, build_guard, guard_revision
from genservice.privacy.lexicon import allowed_words, ordinary_words
from genservice.privacy.values import SIDES, TYPES, Finding, Recogniser, Screening, Side

__all__ = [
    "SIDES",
    "TYPES",
    "DenyTerms",
    "Finding",
    "Guard",
    "Recogniser",
    "Screening",
    "Side",
    "allowed_words",
    "build_guard",
    "deny_terms",
    "guard_revision",
    "ordinary_words",
]
