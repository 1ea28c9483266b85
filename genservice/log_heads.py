"""The signed heads of the decision log: a folder outside the database.

    beginning.jsonl             from when on batches are chained
    heads-2026-11-25.jsonl      what was signed of that day's chains, a record a line

Files are only ever added to, and each record is on disk before anybody relies on it. A later head of
a writer says all that an earlier one said; so a file that has grown is written anew with the latest
of each writer. Records whose signature does not hold are never taken for later ones, nor tidied away.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import msgspec

from genservice.canonical import canonical
from genservice.domain.log_records import Anchor, Beginning, Head, LogRecord, SignedRecord
from genservice.errors import DocumentError, Problem, UnavailableError
from genservice.files import folder_to_disk, locked, put_whole
from genservice.public_keys import KeySet, signature_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from genservice.signing import Signer

GROWN = 64 * 1024
"""Each time a file has grown by so many bytes, superseded records are left out of it."""
MOST_BYTES = 200_000_000
_BEGINNING = "beginning.jsonl"
_HEADS = "heads-"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder or file of heads holds."""

    signed: tuple[SignedRecord, ...] = ()
    broken: tuple[str, ...] = ()
    """Places, as FILE:LINE, of what is no record."""


class LogHeads:
    """Signs records and keeps them."""

    def __init__(self, folder: Path, signer: Signer, *, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._signer = signer
        self._clock = clock

    async def append(self, *records: Head | Anchor) -> None:
        """Return once these are signed and on disk.

        Raises:
            UnavailableError: The folder cannot be written.
        """
        try:
            await asyncio.to_thread(self._append, records)
        except OSError as error:
            raise _unwritable(error) from None

    async def prune(self, *, before: str) -> None:
        """Take out the files of the days before one, such as `2026-11-25`.

        Raises:
            UnavailableError: The folder cannot be written.
        """
        try:
            await asyncio.to_thread(self._prune, before)
        except OSError as error:
            raise _unwritable(error) from None

    async def latest(self) -> tuple[SignedRecord, ...]:
        """The beginning, and the latest head and anchor of each writer.

        Raises:
            UnavailableError: The folder cannot be read.
        """
        try:
            found = await asyncio.to_thread(self._found)
        except DocumentError:
            raise UnavailableError("The heads of the decision log cannot be read.") from None
        return latest_of(holding(found.signed, self._signer.public_keys()))

    def _found(self) -> Found:
        # Made with the first head: before that, none was signed.
        return read_heads(self._folder) if self._folder.exists() else Found()

    def _append(self, records: Sequence[Head | Anchor]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self._folder):
            if not (self._folder / _BEGINNING).exists():
                beginning = Beginning(at=self._clock().replace(microsecond=0))
                put_whole(self._folder / _BEGINNING, self._line(beginning))
            files: dict[Path, list[bytes]] = {}
            for record in records:
                path = self._folder / f"{_HEADS}{_day_of(record)}.jsonl"
                files.setdefault(path, []).append(self._line(record))
            for path, lines in files.items():
                self._add(path, b"".join(lines))

    def _add(self, path: Path, lines: bytes) -> None:
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a+b") as file:
            before = _mended(file.fileno())
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            folder_to_disk(self._folder)
        if before // GROWN != (before + len(lines)) // GROWN:
            self._compact(path)

    def _compact(self, path: Path) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        decoded = [_decoded(line) for line in lines]
        keys = self._signer.public_keys()
        good = holding((signed for signed in decoded if signed is not None), keys)
        latest, held = set(map(id, latest_of(good))), set(map(id, good))
        kept = [
            line
            for line, signed in zip(lines, decoded, strict=True)
            if id(signed) in latest or id(signed) not in held
        ]
        put_whole(path, b"".join(kept))

    def _prune(self, before: str) -> None:
        if not self._folder.exists():
            return
        with locked(self._folder):
            for path in self._folder.glob(f"{_HEADS}*.jsonl"):
                if path.stem.removeprefix(_HEADS) < before:
                    path.unlink()

    def _line(self, record: LogRecord) -> bytes:
        signed = SignedRecord(record=record, signature=self._signer.signature(canonical(record)))
        return canonical(signed) + b"\n"


def read_heads(place: Path) -> Found:
    """The records of a folder, of one of its files, or of a saved answer of `GET /v1/log/heads`.

    A last line without its end was cut off by a crash, before anybody relied on it: it is left out.

    Raises:
        DocumentError: It cannot be read.
    """
    signed: list[SignedRecord] = []
    broken: list[str] = []
    try:
        paths = sorted(place.glob("*.jsonl")) if place.is_dir() else [place]
        for path in paths:
            try:
                raw = path.read_bytes()
            except FileNotFoundError:
                # Taken out since it was listed: nothing in it is needed any more.
                if path == place:
                    raise
                continue
            for number, line in enumerate(_lines(raw), start=1):
                record = _decoded(line)
                if record is None:
                    broken.append(f"{path.name}:{number}")
                else:
                    signed.append(record)
    except OSError as error:
        detail = error.strerror or "cannot be read"
        raise DocumentError(Problem(file=str(place), detail=detail)) from None
    return Found(signed=tuple(signed), broken=tuple(broken))


def holding(signed: Iterable[SignedRecord], keys: KeySet) -> tuple[SignedRecord, ...]:
    """Those whose signature is one of these keys'."""
    return tuple(
        item
        for item in signed
        if signature_fault(item.signature, canonical(item.record), keys) is None
    )


def latest_of(signed: Iterable[SignedRecord]) -> tuple[SignedRecord, ...]:
    """The first beginning, and of each writer the head and the anchor that lie furthest."""
    found: dict[tuple[str, str], tuple[tuple[object, ...], SignedRecord]] = {}
    for item in signed:
        match item.record:
            case Head(writer=writer, position=position, closed=closed, at=at):
                key, rank = ("head", writer), (position, closed, at)
            case Anchor(writer=writer, position=position, before=before, at=at):
                key, rank = ("anchor", writer), (position, before, at)
            case Beginning(at=at):
                key, rank = ("beginning", ""), (-at.timestamp(),)
        if key not in found or rank > found[key][0]:
            found[key] = rank, item
    return tuple(item for _, item in found.values())


class _Answer(msgspec.Struct):
    items: list[msgspec.Raw]


def _lines(raw: bytes) -> list[bytes]:
    try:
        return [bytes(item) for item in msgspec.json.decode(raw, type=_Answer).items]
    except (msgspec.DecodeError, RecursionError):
        return raw.split(b"\n")[:-1]


def _decoded(line: bytes) -> SignedRecord | None:
    try:
        return msgspec.json.decode(line, type=SignedRecord)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _mended(descriptor: int) -> int:
    """The size of a file once a last line that a crash cut off is taken away."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    end = size
    while end:
        begin = max(0, end - 4096)
        piece = os.pread(descriptor, end - begin, begin)
        if (found := piece.rfind(b"\n")) >= 0:
            end = begin + found + 1
            break
        end = begin
    if end != size:
        os.ftruncate(descriptor, end)
    return end


def _day_of(record: Head | Anchor) -> str:
    """The day in whose file a record lies: not before the batches that it speaks of."""
    day = record.at.isoformat()[:10]
    return max(day, record.hour[:10]) if isinstance(record, Head) else day


def _unwritable(error: OSError) -> UnavailableError:
    detail = error.strerror or "an error of the disk"
    return UnavailableError(f"The heads of the decision log cannot be kept: {detail}")
