"""Policies: YAML rules that decide, per declared signal and context, what a text may be shaped by."""

from genservice.policy.classes import PLAIN_KEYS
from genservice.policy.comparing import (
    Change,
    Changed,
    Comparison,
    box_to_json,
    compare,
    comparison_to_json,
)
from genservice.policy.contexts import stated
from genservice.policy.coverage import Coverage, RuleCoverage, covered
from genservice.policy.demands import require_tests, require_words
from genservice.policy.document import declared_in, from_files, load
from genservice.policy.engine import (
    Explanation,
    Spoken,
    Use,
    decide,
    explain,
    level_of,
    levels_of,
    use_of,
)
from genservice.policy.inferencefiles import unknown_words
from genservice.policy.ladders import barring, leaving_out, release
from genservice.policy.matrix import NOTHING, Cell, Grant, Matrix, grants, matrix
from genservice.policy.nearmisses import Explained, NearMiss, Unmet, explained, near_misses
from genservice.policy.regions import COUNTRIES, is_region, require_region
from genservice.policy.replaying import (
    Against,
    Effect,
    Replay,
    Replaying,
    Share,
    Unseen,
    unseen,
)
from genservice.policy.segments import unknown_terms, with_segment
from genservice.policy.sentences import Misread, misread
from genservice.policy.soundness import notes
from genservice.policy.suite import (
    Difference,
    Failure,
    Results,
    Row,
    chosen,
    differences,
    rows,
    run,
    titles_named,
)
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
from genservice.policy.wheres import ALWAYS, groups_of, told
from genservice.policy.wording import accounting, because, level_in_words

__all__ = [
    "ALWAYS",
    "COUNTRIES",
    "NOTHING",
    "PLAIN_KEYS",
    "Against",
    "Cell",
    "Change",
    "Changed",
    "Choice",
    "Comparison",
    "Consent",
    "Coverage",
    "Difference",
    "Effect",
    "Explained",
    "Explanation",
    "Failure",
    "Grant",
    "Groups",
    "InferenceSet",
    "Matrix",
    "Misread",
    "NearMiss",
    "Place",
    "PolicySet",
    "Replay",
    "Replaying",
    "Results",
    "Row",
    "Rule",
    "RuleCoverage",
    "Segment",
    "Sentence",
    "Share",
    "Spoken",
    "TitleTerms",
    "Unmet",
    "Unseen",
    "Use",
    "When",
    "Words",
    "accounting",
    "barring",
    "because",
    "box_to_json",
    "chosen",
    "compare",
    "comparison_to_json",
    "covered",
    "decide",
    "declared_in",
    "differences",
    "explain",
    "explained",
    "from_files",
    "grants",
    "groups_of",
    "is_region",
    "leaving_out",
    "level_in_words",
    "level_of",
    "levels_of",
    "load",
    "matrix",
    "misread",
    "near_misses",
    "notes",
    "release",
    "require_region",
    "require_tests",
    "require_words",
    "rows",
    "run",
    "stated",
    "titles_named",
    "told",
    "unknown_terms",
    "unknown_words",
    "unseen",
    "use_of",
    "with_segment",
]
