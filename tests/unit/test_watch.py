"""A watch tells its listeners which step ran and how it ended, in words of closed sets."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any, get_args

import pytest

from genservice.errors import (
    Cause,
    GuardUnavailableError,
    InvalidSignalError,
    ModelUnavailableError,
    Problem,
    UnavailableError,
)
from genservice.watch import Request, Seen, Watch


class Heard:
    """A listener that keeps what it heard."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.ended: list[tuple[Any, Any, float]] = []

    def begin(self, seen: Seen | Request) -> int:
        self.begun.append(seen)
        return len(self.begun)

    def end(self, begun: int, seen: Seen | Request, seconds: float) -> None:
        self.ended.append((begun, seen, seconds))


def ticking() -> Any:
    ticks = count()
    return lambda: float(next(ticks))


def test_a_step_is_told_with_its_time_its_outcome_and_its_facts() -> None:
    heard = Heard()
    with Watch(heard, clock=ticking()).step("screen", side="output") as seen:
        seen.outcome = "found"
        seen.note(types={"PERSON": 2})
    ((_, told, seconds),) = heard.ended
    assert (told.step, told.outcome, seconds) == ("screen", "found", 1.0)
    assert told.facts == {"side": "output", "types": {"PERSON": 2}}


@pytest.mark.parametrize(
    ("error", "outcome", "cause"),
    [
        (GuardUnavailableError("no"), "unavailable", "failed"),
        (ModelUnavailableError("no", cause="busy"), "unavailable", "busy"),
        (UnavailableError("no", cause="late"), "unavailable", "late"),
        (InvalidSignalError(Problem(detail="no")), "invalid", None),
        (asyncio.CancelledError(), "cancelled", None),
        (RuntimeError("somebody's text"), "failed", None),
    ],
)
def test_a_step_that_raises_tells_the_kind_of_its_error_and_lets_it_go_on(
    error: BaseException, outcome: str, cause: Cause | None
) -> None:
    heard = Heard()
    with pytest.raises(type(error)), Watch(heard).step("write"):
        raise error
    ((_, told, _),) = heard.ended
    assert (told.outcome, told.cause, told.facts) == (outcome, cause, {})


def test_listeners_end_in_the_reverse_of_the_order_in_which_they_began() -> None:
    order: list[str] = []

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        def begin(self, seen: object) -> str:
            order.append(f"begin {self.name}")
            return self.name

        def end(self, begun: str, seen: object, seconds: float) -> None:
            assert begun == self.name
            order.append(f"end {self.name}")

    with Watch(Named("outer"), Named("inner")).step("decide"):
        pass
    assert order == ["begin outer", "begin inner", "end inner", "end outer"]


def test_a_method_that_somebody_invented_is_not_named() -> None:
    heard = Heard()
    with Watch(heard).request("EMMA-THORNBURY"):
        pass
    assert heard.ended[0][1].method == "_OTHER"


def test_a_cause_is_one_of_a_closed_set() -> None:
    assert set(get_args(Cause)) == {"busy", "late", "away", "closed", "failed"}
