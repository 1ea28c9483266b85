"""The checks, on any text: editors' own copy, or a text whose origin somebody doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking import Report, check, fit, inferred
from genservice.domain import Channel, Length, Title, limit_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.dossiers import Dossiers
    from genservice.inference import Inferences


class TextChecks:
    """Checks finished texts against a title's facts, by the same rules as every text served.

    Args:
        dossiers: What is known of titles.
        inferences: The inference rules in force; asked once per text.
    """

    def __init__(self, dossiers: Dossiers, inferences: Callable[[], Inferences]) -> None:
        self._dossiers = dossiers
        self._inferences = inferences

    async def check(self, text: str, title: Title, *, channel: Channel, length: Length) -> Report:
        """What the checks find in `text`, and what vouches for each of its content words.

        Raises:
            GuardUnavailableError: The title's texts could not be screened.
        """
        inferences = self._inferences()
        dossier = await self._dossiers.of(title, inferences)
        avoid = tuple(word.lower() for word in title.copy.avoid)
        sources = dossier.sources
        read = sources.read(text)
        report = check(text, sources=sources, avoid=avoid, tokens=read)
        unfit = fit(text, limit_of(channel, length), names=sources.names)
        told = inferred(text, sources, inferences, tokens=read)
        findings = sorted(
            {*report.findings, *unfit, *told}, key=lambda found: (found.at, found.kind)
        )
        return Report(findings=tuple(findings), spans=report.spans)
