"""When Python's collector runs: hardly while a process starts, and seldom from then on."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_YOUNG = 50_000
"""New objects before the collector looks through those. Python's own 700 has it go through all that is
loaded a dozen times while it is loaded: a third of the processor time of a start."""
_NEVER = 1_000_000
_SETTLED = (10_000, 20, 20)
"""The same from then on, and after how many rounds it looks at what stayed. A text is put together from thousands of
small objects, nearly all of which go by themselves: looking through them as often as Python does by default
took an eighth of the time of a fresh text, with pauses of 50 ms."""


@contextmanager
def seldom_collected() -> Generator[None]:
    """A block that loads what stays to the end; what it made is never gone through again.

    Afterwards collections are over what is new, and come seldom. Going through the rest once more
    would stop every request for a third of a second; forked processes would also have to copy it.
    """
    gc.set_threshold(_YOUNG, 20, _NEVER)
    try:
        yield
    finally:
        settle()


def settle() -> None:
    """Never go through what stands by now again, and seldom through what comes."""
    gc.freeze()
    gc.set_threshold(*_SETTLED)
