"""The folder of signed heads: kept through crashes, bounded, and washed of nothing that is wrong."""

from __future__ import annotations

import asyncio
import multiprocessing
from pathlib import Path

import msgspec
import pytest

from genservice.canonical import canonical
from genservice.domain.log_records import Anchor, Beginning, Head, SignedRecord
from genservice.errors import DocumentError, UnavailableError
from genservice.log_heads import GROWN, LogHeads, holding, latest_of, read_heads
from genservice.signing import Signer
from tests.logs import START, Clock


def head(position: int, writer: str = "a" * 16, **changes) -> Head:
    values = {"digest": f"{position:064x}", "requests": position, "hour": "2026-11-25T22"}
    return Head(**{"writer": writer, "position": position, "at": START, **values, **changes})


def anchor(position: int, writer: str = "a" * 16) -> Anchor:
    return Anchor(
        writer=writer, position=position, digest="0" * 64, before="2026-11-20T00", days=5, at=START
    )


class Folder:
    def __init__(self, tmp_path: Path) -> None:
        self.path = tmp_path / "heads"
        self.signer = Signer.open(tmp_path / "keystore")
        self.heads = LogHeads(self.path, self.signer, clock=Clock())

    @property
    def file(self) -> Path:
        return self.path / "heads-2026-11-25.jsonl"

    def records(self) -> list:
        return [item.record for item in read_heads(self.path).signed]


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


async def test_records_are_signed_and_read_back_after_the_beginning(folder):
    await folder.heads.append(head(1), anchor(1))
    await folder.heads.append(head(2))

    found = read_heads(folder.path)

    assert [item.record for item in found.signed] == [
        Beginning(at=START), head(1), anchor(1), head(2),
    ]  # fmt: skip
    assert holding(found.signed, folder.signer.public_keys()) == found.signed
    assert found.broken == ()


async def test_signed_bytes_are_json_that_says_what_it_is(folder):
    await folder.heads.append(head(7))
    line = folder.file.read_bytes().splitlines()[0]
    assert msgspec.json.decode(line)["record"] == {
        "at": "2026-11-25T22:40:00Z", "closed": False, "digest": f"{7:064x}", "hour": "2026-11-25T22",
        "kind": "genservice.log-head/1", "position": 7, "requests": 7, "writer": "a" * 16,
    }  # fmt: skip


async def test_a_record_lies_in_the_file_of_its_day_and_of_its_batches_if_that_is_later(folder):
    await folder.heads.append(head(1), head(2, hour="2026-11-26T00"))
    assert sorted(path.name for path in folder.path.glob("heads-*")) == [
        "heads-2026-11-25.jsonl",
        "heads-2026-11-26.jsonl",
    ]


async def test_a_line_that_a_crash_cut_off_is_left_out_and_then_taken_away(folder):
    await folder.heads.append(head(1))
    with folder.file.open("ab") as file:
        file.write(b'{"record":{"at":"2026-')
    assert (folder.records()[1:], read_heads(folder.path).broken) == ([head(1)], ())

    await folder.heads.append(head(2))

    assert folder.records()[1:] == [head(1), head(2)]
    assert read_heads(folder.path).broken == ()


async def test_a_file_of_nothing_but_a_cut_off_line_is_mended_too(folder):
    await folder.heads.append(head(1))
    folder.file.write_bytes(b"x" * 10_000)
    await folder.heads.append(head(2))
    assert folder.records()[1:] == [head(2)]


async def test_a_whole_line_that_is_no_record_is_named_by_its_place(folder):
    await folder.heads.append(head(1))
    with folder.file.open("ab") as file:
        file.write(b"nonsense\n")
    await folder.heads.append(head(2))
    assert read_heads(folder.path).broken == ("heads-2026-11-25.jsonl:2",)


async def test_superseded_heads_are_left_out_once_a_file_has_grown(folder):
    await folder.heads.append(anchor(3), head(1, "b" * 16, closed=True), head(1))
    for position in range(2, 400):
        await folder.heads.append(head(position))

    records = folder.records()

    assert folder.file.stat().st_size < GROWN * 1.1
    assert anchor(3) in records
    assert head(1, "b" * 16, closed=True) in records
    assert records[-1] == head(399)
    assert len(records) < 300


async def test_what_is_not_signed_by_us_is_neither_believed_nor_tidied_away(folder, tmp_path):
    await folder.heads.append(head(5))
    forged = head(9_999)
    signature = Signer.open(tmp_path / "another").signature(canonical(forged))
    line = canonical(SignedRecord(record=forged, signature=signature)) + b"\n"
    with folder.file.open("ab") as file:
        file.write(b"nonsense\n" + line)
    for position in range(6, 400):
        await folder.heads.append(head(position))

    found = read_heads(folder.path)

    assert forged in [item.record for item in found.signed]
    assert found.broken
    latest = [item.record for item in await folder.heads.latest()]
    assert latest == [Beginning(at=START), head(399)]


async def test_the_latest_of_each_writer_is_what_auditors_get(folder, tmp_path):
    await folder.heads.append(head(1), head(2), head(2, closed=True), anchor(1), anchor(2))
    await folder.heads.append(head(3, "b" * 16))
    latest = await folder.heads.latest()
    assert {item.record for item in latest} == {
        Beginning(at=START), head(2, closed=True), anchor(2), head(3, "b" * 16),
    }  # fmt: skip

    answer = tmp_path / "answer.json"
    answer.write_bytes(msgspec.json.encode({"items": latest, "next": None}))
    assert read_heads(answer).signed == latest == latest_of(latest)


async def test_days_before_one_are_taken_out_and_the_beginning_stays(folder):
    await folder.heads.append(head(1), head(2, hour="2026-11-27T00"))
    await folder.heads.prune(before="2026-11-26")
    assert folder.records() == [Beginning(at=START), head(2, hour="2026-11-27T00")]


async def test_a_folder_that_is_not_there_has_nothing_to_be_told_or_taken_out(folder):
    assert await folder.heads.latest() == ()
    await folder.heads.prune(before="2026-11-26")
    assert not folder.path.exists()


async def test_a_folder_that_cannot_be_written_says_so_without_its_path(folder):
    folder.path.write_text("a file")
    with pytest.raises(UnavailableError, match="cannot be kept") as raised:
        await folder.heads.append(head(1))
    assert str(folder.path) not in str(raised.value)


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DocumentError, match=r"heads\.json"):
        read_heads(tmp_path / "heads.json")


def test_processes_that_sign_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    Signer.open(tmp_path / "keystore")
    with context.Pool(3) as pool:
        pool.map(_signed, [(str(tmp_path), f"{number:016x}") for number in range(3)])

    folder = Folder(tmp_path)
    latest = {item.record for item in asyncio.run(folder.heads.latest())}
    assert {head(150, f"{number:016x}") for number in range(3)} < latest
    assert read_heads(folder.path).broken == ()
    assert len([record for record in folder.records() if isinstance(record, Beginning)]) == 1


def _signed(given: tuple[str, str]) -> None:
    path, writer = given
    folder = Folder(Path(path))

    async def work() -> None:
        for position in range(1, 151):
            await folder.heads.append(head(position, writer))

    asyncio.run(work())
