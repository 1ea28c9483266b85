"""From an order to what is to be written: title, released signals and note, made into a brief and its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genservice.briefing import build
from genservice.hearing import Heard, Note, hear
from genservice.judging import Job
from genservice.policy import barring
from genservice.words import policy_words
from genservice.writing import merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.answers import Order
    from genservice.domain import Released
    from genservice.dossiers import Dossier
    from genservice.parts import Parts
    from genservice.policy import PolicySet


class Jobs:
    """Makes of orders what is to be written."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._words = policy_words(parts.vocabulary)

    async def dossier(self, policies: PolicySet, order: Order) -> Dossier:
        """What is known of the order's title.

        Raises:
            GuardUnavailableError: Its texts could not be screened.
        """
        with self._parts.watch.step("dossier"):
            return await self._parts.dossiers.of(order.title, policies.inferences.reads)

    def of(
        self,
        policies: PolicySet,
        order: Order,
        dossier: Dossier,
        released: Sequence[Released],
        *,
        note: Note | None = None,
    ) -> Job:
        """What is to be written; without released values it is the twin."""
        parts, note = self._parts, note or Note()
        prompt = parts.prompts.for_purpose(order.options.purpose)
        with parts.watch.step("brief") as seen:
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
                barred=policies.inferences.reads.barred,
                note=note.text,
            )
            seen.note(personalised=brief.personalised)
        return Job(
            brief=brief,
            prompt=prompt,
            sources=parts.dossiers.sources_for(dossier, brief),
            removed=merged(dossier.removed, note.removed),
            seed=order.seed,
            priority=order.priority,
            caller=order.caller,
            deny=note.deny,
            inferences=policies.inferences.reads,
        )

    async def hear(self, policies: PolicySet, order: Order, released: Sequence[Released]) -> Heard:
        """The order's note and released texts, screened.

        Raises:
            GuardUnavailableError: They could not be.
        """
        return await hear(
            order.note,
            released,
            signals=policies.signals,
            guard=self._parts.guard,
            words=barring(self._words, policies),
            ordinary=self._parts.ordinary,
        )
