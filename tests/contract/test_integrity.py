"""The check of what is stored, over every engine: what it passes, and every kind of damage it finds."""

from __future__ import annotations

import asyncio
import json
import zlib
from datetime import UTC, datetime

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from genservice.canonical import canonical
from genservice.cli.store import store as store_command
from genservice.domain import Title, TitleRef
from genservice.integrity import LISTED, check
from genservice.policy import from_files
from genservice.receipts import KeySet, Signer
from genservice.store import Count, open_store
from tests.contract.test_store import entry, log_batch, receipt
from tests.unit.in_force.sets import CAP, FILES

CANARY = "xyzzy-canary"
OTHER = {**FILES, "more.yaml": CAP}


def clock() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def signer(tmp_path):
    return Signer.open(tmp_path / "keystore")


async def fill(store, signer: Signer) -> None:
    """Something of everything, as the service writes it."""
    for year in (2023, 2024):
        await store.titles.put(title(year=year))
    await store.titles.put(title("gone"))
    await store.titles.delete("gone")
    for number in range(3):
        await store.blurbs.add(entry(f"{number:064x}", title=TitleRef(id="harbour-lights", revision=2)))  # fmt: skip
        await store.receipts.add(signer.sign(receipt(number).statement))
    first, second = (from_files(files).version for files in (FILES, OTHER))
    await store.policies.accept(first, FILES)
    await store.policies.upload(second, OTHER, who="owner", why="A draft.", base=first)
    await store.policies.shadow(second, who="owner")
    await store.shadows.add(3, first, {Count(counted="seen"): 4})
    await store.policies.activate(second, who="owner", why="On.")
    await log_batch(store, DE=3, FR=1)
    await store.keys.create("app", "app")


def title(title_id: str = "harbour-lights", **fields) -> Title:
    return Title(id=title_id, kind="season", name=CANARY, language="en", **fields)


@pytest.fixture
async def store(lasting_database, signer):
    async with open_store(lasting_database, clock=clock) as opened:
        await opened.migrate()
        await fill(opened, signer)
        yield opened


async def damage(store, sql: str, **values) -> None:
    async with store._database.writing() as session:
        await session.execute(text(sql), values)


async def test_what_the_service_wrote_is_whole(store, signer):
    told = []
    report = await check(store.inspection, signer.public_keys(), lambda *step: told.append(step))

    assert report.faults == ()
    assert report.unread == 0
    expected = {"titles": 2, "blurbs": 3, "receipts": 3, "policy_versions": 2, "policy_acts": 5}
    expected |= {"policy_shadow_counts": 1, "decision_log": 1, "api_keys": 1}
    assert {name: report.rows[name] for name in expected} == expected
    assert set(report.rows) == set(store.inspection.tables())
    assert ("receipts", 3, 3) in told


DAMAGES = {
    "a title that cannot be read": ("UPDATE titles SET record = :junk WHERE id = 'harbour-lights'", "titles", "its record cannot be read"),
    "a title of another id": ("UPDATE titles SET record = :title WHERE id = 'harbour-lights'", "titles", "its record is of another title"),
    "a title written otherwise": ("UPDATE titles SET record = :spaced WHERE id = 'harbour-lights'", "titles", "its record is not written as this service writes it"),
    "a title set back": ("UPDATE titles SET revision = 1 WHERE id = 'harbour-lights'", "titles", "its revision is lower than one that texts were written for"),
    "a title gone": ("DELETE FROM titles WHERE id = 'harbour-lights'", "titles", "there is no title harbour-lights, of which there are texts"),
    "a text that cannot be read": ("UPDATE blurbs SET value = :junk WHERE key = :key", "blurbs", "it cannot be read"),
    "a text cut short": ("UPDATE blurbs SET value = :cut WHERE key = :key", "blurbs", "a source is given for what is not in the text"),
    "a text under no key": ("UPDATE blurbs SET key = 'junk' WHERE key = :key", "blurbs", "its key is no digest"),
    "a statement that cannot be read": ("UPDATE receipts SET statement = :junk WHERE id = :receipt", "receipts", "its statement cannot be read"),
    "a statement altered": ("UPDATE receipts SET statement = :statement WHERE id = :receipt", "receipts", "it does not hold: statement_altered"),
    "a statement written otherwise": ("UPDATE receipts SET statement = :spaces WHERE id = :receipt", "receipts", "its statement is not stored as it was signed"),
    "a signature altered": ("UPDATE receipts SET signature = :signature WHERE id = :receipt", "receipts", "it does not hold: signature_wrong"),
    "a signature of a key unknown": ("UPDATE receipts SET key_id = 'k-00000000' WHERE id = :receipt", "receipts", "it does not hold: unknown_key"),
    "a policy set that cannot be read": ("UPDATE policy_versions SET files = :junk WHERE position = 2", "policy_versions", "its files cannot be read"),
    "a policy set of another version": ("UPDATE policy_versions SET files = (SELECT files FROM policy_versions WHERE position = 1) WHERE position = 2", "policy_versions", "its files are those of another version"),
    "a policy set gone": ("DELETE FROM policy_versions WHERE position = 2", "policy_versions", f"there is no policy set {from_files(OTHER).version}, which acts name"),
    "an act gone": ("DELETE FROM policy_acts WHERE number = 2", "policy_acts", "acts 2 to 2 are missing"),
    "an act nobody knows": ("UPDATE policy_acts SET what = 'junk' WHERE number = 2", "policy_acts", "nobody knows what was done"),
    "an act upon another version": ("UPDATE policy_acts SET before = 'sha256:00' WHERE number = 4", "policy_acts", "it took over from another version than the one in force"),
    "the act of a shadow gone": ("UPDATE policy_shadow_counts SET act = 9", "policy_acts", "there is no act 9, of which there are counts"),
    "counts of nothing": ("UPDATE policy_shadow_counts SET requests = 0", "policy_shadow_counts", "it counts nothing"),
    "decisions that cannot be read": ("UPDATE decision_log SET body = :junk", "decision_log", "it cannot be read"),
    "decisions left out": ("UPDATE decision_log SET body = :body", "decision_log", "it does not count as many requests as it says"),
    "decisions of no hour": ("UPDATE decision_log SET hour = 'junk'", "decision_log", "its hour is none"),
    "a key without a digest": ("UPDATE api_keys SET hash = 'junk'", "api_keys", "it is no digest of a key of that id"),
    "a key with another role": ("UPDATE api_keys SET role = 'root'", "api_keys", "its role is unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "table", "detail"), DAMAGES.values(), ids=DAMAGES.keys())
async def test_damage_is_found_and_named_by_its_row_without_what_is_in_it(
    store, signer, statement, table, detail
):
    await damage(store, statement, **_values(statement, signer))

    (fault,) = (await check(store.inspection, signer.public_keys())).faults

    assert (fault.table, fault.detail) == (table, detail)
    assert CANARY not in repr(fault)


def _values(statement: str, signer: Signer) -> dict:
    one, other = (signer.sign(receipt(number).statement) for number in (0, 9))
    altered = msgspec.structs.replace(receipt(0).statement, seed=7)
    record = canonical(msgspec.structs.replace(title(year=2024), revision=0))
    short = canonical(msgspec.structs.replace(entry().written, text="A pilot"))
    values = {
        "junk": f'{{"{CANARY}": 1}}'.encode(),
        "title": canonical(title("other", year=2024)),
        "spaced": record.replace(b":", b": ", 1),
        "cut": short,
        "key": f"{1:064x}",
        "receipt": one.id,
        "statement": canonical(altered),
        "spaces": canonical(one.statement).replace(b":", b": ", 1),
        "signature": other.signature.value,
        "body": zlib.compress(b"[]"),
    }
    return {name: value for name, value in values.items() if f":{name}" in statement}


async def test_of_very_many_faults_some_are_listed_and_the_rest_is_counted(store, signer):
    await store.titles.put_all(title(f"t-{number}") for number in range(LISTED + 5))
    await damage(store, "UPDATE titles SET record = :junk WHERE id LIKE 't-%'", junk=b"no")

    report = await check(store.inspection, signer.public_keys())

    assert (len(report.faults), report.more) == (LISTED, 5)


async def test_a_set_that_this_version_cannot_read_is_counted_and_is_no_fault(store, signer):
    await store.policies.upload("sha256:00", {"base.yaml": "junk: 1"}, who="owner", why="A draft.")

    report = await check(store.inspection, signer.public_keys())

    assert (report.faults, report.unread) == ((), 1)


async def test_no_key_is_a_fault_of_every_receipt(store):
    report = await check(store.inspection, KeySet(keys=()))

    assert [fault.detail for fault in report.faults] == ["it does not hold: unknown_key"] * 3


class TestCommand:
    def run(self, database, folder, *words):
        url = database if isinstance(database, str) else f"sqlite:///{database}"
        flags = ["--database-url", url, "--keystore", str(folder / "keystore")]
        return CliRunner().invoke(store_command, ["check", *flags, *words])

    async def test_exit_codes_tell_whether_anything_is_wrong(
        self, store, lasting_database, tmp_path
    ):
        whole = await asyncio.to_thread(self.run, lasting_database, tmp_path)
        await damage(store, "UPDATE api_keys SET role = 'root'")
        broken = await asyncio.to_thread(self.run, lasting_database, tmp_path)
        told = await asyncio.to_thread(self.run, lasting_database, tmp_path, "--json")

        assert told.stdout, repr(told.exception)
        assert (whole.exit_code, broken.exit_code, told.exit_code) == (0, 1, 1)
        assert "nothing wrong" in whole.stdout
        assert "its role is unknown" in broken.stdout
        assert json.loads(told.stdout)["faults"][0]["table"] == "api_keys"
