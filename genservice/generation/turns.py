"""Whose turn it is: what waits for a model, by priority, and fairly between callers."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, get_args

from genservice.generation.model import Priority

if TYPE_CHECKING:
    from genservice.generation.model import Request


class Waiting(Protocol):
    """What can wait."""

    @property
    def request(self) -> Request:
        """What it is: with a priority, a caller and seeds."""
        ...


W = TypeVar("W", bound=Waiting)

PRIORITIES: tuple[Priority, ...] = get_args(Priority)


class Turns(Generic[W]):
    """Pieces of work in the order in which they are to be done.

    Those of a higher priority first; among equals the callers take turns, so that one who asks for
    much waits behind its own; of one caller in order of arrival. Of the same additions and
    takings always the same order.
    """

    def __init__(self) -> None:
        """Nothing waits."""
        self._lines: dict[Priority, OrderedDict[str, deque[W]]] = {
            priority: OrderedDict() for priority in PRIORITIES
        }
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, work: W) -> None:
        """Have it wait."""
        line = self._lines[work.request.priority]
        line.setdefault(work.request.caller, deque()).append(work)
        self._count += 1

    def remove(self, work: W) -> bool:
        """Take it out of the line, wherever it stands; false if it does not wait."""
        line = self._lines[work.request.priority]
        own = line.get(work.request.caller)
        if own is None or work not in own:
            return False
        own.remove(work)
        if not own:
            del line[work.request.caller]
        self._count -= 1
        return True

    def take(self, texts: int, *, least: int = 0) -> list[W]:
        """The next ones, as long as their texts fit.

        Args:
            texts: Most texts, over all that is taken.
            least: Take so many pieces however many texts they are.
        """
        taken: list[W] = []
        while (work := self._first()) is not None:
            texts -= len(work.request.seeds)
            if texts < 0 and len(taken) >= least:
                break
            self._pop()
            taken.append(work)
        return taken

    def _first(self) -> W | None:
        for line in self._lines.values():
            for own in line.values():
                return own[0]
        return None

    def _pop(self) -> None:
        line = next(line for line in self._lines.values() if line)
        caller, own = line.popitem(last=False)
        own.popleft()
        if own:
            line[caller] = own  # behind all others
        self._count -= 1
