"""The titles that an empty catalogue begins with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from genservice.catalog import Reading, detect, read

if TYPE_CHECKING:
    from pathlib import Path

    from genservice.domain import Vocabulary
    from genservice.store import Titles

log = structlog.get_logger(__name__)


async def import_shipped(titles: Titles, catalogue: Path, vocabulary: Vocabulary) -> None:
    """Fill an empty catalogue with the titles that travel with the package.

    Raises:
        UnavailableError: The database does not answer, is locked or full.
    """
    if await titles.count():
        return
    for file, reading in await asyncio.to_thread(_read_shipped, catalogue, vocabulary):
        for problem in reading.problems:
            log.warning("a title was not imported", file=file, problem=str(problem))
        await titles.put_all(reading.titles)


def _read_shipped(catalogue: Path, vocabulary: Vocabulary) -> list[tuple[str, Reading]]:
    readings: list[tuple[str, Reading]] = []
    for path in sorted(catalogue.glob("*.json")):
        raw = path.read_bytes()
        kind = detect(path.name, raw)
        readings.append((path.name, read(raw, format=kind, vocabulary=vocabulary)))
    return readings
