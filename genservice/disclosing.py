"""Steps 2 to 4 of the path: of an order and its audience, what decides, what is decided, and what may be seen.

What policy or the viewer's controls withhold is dropped here, unread: no later step can see it.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from genservice.audience import Audience, audience_of
from genservice.contexts import resolved
from genservice.controls import controlled, is_off
from genservice.domain import Context, Decision, Reason, Released
from genservice.policy import barring, decide
from genservice.releasing import granted, released, watched_titles
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from genservice.answers import Order
    from genservice.consents import Heard
    from genservice.parts import Parts
    from genservice.policy import PolicySet, Words


_MOST_KNOWN = 1024
"""Contexts of which it is remembered what was decided in them, a megabyte at most: apps send a few."""


class Disclosed(msgspec.Struct, frozen=True, kw_only=True):
    """All that any text for an audience can depend on of it: orders alike in this have the same answers."""

    context: Context
    decisions: tuple[Decision, ...]
    released: tuple[Released, ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An order as one policy set decided it."""

    policies: PolicySet
    order: Order
    """Of nobody: without viewer and segment, which no later step may know."""
    audience: Audience
    under: Callable[[PolicySet], Context]
    """The context, as any set can tell it from others."""
    context: Context
    ruled: tuple[Decision, ...]
    """What policy says."""
    decisions: tuple[Decision, ...]
    """The same with the viewer's controls kept to; the very same where these change nothing."""

    @property
    def bare(self) -> Reason:
        """Why there is nothing to personalise with, if there is nothing."""
        off = is_off(self.ruled, self.audience.controls, self.context.purpose)
        return "personalisation_off" if off else "nothing_released"


class Disclosing:
    """Takes orders as far as what may be seen of their audience."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._words = policy_words(parts.vocabulary)
        self._barred = "", self._words
        self._known: dict[tuple[Context, Heard], tuple[Context, tuple[Decision, ...]]] = {}
        self._version = ""
        """Of the set that decided in these contexts."""

    async def disclosed(self, policies: PolicySet, order: Order) -> Disclosed:
        """What the path would know of an order's audience; nothing is noted of it.

        Raises:
            InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
            InvalidSignalError: A released signal's value has the wrong shape.
            UnavailableError: Titles that the audience watched, or what is held of the viewer, cannot be read.
        """
        asked = self.asked(policies, order, await self.audience(policies, order))
        return Disclosed(
            context=asked.context,
            decisions=asked.decisions,
            released=await self.released(asked),
        )

    async def audience(self, policies: PolicySet, order: Order) -> Audience:
        """What is known of the order's audience at this moment: nothing of a viewer is kept in memory.

        Raises:
            InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
            UnavailableError: What is held of the viewer cannot be read. Nobody knows then what was
                switched off, nor could the serving be recorded, so not even the twin is served.
        """
        viewer = order.viewer
        held = None if viewer is None else await self._parts.viewers.held(viewer)
        return audience_of(policies, order, held)

    async def ask(self, policies: PolicySet, order: Order) -> Asked:
        """What is decided of an order, whoever it is for.

        Raises:
            InvalidInputError, UnavailableError: See `audience`.
        """
        with self._parts.watch.step("resolve"):
            audience = await self.audience(policies, order)
        with self._parts.watch.step("decide") as seen:
            asked = self.asked(policies, order, audience)
            seen.note(**Counter(decision.outcome for decision in asked.decisions))
        return asked

    def asked(self, policies: PolicySet, order: Order, audience: Audience) -> Asked:
        """What is decided of an order for an audience."""
        order = of_nobody(order)
        sent = self._sent(order)
        # For any policy set. Nothing in it is the caller's own wording, and no signal is held on to.
        under = partial(resolved, sent, order.heard, standing=audience.standing)
        context, ruled = self._ruled(policies, sent, order, audience)
        decisions = controlled(policies, ruled, audience.controls, context.purpose)
        return Asked(
            policies=policies,
            order=order,
            audience=audience,
            under=under,
            context=context,
            ruled=ruled,
            decisions=decisions,
        )

    def note(self, asked: Asked) -> None:
        """Have what was decided logged, and shown to the set in shadow."""
        policies, context = asked.policies, asked.context
        self._parts.shadow.saw(policies, asked.ruled, asked.under)
        present = asked.audience.counted(policies, context.purpose)
        self._parts.decisions.record(policies, context, asked.ruled, present)

    async def released(self, asked: Asked) -> tuple[Released, ...]:
        """What later steps may see.

        Raises:
            InvalidSignalError: A released signal's value has the wrong shape.
            UnavailableError: Titles that the audience watched cannot be read.
        """
        parts = self._parts
        with parts.watch.step("release"):
            grants = granted(asked.policies, asked.decisions, asked.audience)
            ids = watched_titles(grants, asked.audience)
            watched = await parts.titles.get_many(ids)
            return released(
                grants,
                asked.audience,
                watched=watched,
                vocabulary=parts.vocabulary,
                words=self._barring(asked.policies),
            )

    def released_at_hand(self, asked: Asked) -> tuple[Released, ...] | None:
        """The same without waiting; None where titles would have to be read.

        Raises:
            InvalidSignalError: A released signal's value has the wrong shape.
        """
        grants = granted(asked.policies, asked.decisions, asked.audience)
        watched = self._parts.titles.at_hand(watched_titles(grants, asked.audience))
        if watched is None:
            return None
        return released(
            grants,
            asked.audience,
            watched=watched,
            vocabulary=self._parts.vocabulary,
            words=self._barring(asked.policies),
        )

    def _barring(self, policies: PolicySet) -> Words:
        """The words that signals may become under a set."""
        version, words = self._barred
        if version != policies.version:
            words = barring(self._words, policies)
            self._barred = policies.version, words
        return words

    def _ruled(
        self, policies: PolicySet, sent: Context, order: Order, audience: Audience
    ) -> tuple[Context, tuple[Decision, ...]]:
        """The context that decides, and what it decides; asked as another was before, what that came to."""
        if audience.standing is not None:
            context = resolved(sent, order.heard, policies, standing=audience.standing)
            return context, decide(policies, context)
        if policies.version != self._version or len(self._known) >= _MOST_KNOWN:
            self._version = policies.version
            self._known.clear()
        known = self._known.get((sent, order.heard))
        if known is None:
            context = resolved(sent, order.heard, policies)
            known = context, decide(policies, context)
            # Consents that nobody declared are the caller's own wording, and not kept.
            if policies.index.declared.issuperset(sent.consents):
                self._known[sent, order.heard] = known
        return known

    def _sent(self, order: Order) -> Context:
        """The context as the order says it."""
        return Context(
            purpose=order.options.purpose,
            region=order.region,
            age_band=order.age_band,
            consents=order.consents,
            gpc=order.gpc,
            channel=order.options.channel,
            language=order.language,
            processor=self._parts.model.processor,
        )


def of_nobody(order: Order) -> Order:
    """The order without viewer and segment: no later step may know either."""
    if order.viewer is None and order.segment is None:
        return order
    return msgspec.structs.replace(order, viewer=None, segment=None)
