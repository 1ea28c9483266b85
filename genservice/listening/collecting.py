"""When Python's collector runs while a process starts."""

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


@contextmanager
def seldom_collected() -> Generator[None]:
    """A block that loads what stays to the end; what it made is never gone through again.

    Afterwards collections come as often as before, over what is new. Going through the rest once more
    would stop every request for a third of a second; forked processes would also have to copy it.
    """
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, 20, _NEVER)
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*before)
