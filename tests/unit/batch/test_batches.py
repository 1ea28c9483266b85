"""Batches: every title for every audience once, whatever happens on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from genservice.answers import Order
from genservice.batch import (
    InProcess,
    Output,
    Patience,
    Source,
    Writing,
    opened,
    prepare,
    read_audiences,
    run,
)
from genservice.briefing import Options
from genservice.domain import Title
from genservice.errors import ConflictError, DocumentError, OutputError, UnavailableError
from genservice.receipts import verify
from tests.small_service import TITLES, Small

AUDIENCES: dict[str, Any] = {
    "crime_fans": {
        "context": {
            "region": "DE", "age_band": "age_25_34", "consents": ["content_profile", "content_use"],
        },
        "signals": {"genre_affinity": ["crime"], "gender": "female"},
        "channels": ["tile", "detail"],
    },
    "anybody": {"context": {"region": "unknown", "age_band": "unknown", "consents": []}},
}  # fmt: skip
WANTED = 3 * len(TITLES)
CRIME = {"genre_affinity": ["crime"]}


class Batch:
    """A batch over the small service, in a folder of its own."""

    def __init__(self, small: Small, folder: Any) -> None:
        self.small = small
        self.service = small.service
        self.folder = folder / "out"
        self.file = folder / "audiences.yaml"
        self.say(AUDIENCES)
        self.slept: list[float] = []
        self.options: dict[str, Any] = {"part_items": 3, "formats": ("jsonl", "parquet")}
        self.source = Source()
        self.patience = Patience()

    def say(self, audiences: Any) -> None:
        self.file.write_text(json.dumps({"audiences": audiences}), encoding="utf-8")

    def run(self, *, retry: bool = False, told: Any = lambda _: None) -> Any:
        with opened(self.folder) as output:
            return self.small.run(self._run(output, retry, told))

    async def _run(self, output: Output, retry: bool, told: Any) -> Any:
        # The path whose parts a test may break.
        service = replace(self.service, blurbs=self.small.blurbs)
        prepared = await prepare(
            service, read_audiences(self.file), self.source, begun=output.begun, **self.options
        )
        output.begin(prepared.plan.manifest, retry=retry)
        writing = Writing(
            service.blurbs, service.titles, prepared.plan.audiences, at_once=4,
            formats=self.options["formats"], patience=self.patience, sleep=self._sleep,
        )  # fmt: skip
        return await run(prepared.plan, output, InProcess(writing), told)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def rows(self) -> list[dict[str, Any]]:
        return self._lines("results")

    def receipts(self) -> list[dict[str, Any]]:
        return self._lines("receipts")

    def _lines(self, what: str) -> list[Any]:
        files = sorted((self.folder / what).glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def files(self) -> dict[str, bytes]:
        """Everything written, save what tells of runs."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != "journal.jsonl"
        }


@pytest.fixture
def batch(small, tmp_path):
    return Batch(small, tmp_path)


def once(rows: list[dict[str, Any]]) -> bool:
    asked = [(r["title"], r["audience"], r["purpose"], r["channel"]) for r in rows]
    return len(asked) == len(set(asked)) == WANTED


def test_every_title_is_written_for_every_audience_once(batch):
    summary = batch.run()
    assert once(batch.rows())
    assert (summary.items, summary.parts, summary.before) == (WANTED, len(TITLES), 0)
    assert sum(summary.counts.values()) == WANTED


def test_a_row_is_what_a_request_would_be_answered(batch):
    batch.run()
    row = next(r for r in batch.rows() if r["title"] == "cold-quay" and r["channel"] == "tile")
    answer = batch.small.ask("cold-quay", CRIME, channel="tile")
    (blurb,) = answer.blurbs
    assert (row["text"], row["blurb"], row["source"], row["angle"], row["receipt"]) == (
        blurb.text, blurb.id, blurb.source, blurb.angle, answer.receipt.id,
    )  # fmt: skip


def test_every_text_has_a_receipt_that_holds(batch):
    batch.run()
    receipts = {each["id"]: each for each in batch.receipts()}
    keys = batch.small.service.signer.public_keys()
    for row in batch.rows():
        raw = json.dumps(receipts[row["receipt"]]).encode()
        assert verify(raw, keys, row["text"]).valid


def test_parquet_says_what_the_lines_say(batch):
    batch.run()
    files = sorted((batch.folder / "results").glob("*.parquet"))
    assert [row for file in files for row in pq.read_table(file).to_pylist()] == batch.rows()
    files = sorted((batch.folder / "receipts").glob("*.parquet"))
    kept = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert [json.loads(each["receipt"]) for each in kept] == batch.receipts()


def test_what_policy_withholds_of_an_audience_changes_no_byte(batch, tmp_path):
    batch.run()
    before = batch.files()
    (tmp_path / "other").mkdir()
    other = Batch(batch.small, tmp_path / "other")
    fans = {**AUDIENCES["crime_fans"], "signals": {**CRIME, "gender": "canary-7c1f"}}
    other.say({**AUDIENCES, "crime_fans": fans})
    other.run()
    assert other.files() == before
    assert not any(b"canary-7c1f" in raw for raw in other.files().values())


def test_what_is_done_is_not_written_again(batch):
    batch.run()
    batch.small.model.requests.clear()
    before = {path: path.stat().st_mtime_ns for path in batch.folder.rglob("part-*")}
    summary = batch.run()
    assert summary.before == summary.items == WANTED
    assert {path: path.stat().st_mtime_ns for path in batch.folder.rglob("part-*")} == before
    assert not batch.small.model.requests


def stop_after(parts: int):
    left = iter(range(parts))

    def told(_: Any) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return told


@pytest.mark.parametrize("parts", [0, 1, 3])
def test_a_batch_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(batch, tmp_path, parts):
    with pytest.raises(KeyboardInterrupt):
        batch.run(told=stop_after(parts))
    summary = batch.run()
    assert summary.before >= 3 * parts
    assert once(batch.rows())
    (tmp_path / "whole").mkdir()
    whole = Batch(batch.small, tmp_path / "whole")
    whole.run()
    assert batch.files() == whole.files()


DAMAGE = {
    "a journal that ends in half a line": lambda folder: (folder / "journal.jsonl").write_bytes(
        (folder / "journal.jsonl").read_bytes()[:-20]
    ),
    "a journal with a line of zeros": lambda folder: (folder / "journal.jsonl").write_bytes(
        b"\0" * 40 + b"\n" + (folder / "journal.jsonl").read_bytes().partition(b"\n")[2]
    ),
    "no journal": lambda folder: (folder / "journal.jsonl").unlink(),
    "a file that is gone": lambda folder: next((folder / "results").glob("*.jsonl")).unlink(),
    "a file cut short": lambda folder: next((folder / "receipts").glob("*.parquet")).write_bytes(
        b"PAR1"
    ),
    "half a file": lambda folder: (folder / "results" / ".x.part").write_bytes(b"{"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_whatever_a_process_that_died_leaves_is_mended(batch, damage):
    batch.run()
    before = batch.files()
    damage(batch.folder)
    batch.run()
    assert batch.files() == before
    lines = (batch.folder / "journal.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["part"] for line in lines) == list(range(len(TITLES)))


def refused(batch: Batch) -> str:
    before = {path: path.read_bytes() for path in batch.folder.rglob("*") if path.is_file()}
    with pytest.raises(ConflictError) as caught:
        batch.run()
    assert {p: p.read_bytes() for p in batch.folder.rglob("*") if p.is_file()} == before
    return str(caught.value)


def test_other_audiences_are_not_mixed_with_those_a_batch_was_begun_with(batch):
    batch.run()
    batch.say({**AUDIENCES, "late": AUDIENCES["anybody"]})
    told = refused(batch)
    assert "the audiences, or what policy discloses of them changed" in told
    assert "give another --out to begin anew" in told


def test_a_policy_edit_that_discloses_something_else_is_noticed(batch):
    batch.run()
    in_force = batch.small._held.policies()
    edited = msgspec.structs.replace(in_force, version="sha256:edited")
    batch.small.put_in(policies=lambda: edited)
    batch.service = replace(batch.service, policies=lambda: edited)
    assert "the policy set changed (sha256:" in refused(batch)


def test_a_title_edited_since_is_noticed(batch):
    batch.run()
    record = {**TITLES[0], "year": 1999}
    batch.small.run(batch.small.service.titles.put(msgspec.convert(record, Title)))
    assert "the titles changed" in refused(batch)


def test_another_size_of_parts_or_other_formats_are_noticed(batch):
    batch.run()
    batch.options = {"part_items": 12, "formats": ("jsonl",)}
    told = refused(batch)
    assert "the size of parts changed (1 then, 4 now)" in told
    assert "the formats changed (jsonl+parquet then, jsonl now)" in told


def titles_file(batch: Batch, tmp_path: Any, *records: Any) -> None:
    path = tmp_path / "titles.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    batch.source = Source(files=(path,))


def test_titles_of_files_are_imported_once_and_others_of_the_catalogue_left_out(batch, tmp_path):
    new = {
        "id": "new-one",
        "kind": "film",
        "name": "New One",
        "language": "en",
        "genres": ["crime"],
    }
    titles_file(batch, tmp_path, new, TITLES[0])
    assert batch.run().items == 6
    assert {row["title"] for row in batch.rows()} == {"new-one", "cold-quay"}
    batch.run()
    # An editor's change is not undone by going on, but noticed.
    edited = msgspec.convert({**new, "year": 1999}, Title)
    batch.small.run(batch.small.service.titles.put(edited))
    assert "the titles changed" in refused(batch)
    assert batch.small.title("new-one").year == 1999
    batch.small.run(batch.small.service.titles.delete("new-one"))


def test_records_that_cannot_be_read_are_told_and_the_rest_is_written(batch, tmp_path):
    titles_file(batch, tmp_path, {"id": "bad"}, TITLES[0])
    assert batch.run().items == 3


def test_other_files_of_titles_change_nothing_in_the_catalogue(batch, tmp_path):
    titles_file(batch, tmp_path, TITLES[0])
    batch.run()
    titles_file(batch, tmp_path, {**TITLES[0], "year": 1999})
    assert "the files of titles changed" in refused(batch)
    assert batch.small.title("cold-quay").year == 2021


def test_a_released_value_of_the_wrong_shape_is_told_at_its_place_before_anything_is_written(batch):
    fans = {**AUDIENCES["crime_fans"], "signals": {"genre_affinity": "crime"}}
    batch.say({"crime_fans": fans})
    with pytest.raises(DocumentError) as caught:
        batch.run()
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("audiences.yaml", 1)
    assert "expected a list of at most" in problem.detail
    assert not (batch.folder / "manifest.json").exists()


def test_a_model_that_comes_back_is_waited_for(batch):
    batch.small.model.fail()
    woken = []

    async def sleep(seconds: float) -> None:
        woken.append(seconds)
        batch.small.model.recover()

    batch._sleep = sleep
    assert batch.run().failed == 0
    assert woken[0] == 1


def test_what_a_failing_model_leaves_is_listed_and_mended_by_a_retry(batch):
    batch.small.model.fail()
    summary = batch.run()
    listed = (batch.folder / "failures.jsonl").read_text().splitlines()
    assert summary.failed == len(listed) > 0
    assert {json.loads(line)["reason"] for line in listed} == {"model_unavailable"}
    assert once(batch.rows())
    assert batch.slept[:1] == [1]
    batch.small.model.recover()
    assert batch.run().failed == summary.failed
    mended = batch.run(retry=True)
    assert mended.failed == 0
    assert once(batch.rows())
    assert (batch.folder / "failures.jsonl").read_bytes() == b""


def test_a_service_that_does_not_come_back_ends_the_batch_with_nothing_half_done(batch):
    batch.patience = Patience(pauses=(), in_a_row=3)
    batch.small.model.fail()
    with pytest.raises(UnavailableError, match="texts in a row could not be written"):
        batch.run()
    batch.small.model.recover()
    batch.run()
    assert once(batch.rows())


def test_a_title_changed_meanwhile_is_a_failure_and_no_gap(batch):
    titles = batch.small.service.titles

    class Edited:
        async def get_many(self, ids: Any) -> Any:
            held = await titles.get_many(ids)
            return {name: title for name, title in held.items() if name != "cold-quay"}

    async def work(output: Output) -> Any:
        prepared = await prepare(
            batch.small.service, read_audiences(batch.file), Source(), begun=None, **batch.options
        )
        output.begin(prepared.plan.manifest)
        writing = Writing(
            batch.small.blurbs, Edited(), prepared.plan.audiences, at_once=4, formats=("jsonl",)
        )
        return await run(prepared.plan, output, InProcess(writing))

    with opened(batch.folder) as output:
        summary = batch.small.run(work(output))
    assert summary.counts["none:title_changed"] == summary.failed == 3
    assert once(batch.rows())


def test_a_full_disk_is_told_with_what_stays_and_how_to_go_on(batch):
    def told(_: Any) -> None:
        journal = batch.folder / "journal.jsonl"
        if not journal.is_symlink():
            kept.append(journal.read_bytes())
            journal.unlink()
            # The kernel's own full disk.
            journal.symlink_to("/dev/full")

    kept: list[bytes] = []
    with pytest.raises(OutputError) as caught:
        batch.run(told=told)
    assert "no space is left. What is done stays done: 1 parts" in str(caught.value)
    journal = batch.folder / "journal.jsonl"
    journal.unlink()
    journal.write_bytes(kept[0])
    assert batch.run().before == 3
    assert once(batch.rows())


def test_two_batches_do_not_write_to_one_folder(batch):
    with opened(batch.folder), pytest.raises(ConflictError, match="another batch is writing"):
        batch.run()


def test_a_folder_of_other_things_is_left_alone(batch):
    batch.folder.mkdir()
    (batch.folder / "notes.txt").write_text("mine")
    with pytest.raises(ConflictError, match="holds other files"):
        batch.run()
    assert [path.name for path in batch.folder.iterdir()] == ["notes.txt"]


def test_orders_that_differ_in_what_is_withheld_disclose_the_same(small):
    def order(gender: str) -> Order:
        return Order(
            title=small.title("cold-quay"), options=Options(purpose="promo"), region="DE",
            age_band="age_25_34", consents=("content_profile", "content_use"),
            signals={**CRIME, "gender": gender},
        )  # fmt: skip

    one, other = (small.run(small.blurbs.disclosed(order(word))) for word in ("female", "x"))
    assert one == other
    assert [item.signal for item in one.released] == ["genre_affinity"]
