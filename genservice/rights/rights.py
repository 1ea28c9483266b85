"""What a viewer may ask for: to see, correct, take out and erase what is held, to agree and to object."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from genservice.catalog import require_printable
from genservice.confirmations import Confirmed, Counts, confirm
from genservice.errors import ConflictError, InvalidInputError, PreconditionFailedError
from genservice.policy.keeping import UNDECLARED, require_keepable
from genservice.rights.consenting import strangers
from genservice.rights.shapes import FORMAT, SignalKept, ViewerExport
from genservice.rights.telling import consent_kept, controls_kept, signal_kept, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from genservice.domain import Controls, HeldSignal, Purpose
    from genservice.policy import PolicySet, Words
    from genservice.receipts import Signer
    from genservice.rights.explaining import Explanations
    from genservice.viewers import Viewers

_LEFT_OUT = ("themes", "genres", "moods")
_NO_WORD = "not a theme, genre or mood of the vocabulary"
_TRIES = 5
"""How often an objection is tried while others change the same controls."""


Teller = Literal["app", "viewer"]


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
            *strangers(signals_off, signals, UNDECLARED, at="#/signals_off/{}"),
            *strangers(themes_left_out, words, _NO_WORD, at="#/themes_left_out/{}"),
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
        policies = self._policies()
        return ViewerExport(
            format=FORMAT,
            made_at=made_at,
            viewer=viewer,
            signals=self._kept(held.signals),
            consents=tuple(consent_kept(record, policies) for record in held.consents),
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

    def _kept(self, held: Iterable[HeldSignal]) -> tuple[SignalKept, ...]:
        policies = self._policies()
        return tuple(signal_kept(each, policies) for each in held)

    def _keepable(self, values: Mapping[str, Any], *, at: Mapping[str, str]) -> Mapping[str, int]:
        for name, value in values.items():
            require_printable(value, at=at[name])
        return require_keepable(values, self._policies(), words=self._words, at=at)
