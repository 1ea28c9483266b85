"""What is said of a log that something happened to: which writer, which positions, which hours."""

from __future__ import annotations

import msgspec
import pytest

from genservice.cli.log import told
from genservice.log_findings import Finding
from genservice.signing import Signer
from genservice.store import DecisionBatch
from tests.logs import START
from tests.properties.test_log_chain import DAYS, Work

ONE, TWO = f"{1:016x}", f"{2:016x}"


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> Signer:
    return Signer.open(tmp_path_factory.mktemp("keystore"))


@pytest.fixture
async def work(signer) -> Work:
    """Two writers, five batches each over three hours of a day, and a head of each at the end."""
    work = Work(signer)
    work.clock.pass_by(hours=-3)
    for number in range(5):
        for worker in (0, 1):
            await work.log(worker, {"DE": number + 1})
        await work.wait(30)
    return work


def batch(work: Work, writer: str, position: int) -> DecisionBatch:
    return work.chain(writer)[position - 1]


async def test_what_was_counted_is_said_of_a_whole_log(work):
    verdict = await work.verdict()
    assert (verdict.batches, verdict.requests, verdict.writers) == (10, 30, 2)
    assert (verdict.since, verdict.until) == ("2026-11-25T19", "2026-11-25T21")
    assert told(verdict).endswith("Nothing was removed, altered or cut off since it was signed.")


async def test_a_batch_taken_out_is_named_with_the_hours_around_it(work):
    work.take(batch(work, ONE, 3))
    verdict = await work.verdict()
    assert verdict.findings == (
        Finding(
            kind="removed", writer=ONE, first=3, last=3, since="2026-11-25T20",
            until="2026-11-25T21",
        ),
    )  # fmt: skip
    said = "2026-11-25T20:00 to 2026-11-25T21:00 UTC: batch 3 missing: removed"
    assert f"writer {ONE}, {said}" in told(verdict)


@pytest.mark.parametrize("hour", [":026-11-25T21", "~", "", "9999-12-31T23"])
async def test_a_batch_is_read_whatever_was_put_in_place_of_its_hour(work, hour):
    last = batch(work, TWO, 5)
    work.take(last)
    work.put(msgspec.structs.replace(last, hour=hour))
    verdict = await work.verdict()
    assert verdict.batches == 10
    assert not verdict.whole


async def test_an_altered_batch_is_one_finding(work):
    work.put(msgspec.structs.replace(batch(work, ONE, 2), requests=9))
    (finding,) = (await work.verdict()).findings
    assert (finding.kind, finding.writer, finding.first, finding.since) == (
        "altered", ONE, 2, batch(work, ONE, 2).hour,
    )  # fmt: skip


async def test_a_tail_cut_off_is_named_up_to_the_head(work):
    work.take(*work.chain(TWO)[3:])
    verdict = await work.verdict()
    assert verdict.findings == (
        Finding(
            kind="cut_off", writer=TWO, first=4, last=5, since="2026-11-25T20",
            until="2026-11-25T21",
        ),
    )  # fmt: skip
    assert "restored from a backup" in told(verdict)


async def test_a_writer_taken_out_whole_is_named(work):
    work.take(*work.chain(TWO))
    (finding,) = (await work.verdict()).findings
    assert (finding.kind, finding.writer, finding.first, finding.last) == ("dropped", TWO, 1, 5)


async def test_what_was_forgotten_in_its_time_is_accounted_for(work):
    work.clock.pass_by(days=DAYS, hours=-1, minutes=-20)
    await work.forget(0)
    assert 0 < len(work.rows) < 10
    verdict = await work.verdict()
    assert (verdict.findings, verdict.overdue) == ((), 0)


async def test_verification_goes_on_from_what_was_forgotten(work):
    work.clock.pass_by(days=DAYS, hours=-1, minutes=-20)
    await work.forget(0)
    left = work.chain(ONE)
    work.take(left[0])
    (finding,) = (await work.verdict()).findings
    assert (finding.kind, finding.first) == ("removed", left[0].position)


async def test_a_stop_between_signing_and_forgetting_is_no_fault(work):
    rows = dict(work.rows)
    work.clock.pass_by(days=DAYS + 1)
    await work.forget(0)
    work.batches.rows = rows
    verdict = await work.verdict()
    assert (verdict.findings, verdict.overdue) == ((), 10)
    work.take(*[row for row in rows.values() if row.hour < "2026-11-25T21"])
    assert (await work.verdict()).findings == ()


async def test_forgetting_sooner_than_the_settings_say_is_found(work):
    work.clock.pass_by(days=DAYS + 1)
    await work.forget(0)
    findings = (await work.verdict(days=90)).findings
    assert {(finding.kind, finding.writer) for finding in findings} == {
        ("forgotten_early", ONE),
        ("forgotten_early", TWO),
    }
    assert {finding.last for finding in findings} == {5}


async def test_forgetting_that_no_anchor_accounts_for_is_found(work):
    work.take(*work.chain(ONE)[:2])
    (finding,) = (await work.verdict()).findings
    assert (finding.kind, finding.first, finding.last) == ("removed", 1, 2)


async def test_a_log_from_before_there_were_chains_is_accepted_and_said_to_be_so(signer):
    work = Work(signer)
    await work.log(0, {"DE": 2})
    (row,) = work.rows.values()
    work.put(msgspec.structs.replace(row, previous=None, digest=None, writer="e" * 16))
    work.take(row)
    work.heads.items.clear()
    verdict = await work.verdict()
    assert (verdict.findings, verdict.unchained) == ((), 1)
    assert "nothing vouches for them" in told(verdict)


@pytest.mark.parametrize(("hour", "whole"), [("2026-11-26T22", True), ("2026-11-26T23", False)])
async def test_batches_without_digests_are_accepted_until_a_day_after_chains_began(
    work, hour, whole
):
    row = msgspec.structs.replace(
        batch(work, ONE, 1), writer="e" * 16, hour=hour, previous=None, digest=None
    )
    work.put(row)
    assert work.heads.items[0].record.at == START
    verdict = await work.verdict()
    assert (verdict.whole, verdict.unchained) == (whole, int(whole))


async def test_a_batch_without_digests_of_a_chained_writer_is_found(work):
    work.put(msgspec.structs.replace(batch(work, ONE, 2), previous=None, digest=None))
    assert "unchained" in {finding.kind for finding in (await work.verdict()).findings}


async def test_without_any_heads_every_chain_is_signed_by_nobody(work):
    work.heads.items.clear()
    findings = (await work.verdict()).findings
    assert [(each.kind, each.first, each.last) for each in findings] == [("unsigned", 1, 5)] * 2


async def test_what_is_written_and_forgotten_while_it_is_verified_is_no_fault(work):
    """The log is read page by page; between the pages the service goes on."""
    inner = work.batches.read
    pages = 0

    async def read(**hours):
        nonlocal pages
        async for page in inner(**hours):
            yield page
            pages += 1
            await work.log(0, {"FR": 1})
            await work.wait(20)
            if pages == 2:
                work.clock.pass_by(days=DAYS)
                await work.forget(1)

    work.batches.read = read
    assert (await work.verdict()).findings == ()
    assert pages > 2


async def test_more_findings_than_fit_are_counted(work, monkeypatch):
    monkeypatch.setattr("genservice.log_verification.MOST", 3)
    for row in list(work.rows.values()):
        work.put(msgspec.structs.replace(row, requests=99))
    verdict = await work.verdict()
    assert (len(verdict.findings), verdict.more) == (3, 7)
    assert "and 7 more" in told(verdict)
