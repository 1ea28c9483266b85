"""Files that outlive a crash: written whole or not at all, and on disk when the call returns."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Generator


def put_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step, for its owner alone: nobody ever finds half of it.

    Raises:
        OSError: It cannot be written; what was at `path` stays.
    """
    # A name that no reader of the folder takes for a file of its own.
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder_to_disk(path.parent)


def folder_to_disk(folder: Path) -> None:
    """Return once the names in `folder` are on disk. Windows has no such call.

    Raises:
        OSError: The disk fails.
    """
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Alone among the processes that lock `folder`; one that dies holds up nobody.

    Without effect on Windows, where one process at a time should do what needs this.

    Raises:
        OSError: The folder is not there.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def claimed(folder: Path) -> Generator[None]:
    """As `locked`, but without waiting.

    Raises:
        BlockingIOError: Another process has the folder.
        OSError: The folder is not there.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
