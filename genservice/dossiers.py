"""Dossiers: what the path needs to know of one title in one revision, worked out once.

The title's slots with their free text screened, and everything that may vouch for a text. A pure
function of the title, the vocabulary, the phrases and the guard, so it may be forgotten at any time.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import msgspec

from genservice.briefing import Occasion, occasion_slots
from genservice.canonical import digest
from genservice.catalog import slotted, strays, without_strays, written
from genservice.checking import Phrases, Sources, inferred
from genservice.domain import Brief, EditorialText, Slot, Title, Vocabulary
from genservice.errors import Problem
from genservice.inference import NO_INFERENCES, Inferences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genservice.catalog import Reading
    from genservice.privacy import Screening, Side

_QUOTED = frozenset({"logline", "description", "story", "period", "texts", "avoid"})
_KEPT_OUT = "what holds it is left out of every text"
_SAID_AS_NAME = "names are said as they stand"
_FREE_TEXT = frozenset({"who", "goal", "turn", "where", "sentence", "period"})


class Screener(Protocol):
    """The part of the guard that the path uses."""

    @property
    def revision(self) -> str:
        """Digest of the recognisers and rules in use."""
        ...

    async def screen(self, texts: Sequence[str], *, side: Side) -> tuple[Screening, ...]:
        """Find and remove personal data.

        Raises:
            GuardUnavailableError: It could not; nothing that was to be screened may leave.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """One title as the path sees it."""

    title: Title
    """Without what strays from it: see `genservice.catalog.without_strays`."""
    slots: tuple[Slot, ...]
    """Every slot whose text passed the guard; shorter versions of a sentence right behind it, under its name."""
    leaning: frozenset[str]
    """Sentences of the story that make sense only right behind the one before."""
    removed: dict[str, int]
    """Structured identifiers that the guard found in the title's free text, by type; their slots are out."""
    texts: tuple[tuple[int, EditorialText], ...]
    """Editorial texts that passed the guard, with their place in the record."""
    sources: Sources
    """What vouches for any text about it."""

    @cached_property
    def own(self) -> Sources:
        """What vouches for a text with none but the title's own slots; made at the first that needs it."""
        return self.sources.offering(self.slots)


def without_inferences(dossier: Dossier, inferences: Inferences) -> Dossier:
    """A dossier without the free text that tells or implies something of the viewer.

    A sentence that makes sense only behind one that goes, goes with it.
    """
    kept: list[Slot] = []
    gone: str | None = None
    for slot in dossier.slots:
        if slot.kind in _FREE_TEXT and inferred(slot.text, dossier.sources, inferences):
            gone = slot.name if slot.kind == "sentence" else gone
        elif slot.kind == "sentence" and gone not in (None, slot.name):
            if slot.name in dossier.leaning:
                gone = slot.name
            else:
                gone = None
                kept.append(slot)
        else:
            kept.append(slot)
    return replace(
        dossier,
        slots=tuple(kept),
        texts=tuple(
            (index, text)
            for index, text in dossier.texts
            if not inferred(text.text, dossier.sources, inferences)
        ),
    )


class Dossiers:
    """Dossiers by title and revision, the last thousands kept.

    Args:
        vocabulary: The catalogue's.
        phrases: The house phrases.
        occasions: What times of day and company may become.
        guard: Screens the title's free text.
        keep: How many are kept.
    """

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        phrases: Phrases,
        occasions: tuple[Occasion, ...],
        guard: Screener,
        keep: int = 4096,
    ) -> None:
        self._vocabulary = vocabulary
        self._phrases = phrases
        self._occasions = occasions
        self._guard = guard
        self._keep = keep
        self._held: OrderedDict[tuple[str, str], Dossier] = OrderedDict()
        self._digests: OrderedDict[str, tuple[Title, str]] = OrderedDict()
        """Of the records met last, by id: a record is read once and asked for many times."""

    async def of(self, title: Title, inferences: Inferences = NO_INFERENCES) -> Dossier:
        """The dossier of `title`, without free text that breaks one of the inference rules.

        Raises:
            GuardUnavailableError: Its texts could not be screened.
        """
        key = (self._digest(title), inferences.revision)
        if (held := self._held.get(key)) is not None:
            self._held.move_to_end(key)
            return held
        if inferences is NO_INFERENCES:
            dossier = await self._make(title)
        else:
            dossier = without_inferences(await self.of(title), inferences)
        self._held[key] = dossier
        while len(self._held) > self._keep:
            self._held.popitem(last=False)
        return dossier

    def _digest(self, title: Title) -> str:
        held = self._digests.pop(title.id, None)
        if held is None or held[0] is not title:
            held = title, digest(title)
        self._digests[title.id] = held
        if len(self._digests) > self._keep:
            self._digests.popitem(last=False)
        return held[1]

    async def screened(
        self, reading: Reading, *, told: Callable[[], None] = lambda: None
    ) -> Reading:
        """What a file held, with a warning for each text that tells nothing of its title or holds an identifier.

        The record is kept as it is. Such a text reaches no writer anyway (see `Dossier.title` and
        `Dossier.removed`); the warning names it, so that the source can be corrected, and never says
        what was found.

        Args:
            reading: What a file held.
            told: Called after each title.

        Raises:
            GuardUnavailableError: A text could not be screened.
        """
        warnings = list(reading.warnings)
        places = zip(reading.lines, reading.pointers, strict=True)
        for title, (line, at) in zip(reading.titles, places, strict=True):
            warnings += [
                msgspec.structs.replace(
                    found, line=line, pointer=f"{at}{found.pointer}", file=reading.file
                )
                for found in await self._left_out(title)
            ]
            told()
        warnings.sort(key=lambda warning: warning.line or 0)
        return msgspec.structs.replace(reading, warnings=tuple(warnings))

    async def _left_out(self, title: Title) -> list[Problem]:
        """What of a title reaches no text; what holds an identifier is told of once."""
        found = await self._identifiers(title)
        named = {problem.pointer for problem in found}
        return found + [
            Problem(pointer=stray.pointer, detail=stray.detail, hint=_KEPT_OUT)
            for stray in strays(title)
            if stray.pointer not in named
        ]

    async def _identifiers(self, title: Title) -> list[Problem]:
        avoided = ((f"/copy/avoid/{at}", word) for at, word in enumerate(title.copy.avoid))
        said = (*written(title), *avoided)
        screenings = await self._guard.screen([text for _, text in said], side="title")
        return [
            Problem(
                pointer=pointer,
                detail=f"looks like an identifier: {', '.join(screening.counts)}",
                hint=_KEPT_OUT if _QUOTED.intersection(pointer.split("/")) else _SAID_AS_NAME,
            )
            for (pointer, _), screening in zip(said, screenings, strict=True)
            if screening.findings
        ]

    async def _make(self, record: Title) -> Dossier:
        title = without_strays(record)
        found = slotted(title, self._vocabulary)
        slots = found.slots
        free = [slot for slot in slots if slot.kind in _FREE_TEXT]
        wanted = [
            *(slot.text for slot in free),
            *(text.text for text in title.texts),
            *title.copy.avoid,
        ]
        screenings = await self._guard.screen(wanted, side="title") if wanted else ()
        tainted = {
            slot.name
            for slot, screening in zip(free, screenings, strict=False)
            if screening.findings
        }
        removed = Counter[str]()
        for screening in screenings:
            removed.update(screening.counts)
        shorter: dict[str, list[Slot]] = {}
        for slot in found.shorter:
            shorter.setdefault(slot.name, []).append(slot)
        # A shorter version says nothing that the guard did not read in the sentence.
        clean = tuple(
            version
            for slot in slots
            if slot.name not in tainted
            for version in (slot, *shorter.get(slot.name, ()))
        )
        texts, avoided = screenings[len(free) :], screenings[len(free) + len(title.texts) :]
        # No text that the checks pass holds an identifier, so nobody has to be told to avoid one.
        avoid = tuple(
            word
            for word, screening in zip(title.copy.avoid, avoided, strict=True)
            if not screening.findings
        )
        title = msgspec.structs.replace(
            title, copy=msgspec.structs.replace(title.copy, avoid=avoid)
        )
        return Dossier(
            title=title,
            slots=clean,
            leaning=frozenset(found.leaning),
            sources=self._sources(
                title, (*clean, *found.forms, *occasion_slots(title, self._occasions))
            ),
            removed=dict(sorted(removed.items())),
            texts=tuple(
                (index, text)
                for (index, text), screening in zip(enumerate(title.texts), texts, strict=False)
                if not screening.findings
            ),
        )

    def sources_for(self, dossier: Dossier, brief: Brief) -> Sources:
        """What vouches for a raw text of `brief`, whose angle may have brought labels of its own."""
        own = {slot.name for slot in dossier.slots}
        added = tuple(slot for slot in brief.slots if slot.name not in own)
        return dossier.own.with_labels(added) if added else dossier.sources

    def _sources(self, title: Title, slots: Sequence[Slot]) -> Sources:
        return Sources.of(title, slots=slots, vocabulary=self._vocabulary, phrases=self._phrases)
