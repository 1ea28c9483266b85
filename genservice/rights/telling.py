"""What is held, told to whom it is held of: labels beside names, and why a text was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.explanations import ReceiptInWords
from genservice.rights.shapes import (
    ConsentKept,
    ControlsKept,
    Moment,
    Shown,
    SignalKept,
    SignalUsed,
    TitleNamed,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from genservice.domain import ConsentRecord, Controls, HeldSignal, Serving
    from genservice.policy import PolicySet

NOTHING_USED = "Nothing that is known of you shaped it."
NOT_KEPT = "Its receipt is no longer kept, so what shaped it can no longer be told."


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a viewer was shown a text."""

    at: Moment
    """When it was shown."""
    receipt: str
    """Id of the signed receipt that accounts for it."""
    blurbs: tuple[str, ...]
    """The ids of the texts shown together."""
    title: TitleNamed
    said: str
    """In a plain sentence."""
    explanation: ReceiptInWords
    """Every declared signal: what was used, what was allowed and not needed, what was not used, and why."""

    def __str__(self) -> str:
        named = msgspec.structs.replace(self.explanation, title=self.title.name or self.title.id)
        return f"Shown to you on {self.at:%d %B %Y at %H:%M} UTC.\n\n{named}"


def signal_kept(held: HeldSignal, policies: PolicySet) -> SignalKept:
    """A signal as its viewer reads of it."""
    signal = policies.signal(held.name)
    return SignalKept(
        name=held.name,
        label=signal and signal.label,
        value=held.value,
        source=held.source,
        at=held.at,
        expires_at=held.expires_at,
        data=signal and signal.data,
        sensitivity=signal and signal.sensitivity,
    )


def consent_kept(record: ConsentRecord, policies: PolicySet) -> ConsentKept:
    """A consent as its viewer reads of it."""
    declared = next((each for each in policies.consents if each.name == record.consent), None)
    return ConsentKept(
        **msgspec.structs.asdict(record),
        label=declared and declared.label,
        tcf=declared and declared.tcf,
    )


def controls_kept(controls: Controls) -> ControlsKept:
    """What a viewer switched, as it is answered."""
    return ControlsKept(**msgspec.structs.asdict(controls))


def standing(records: Iterable[ConsentRecord]) -> tuple[str, ...]:
    """The consents that stand after these acts: given, and not withdrawn since; sorted."""
    last = {record.consent: record for record in sorted(records, key=lambda act: act.number)}
    return tuple(sorted(name for name, record in last.items() if record.action == "given"))


def shown(serving: Serving, words: ReceiptInWords | None, titles: Mapping[str, str]) -> Shown:
    """A serving as its viewer reads of it.

    Args:
        serving: What was served.
        words: Its receipt in words; None if that is no longer kept.
        titles: Id of a title -> its name.
    """
    if words is None:
        return Shown(
            at=serving.at,
            receipt=serving.receipt,
            blurbs=serving.blurbs,
            title=None,
            purpose=None,
            used=(),
            said=NOT_KEPT,
        )
    return Shown(
        at=serving.at,
        receipt=serving.receipt,
        blurbs=serving.blurbs,
        title=TitleNamed(id=words.title, name=titles.get(words.title)),
        purpose=words.purpose,
        used=tuple(
            SignalUsed(
                signal=used.signal,
                label=used.label,
                outcome=used.outcome,
                level=used.level,
                value=used.value or (),
            )
            for used in words.used
        ),
        said=in_a_sentence(words),
    )


def in_a_sentence(words: ReceiptInWords) -> str:
    """What shaped a text, in one sentence."""
    if not words.used:
        return NOTHING_USED
    told = "; ".join(
        f"{used.label} ({', '.join(used.value)})" if used.value else used.label
        for used in words.used
    )
    return f"It was shaped by: {told}."
