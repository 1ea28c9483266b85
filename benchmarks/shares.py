"""Where the processor time of a fresh promo goes, and how long the texts are that the model writes."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from genservice import writing
from genservice.composition import House, Reading
from genservice.generation.batching import Scheduler
from genservice.generation.llama import Llama
from genservice.privacy import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of processor time a blurb of ours, by what it goes into."""

    arithmetic: float
    """The model: matrices, attention, its memory of what it read."""
    drawing: float
    """The model's thread besides: batches, tokens, chance."""
    composition: float
    """Which words are lawful."""
    guard: float
    checks: float
    """Of the raw and the filled text, inferences included, with filling and fitting."""
    rest: float
    """Policy, brief, prompt, key, database, receipt, and the event loop."""


def shares_of(parts: Mapping[str, float], blurbs: int, whole: float) -> Shares:
    """What a blurb took by part, of so many in all.

    Args:
        parts: Seconds of processor time of all of them, by part.
        blurbs: How many they were.
        whole: Seconds of processor time that a blurb took.
    """
    each = {name: 1000 * seconds / blurbs for name, seconds in parts.items()}
    rest = 1000 * whole - sum(each.values())
    return Shares(**{name: round(value, 2) for name, value in {**each, "rest": rest}.items()})


@contextmanager
def raw_lengths() -> Generator[list[int]]:
    """How long the texts are that the model writes meanwhile."""
    lengths = list[int]()
    judge = writing.judge

    def heard(raw: str, *given: Any, **named: Any) -> Any:
        lengths.append(len(raw))
        return judge(raw, *given, **named)

    with _replaced(writing, "judge", heard):
        yield lengths


@contextmanager
def parts_of_time() -> Generator[Mapping[str, float]]:
    """Seconds of processor time by part, until the end of the block; what a part calls of another is not its own."""
    spent = defaultdict[str, float](float)
    clocks: dict[int, list[float]] = {}

    def clocked(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            inner = clocks.setdefault(threading.get_ident(), [])
            inner.append(0.0)
            began = time.thread_time()
            try:
                return work(*given, **named)
            finally:
                whole = time.thread_time() - began
                spent[name] += whole - inner.pop()
                if inner:
                    inner[-1] += whole

        return run

    places: tuple[tuple[Any, str, str], ...] = (
        (Scheduler, "_write", "drawing"),
        (Llama, "advance", "arithmetic"),
        (House, "begin", "composition"),
        (Reading, "words", "composition"),
        (Reading, "after", "composition"),
        (Reading, "may_end", "composition"),
        (Guard, "_screen_all", "guard"),
        (writing, "judge", "checks"),
    )
    with ExitStack() as stack:
        for owner, attribute, name in places:
            made = clocked(name, getattr(owner, attribute))
            stack.enter_context(_replaced(owner, attribute, made))
        yield spent


@contextmanager
def _replaced(owner: Any, name: str, other: Any) -> Generator[None]:
    before = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, before)
