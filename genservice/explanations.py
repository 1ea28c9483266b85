"""A receipt in words: what shaped a text, what might have, and what was held back, for its viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from genservice.domain import Outcome, Purpose, Receipt, StatedRule, Statement
from genservice.policy import PolicySet, because, level_in_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from genservice.domain import Decision, Used

USED = "Used for this text"
NOT_NEEDED = "Allowed, but this text did not need it"
NOT_USED = "Not used"


class SignalInWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one signal, for a viewer."""

    signal: str
    label: str
    """As the policy set declares it, in the second person; its name if the set is not known."""
    outcome: Outcome
    level: str | None = None
    """The level it may be used at, where that is coarser than the value as sent."""
    value: tuple[str, ...] | None = None
    """What the text made use of, as coarse as it was used."""
    said: str
    """One line: label, what became of it, and why."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that spoke."""


class ReceiptInWords(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt, for the viewer of its texts. Every declared signal is in one of the three lists."""

    receipt: str
    title: str
    purpose: Purpose
    policy: str
    used: tuple[SignalInWords, ...]
    """What shaped the texts."""
    not_needed: tuple[SignalInWords, ...]
    """What was allowed and shaped nothing: the title had no answer to it, or it was not known."""
    not_used: tuple[SignalInWords, ...]
    """What was held back, whether it was known or not."""

    def __str__(self) -> str:
        blocks = [f"The {self.purpose} of {self.title}, by the rules of {self.policy}."]
        for heading, signals in (
            (USED, self.used),
            (NOT_NEEDED, self.not_needed),
            (NOT_USED, self.not_used),
        ):
            if signals:
                blocks.append("\n".join((f"{heading}:", *(f"- {item.said}" for item in signals))))
        if not self.used:
            blocks.insert(1, "Nothing that is known of you shaped it.")
        return "\n\n".join(blocks)


def in_words(receipt: Receipt, policies: PolicySet | None = None) -> ReceiptInWords:
    """A receipt in words that its viewer understands.

    The whys are those that the receipt itself states and that were signed with it.

    Args:
        receipt: Any receipt.
        policies: The set it was issued under, for the labels of signals, and for the whys of receipts
            that state none. A set of another version is not looked at: it may say something else.
    """
    statement = receipt.statement
    known = policies if policies is not None and policies.version == statement.policy else None
    labels = {signal.name: signal.label for signal in known.signals} if known else {}
    rules = _rules(statement, known)
    used: dict[str, list[Used]] = {}
    for item in statement.used:
        used.setdefault(item.signal, []).append(item)
    told = [
        _told(decision, labels.get(decision.signal), rules, used.get(decision.signal, []))
        for decision in statement.decisions
    ]
    return ReceiptInWords(
        receipt=receipt.id,
        title=statement.title.id,
        purpose=statement.purpose,
        policy=statement.policy,
        used=tuple(item for item in told if item.signal in used),
        not_needed=_those(told, used, withheld=False),
        not_used=_those(told, used, withheld=True),
    )


def _those(
    told: Iterable[SignalInWords], used: Collection[str], *, withheld: bool
) -> tuple[SignalInWords, ...]:
    return tuple(
        item
        for item in told
        if item.signal not in used and (item.outcome == "withheld") is withheld
    )


def _rules(statement: Statement, policies: PolicySet | None) -> dict[str, StatedRule]:
    """The rules in words: as signed, else as the set has them."""
    found = {rule.id: rule for rule in statement.rules}
    for rule in policies.rules if policies else ():
        found.setdefault(rule.id, StatedRule(id=rule.id, says=rule.decision, why=rule.why))
    return found


def _told(
    decision: Decision, label: str | None, rules: Mapping[str, StatedRule], used: Sequence[Used]
) -> SignalInWords:
    label = label or decision.signal
    return SignalInWords(
        signal=decision.signal,
        label=label,
        outcome=decision.outcome,
        level=decision.level,
        value=_values(used) or None,
        said=f"{label}: {_became(decision, used)}. {_why(decision, rules)}",
        rules=decision.rules,
    )


def _became(decision: Decision, used: Sequence[Used]) -> str:
    if used:
        return f"used, {level_in_words(used[0].level)} ({', '.join(_values(used))})"
    if decision.outcome == "withheld":
        return "not used"
    if decision.level is None:
        return "could be used"
    return f"could be used, {level_in_words(decision.level)}"


def _why(decision: Decision, rules: Mapping[str, StatedRule]) -> str:
    if decision.rules and not rules:
        return f"The rules that spoke: {', '.join(decision.rules)}."
    return because(decision, (rules[rule] for rule in decision.rules if rule in rules))


def _values(used: Sequence[Used]) -> tuple[str, ...]:
    values = [value for item in used for value in _items(item.value)]
    return tuple(dict.fromkeys(str(value) for value in values))


def _items(value: Any) -> Sequence[Any]:
    return cast("Sequence[Any]", value) if isinstance(value, (list, tuple)) else (value,)
