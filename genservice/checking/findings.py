"""What a check answers: what is wrong with a text, and what vouches for the rest."""

from __future__ import annotations

from typing import Literal

import msgspec

from genservice.domain import Span

FindingKind = Literal[
    "slot", "spoiler", "inference", "viewer", "claim", "role", "pronoun", "name", "number", "altered", "unsupported",
    "avoid", "length", "bracket", "quote", "punctuation", "double", "article", "identifier",
]  # fmt: skip
"""From the most to the least telling; the last seven of them are `fit`'s."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that keeps a text from being served. Holds no word of the text."""

    kind: FindingKind
    at: tuple[int, int]
    """Start and end, in Unicode code points, end exclusive."""
    detail: str
    """What is wrong, in words that fit any text."""
    rule: str | None = None
    """Of an `inference`: the id of the rule that the text breaks."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found, in order of place."""

    findings: tuple[Finding, ...]
    spans: tuple[Span, ...]
    """What vouches for each stretch; they never overlap. Complete when there are no findings."""

    @property
    def passed(self) -> bool:
        """Whether the text may be served."""
        return not self.findings
