"""Signals as something to wait for, beside pipes and processes."""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


class Signals:
    """Signals that came and were not taken yet."""

    def __init__(self, waking: socket.socket) -> None:
        self.waking = waking
        """Readable when there are some; for `multiprocessing.connection.wait`."""

    def taken(self) -> list[int]:
        """Their numbers, in the order in which they came."""
        try:
            return list(self.waking.recv(4096))
        except BlockingIOError:
            return []


@contextmanager
def caught(*numbers: int) -> Generator[Signals]:
    """These signals, which do nothing else until the block ends. For the main thread."""
    reading, writing = socket.socketpair()
    with reading, writing:
        reading.setblocking(False)
        writing.setblocking(False)
        handlers = {number: signal.signal(number, _noted) for number in numbers}
        before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield Signals(reading)
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)


def forgotten() -> None:
    """In a process that was forked within such a block: signals wake the other one no more."""
    signal.set_wakeup_fd(-1)


def _noted(number: int, frame: object) -> None:
    """Python writes its number to the wake-up socket; a handler there must be."""
