"""Decisions as the log keeps them: in which context, of which signals, to which level; of nobody."""

from __future__ import annotations

from typing import Self

import msgspec

from genservice.domain.audience import AgeBand, Channel, Context, Processor, Purpose


class LoggedContext(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A context as it was stated, save the language, which no rule can ask about."""

    purpose: Purpose
    region: str
    age_band: AgeBand
    consents: tuple[str, ...]
    """Sorted."""
    gpc: bool
    channel: Channel
    processor: Processor

    @classmethod
    def of(cls, context: Context) -> Self:
        """What of a context is logged."""
        return cls(
            context.purpose,
            context.region,
            context.age_band,
            context.consents,
            context.gpc,
            context.channel,
            context.processor,
        )

    @property
    def context(self) -> Context:
        """The context that rules see."""
        return Context(
            purpose=self.purpose,
            region=self.region,
            age_band=self.age_band,
            consents=self.consents,
            gpc=self.gpc,
            channel=self.channel,
            processor=self.processor,
        )


class Decided(msgspec.Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """What is logged of a request. Requests that are alike in it are counted, not told apart."""

    context: LoggedContext
    signals: tuple[tuple[str, str], ...]
    """The declared signals that it carried, by name, each with the level it might be used at; `none`
    where policy withheld it."""
