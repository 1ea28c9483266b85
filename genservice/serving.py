"""Which texts are served: the one asked for, and, if it cannot be had, the next best, rung by rung.

    asked for -> twin -> twin stored earlier -> reserve's twin -> other stored text -> editorial text

Written, or taken from under its key; the neutral twin; one that was stored for this very place; one
that the embedded model writes while another does not answer; the neutral text stored for any other
place that fits; what the editors wrote. Below the last rung there is only a clear error. Each of
these was screened, when it was stored or when the title's dossier was made: while the guard is down,
editorial texts of a title without a dossier stay where they are.

Whoever listens is told of a text while it is written. A text of a lower rung can then only replace
what was told of a higher one; and what the guard did not pass while it was told is replaced by nothing:
that is an error.

What comes before, from the request to what policy releases, is `genservice.blurbs`; how one text is
written is `genservice.writing`, and sentence by sentence `genservice.streaming`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from genservice.answers import Order, Served, blurb_of, editorial, is_locked, same_language
from genservice.briefing import heeded
from genservice.composition import frames
from genservice.domain import Reason, Released
from genservice.errors import GuardUnavailableError, ModelUnavailableError, NothingServedError
from genservice.flights import Flights
from genservice.generation import connect
from genservice.holding import other_held, twin_held
from genservice.jobs import Jobs
from genservice.sentences import sentences_of
from genservice.streaming import unheard, write
from genservice.writing import CheckFailedError, Writing, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.dossiers import Dossier
    from genservice.generation import TextModel
    from genservice.judging import Job
    from genservice.parts import Parts
    from genservice.policy import PolicySet
    from genservice.store import Entry
    from genservice.telling import Telling


_FAILURES = (CheckFailedError, ModelUnavailableError, GuardUnavailableError)


_FAILED: frozenset[Reason] = frozenset({"check_failed", "guard_unavailable", "model_unavailable"})


class _Asked(NamedTuple):
    """An order on its way down the rungs."""

    policies: PolicySet
    order: Order
    dossier: Dossier
    telling: Telling


class Serving:
    """Chooses the texts of an order, and has them written where need be."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._flights = Flights(parts.turns)
        self._jobs = Jobs(parts)
        self._writing = Writing(
            model=parts.model,
            guard=parts.guard,
            phrases=parts.phrases,
            frames=frames(parts.phrases.phrases),
            attempts=parts.attempts,
            watch=parts.watch,
        )
        self._named: dict[TextModel, Writing] = {}
        """Of the model and of the reserve, once it is known what they are called."""

    async def serve(
        self,
        policies: PolicySet,
        order: Order,
        released: Sequence[Released],
        telling: Telling,
        *,
        bare: Reason = "nothing_released",
    ) -> Served:
        """The texts to serve: those asked for, or the first rung below that holds any.

        Args:
            policies: The set in force.
            order: What is asked for.
            released: What policy and controls let be seen of the signals.
            telling: Hears of every text.
            bare: Why there is nothing to personalise with, if there is nothing.

        Raises:
            UnavailableError: There is none.
            GuardUnavailableError: Nor can there be one for a title that was never screened; or the
                guard failed after a part of the answer had been told.
        """
        served = await self._served(policies, order, released, telling, bare)
        for text in served.texts[telling.blurbs :]:
            telling.blurb(blurb_of(text, served), _told_in(text, order))
        return served

    async def _served(
        self,
        policies: PolicySet,
        order: Order,
        released: Sequence[Released],
        telling: Telling,
        bare: Reason,
    ) -> Served:
        try:
            dossier = await self._jobs.dossier(policies, order)
        except GuardUnavailableError as error:
            return await self._unscreened(policies, order, error)
        if is_locked(order):
            text = editorial(order, dossier, "title_locked") or _nothing("title_locked")
            return msgspec.structs.replace(text, settled=True)
        asked = _Asked(policies, order, dossier, telling)
        if not same_language(order.language, order.title.language):
            return await self._twin(asked, self._neutral(asked), "language")
        try:
            heard = await self._jobs.hear(policies, order, released)
        except GuardUnavailableError as error:
            return await self._stored(asked, _reason(error), error)
        job = self._jobs.of(policies, order, dossier, heard.released, note=heard.note)
        if not job.brief.personalised and order.note is None:
            # Of nothing released the brief is the twin's already; of dislikes it need not be.
            twin = self._neutral(asked) if heard.released else job
            return await self._twin(asked, twin, bare)
        written = Served(
            texts=(),
            source="written",
            reason=None,
            angle=job.brief.angle,
            heeded=heeded(job.brief, heard.released),
        )
        try:
            return await self._variants(job, order, self._parts.model, written, telling)
        except CheckFailedError as error:
            return await self._twin(asked, self._neutral(asked), _reason(error))
        except (ModelUnavailableError, GuardUnavailableError) as error:
            # What has just failed is not asked again: a caller waits for one deadline, not for two.
            return await self._stored(asked, _reason(error), error)

    async def prewrite(
        self, policies: PolicySet, order: Order, released: Sequence[Released] = ()
    ) -> tuple[Entry, bool]:
        """The text that `serve` would look for first, and whether it was written only now.

        It stands when this returns. With nothing released it is the neutral twin. A caller that is cancelled stops the writing, unless somebody else waits for that text.

        Raises:
            CheckFailedError: No text passed.
            ModelUnavailableError: The model did not answer.
            GuardUnavailableError: The guard could not screen.
        """
        dossier = await self._jobs.dossier(policies, order)
        job = self._jobs.of(policies, order, dossier, ())
        if released and same_language(order.language, order.title.language):
            heard = await self._jobs.hear(policies, order, released)
            meant = self._jobs.of(policies, order, dossier, heard.released)
            job = meant if meant.brief.personalised else job
        writing = await self._writing_with(self._parts.model)
        texts = self._parts.texts
        if (held := await texts.get(key_of(job, writing))) is not None:
            return held, False
        return await self._flights.join(job, writing, texts), True

    async def job_of(self, policies: PolicySet, order: Order, released: Sequence[Released]) -> Job:
        """What would be written for an order first of all.

        Raises:
            GuardUnavailableError: The title or the note could not be screened.
        """
        dossier = await self._jobs.dossier(policies, order)
        heard = await self._jobs.hear(policies, order, released)
        return self._jobs.of(policies, order, dossier, heard.released, note=heard.note)

    async def key(self, job: Job) -> str:
        """The key under which a text of the job stands.

        Raises:
            ModelUnavailableError: The model was not reached yet, so that nobody knows which it is.
        """
        return key_of(job, await self._writing_with(self._parts.model))

    async def _writing_with(self, model: TextModel) -> Writing:
        """What a text is written with. Whatever makes a key gets it here, with the model named.

        Raises:
            ModelUnavailableError: The model was not reached yet, and does not answer.
        """
        if (writing := self._named.get(model)) is None:
            await connect(model)
            writing = self._named[model] = msgspec.structs.replace(self._writing, model=model)
        return writing

    async def _variants(
        self, job: Job, order: Order, model: TextModel, served: Served, telling: Telling
    ) -> Served:
        """`served` with as many distinct texts as were asked for, or as many as come; at least one.

        Raises:
            CheckFailedError: Not even the first passed.
            ModelUnavailableError: The model did not answer.
            GuardUnavailableError: The guard could not screen.
        """
        writing = await self._writing_with(model)
        texts: list[Entry] = []
        for variant in range(order.variants):
            others = tuple(text.written.text for text in texts)
            numbered = msgspec.structs.replace(job, variant=variant, others=others)
            # A further text that fails is left out, so nothing is told of one before it stands.
            release = unheard if texts else telling.line()
            try:
                if order.note is None and order.stored:
                    shelf = self._parts.texts
                    text = await self._flights.join(numbered, writing, shelf, release)
                else:
                    text = await write(numbered, writing, release)
            except CheckFailedError:
                if not texts:
                    raise
            except ModelUnavailableError:
                if not texts:
                    raise
                break
            else:
                texts.append(text)
                telling.blurb(blurb_of(text, served), _told_in(text, order))
        settled = len(texts) == order.variants and served.reason not in _FAILED
        return msgspec.structs.replace(served, texts=tuple(texts), settled=settled)

    def _neutral(self, asked: _Asked) -> Job:
        """What the neutral twin is written by."""
        return self._jobs.of(asked.policies, asked.order, asked.dossier, ())

    async def _twin(self, asked: _Asked, neutral: Job, reason: Reason) -> Served:
        """The neutral text, from under its key or written now; else what is stored."""
        twin = Served(texts=(), source="twin", reason=reason)
        try:
            return await self._variants(
                neutral, asked.order, self._parts.model, twin, asked.telling
            )
        except _FAILURES as error:
            why = _reason(error) if reason == "nothing_released" else reason
            return await self._stored(asked, why, error)

    async def _stored(self, asked: _Asked, reason: Reason, failed: Exception) -> Served:
        """What is served where the model at hand writes nothing: the rungs below the twin.

        Raises:
            UnavailableError: There is nothing; or the guard failed in the midst of what was told.
        """
        policies, order, dossier, telling = asked
        if isinstance(failed, GuardUnavailableError) and telling.begun:
            raise failed
        parts, rules = self._parts, policies.inferences.reads
        if (held := await twin_held(parts.texts, order, rules)) is not None:
            return Served(texts=(held,), source="twin", reason=reason)
        if not isinstance(failed, GuardUnavailableError) and parts.reserve is not parts.model:
            neutral = self._neutral(asked)
            twin = Served(texts=(), source="twin", reason=reason)
            one = msgspec.structs.replace(order, variants=1)
            try:
                return await self._variants(neutral, one, parts.reserve, twin, telling)
            except _FAILURES as error:
                if isinstance(error, GuardUnavailableError) and telling.begun:
                    raise
        if (other := await other_held(parts.texts, order, rules)) is not None:
            return Served(texts=(other,), source="twin", reason=reason)
        return editorial(order, dossier, reason) or _nothing(reason)

    async def _unscreened(
        self, policies: PolicySet, order: Order, failed: GuardUnavailableError
    ) -> Served:
        """What may leave of a title whose own texts were never screened: what was stored before.

        Raises:
            GuardUnavailableError: Nothing was, or editors have the word.
        """
        if not is_locked(order):
            texts, rules = self._parts.texts, policies.inferences.reads
            held = await twin_held(texts, order, rules) or await other_held(texts, order, rules)
            if held is not None:
                return Served(texts=(held,), source="twin", reason="guard_unavailable")
        raise failed


def _told_in(text: Entry, order: Order) -> tuple[str, ...]:
    """The sentences in which a text is told: those of long ones are."""
    if order.options.length != "long":
        return ()
    return sentences_of(text.written.text, text.written.sentences)


def _reason(error: Exception) -> Reason:
    if isinstance(error, ModelUnavailableError):
        return "model_unavailable"
    if isinstance(error, GuardUnavailableError):
        return "guard_unavailable"
    return "check_failed"


def _nothing(reason: Reason) -> Served:
    raise NothingServedError(reason)
