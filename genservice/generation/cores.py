"""How many cores torch computes with: one before processes are forked, and their share afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def on_one_core() -> Generator[None]:
    """A block that torch computes on the calling thread alone.

    A process that has begun to share work among threads cannot be forked: the threads stay behind, and
    whoever shares work in the child waits for them for ever.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def share_cores(processes: int) -> None:
    """Have torch compute with this process's share of the cores, one at least.

    Args:
        processes: How many compute side by side.
    """
    torch.set_num_threads(max(1, torch.get_num_threads() // processes))
