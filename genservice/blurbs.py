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

import asyncio
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self

import msgspec

from genservice.answers import Order, Served, blurb_of, notices_of, order_of_twin, statement_of
from genservice.audience import Audience, audience_of
from genservice.contexts import resolved
from genservice.controls import controlled, is_off
from genservice.domain import (
    Answer,
    Brief,
    Context,
    Decision,
    Notice,
    Reason,
    Released,
    Rendered,
)
from genservice.errors import ConflictError, UnavailableError
from genservice.generation import connect
from genservice.policy import PolicySet, decide
from genservice.releasing import released
from genservice.serving import Serving
from genservice.telling import Event, Telling
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

    from genservice.briefing import Options
    from genservice.domain import Blurb, Receipt, Title
    from genservice.parts import Parts
    from genservice.store import Entry


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would be written with, for editors and auditors: nothing was written or stored."""

    brief: Brief
    prompt: Rendered
    key: str
    decisions: tuple[Decision, ...]
    notices: tuple[Notice, ...]


class Disclosed(msgspec.Struct, frozen=True, kw_only=True):
    """All that any text for an audience can depend on of it: orders alike in this have the same answers."""

    context: Context
    decisions: tuple[Decision, ...]
    released: tuple[Released, ...]


class AnswerStream:
    """An answer in the making: the events that tell of it, in order, as they come.

    Ends with the `Closing`, or raises what `Blurbs.write` would have raised. An error after the first
    event is final: what was told belongs to no answer.
    """

    def __init__(self, tell: Callable[[Telling], Awaitable[None]]) -> None:
        self._events = asyncio.Queue[Event | None]()
        self._task = asyncio.ensure_future(tell(Telling(self._events.put_nowait)))
        self._task.add_done_callback(self._end)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """The next event.

        Raises:
            InvalidSignalError: A released signal's value has the wrong shape.
            UnavailableError: No text could be written, and none was stored; the guard failed; or what is
                held of the viewer cannot be read or added to.
        """
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)
            self._task.result()
            raise StopAsyncIteration
        return event

    def stop(self) -> None:
        """Nobody listens any more: what is written for nobody else is written no further."""
        self._task.cancel()

    def _end(self, task: asyncio.Future[None]) -> None:
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not log what nobody awaited
        self._events.put_nowait(None)


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """The orders that callers wait for, or waited for."""

    begun: int
    """All since the start."""
    under_way: int


class Blurbs:
    """Writes synopses and promos: the whole of the service behind HTTP and the command line."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._serving = Serving(parts)
        self._words = policy_words(parts.vocabulary)
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
            return await self._write(order, Telling())

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

    async def _write(self, order: Order, telling: Telling) -> Answer:
        options = order.options
        with self._parts.watch.step(
            "answer", purpose=options.purpose, channel=options.channel, length=options.length
        ) as seen:
            answer, served = await self._answer(order, telling)
            seen.note(source=served.source, reason=served.reason, personalised=bool(served.angle))
            return answer

    async def _answer(self, order: Order, telling: Telling) -> tuple[Answer, Served]:
        watch = self._parts.watch
        policies = self._parts.policies()
        with watch.step("resolve"):
            audience = await self._audience(policies, order)
            viewer, order = order.viewer, _of_nobody(order)
            under = self._contexts(order, audience)
            context = under(policies)
        with watch.step("decide") as seen:
            ruled = decide(policies, context)
            decisions = controlled(policies, ruled, audience.controls, context.purpose)
            seen.note(**Counter(decision.outcome for decision in decisions))
        self._parts.shadow.saw(policies, ruled, under)
        present = audience.counted(policies, context.purpose)
        self._parts.decisions.record(policies, context, ruled, present)
        with watch.step("release"):
            values = await self._released(policies, decisions, audience)
        off = is_off(ruled, audience.controls, context.purpose)
        bare: Reason = "personalisation_off" if off else "nothing_released"
        served = await self._serving.serve(policies, order, values, telling, bare=bare)
        blurbs = tuple(blurb_of(entry, served) for entry in served.texts)
        statement = statement_of(order, context, policies, decisions, served, blurbs)
        receipt = await self._parts.receipts.issue(statement)
        if viewer is not None:
            with watch.step("store", what="serving"):
                await self._record(viewer, receipt, blurbs, known=audience.known)
        notices = notices_of(policies, order)
        telling.close(receipt, notices)
        return Answer(blurbs=blurbs, receipt=receipt, notices=notices), served

    async def preview(self, order: Order) -> Preview:
        """Brief, prompt, key and decisions of an order; writes nothing.

        Raises:
            InvalidSignalError: A released signal's value has the wrong shape.
            GuardUnavailableError: The title or the note could not be screened.
            ModelUnavailableError: The model was not reached yet, so that no key can be told.
        """
        policies = self._parts.policies()
        disclosed = await self._disclosed(policies, order)
        order = _of_nobody(order)
        job = await self._serving.job_of(policies, order, disclosed.released)
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
            InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
            InvalidSignalError: A released signal's value has the wrong shape.
            UnavailableError: Titles that the audience watched, or what is held of the viewer, cannot be read.
        """
        return await self._disclosed(self._parts.policies(), order)

    async def _disclosed(self, policies: PolicySet, order: Order) -> Disclosed:
        audience = await self._audience(policies, order)
        context = self._contexts(_of_nobody(order), audience)(policies)
        ruled = decide(policies, context)
        decisions = controlled(policies, ruled, audience.controls, context.purpose)
        values = await self._released(policies, decisions, audience)
        return Disclosed(context=context, decisions=decisions, released=values)

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
        disclosed = await self._disclosed(policies, order)
        nobody = _of_nobody(order)
        _, written = await self._serving.prewrite(policies, nobody, disclosed.released)
        return written

    async def _audience(self, policies: PolicySet, order: Order) -> Audience:
        """What is known of the order's audience at this moment: nothing of a viewer is kept in memory.

        Raises:
            InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
            UnavailableError: What is held of the viewer cannot be read. Nobody knows then what was
                switched off, nor could the serving be recorded, so not even the twin is served.
        """
        viewer = order.viewer
        held = None if viewer is None else await self._parts.viewers.held(viewer)
        return audience_of(policies, order, held)

    async def _record(
        self, viewer: str, receipt: Receipt, blurbs: Sequence[Blurb], *, known: bool
    ) -> None:
        """Record that the viewer is about to be shown these blurbs.

        Raises:
            UnavailableError: It cannot be, or the viewer was erased meanwhile: the answer may not leave.
        """
        shown = [blurb.id for blurb in blurbs]
        try:
            await self._parts.viewers.record_serving(viewer, receipt.id, shown, known=known)
        except ConflictError:
            # What the text was made of is destroyed. Asked again, nothing is held.
            raise UnavailableError("What is held changed meanwhile.", retry_after=1) from None

    def _contexts(self, order: Order, audience: Audience) -> Callable[[PolicySet], Context]:
        """For any policy set, what decides, and what the receipt states.

        Nothing in it is the caller's own wording, and no signal is held on to.
        """
        sent = Context(
            purpose=order.options.purpose,
            region=order.region,
            age_band=order.age_band,
            consents=order.consents,
            gpc=order.gpc,
            channel=order.options.channel,
            language=order.language,
            processor=self._parts.model.processor,
        )
        return partial(resolved, sent, order.heard, standing=audience.standing)

    async def _released(
        self, policies: PolicySet, decisions: tuple[Decision, ...], audience: Audience
    ) -> tuple[Released, ...]:
        return await released(
            policies,
            decisions,
            audience,
            titles=self._parts.titles,
            vocabulary=self._parts.vocabulary,
            words=self._words,
        )


def _of_nobody(order: Order) -> Order:
    """The order without viewer and segment: no later step may know either."""
    return msgspec.structs.replace(order, viewer=None, segment=None)
