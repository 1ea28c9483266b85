"""Free text of viewers and editors on its way into a brief: screened strictly, then read.

A note enters a brief without its personal data, and nothing that stood in it may come back: deny terms
come from the note as it was sent. What a viewer typed and policy releases as text enters as words of
the vocabulary alone, read after names and identifiers are out of it; its wording goes no further, so no
deny term comes of it, and whoever says the same by the vocabulary shares brief and text.

What policy withholds never gets here, and what it coarsened arrives as words: neither is consulted.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import msgspec

from genservice.domain import Released
from genservice.policy import Words, release
from genservice.privacy import DenyTerms, Screening, deny_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.domain import Signal
    from genservice.dossiers import Screener

_TEXT = "text"
_READ = ("text", "terms", "none")
_TAKEN_OUT = re.compile(r"<[A-Z_]+>")
_NAMING = frozenset({"PERSON", "ADDRESS"})
_KINDRED = "FAMILY"
"""Findings whose ordinary words name somebody: the Rose of "Mrs Rose" and of "my daughter Rose"."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """An editor's note on its way into a brief."""

    text: str | None = None
    """Screened; None if there is no note."""
    removed: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """What the guard took out, by type."""
    deny: DenyTerms = msgspec.field(default_factory=DenyTerms)
    """From the note as it was sent: what the guard took out may not come back either."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What of a request's free text may go on."""

    note: Note
    released: tuple[Released, ...]
    """With words of the vocabulary in place of texts; texts without any are left out."""


async def hear(
    note: str | None,
    released: Sequence[Released],
    *,
    signals: Sequence[Signal],
    guard: Screener,
    words: Words,
    ordinary: frozenset[str],
) -> Heard:
    """The note and the released values without personal data, screened in one call.

    Args:
        note: As the editor sent it.
        released: What policy released.
        signals: The declared signals.
        guard: Screens.
        words: The vocabulary, and how free text is read for it.
        ordinary: Words that are nobody's: they never become deny terms.

    Raises:
        GuardUnavailableError: A text could not be screened.
    """
    texts = [item.value for item in released if item.level == _TEXT]
    wanted = texts if note is None else [*texts, note]
    if not wanted:
        return Heard(note=Note(), released=tuple(released))
    screenings = await guard.screen(wanted, side="viewer")
    declared = {signal.name: signal for signal in signals}
    screened = iter(screenings)
    kept = (
        item if item.level != _TEXT else _read(item, declared[item.signal], next(screened), words)
        for item in released
    )
    return Heard(
        released=tuple(item for item in kept if item is not None),
        note=Note() if note is None else await _noted(note, screenings[-1], ordinary),
    )


def _read(item: Released, signal: Signal, screening: Screening, words: Words) -> Released | None:
    """The words of the vocabulary that a screened text says."""
    text = _TAKEN_OUT.sub(" ", screening.text)
    readable = msgspec.structs.replace(signal, ladder=_READ, max=len(text))
    read = release(readable, "terms", text, titles={}, words=words)
    return None if read is None else msgspec.structs.replace(item, value=read.value)


async def _noted(note: str, screening: Screening, ordinary: frozenset[str]) -> Note:
    found = [(each.type, note[each.start : each.end]) for each in screening.findings]
    named = [said for type_, said in found if type_ in _NAMING]
    # "My" and "Grandma" begin these, and name nobody.
    named += [said.partition(" ")[2] for type_, said in found if type_ == _KINDRED]
    deny = await asyncio.to_thread(deny_terms, [note], personal=named, ordinary=ordinary)
    return Note(text=screening.text, removed=screening.counts, deny=deny)
