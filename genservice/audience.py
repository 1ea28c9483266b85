"""Whom a text is for: what is sent of them and what is stored, and how much of either may count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from genservice.controls import withholding
from genservice.domain import Controls, Held
from genservice.policy import with_segment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.answers import Order
    from genservice.domain import Purpose
    from genservice.policy import PolicySet


_NO_CONTROLS = Controls()


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an audience. Nothing in it says who it is."""

    signals: Mapping[str, Any]
    """What was sent, a segment's signals among it, and besides what is stored under other names."""
    stored: frozenset[str] = frozenset()
    """The signals that come from the store."""
    standing: frozenset[str] | None = None
    """The consents that stand for the viewer; None: no viewer is meant, and what is sent holds."""
    controls: Controls = Controls()
    known: bool = False
    """Whether anything is held of the viewer."""

    def counted(self, policies: PolicySet, purpose: Purpose) -> frozenset[str]:
        """The names of the signals that are there, without those that the viewer's controls withhold."""
        if self.controls == _NO_CONTROLS:
            return frozenset(self.signals)
        off = (
            signal.name
            for signal in policies.signals
            if withholding(signal, self.controls, purpose) is not None
        )
        return frozenset(self.signals).difference(off)


def audience_of(policies: PolicySet, order: Order, held: Held | None) -> Audience:
    """The audience of an order.

    A signal that is sent stands in place of the stored one, whatever it says.

    Args:
        policies: The set that decides, which knows the order's segment.
        order: What is asked for.
        held: What is held of the viewer that the order names; None if it names none.

    Raises:
        InvalidInputError: The set has no such segment, or it sends a signal that the order sends too.
    """
    sent = with_segment(policies, order.segment, order.signals)
    if held is None:
        return Audience(signals=sent)
    stored = {signal.name: signal.value for signal in held.signals if signal.name not in sent}
    return Audience(
        signals={**stored, **sent},
        stored=frozenset(stored),
        standing=frozenset(held.consents),
        controls=held.controls,
        known=held != Held(),
    )


__all__ = ["Audience", "audience_of"]
