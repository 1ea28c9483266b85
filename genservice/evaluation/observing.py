"""One order through the real path, with what the model wrote before any check looked at it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec

from genservice.checking import check, fill, fit
from genservice.domain import Purpose, Reason, Source, Tone, limit_of
from genservice.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from genservice.answers import Order
    from genservice.api.service import Service
    from genservice.blurbs import Preview
    from genservice.checking import Sources
    from genservice.domain import Brief, Processor
    from genservice.generation import Request, TextModel


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A raw text and what the checks say of it."""

    raw: str
    findings: tuple[str, ...] = ()
    """Kinds, each once."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one order."""

    title: str
    """Its id."""
    purpose: Purpose
    tone: Tone
    limit: int
    angle: tuple[str, ...]
    """Slots of the brief's angle; empty where nothing released met a fact."""
    available: int
    """Facts that the brief offers."""
    candidates: tuple[Candidate, ...]
    text: str = ""
    """What was served; empty if nothing was."""
    source: Source | None = None
    reason: Reason | None = None
    findings: tuple[str, ...] = ()
    """Kinds that the checks find in the served text."""
    follows: bool = False
    """Whether the served text says every slot of the angle."""
    stated: int = 0
    """Facts of the brief that the served text states."""


class Observed:
    """A text model that keeps what it wrote until somebody takes it."""

    def __init__(self, model: TextModel) -> None:
        """Stand before a model."""
        self._model = model
        self._written: list[tuple[Request, tuple[str, ...]]] = []

    @property
    def revision(self) -> str:
        """The model's own."""
        return self._model.revision

    @property
    def processor(self) -> Processor:
        """The model's own."""
        return self._model.processor

    async def write(self, request: Request) -> tuple[str, ...]:
        """What the model writes.

        Raises:
            ModelUnavailableError: It did not answer.
        """
        raws = await self._model.write(request)
        self._written.append((request, raws))
        return raws

    async def stream(self, request: Request) -> AsyncGenerator[str]:
        """What the model writes, word by word; kept as far as it was read.

        Raises:
            ModelUnavailableError: It did not answer.
        """
        text = ""
        try:
            async with aclosing(self._model.stream(request)) as pieces:
                async for piece in pieces:
                    text += piece
                    yield piece
        finally:
            self._written.append((request, (f"{request.prefix} {text}".strip(),)))

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()

    def taken(self) -> list[tuple[Request, tuple[str, ...]]]:
        """What was asked and written since the last call."""
        written, self._written = self._written, []
        return written


async def observe(service: Service, model: Observed, order: Order) -> Record:
    """An order written as any other, and what is to be known of it. One at a time.

    Args:
        service: Writes it; its text model is `model`.
        model: Tells what was written before the checks.
        order: What is asked for.

    Raises:
        GuardUnavailableError: The title could not be screened.
    """
    preview = await service.blurbs.preview(order)
    brief = preview.brief
    dossier = await service.dossiers.of(order.title)
    sources = service.dossiers.sources_for(dossier, brief)
    model.taken()
    options = order.options
    facts = frozenset(slot.pointer for slot in brief.slots)
    record = Record(
        title=order.title.id,
        purpose=options.purpose,
        tone=brief.tone,
        limit=limit_of(options.channel, options.length),
        angle=tuple(dict.fromkeys(angle.slot for angle in brief.angle)),
        available=len(facts),
        candidates=(),
    )
    try:
        answer = await service.blurbs.write(order)
    except UnavailableError:
        return msgspec.structs.replace(record, candidates=_candidates(model, preview, sources))
    candidates = _candidates(model, preview, sources)
    blurb = answer.blurbs[0]
    after = await service.checks.check(
        blurb.text, order.title, channel=options.channel, length=options.length
    )
    said = {span.fact for span in blurb.spans if span.fact is not None}
    pointers = {slot.name: slot.pointer for slot in brief.slots}
    return msgspec.structs.replace(
        record,
        candidates=candidates,
        text=blurb.text,
        source=blurb.source,
        reason=blurb.reason,
        findings=tuple(sorted({finding.kind for finding in after.findings})),
        follows=blurb.source == "written" and all(pointers[slot] in said for slot in record.angle),
        stated=len(facts & said),
    )


def _candidates(model: Observed, preview: Preview, sources: Sources) -> tuple[Candidate, ...]:
    """What was written for this brief; the twin's brief, if one was written too, is another's."""
    return tuple(
        Candidate(raw=raw, findings=_found(raw, preview.brief, sources))
        for request, raws in model.taken()
        if request.prompt == preview.prompt
        for raw in raws
    )


def _found(raw: str, brief: Brief, sources: Sources) -> tuple[str, ...]:
    """Kinds of what the checks find in a raw text and in the same text filled."""
    report = check(raw, sources=sources, offered=brief.slots, angle=brief.angle, avoid=brief.avoid)
    filled = fill(raw, (*brief.slots, *brief.inner), report.spans)
    unfit = fit(filled.text, brief.limit, names=sources.names)
    return tuple(sorted({finding.kind for finding in (*report.findings, *unfit)}))
