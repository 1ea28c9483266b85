"""What viewers switched, applied to what policy decided: of the two the stricter holds, signal by signal.

Pure, and blind to values: a control binds a signal whether it is stored or sent, and whether it is there
at all. A control shows only where it makes a decision stricter. So what policy withholds stays what it
was, whatever the viewer switched of it; and of several controls that would withhold a signal the widest
is named, so that the others show in nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.domain import CONTROL_RULES, Controls, Decision, StatedRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.domain import Purpose, Signal
    from genservice.policy import PolicySet

_TEXT, _TERMS = "text", "terms"
_NONE = Controls()

OBJECTION = StatedRule(
    id=f"{CONTROL_RULES}objection",
    says="withhold",
    why="You objected to the use of what is known of you for this purpose (GDPR Art. 21).",
)
OFF = StatedRule(id=f"{CONTROL_RULES}off", says="withhold", why="You switched personalisation off.")
CONTEXT_ONLY = StatedRule(
    id=f"{CONTROL_RULES}context-only",
    says="withhold",
    why="You let only the situation count in which a text is shown, and this is more than that.",
)
SIGNAL_OFF = StatedRule(
    id=f"{CONTROL_RULES}signal-off", says="withhold", why="You switched this off."
)
LEFT_OUT = StatedRule(
    id=f"{CONTROL_RULES}left-out",
    says=f"coarsen to {_TERMS}",
    why="You left something out of your profile, so of your own words only those of our vocabulary count.",
)
LEFT_OUT_WHOLE = StatedRule(
    id=f"{CONTROL_RULES}left-out-whole",
    says="withhold",
    why="You left something out of your profile, and this could only be used in your own words.",
)
CONTROLS: tuple[StatedRule, ...] = (
    CONTEXT_ONLY, LEFT_OUT, LEFT_OUT_WHOLE, OBJECTION, OFF, SIGNAL_OFF,
)  # fmt: skip
"""What stands for viewers' controls in receipts, by id."""


def controlled(
    policies: PolicySet, decisions: Sequence[Decision], controls: Controls, purpose: Purpose
) -> tuple[Decision, ...]:
    """The decisions with a viewer's controls kept to.

    Args:
        policies: The set that decided.
        decisions: What it says of each of its signals, in their order.
        controls: What the viewer switched. Names that the set does not declare bind nothing.
        purpose: What the text is for.
    """
    if controls == _NONE:
        return tuple(decisions)
    return tuple(
        _stricter(signal, decision, controls, purpose)
        for signal, decision in zip(policies.signals, decisions, strict=True)
    )


def withholding(signal: Signal, controls: Controls, purpose: Purpose) -> StatedRule | None:
    """What of the controls withholds a signal, whatever policy says of it: the widest that does."""
    if purpose in controls.objections:
        return OBJECTION
    if controls.level == "off":
        return OFF
    if controls.level == "context_only" and not signal.context:
        return CONTEXT_ONLY
    return SIGNAL_OFF if signal.name in controls.signals_off else None


def is_off(decisions: Sequence[Decision], controls: Controls, purpose: Purpose) -> bool:
    """Whether it is the viewer who let nothing shape a text: policy would have granted something.

    Args:
        decisions: What policy says, before any control.
        controls: What the viewer switched.
        purpose: What the text is for.
    """
    everything = controls.level == "off" or purpose in controls.objections
    return everything and any(decision.outcome != "withheld" for decision in decisions)


def _stricter(signal: Signal, decision: Decision, controls: Controls, purpose: Purpose) -> Decision:
    if decision.outcome == "withheld":
        return decision
    rule = withholding(signal, controls, purpose)
    if rule is None and _in_own_words(signal, decision) and _leaves_out(controls):
        if _TERMS in signal.ladder:
            return _by(LEFT_OUT, decision, outcome="coarsened", level=_TERMS)
        rule = LEFT_OUT_WHOLE
    return decision if rule is None else _by(rule, decision, outcome="withheld", level=None)


def _in_own_words(signal: Signal, decision: Decision) -> bool:
    return (decision.level or signal.ladder[0]) == _TEXT


def _leaves_out(controls: Controls) -> bool:
    return bool(controls.themes_left_out or controls.titles_left_out)


def _by(rule: StatedRule, decision: Decision, **becomes: str | None) -> Decision:
    return msgspec.structs.replace(decision, rules=(*decision.rules, rule.id), **becomes)
