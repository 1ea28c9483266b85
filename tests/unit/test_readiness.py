"""Readiness tells which part is wrong by code and in words, and whether traffic should come."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import pytest

from genservice.errors import GuardUnavailableError, UnavailableError
from genservice.readiness import CODES, PARTS, Code, Part, PartState, Readiness, status_of


class Stand:
    """Every part that readiness looks at, each of which can go wrong."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.screenings = 0
        self.refuses_writes = False
        self.is_failing = False
        self.answering = True
        self.waiting = ""
        self.problems: tuple[str, ...] = ()
        self.state = self
        self.gate = asyncio.Event()
        self.gate.set()

    # store and viewers

    async def ping(self) -> None:
        if "database" in self.broken:
            raise UnavailableError("The database does not answer.")

    # guard

    async def screen(self, texts: Any, *, side: str) -> Any:
        self.screenings += 1
        await self.gate.wait()
        if "guard" in self.broken:
            raise GuardUnavailableError("The guard could not screen.")
        self.findings = () if "sight" in self.broken else ("a name",)
        return (self,)

    # model

    async def connect(self, *, deadline: float | None = None) -> None: ...

    # policies

    def wrong(self) -> tuple[str, ...]:
        return (*self.problems, *((self.waiting,) if self.waiting else ()))


class Away:
    async def ping(self) -> None:
        raise UnavailableError("The keystore does not answer.")


class Log:
    """A decision log in a state."""

    def __init__(self, state: str = "writing", heads: str = "kept") -> None:
        self.state = Named(state, heads)


class Named:
    def __init__(self, state: str, heads: str) -> None:
        self.state = state
        self.heads = heads


def ready(stand: Stand, viewers: Any = None, log: Any = None) -> Readiness:
    parts: Any = stand
    return Readiness(
        store=parts, viewers=viewers or parts, signer=parts, guard=parts, model=parts,
        in_force=parts, decisions=log or Log(),
    )  # fmt: skip


def wrong(states: tuple[PartState, ...]) -> dict[str | None, str]:
    return {state.code: state.status for state in states if state.code is not None}


async def test_every_part_is_told_where_all_is_well() -> None:
    states = await ready(Stand()).look()
    assert tuple(state.part for state in states) == PARTS
    assert {state.status for state in states} == {"ok"}
    assert status_of(states) == "ok"


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda stand: setattr(stand, "refuses_writes", True), "database_unwritable"),
        (lambda stand: stand.broken.add("guard"), "guard_unavailable"),
        (lambda stand: stand.broken.add("sight"), "guard_blind"),
        (lambda stand: setattr(stand, "answering", False), "model_unavailable"),
        (lambda stand: setattr(stand, "is_failing", True), "signing_unreadable"),
        (lambda stand: setattr(stand, "problems", ("policies: eea.yaml:3",)), "policies_refused"),
        (lambda stand: setattr(stand, "waiting", "policies: no folder"), "policies_waiting"),
    ],
)
async def test_what_is_wrong_with_one_part_is_told_of_that_part_alone(break_it, code) -> None:
    stand = Stand()
    break_it(stand)
    states = await ready(stand).look()
    assert wrong(states) == {code: CODES[code][1]}
    (state,) = [state for state in states if state.code]
    assert state.part == CODES[code][0]
    assert state.detail


async def test_a_process_that_is_about_to_stop_says_so_to_who_asks_next() -> None:
    stand = Stand()
    readiness = ready(stand)
    stand.gate.clear()
    looking = asyncio.create_task(readiness.look())
    await asyncio.sleep(0)
    readiness.stop()
    stand.gate.set()
    assert wrong(await readiness.look()) == {"process_stopping": "unavailable"}
    await looking


async def test_without_a_database_no_request_should_come() -> None:
    stand = Stand()
    stand.broken.add("database")
    states = await ready(stand, viewers=Stand()).look()
    assert wrong(states) == {"database_unavailable": "unavailable"}
    assert status_of(states) == "unavailable"


async def test_without_the_keystore_requests_that_name_no_viewer_are_answered() -> None:
    states = await ready(Stand(), viewers=Away()).look()
    assert wrong(states) == {"keystore_unavailable": "degraded"}
    assert status_of(states) == "degraded"


async def test_a_decision_log_that_waits_is_told() -> None:
    states = await ready(Stand(), log=Log("waiting")).look()
    assert wrong(states) == {"decision_log_waiting": "degraded"}


async def test_heads_of_the_log_that_cannot_be_kept_are_told() -> None:
    states = await ready(Stand(), log=Log(heads="failing")).look()
    assert wrong(states) == {"log_heads_waiting": "degraded"}


async def test_several_problems_are_all_told_and_the_worst_decides() -> None:
    stand = Stand()
    stand.broken.add("sight")
    stand.answering = False
    stand.problems, stand.waiting = ("policies: a", "policies: b"), "policies: c"
    states = await ready(stand).look()
    assert [state.detail for state in states if state.part == "policies"] == [
        "policies: a", "policies: b", "policies: c",
    ]  # fmt: skip
    assert status_of(states) == "unavailable"


async def test_who_asks_while_somebody_looks_gets_the_same_and_costs_no_screening() -> None:
    stand = Stand()
    stand.gate.clear()
    readiness = ready(stand)
    asking = [asyncio.ensure_future(readiness.look()) for _ in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    stand.gate.set()
    answers = await asyncio.gather(*asking[1:])
    assert stand.screenings == 1
    assert len(set(answers)) == 1
    await readiness.look()
    assert stand.screenings == 2


def test_every_code_and_every_part_has_its_row() -> None:
    assert set(CODES) == set(get_args(Code))
    assert set(PARTS) == set(get_args(Part))
