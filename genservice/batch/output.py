"""The folder of results: files put whole, and a journal that says which parts are done.

    manifest.json           what the results are of; written first
    results/part-000000.*   a part's texts
    receipts/part-000000.*  their receipts
    journal.jsonl           one line a part, added once its files are on disk: that is when it is done
    failures.jsonl          texts that something kept from being what they should; written at the end

A part without a line in the journal is written anew, over whatever a process that died left of it.
So nothing is there twice, and nothing is missing, wherever that was. A last line without an end is of
a process that died while it wrote it, and is taken off.
"""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import msgspec

from genservice.batch.plan import Manifest, require_same
from genservice.batch.rows import PASSING, Record
from genservice.errors import ConflictError, OutputError
from genservice.files import claimed, folder_to_disk, put_whole

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from pathlib import Path

    from genservice.batch.rows import Failure, Written

MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
FAILURES = "failures.jsonl"
FOLDERS = ("results", "receipts")

_record = msgspec.json.Decoder(Record)
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Output:
    """A folder of results that this process alone writes to.

    Attributes:
        folder: Where it is.
        done: Every part that is written, by number.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: dict[int, Record] = {}

    @property
    def begun(self) -> Manifest | None:
        """What the results there are of; None if nothing was begun.

        Raises:
            ConflictError: There is something else.
        """
        try:
            raw = (self.folder / MANIFEST).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(raw, type=Manifest)
        except msgspec.DecodeError:
            raise ConflictError(f"{self.folder / MANIFEST} is not of a batch") from None

    def begin(self, manifest: Manifest, *, retry: bool = False) -> None:
        """Begin, or go on where the results there stop.

        Args:
            manifest: What is to be written.
            retry: Parts count as not done if something in them failed that may do better now.

        Raises:
            ConflictError: The results there are of another batch.
            OutputError: The folder cannot be written to.
        """
        with self._on_disk():
            begun = self.begun
            if begun is None:
                for name in FOLDERS:
                    (self.folder / name).mkdir(exist_ok=True)
                put_whole(self.folder / MANIFEST, _pretty(manifest))
                return
            require_same(begun, manifest)
            self._clear()
            self.done = {
                record.part: record
                for record in self._journal()
                if self._is_whole(record) and not (retry and _may_mend(record))
            }
            # From here on no line speaks of files that are about to be written over.
            put_whole(self.folder / JOURNAL, b"".join(map(_line, self.done.values())))

    def put(self, written: Written) -> None:
        """Have a part on disk, and in the journal. It is done when this returns.

        Raises:
            OutputError: The disk is full, or fails; the part is not done.
        """
        with self._on_disk():
            for name, raw in written.files.items():
                put_whole(self.folder / name, raw)
            with (self.folder / JOURNAL).open("ab") as journal:
                journal.write(_line(written.record))
                journal.flush()
                os.fsync(journal.fileno())
            folder_to_disk(self.folder)
        self.done[written.record.part] = written.record

    def end(self) -> None:
        """List every failure in a file of its own.

        Raises:
            OutputError: The disk is full, or fails.
        """
        with self._on_disk():
            lines = (msgspec.json.encode(each) + b"\n" for each in failures_of(self.done))
            put_whole(self.folder / FAILURES, b"".join(lines))

    def _clear(self) -> None:
        """Take away what a process that died was in the middle of."""
        for name in FOLDERS:
            (self.folder / name).mkdir(exist_ok=True)
            for path in (self.folder / name).glob(".*.part"):
                path.unlink()

    def _journal(self) -> Iterable[Record]:
        """What was written down, up to a line that somebody died in the middle of."""
        try:
            raw = (self.folder / JOURNAL).read_bytes()
        except FileNotFoundError:
            return
        for line in raw[: raw.rfind(b"\n") + 1].splitlines():
            try:
                yield _record.decode(line)
            except msgspec.DecodeError:
                # A disk that lost power may hold anything there: what no line tells of is not done.
                continue

    def _is_whole(self, record: Record) -> bool:
        for name, facts in record.files.items():
            try:
                size = (self.folder / name).stat().st_size
            except FileNotFoundError:
                return False
            if size != facts.bytes:
                return False
        return True

    @contextmanager
    def _on_disk(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            why = "no space is left" if error.errno in _FULL else (error.strerror or "it fails")
            raise OutputError(
                f"{self.folder}: {why}. What is done stays done: {len(self.done)} parts."
                " Mend it and run the same command again"
            ) from None


def failures_of(done: Mapping[int, Record]) -> Iterator[Failure]:
    """Every failure, in the order of parts."""
    for number in sorted(done):
        yield from done[number].failed


@contextmanager
def opened(folder: Path) -> Generator[Output]:
    """The folder of results, made if need be, for this process alone.

    Raises:
        ConflictError: Another process writes to it, or it holds other things.
        OutputError: It cannot be made.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(claimed(folder))
            strange = not (folder / MANIFEST).exists() and any(_others(folder))
        except BlockingIOError:
            raise ConflictError(f"another batch is writing to {folder}") from None
        except OSError as error:
            raise OutputError(f"{folder}: {error.strerror}") from None
        if strange:
            raise ConflictError(f"{folder} holds other files: give an empty folder")
        yield Output(folder)


def _others(folder: Path) -> Iterator[Path]:
    """What is there besides what a batch that died before its manifest may have left."""
    return (
        path
        for path in folder.iterdir()
        if path.name not in FOLDERS and not (path.name[0] == "." and path.suffix == ".part")
    )


def _may_mend(record: Record) -> bool:
    return any(failure.reason in PASSING for failure in record.failed)


def _line(record: Record) -> bytes:
    return msgspec.json.encode(record) + b"\n"


def _pretty(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
