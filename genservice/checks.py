"""The checks, on any text: editors' own copy, or a text whose origin somebody doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.checking import Report, check, fit
from genservice.domain import Channel, Length, Title, limit_of

if TYPE_CHECKING:
    from genservice.dossiers import Dossiers


class TextChecks:
    """Checks finished texts against a title's facts, by the same rules as every text served."""

    def __init__(self, dossiers: Dossiers) -> None:
        self._dossiers = dossiers

    async def check(self, text: str, title: Title, *, channel: Channel, length: Length) -> Report:
        """What the checks find in `text`, and what vouches for each of its content words.

        Raises:
            GuardUnavailableError: The title's texts could not be screened.
        """
        dossier = await self._dossiers.of(title)
        avoid = tuple(word.lower() for word in title.copy.avoid)
        report = check(text, sources=dossier.sources, avoid=avoid)
        unfit = fit(text, limit_of(channel, length), names=dossier.sources.names)
        findings = sorted({*report.findings, *unfit}, key=lambda found: (found.at, found.kind))
        return Report(findings=tuple(findings), spans=report.spans)
