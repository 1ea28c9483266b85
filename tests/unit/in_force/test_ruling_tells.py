"""What readiness tells of a set that should rule and does not."""

from __future__ import annotations

from datetime import UTC, datetime

from genservice.errors import Problem
from genservice.in_force.ruling import MOST_TOLD, InForce
from tests.unit.policy.making import policy_set, rule


def in_force(count: int) -> InForce:
    return InForce(
        policy_set(rule("a", "withhold", ["location"])),
        source="files",
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        problems=tuple(
            Problem(file="a.yaml", line=n + 1, column=1, detail="wrong") for n in range(count)
        ),
    )


def test_a_few_problems_are_all_told() -> None:
    assert in_force(2).wrong() == (
        "policies: a.yaml:1:1: wrong",
        "policies: a.yaml:2:1: wrong",
    )


def test_of_many_problems_the_first_are_told_and_the_rest_counted() -> None:
    told = in_force(MOST_TOLD + 3).wrong()
    assert len(told) == MOST_TOLD + 1
    assert told[-1] == "policies: and 3 more, which `genservice policy check` and `test` name"
