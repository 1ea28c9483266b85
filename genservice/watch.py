"""The seam for metrics and traces: which step of the path ran, how long, how it ended. Never on what.

    with watch.step("screen", side="output") as seen:
        screenings = await guard.screen(texts, side="output")
        seen.outcome = "found" if any(each.findings for each in screenings) else "clean"

A `Watch` tells its listeners of every step. The metrics of `/metrics` are one, traces another; with
none of them a step costs two calls. What is told comes from the closed sets below and from numbers, so
that nothing of a request, a text or a viewer can get into what is watched.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

from genservice.errors import (
    ClientGoneError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType

    from genservice.errors import Cause

Step = Literal[
    "answer", "resolve", "decide", "release", "dossier", "brief", "render", "screen", "write",
    "check", "fill", "fit", "look_up", "store", "sign",
]  # fmt: skip
"""A step of the path, as `genservice.blurbs` tells it. `answer` is all of it."""

Outcome = Literal[
    "ok",
    # Of `check` and `fit`: whether the text may go on.
    "passed", "refused",
    # Of `screen`: whether personal data was found.
    "clean", "found",
    # Of `look_up`: whether a text stands under the key.
    "held", "missing",
    # Of any step that ended in an error, by whose it is.
    "invalid", "unavailable", "cancelled", "failed",
]  # fmt: skip

Fact = Literal[
    "purpose", "channel", "length", "source", "reason", "personalised", "released", "coarsened",
    "withheld", "side", "texts", "kinds", "types", "what",
]  # fmt: skip
"""What may be said of a step besides. Each takes a word of a closed set, a number, or counts by such words."""

Value = str | int | bool | None | dict[str, int]

OUTCOMES: Mapping[type[BaseException], Outcome] = {
    asyncio.CancelledError: "cancelled",
    GeneratorExit: "cancelled",
    ClientGoneError: "cancelled",
    UnavailableError: "unavailable",
    InvalidInputError: "invalid",
    NotFoundError: "invalid",
    ConflictError: "invalid",
    PreconditionFailedError: "invalid",
    PreconditionRequiredError: "invalid",
}
"""How a step ended that raised; what has no entry, nor a base with one, failed by a fault of ours."""


class Seen:
    """One step under way, and what may be told of it."""

    __slots__ = ("cause", "facts", "outcome", "step")

    def __init__(self, step: Step, facts: dict[str, Value]) -> None:
        self.step: Step = step
        self.outcome: Outcome = "ok"
        self.cause: Cause | None = None
        """Why it was unavailable, if it was."""
        self.facts = facts

    def note(self, **facts: Value) -> None:
        """Add facts; their names are those of `Fact`."""
        self.facts.update(facts)


class Request:
    """One request over HTTP under way, and what may be told of it."""

    __slots__ = ("method", "route", "status", "trace", "traceparent")

    def __init__(self, method: str, traceparent: str | None) -> None:
        """Begin.

        Args:
            method: One of `METHODS`, or `_OTHER`.
            traceparent: As the caller sent it (W3C Trace Context); not checked.
        """
        self.method = method
        self.traceparent = traceparent
        self.trace = ""
        """The id of its trace, once a listener knows one."""
        self.route = ""
        """The route's template, `/v1/titles/{title_id}`; empty where no route was met."""
        self.status = 500
        """What it was answered with; 499 if nobody waited for it."""


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
"""Methods that are named; any other is `_OTHER`, as OpenTelemetry has it, for callers may invent some."""


S = TypeVar("S", Seen, Request)


class Listener(Protocol):
    """Hears of every step and every request, as it begins and as it ends. Never waits, never raises."""

    def begin(self, seen: Seen | Request) -> Any:
        """It begins; what this returns is handed to `end`."""
        ...

    def end(self, begun: Any, seen: Seen | Request, seconds: float) -> None:
        """It ended, and `seen` is complete."""
        ...


class _Under(Generic[S]):
    """A step or request, as a context manager. A class, for a generator would cost twice as much."""

    __slots__ = ("_began", "_begun", "_seen", "_watch")

    def __init__(self, watch: Watch, seen: S) -> None:
        self._watch = watch
        self._seen = seen

    def __enter__(self) -> S:
        watch = self._watch
        self._begun = [listener.begin(self._seen) for listener in watch.listeners]
        self._began = watch.clock()
        return self._seen

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        watch = self._watch
        seconds = watch.clock() - self._began
        if kind is not None and isinstance(self._seen, Seen):
            self._seen.outcome = outcome_of(kind)
            if isinstance(error, UnavailableError):
                self._seen.cause = error.cause
        # The last to begin ends first: what one listener has open lies within what others have.
        for listener, begun in zip(reversed(watch.listeners), reversed(self._begun), strict=True):
            listener.end(begun, self._seen, seconds)


class Watch:
    """Tells listeners of steps and requests."""

    __slots__ = ("clock", "listeners")

    def __init__(
        self, *listeners: Listener, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Watch for these listeners.

        Args:
            listeners: Hear of everything, in this order.
            clock: Seconds that only grow.
        """
        self.listeners = listeners
        self.clock = clock

    def step(self, step: Step, **facts: Value) -> AbstractContextManager[Seen]:
        """A block that is one step; if it raises, the error's kind is the outcome."""
        return _Under(self, Seen(step, facts))

    def tell(self, step: Step, **facts: Value) -> None:
        """A step that took no time to speak of, and went well."""
        seen = Seen(step, facts)
        for listener in self.listeners:
            listener.end(listener.begin(seen), seen, 0.0)

    def request(
        self, method: str, traceparent: str | None = None
    ) -> AbstractContextManager[Request]:
        """A block that is one request."""
        named = method if method in METHODS else "_OTHER"
        return _Under(self, Request(named, traceparent))


def outcome_of(kind: type[BaseException]) -> Outcome:
    """How a step ended that raised."""
    for each in kind.__mro__:
        if each in OUTCOMES:
            return OUTCOMES[each]
    return "failed"
