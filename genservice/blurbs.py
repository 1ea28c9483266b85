"""The one path from a request to a blurb and its receipt, step by step.

    resolve -> decide -> release -> brief -> [render -> screen -> write -> screen -> check -> fill -> fit]

`genservice.serving` makes the brief and chooses what is served for it; the steps in brackets are
`genservice.writing`. What policy or the viewer's controls withhold is dropped at `release`, unread: no
later step can see it. Nor can any know which viewer is meant: at the end the answer's serving is
recorded under that viewer's key, before it leaves.
A text that any step refuses is written again with a seed derived from the first; after a bounded
number of attempts the neutral twin is served, then the title's editorial text, then a clear error.
The same path serves the API, the command line and the twins themselves.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from genservice.answers import Order, blurb_of, notices_of, order_of_twin, statement_of
from genservice.audience import audience_of
from genservice.disclosing import Asked, Disclosed, Disclosing, of_nobody
from genservice.domain import Answer, Brief, Decision, Notice, Rendered
from genservice.errors import ConflictError, UnavailableError
from genservice.generation import connect
from genservice.given import Given, given
from genservice.serving import Serving
from genservice.telling import AnswerStream, Telling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Generator, Sequence

    from genservice.answers import Served
    from genservice.briefing import Options
    from genservice.domain import Released, Title
    from genservice.parts import Parts
    from genservice.policy import PolicySet
    from genservice.store import Entry


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would be written with, for editors and auditors: nothing was written or stored."""

    brief: Brief
    prompt: Rendered
    key: str
    decisions: tuple[Decision, ...]
    notices: tuple[Notice, ...]


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that was given before and may be given again."""

    asked: Asked
    given: Given


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """The orders that callers wait for, or waited for."""

    begun: int
    """All since the start."""
    under_way: int


class Attend(Protocol):
    """Runs work that takes long for somebody who may stop waiting for it."""

    def __call__(self, work: Coroutine[Any, Any, Served]) -> Awaitable[Served]:
        """What it comes to."""
        ...


async def _alone(work: Coroutine[Any, Any, Served]) -> Served:
    return await work


class Blurbs:
    """Writes synopses and promos: the whole of the service behind HTTP and the command line."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._serving = Serving(parts)
        self._disclosing = Disclosing(parts)
        self._begun = 0
        self._under_way = 0

    async def write(self, order: Order) -> Answer:
        """Blurbs for an order with their receipt.

        Raises:
            InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
            InvalidSignalError: A released signal's value has the wrong shape.
            UnavailableError: No text could be written, and none was stored; or what is held of the viewer
                cannot be read or added to.
        """
        with self._counted():
            return (await self._write(order, Telling())).answer

    async def give(self, order: Order, attend: Attend) -> Given:
        """The same answer as it leaves, encoded.

        Args:
            order: What is asked for.
            attend: Runs what takes long, and may raise to give it up: nobody waits for the answer any more.

        Raises:
            InvalidInputError, InvalidSignalError, UnavailableError: As `write`.
        """
        with self._counted():
            return await self._write(order, Telling(), attend)

    def stream(self, order: Order) -> AnswerStream:
        """The same answer, told while it is made: each part as soon as it may leave."""

        async def tell(telling: Telling) -> None:
            with self._counted():
                await self._write(order, telling)

        return AnswerStream(tell)

    @property
    def traffic(self) -> Traffic:
        """How much is asked for, so that work which can wait may stand back."""
        return Traffic(begun=self._begun, under_way=self._under_way)

    @contextmanager
    def _counted(self) -> Generator[None]:
        self._begun += 1
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    async def _write(self, order: Order, telling: Telling, attend: Attend = _alone) -> Given:
        options = order.options
        with self._parts.watch.step(
            "answer", purpose=options.purpose, channel=options.channel, length=options.length
        ) as seen:
            answer = await self._answer(order, telling, attend)
            seen.note(source=answer.source, reason=answer.reason, personalised=answer.personalised)
            return answer

    async def _answer(self, order: Order, telling: Telling, attend: Attend) -> Given:
        parts, disclosing = self._parts, self._disclosing
        policies = parts.policies()
        viewer = order.viewer
        asked = await disclosing.ask(policies, order)
        disclosing.note(asked)
        values = await disclosing.released(asked)
        key = self._key(asked, values)
        answer = None if key is None or telling.is_heard else self._given_before(key)
        if answer is None:
            order = asked.order
            serving = self._serving.serve(policies, order, values, telling, bare=asked.bare)
            served = await attend(serving)
            blurbs = tuple(blurb_of(entry, served) for entry in served.texts)
            statement = statement_of(
                order, asked.context, policies, asked.decisions, served, blurbs
            )
            receipt = await parts.receipts.issue(statement)
            answer = given(served, blurbs, receipt)
            if key is not None and served.settled:
                parts.given.put(key, answer)
        if viewer is not None:
            with parts.watch.step("store", what="serving"):
                await self._record(viewer, answer, known=asked.audience.known)
        answer = _noticed(answer, policies, order)
        if telling.is_heard:
            telling.close(answer.answer.receipt, answer.notices)
        return answer

    def recall(self, order: Order) -> Recalled | None:
        """What was given before for such an order, if that is found without waiting; nothing is noted yet.

        Raises:
            InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
            InvalidSignalError: A released signal's value has the wrong shape.
        """
        if order.viewer is not None:
            return None
        policies = self._parts.policies()
        asked = self._disclosing.asked(policies, order, audience_of(policies, order, None))
        values = self._disclosing.released_at_hand(asked)
        key = None if values is None else self._key(asked, values)
        answer = None if key is None else self._parts.given.find(key)
        if answer is None or answer.signed_by != self._parts.receipts.signing_key():
            return None
        return Recalled(asked=asked, given=_noticed(answer, policies, order))

    def gave(self, recalled: Recalled) -> None:
        """What was recalled is given out now: it counts, and is noted, as any answer."""
        asked, answer = recalled.asked, recalled.given
        options = asked.order.options
        self._begun += 1
        self._parts.given.tally.hits += 1
        self._disclosing.note(asked)
        self._parts.watch.tell(
            "answer",
            purpose=options.purpose,
            channel=options.channel,
            length=options.length,
            source=answer.source,
            reason=answer.reason,
            personalised=answer.personalised,
        )

    def _key(self, asked: Asked, values: Sequence[Released]) -> bytes | None:
        """What an answer is kept under; None if it may not be."""
        parts = self._parts
        return parts.given.key(
            asked.order,
            values,
            asked.context,
            # The others follow from context and policy.
            None if asked.decisions is asked.ruled else asked.decisions,
            policy=asked.policies.version,
            model=parts.model.revision,
            bare=asked.bare,
        )

    def _given_before(self, key: bytes) -> Given | None:
        """What was answered before, unless another key signs by now."""
        parts = self._parts
        with parts.watch.step("look_up") as seen:
            answer = parts.given.get(key)
            if answer is not None and answer.signed_by != parts.receipts.signing_key():
                parts.given.drop(key)
                answer = None
            seen.outcome = "missing" if answer is None else "held"
            return answer

    async def preview(self, order: Order) -> Preview:
        """Brief, prompt, key and decisions of an order; writes nothing.

        Raises:
            InvalidSignalError: A released signal's value has the wrong shape.
            GuardUnavailableError: The title or the note could not be screened.
            ModelUnavailableError: The model was not reached yet, so that no key can be told.
        """
        policies = self._parts.policies()
        disclosed = await self._disclosing.disclosed(policies, order)
        job = await self._serving.job_of(policies, of_nobody(order), disclosed.released)
        return Preview(
            brief=job.brief,
            prompt=job.prompt.render(job.brief),
            key=await self._serving.key(job),
            decisions=disclosed.decisions,
            notices=notices_of(policies, order),
        )

    async def disclosed(self, order: Order) -> Disclosed:
        """What the path would know of an order's audience; writes nothing, and reads nothing of the title.

        Raises:
            InvalidInputError, InvalidSignalError, UnavailableError: See `Disclosing.disclosed`.
        """
        return await self._disclosing.disclosed(self._parts.policies(), order)

    async def writer(self) -> str:
        """The revision of the text model.

        Raises:
            ModelUnavailableError: It was not reached yet, and does not answer.
        """
        await connect(self._parts.model)
        return self._parts.model.revision

    async def write_twin(self, title: Title, options: Options) -> Entry:
        """The neutral twin of a title, written and stored if it is not held yet; nothing else.

        A caller that is cancelled stops the writing.

        Raises:
            CheckFailedError: No text passed.
            ModelUnavailableError: The model did not answer.
            GuardUnavailableError: The guard could not screen.
        """
        order = order_of_twin(title, options)
        entry, _ = await self._serving.prewrite(self._parts.policies(), order)
        return entry

    async def prewrite(self, order: Order) -> bool:
        """Have the text stand that an order without a note looks for first; whether it was written only now.

        Nothing is signed, recorded or logged: nobody was served.

        Raises:
            InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
            InvalidSignalError: A released signal's value has the wrong shape.
            CheckFailedError: No text passed.
            UnavailableError: Model, guard or database did not answer.
        """
        policies = self._parts.policies()
        disclosed = await self._disclosing.disclosed(policies, order)
        _, written = await self._serving.prewrite(policies, of_nobody(order), disclosed.released)
        return written

    async def _record(self, viewer: str, answer: Given, *, known: bool) -> None:
        """Record that the viewer is about to be shown these blurbs.

        Raises:
            UnavailableError: It cannot be, or the viewer was erased meanwhile: the answer may not leave.
        """
        try:
            await self._parts.viewers.record_serving(
                viewer, answer.receipt, answer.blurbs, known=known
            )
        except ConflictError:
            # What the text was made of is destroyed. Asked again, nothing is held.
            raise UnavailableError("What is held changed meanwhile.", retry_after=1) from None


def _noticed(answer: Given, policies: PolicySet, order: Order) -> Given:
    """The answer with what this order's caller is told."""
    notices = notices_of(policies, order)
    return msgspec.structs.replace(answer, notices=notices) if notices else answer
