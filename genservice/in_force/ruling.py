"""The set in force in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from genservice.errors import Problem
    from genservice.policy import PolicySet

Source = Literal["files", "registry"]

MOST_TOLD = 10
"""Problems that readiness and one line of the log name: a wrong rule may fail hundreds of tests."""


class InForce:
    """The set that rules here, and what is wrong if another one should.

    A request asks for `policies` once, and goes on with what it got: a set never changes, another
    one takes its place.
    """

    def __init__(
        self,
        policies: PolicySet,
        *,
        source: Source,
        clock: Callable[[], datetime],
        problems: tuple[Problem, ...] = (),
        act: int = 0,
    ) -> None:
        """Rule by `policies`.

        Args:
            policies: The first set.
            source: Who rules: the folder, or the database.
            clock: The time now.
            problems: What is wrong with the set that should rule instead.
            act: The last act of the record that this set follows from.
        """
        self._policies = policies
        self._clock = clock
        self._act = act
        self.source: Source = source
        self.problems = problems
        """What is wrong with the set that should rule; empty when it does."""
        self.waiting = ""
        """Why the set that should rule cannot be told; empty when it can."""
        self.loaded_at = clock()
        """When a good set was last loaded."""
        self.loads = 1
        """How many good sets were loaded, the one at the start among them."""
        self.refusals = int(bool(problems))
        """How many bad ones were refused."""

    @property
    def policies(self) -> PolicySet:
        """The set that rules."""
        return self._policies

    def put_in(self, policies: PolicySet, *, act: int = 0) -> None:
        """Rule by another set from the next request on.

        Args:
            policies: A set that may rule, and that is on record.
            act: The last act of the record that it follows from: what an earlier one led to comes
                too late, and changes nothing.
        """
        if act < self._act:
            return
        self._policies, self._act = policies, act
        self.problems, self.waiting = (), ""
        self.loaded_at = self._clock()
        self.loads += 1

    def refuse(self, problems: tuple[Problem, ...], *, act: int = 0) -> None:
        """Keep ruling by the same set: another one, to which `act` led, is not fit to."""
        if act < self._act:
            return
        self.problems, self.waiting = problems, ""
        self.refusals += 1

    def wrong(self) -> tuple[str, ...]:
        """What readiness tells."""
        kept = f"{self._policies.version} stays in force"
        waiting = (f"policies: {self.waiting}; {kept}",) if self.waiting else ()
        told = [f"policies: {problem}" for problem in self.problems[:MOST_TOLD]]
        more = len(self.problems) - len(told)
        if more:
            told.append(
                f"policies: and {more} more, which `genservice policy check` and `test` name"
            )
        return (*told, *waiting)
