"""Which texts are served: the one asked for, and, if it cannot be, the next best, step by step.

    the text asked for -> the twin -> a twin stored earlier -> the reserve's twin -> the editorial text

Nothing of this ladder leaves unscreened: below its end there is only a clear error. What comes
before, from the request to what policy releases, is `genservice.blurbs`; how one text is written is
`genservice.writing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.answers import Order, Served, editorial, is_locked, same_language
from genservice.briefing import build, tone_for
from genservice.checking import Composition
from genservice.domain import Reason, Released, TitleRef
from genservice.errors import GuardUnavailableError, ModelUnavailableError, UnavailableError
from genservice.writing import CheckFailedError, Flights, Job, Writing, key_of, merged, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genservice.dossiers import Dossier
    from genservice.generation import TextModel
    from genservice.parts import Parts
    from genservice.policy import PolicySet
    from genservice.store import Entry

EMBEDDED = "embedded "
"""How the revision of our own model begins: it writes in house phrases alone."""

_FAILURES = (CheckFailedError, ModelUnavailableError, GuardUnavailableError)


class Serving:
    """Chooses the texts of an order, and has them written where need be."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._flights = Flights()
        self._house = Composition(parts.phrases)
        self._writing = Writing(
            model=parts.model,
            guard=parts.guard,
            phrases=parts.phrases,
            house=None,
            ordinary=parts.ordinary,
            attempts=parts.attempts,
        )

    async def serve(
        self, policies: PolicySet, order: Order, released: Sequence[Released]
    ) -> Served:
        """The texts to serve: written, else the twin, else the editorial text.

        Raises:
            UnavailableError: There is none.
        """
        try:
            dossier = await self._parts.dossiers.of(order.title)
            note, noted = await self._screened_note(order)
        except GuardUnavailableError as error:
            return await self._stored_twin(order, error)
        if is_locked(order):
            return editorial(order, dossier, "title_locked") or _nothing("title_locked")
        neutral = self._job(policies, order, dossier, ())
        if not same_language(order.language, order.title.language):
            return await self._twin(order, dossier, neutral, "language")
        job = self._job(policies, order, dossier, released, note=note, noted=noted)
        if not job.brief.personalised and note is None:
            return await self._twin(order, dossier, neutral, "nothing_released")
        try:
            texts = await self._variants(job, order, self._parts.model)
        except _FAILURES as error:
            return await self._twin(order, dossier, neutral, _reason(error))
        return Served(texts=texts, source="written", reason=None, angle=job.brief.angle)

    async def job_of(self, policies: PolicySet, order: Order, released: Sequence[Released]) -> Job:
        """What would be written for an order first of all.

        Raises:
            GuardUnavailableError: The title or the note could not be screened.
        """
        dossier = await self._parts.dossiers.of(order.title)
        note, noted = await self._screened_note(order)
        return self._job(policies, order, dossier, released, note=note, noted=noted)

    def key(self, job: Job) -> str:
        """The key under which a text of the job stands."""
        return key_of(job, self._writing)

    def _job(
        self,
        policies: PolicySet,
        order: Order,
        dossier: Dossier,
        released: Sequence[Released],
        *,
        note: str | None = None,
        noted: Mapping[str, int] | None = None,
    ) -> Job:
        """What is to be written; without released values it is the twin."""
        parts = self._parts
        prompt = parts.prompts.for_purpose(order.options.purpose)
        brief = build(
            dossier.title,
            dossier.slots,
            released,
            order.options,
            signals=policies.signals,
            vocabulary=parts.vocabulary,
            occasions=parts.occasions,
            reads_facts=prompt.reads_facts,
            reads_signals=prompt.reads_signals,
            leaning=dossier.leaning,
            note=note,
        )
        return Job(
            brief=brief,
            prompt=prompt,
            sources=parts.dossiers.sources_for(dossier, brief),
            removed=merged(dossier.removed, noted or {}),
            seed=order.seed,
        )

    async def _screened_note(self, order: Order) -> tuple[str | None, dict[str, int]]:
        """An editor's note without personal data, and how much was removed, by type."""
        if order.note is None:
            return None, {}
        (screening,) = await self._parts.guard.screen([order.note], side="viewer")
        return screening.text, dict(screening.counts)

    async def _variants(self, job: Job, order: Order, model: TextModel) -> tuple[Entry, ...]:
        """As many distinct texts as were asked for, or as many as pass; at least one.

        Raises:
            CheckFailedError: Not even the first passed.
        """
        house = self._house if model.revision.startswith(EMBEDDED) else None
        writing = msgspec.structs.replace(self._writing, model=model, house=house)
        texts: list[Entry] = []
        for variant in range(order.variants):
            others = tuple(text.written.text for text in texts)
            numbered = msgspec.structs.replace(job, variant=variant, others=others)
            try:
                if order.note is None and order.stored:
                    text = await self._flights.join(numbered, writing, self._parts.texts)
                else:
                    text = await write(numbered, writing)
            except CheckFailedError:
                if not texts:
                    raise
            else:
                texts.append(text)
        return tuple(texts)

    async def _twin(self, order: Order, dossier: Dossier, neutral: Job, reason: Reason) -> Served:
        """The neutral text: written, stored, from the reserve, or the editors' own."""
        parts = self._parts
        try:
            texts = await self._variants(neutral, order, parts.model)
        except _FAILURES as error:
            failed = error
        else:
            return Served(texts=texts, source="twin", reason=reason)
        reason = _reason(failed) if reason == "nothing_released" else reason
        if (held := await self._held_twin(order)) is not None:
            return Served(texts=(held,), source="twin", reason=reason)
        if isinstance(failed, ModelUnavailableError) and parts.reserve is not parts.model:
            try:
                texts = await self._variants(neutral, order, parts.reserve)
            except _FAILURES as error:
                failed = error
            else:
                return Served(texts=texts[:1], source="twin", reason=reason)
        return editorial(order, dossier, reason) or _nothing(reason)

    async def _stored_twin(self, order: Order, failed: GuardUnavailableError) -> Served:
        """A twin that was stored when the guard still worked; nothing else may leave."""
        if (held := await self._held_twin(order)) is not None:
            return Served(texts=(held,), source="twin", reason="guard_unavailable")
        raise failed

    async def _held_twin(self, order: Order) -> Entry | None:
        if not order.stored:
            return None
        title, options = order.title, order.options
        return await self._parts.texts.twin(
            TitleRef(id=title.id, revision=title.revision),
            purpose=options.purpose,
            channel=options.channel,
            length=options.length,
            language=title.language,
            tone=tone_for(title, options.tone),
        )


def _reason(error: Exception) -> Reason:
    if isinstance(error, ModelUnavailableError):
        return "model_unavailable"
    if isinstance(error, GuardUnavailableError):
        return "guard_unavailable"
    return "check_failed"


def _nothing(reason: Reason) -> Served:
    why = reason.replace("_", " ")
    raise UnavailableError(f"No text can be served ({why}), and none is stored for this title.")
