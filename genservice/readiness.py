"""Whether this process should get requests, and what is wrong, part by part."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import msgspec

from genservice.errors import UnavailableError
from genservice.generation import is_answering

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from genservice.decision_log import DecisionLog
    from genservice.dossiers import Screener
    from genservice.generation import TextModel
    from genservice.in_force import InForce
    from genservice.signing import Signer
    from genservice.store import Store
    from genservice.viewers import Viewers

Part = Literal[
    "process", "database", "keystore", "signing", "guard", "model", "policies", "decision_log"
]  # fmt: skip
Status = Literal["ok", "degraded", "unavailable"]
"""`degraded`: requests are answered, some with less. `unavailable`: none should come here."""
Code = Literal[
    "process_stopping", "database_unavailable", "database_unwritable", "keystore_unavailable", "signing_unreadable",
    "guard_unavailable", "guard_blind", "model_unavailable", "policies_refused", "policies_waiting",
    "decision_log_waiting", "log_heads_waiting",
]  # fmt: skip

CODES: dict[Code, tuple[Part, Status, str]] = {
    "process_stopping": ("process", "unavailable", "the process is about to stop"),
    "database_unavailable": ("database", "unavailable", "the database does not answer"),
    "database_unwritable": ("database", "unavailable", "the database cannot be written"),
    "keystore_unavailable": ("keystore", "degraded", "the keystore does not answer"),
    "signing_unreadable": ("signing", "degraded", "the keystore cannot be read"),
    "guard_unavailable": ("guard", "degraded", "the guard cannot screen"),
    "guard_blind": ("guard", "unavailable", "the guard does not find a name"),
    "model_unavailable": ("model", "degraded", "the model does not answer"),
    "policies_refused": ("policies", "degraded", "the set that should be in force is refused"),
    "policies_waiting": ("policies", "degraded", "what should be in force cannot be looked up"),
    "decision_log_waiting": ("decision_log", "degraded", "the decision log cannot be written"),
    "log_heads_waiting": ("decision_log", "degraded", "the heads of the log cannot be kept"),
}
"""What may be wrong: with which part, what that means for traffic, and in words.

Without a database no answer can leave, for its receipt is stored first. A guard that fails lets nothing
pass, and stored texts are served; one that passes a name is worse than none.
"""

PARTS: tuple[Part, ...] = tuple(dict.fromkeys(part for part, _, _ in CODES.values()))
_NAMING_SOMEBODY = "Is she ready? Ask Emma Thornbury."
"""What a guard in good order has read, by its model too, and found a name in."""


class PartState(msgspec.Struct, frozen=True, kw_only=True):
    """How one part is."""

    part: Part
    status: Status
    code: Code | None = None
    """What is wrong; None if nothing is."""
    detail: str | None = None
    """The same in words."""


def status_of(states: Sequence[PartState]) -> Status:
    """The worst of them."""
    found = {state.status for state in states}
    if "unavailable" in found:
        return "unavailable"
    return "degraded" if "degraded" in found else "ok"


class Readiness:
    """Looks at the parts when it is asked."""

    def __init__(
        self,
        *,
        store: Store,
        viewers: Viewers,
        signer: Signer,
        guard: Screener,
        model: TextModel,
        in_force: InForce,
        decisions: DecisionLog,
    ) -> None:
        self._store = store
        self._viewers = viewers
        self._signer = signer
        self._guard = guard
        self._model = model
        self._in_force = in_force
        self._decisions = decisions
        self._looking: asyncio.Task[tuple[PartState, ...]] | None = None
        self._stopping = False

    def stop(self) -> None:
        """Say from now on that no request should come here: the process is about to stop."""
        self._stopping = True
        # What was looked at before does not say so.
        self._looking = None

    async def look(self) -> tuple[PartState, ...]:
        """Every part, one state each, of `policies` as many as there are problems.

        Whoever asks while somebody looks gets the same: anybody may ask, and looking costs a screening.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> tuple[PartState, ...]:
        database, keystore, guard = await asyncio.gather(
            self._database(),
            _failing(self._viewers.ping(), "keystore_unavailable"),
            self._screens(),
        )
        found: list[tuple[Code, str | None]] = [
            *((code, None) for code in (database, keystore, guard) if code is not None),
            *self._wrong(),
        ]
        states = [_state(code, detail) for code, detail in found]
        told = {state.part for state in states}
        well = [PartState(part=part, status="ok") for part in PARTS if part not in told]
        return tuple(sorted([*states, *well], key=lambda state: PARTS.index(state.part)))

    async def _database(self) -> Code | None:
        if await _failing(self._store.ping(), "database_unavailable"):
            return "database_unavailable"
        return "database_unwritable" if self._store.refuses_writes else None

    async def _screens(self) -> Code | None:
        try:
            (screening,) = await self._guard.screen([_NAMING_SOMEBODY], side="output")
        except UnavailableError:
            return "guard_unavailable"
        return None if screening.findings else "guard_blind"

    def _wrong(self) -> list[tuple[Code, str | None]]:
        """What is known without waiting."""
        found: list[tuple[Code, str | None]] = []
        if self._stopping:
            found.append(("process_stopping", None))
        if self._signer.is_failing:
            found.append(("signing_unreadable", None))
        if not is_answering(self._model):
            found.append(("model_unavailable", None))
        wrong = self._in_force.wrong()
        # What is waited for is told last.
        refused = len(wrong) - (1 if self._in_force.waiting else 0)
        for place, problem in enumerate(wrong):
            found.append(("policies_refused" if place < refused else "policies_waiting", problem))
        if self._decisions.state.state == "waiting":
            found.append(("decision_log_waiting", None))
        if self._decisions.state.heads == "failing":
            found.append(("log_heads_waiting", None))
        return found


async def _failing(work: Awaitable[None], code: Code) -> Code | None:
    try:
        await work
    except UnavailableError:
        return code
    return None


def _state(code: Code, detail: str | None) -> PartState:
    part, status, words = CODES[code]
    return PartState(part=part, status=status, code=code, detail=detail or words)
