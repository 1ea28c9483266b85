"""What a viewer may ask for: to see, correct, take out and erase what is held, to agree and to object."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from genservice.catalog import require_printable
from genservice.confirmations import Confirmed, Counts, confirm
from genservice.documents import suggestion
from genservice.domain.viewers import ConsentAct
from genservice.errors import (
    ConflictError,
    InvalidInputError,
    PreconditionFailedError,
    Problem,
)
from genservice.policy.keeping import UNDECLARED, require_keepable
from genservice.rights.shapes import FORMAT, ConsentKept, SignalKept, ViewerExport
from genservice.rights.telling import consent_kept, controls_kept, signal_kept, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from genservice.domain import ConsentRecord, Controls, HeldSignal, Purpose
    from genservice.policy import PolicySet, Words
    from genservice.receipts import Signer
    from genservice.rights.explaining import Explanations
    from genservice.viewers import Viewers

UNKNOWN_VERSION = "unknown"
"""The wording of a consent that was withdrawn without ever being recorded as given."""
_LEFT_OUT = ("themes", "genres", "moods")
_NO_WORD = "not a theme, genre or mood of the vocabulary"
_TRIES = 5
"""How often an objection is tried while others change the same controls."""


Teller = Literal["app", "viewer"]


class ConsentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some acts of consent, and the consents that stand after all of them."""

    standing: tuple[str, ...]
    items: tuple[ConsentKept, ...]
    next: int | None


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """How consents were withdrawn."""

    source: str
    text_version: str | None = None
    """Which wording was shown; None: the one that had been agreed to."""
    language: str | None = None
    region: str | None = None
    method: str | None = None


class Rights:
    """The rights of viewers over what is held of them.

    An unknown viewer is one of whom nothing is held, and is answered like one everywhere. Every method
    raises `UnavailableError` where a database does not answer, and every one that writes `ConflictError`
    where an erasure came between.

    Args:
        viewers: What is held.
        explanations: What viewers were shown, and why.
        policies: The set in force.
        words: The catalogue's vocabulary.
        signer: Signs confirmations.
        clock: The time now, aware, in UTC.
        random: That many random bytes, unguessable.
    """

    def __init__(
        self,
        viewers: Viewers,
        explanations: Explanations,
        *,
        policies: Callable[[], PolicySet],
        words: Words,
        signer: Signer,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._viewers = viewers
        self._explanations = explanations
        self._policies = policies
        self._words = words
        self._signer = signer
        self._clock = clock
        self._random = random

    async def signals(self, viewer: str) -> tuple[SignalKept, ...]:
        """What is held of a viewer, by name."""
        return self._kept(await self._viewers.signals(viewer))

    async def tell_signal(
        self, viewer: str, name: str, value: Any, *, source: Teller
    ) -> SignalKept | None:
        """One signal as it is held once this value is in the place of what was held of it.

        Raises:
            InvalidInputError: It may not be kept.
        """
        days = self._keepable({name: value}, at={name: "#/value"})
        held = await self._viewers.put_signals(viewer, {name: value}, source=source, keep_days=days)
        return next((each for each in self._kept(held) if each.name == name), None)

    async def change_signals(
        self, viewer: str, values: Mapping[str, Any], *, source: Teller
    ) -> tuple[SignalKept, ...]:
        """What is held once these signals are changed: None forgets one.

        Raises:
            InvalidInputError: One of them may not be kept. Then nothing is changed.
        """
        told = {name: value for name, value in values.items() if value is not None}
        return await self._hold(viewer, told, source, without=values.keys() - told.keys())

    async def replace_signals(
        self, viewer: str, values: Mapping[str, Any], *, source: Teller
    ) -> tuple[SignalKept, ...]:
        """What is held once these signals are the only ones.

        Raises:
            InvalidInputError: One of them may not be kept. Then nothing is changed.
        """
        return await self._hold(viewer, values, source, without=None)

    async def forget_signal(self, viewer: str, name: str) -> None:
        """Forget one signal, declared or not."""
        await self._viewers.remove_signals(viewer, (name,))

    async def consents(self, viewer: str, *, limit: int, before: int | None) -> ConsentPage:
        """Some acts of consent, the last one first, and the consents that stand after all of them.

        Args:
            viewer: The app's own id.
            limit: Most acts.
            before: `next` of the page before; None for the first.
        """
        records = await self._viewers.consents(viewer)
        rest = [record for record in records if before is None or record.number < before][::-1]
        return ConsentPage(
            standing=standing(records),
            items=self._consents(rest[:limit]),
            next=rest[limit - 1].number if len(rest) > limit else None,
        )

    async def record_consents(self, viewer: str, acts: Sequence[ConsentAct]) -> ConsentPage:
        """What was recorded just now, in the order told, and the consents that stand since.

        Raises:
            InvalidInputError: An act speaks of a consent that is not declared.
        """
        at = {act.consent: f"#/acts/{index}/consent" for index, act in enumerate(acts)}
        self._require_consents(at)
        recorded = await self._viewers.record_consents(viewer, acts)
        return await self._recorded(viewer, recorded)

    async def withdraw(
        self, viewer: str, names: Sequence[str] | None, how: Withdrawal
    ) -> ConsentPage:
        """What was recorded of a withdrawal, and the consents that still stand.

        Args:
            viewer: The app's own id.
            names: Which; None: all that stand.
            how: How it was said.

        Raises:
            InvalidInputError: A name is that of no consent, declared now or recorded for this viewer.
        """
        records = await self._viewers.consents(viewer)
        versions = {record.consent: record.text_version for record in records}
        if names is None:
            names = standing(records)
        else:
            at = {name: f"#/consents/{index}" for index, name in enumerate(names)}
            self._require_consents(at, besides=versions)
        acts = [
            ConsentAct(
                consent=name,
                action="withdrawn",
                source=how.source,
                text_version=how.text_version or versions.get(name, UNKNOWN_VERSION),
                language=how.language,
                region=how.region,
                method=how.method,
            )
            for name in dict.fromkeys(names)
        ]
        recorded = await self._viewers.record_consents(viewer, acts) if acts else ()
        return await self._recorded(viewer, recorded)

    def require_controls(
        self, *, signals_off: Sequence[str], themes_left_out: Sequence[str]
    ) -> None:
        """Return if controls speak of declared signals and of words of the vocabulary.

        Raises:
            InvalidInputError: Naming each that is neither.
        """
        signals = {signal.name for signal in self._policies().signals}
        words = {word for family in _LEFT_OUT for word in self._words.families[family]}
        problems = (
            *_strangers(_places(signals_off, "signals_off"), signals, UNDECLARED),
            *_strangers(_places(themes_left_out, "themes_left_out"), words, _NO_WORD),
        )
        if problems:
            raise InvalidInputError(*problems)

    async def object_to(self, viewer: str, purpose: Purpose, *, objects: bool) -> Controls:
        """The controls, once a viewer objects to a purpose, or no longer does.

        Raises:
            ConflictError: Others changed them all the while.
        """
        for _ in range(_TRIES):
            controls, revision = await self._viewers.controls(viewer)
            objections = {*controls.objections} - {purpose}
            if objects:
                objections.add(purpose)
            if objections == {*controls.objections}:
                return controls
            changed = msgspec.structs.replace(controls, objections=tuple(sorted(objections)))
            with contextlib.suppress(PreconditionFailedError):
                await self._viewers.set_controls(viewer, changed, if_revision=revision)
                return changed
        raise ConflictError("Other writes came first.")

    async def export(self, viewer: str) -> ViewerExport:
        """Everything that is held of a viewer, at one moment."""
        made_at = self._clock()
        held = await self._viewers.export(viewer)
        return ViewerExport(
            format=FORMAT,
            made_at=made_at,
            viewer=viewer,
            signals=self._kept(held.signals),
            consents=self._consents(held.consents),
            standing_consents=standing(held.consents),
            controls=controls_kept(held.controls),
            shown=await self._explanations.told(held.servings[::-1]),
        )

    async def erase(self, viewer: str) -> Confirmed:
        """Erase everything that is held of a viewer, and confirm it."""
        erased = await self._viewers.erase(viewer)
        return confirm(
            viewer,
            Counts(
                signals=erased.signals,
                consents=erased.consents,
                controls=erased.controls,
                servings=erased.servings,
            ),
            at=self._clock(),
            signer=self._signer,
            random=self._random,
        )

    async def _hold(
        self,
        viewer: str,
        values: Mapping[str, Any],
        source: Teller,
        *,
        without: Collection[str] | None,
    ) -> tuple[SignalKept, ...]:
        at = {name: f"#/signals/{name}" for name in values}
        days = self._keepable(values, at=at)
        held = await self._viewers.put_signals(
            viewer, values, source=source, keep_days=days, without=without
        )
        return self._kept(held)

    async def _recorded(self, viewer: str, recorded: Sequence[ConsentRecord]) -> ConsentPage:
        stand = standing(await self._viewers.consents(viewer))
        return ConsentPage(standing=stand, items=self._consents(recorded), next=None)

    def _kept(self, held: Iterable[HeldSignal]) -> tuple[SignalKept, ...]:
        policies = self._policies()
        return tuple(signal_kept(each, policies) for each in held)

    def _consents(self, records: Iterable[ConsentRecord]) -> tuple[ConsentKept, ...]:
        policies = self._policies()
        return tuple(consent_kept(record, policies) for record in records)

    def _keepable(self, values: Mapping[str, Any], *, at: Mapping[str, str]) -> Mapping[str, int]:
        for name, value in values.items():
            require_printable(value, at=at[name])
        return require_keepable(values, self._policies(), words=self._words, at=at)

    def _require_consents(self, at: Mapping[str, str], *, besides: Collection[str] = ()) -> None:
        declared = {consent.name for consent in self._policies().consents}
        unknown = {name: pointer for name, pointer in at.items() if name not in besides}
        if problems := _strangers(unknown, declared, "not a declared consent"):
            raise InvalidInputError(*problems)


def _places(words: Sequence[str], field: str) -> dict[str, str]:
    return {word: f"#/{field}/{index}" for index, word in enumerate(words)}


def _strangers(at: Mapping[str, str], known: Collection[str], detail: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(pointer=pointer, detail=detail, hint=suggestion(word, sorted(known)))
        for word, pointer in at.items()
        if word not in known
    )
