"""The one path from a request to a blurb and its receipt, step by step.

    resolve -> decide -> release -> brief -> [render -> screen -> write -> screen -> check -> fill -> fit]

The steps in brackets are `genservice.writing`. What policy withholds is dropped at `release`, unread:
no later step can see it. A text that any step refuses is written again with a seed derived from the
first; after a bounded number of attempts the neutral twin is served, then the title's editorial text,
then a clear error. The same path serves the API, the command line and the twins themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec
import structlog

from genservice.answers import (
    Order,
    Served,
    blurb_of,
    editorial,
    is_locked,
    notices_of,
    same_language,
    statement_of,
)
from genservice.briefing import Occasion, Options, build, tone_for
from genservice.catalog import TitleTerms, terms_of
from genservice.checking import Composition
from genservice.domain import (
    Answer,
    Brief,
    Channel,
    Context,
    Decision,
    Length,
    Notice,
    Purpose,
    Reason,
    Receipt,
    Released,
    Rendered,
    Statement,
    Title,
    TitleRef,
    Tone,
    Vocabulary,
)
from genservice.errors import GuardUnavailableError, ModelUnavailableError, UnavailableError
from genservice.policy import PolicySet, decide, release
from genservice.store import Entry
from genservice.words import policy_words
from genservice.writing import CheckFailedError, Flights, Job, Shelf, Writing, key_of, merged, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from genservice.checking import Phrases
    from genservice.dossiers import Dossier, Dossiers, Screener
    from genservice.generation import TextModel
    from genservice.prompting import Prompts

log = structlog.get_logger(__name__)


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would be written with, for editors and auditors: nothing was written or stored."""

    brief: Brief
    prompt: Rendered
    key: str
    decisions: tuple[Decision, ...]
    notices: tuple[Notice, ...]


class Titles(Protocol):
    """Where watched titles are looked up, to coarsen them."""

    async def get_many(self, title_ids: Iterable[str]) -> Mapping[str, Title]:
        """The titles that are held, by id."""
        ...


class Texts(Shelf, Protocol):
    """Where texts stand, twins among them."""

    async def twin(
        self,
        title: TitleRef,
        *,
        purpose: Purpose,
        channel: Channel,
        length: Length,
        language: str,
        tone: Tone | None = None,
    ) -> Entry | None:
        """The neutral text held for exactly that title, revision and place; best in that tone."""
        ...


class Receipts(Protocol):
    """Where receipts are signed and kept."""

    async def issue(self, statement: Statement) -> Receipt:
        """The signed receipt of a statement, durably stored."""
        ...


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What the path is put together from; `genservice.app` does so once."""

    policies: Callable[[], PolicySet]
    """The policy set in force; asked once per request, so that one request sees one set."""
    prompts: Prompts
    phrases: Phrases
    vocabulary: Vocabulary
    occasions: tuple[Occasion, ...]
    guard: Screener
    model: TextModel
    reserve: TextModel
    """Writes neutral twins when `model` does not answer: the embedded one."""
    dossiers: Dossiers
    titles: Titles
    texts: Texts
    receipts: Receipts
    ordinary: frozenset[str] = frozenset()
    """Words that are nobody's: the vocabulary and the house phrases; they never become deny terms."""
    attempts: int = 4


EMBEDDED = "embedded "
"""How the revision of our own model begins: it writes in house phrases alone."""

_FAILURES = (CheckFailedError, ModelUnavailableError, GuardUnavailableError)


class Blurbs:
    """Writes synopses and promos: the whole of the service behind HTTP and the command line."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._flights = Flights()
        self._house = Composition(parts.phrases)
        self._words = policy_words(parts.vocabulary)
        self._writing = Writing(
            model=parts.model,
            guard=parts.guard,
            phrases=parts.phrases,
            house=None,
            ordinary=parts.ordinary,
            attempts=parts.attempts,
        )

    async def write(self, order: Order) -> Answer:
        """Blurbs for an order with their receipt.

        Raises:
            InvalidSignalError: A released signal's value has the wrong shape.
            UnavailableError: No text could be written, and none was stored.
        """
        policies = self._parts.policies()
        context = self._context(order)
        decisions = decide(policies, context)
        released = await self._release(policies, decisions, order)
        served = await self._serve(policies, order, released)
        blurbs = tuple(blurb_of(entry, served) for entry in served.texts)
        statement = statement_of(order, context, policies, decisions, served, blurbs)
        receipt = await self._parts.receipts.issue(statement)
        return Answer(blurbs=blurbs, receipt=receipt, notices=notices_of(policies, order))

    async def preview(self, order: Order) -> Preview:
        """Brief, prompt, key and decisions of an order; writes nothing."""
        policies = self._parts.policies()
        decisions = decide(policies, self._context(order))
        released = await self._release(policies, decisions, order)
        dossier = await self._parts.dossiers.of(order.title)
        note, noted = await self._screened_note(order)
        job = self._job(policies, order, dossier, released, note=note, noted=noted)
        return Preview(
            brief=job.brief,
            prompt=job.prompt.render(job.brief),
            key=key_of(job, self._writing),
            decisions=decisions,
            notices=notices_of(policies, order),
        )

    async def write_twin(self, title: Title, options: Options) -> Answer:
        """The neutral twin of a title, written and stored if it is not held yet."""
        return await self.write(
            Order(
                title=title,
                options=options,
                region="unknown",
                age_band="unknown",
                language=title.language,
            )
        )

    def _context(self, order: Order) -> Context:
        return Context(
            purpose=order.options.purpose,
            region=order.region,
            age_band=order.age_band,
            consents=tuple(sorted(set(order.consents))),
            gpc=order.gpc,
            channel=order.options.channel,
            language=order.language,
            processor=self._parts.model.processor,
        )

    async def _release(
        self, policies: PolicySet, decisions: Sequence[Decision], order: Order
    ) -> tuple[Released, ...]:
        """What later steps may see of the signals. A withheld value is not looked at, not even for shape."""
        granted = [
            (signal, decision.level or signal.ladder[0])
            for signal, decision in zip(policies.signals, decisions, strict=True)
            if decision.outcome != "withheld" and signal.name in order.signals
        ]
        titles = await self._watched(
            [order.signals[signal.name] for signal, _ in granted if signal.value == "title_ids"]
        )
        released = [
            release(signal, level, order.signals[signal.name], titles=titles, words=self._words)
            for signal, level in granted
        ]
        return tuple(item for item in released if item is not None)

    async def _watched(self, values: Sequence[Any]) -> dict[str, TitleTerms]:
        """What the titles that released signals name coarsen to."""
        ids = {id_ for value in values for id_ in _texts(value)}
        if not ids:
            return {}
        held = await self._parts.titles.get_many(sorted(ids))
        return {id_: terms_of(title, self._parts.vocabulary) for id_, title in held.items()}

    async def _serve(
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


_MOST_WATCHED = 2000


def _texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, as far as it is one: its shape is checked where it is released."""
    if not isinstance(value, list):
        return ()
    items = cast("list[Any]", value)[:_MOST_WATCHED]
    return tuple(item for item in items if isinstance(item, str))
