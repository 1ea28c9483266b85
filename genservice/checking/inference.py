"""What a text about a title tells or implies of its viewer, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.checking.sources import Sources
    from genservice.checking.words import Token
    from genservice.domain import Span
    from genservice.inference import Inferences


def inferred(
    text: str,
    sources: Sources,
    inferences: Inferences,
    *,
    tokens: Iterable[Token] | None = None,
) -> tuple[Finding, ...]:
    """A finding for each place where a text breaks an inference rule, with the rule's id and why.

    Args:
        text: Raw or filled.
        sources: Of the title: its names say nothing of anybody, whatever words they are made of.
        inferences: The rules.
        tokens: What `sources.read` makes of the text, if somebody has it already.
    """
    tokens = sources.read(text) if tokens is None else tokens
    names = [(token.start, token.end) for token in tokens if token.kind == "name"]
    return tuple(
        Finding(kind="inference", at=(hit.start, hit.end), detail=hit.rule.why, rule=hit.rule.id)
        for hit in inferences.find(text, names)
    )


_NAMES = ("/name", "/original_name", "/also_named/", "/credits/", "/setting/")
"""Facts whose words are names."""


def implies(text: str, spans: Iterable[Span], inferences: Inferences) -> bool:
    """Whether a text that was served breaks an inference rule; its spans tell what in it is a name."""
    names = [span.at for span in spans if (span.fact or "").startswith(_NAMES)]
    return bool(inferences.find(text, names))
