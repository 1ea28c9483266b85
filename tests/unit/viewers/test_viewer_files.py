"""What stands in the files of an SQLite database and keystore: nothing that says whose it is, or what."""

from __future__ import annotations

import random
import sys

import pytest

from genservice.domain.viewers import ConsentAct, ConsentRecord, Controls
from genservice.errors import ConflictError, UnavailableError
from genservice.store import KeystoreEntry, viewer_change
from genservice.store.rows import put
from genservice.store.tables import ViewerRow, ViewerSignalRow
from genservice.viewers.seals import Seals
from tests.viewer_files import ADA, KEEP, NOTHING, Clock, fill, found, in_files

CANARIES = {
    name: f"canary-{name}-Zq7vXw3kPl9d"
    for name in (
        "viewer", "value", "key", "consent", "source", "version", "language", "region", "method",
        "signal_off", "theme", "title", "receipt", "blurb",
    )
}  # fmt: skip


async def plant(viewers) -> None:
    """Write everything that can be written of a viewer, with a canary in every field."""
    c = CANARIES
    await viewers.put_signals(
        c["viewer"],
        {"location": {c["key"]: c["value"]}, "watch_history": [c["title"]]},
        source="viewer",
        keep_days=KEEP,
    )
    consent = ConsentAct(
        consent=c["consent"],
        action="given",
        source=c["source"],
        text_version=c["version"],
        language=c["language"],
        region=c["region"],
        method=c["method"],
    )
    await viewers.record_consents(c["viewer"], [consent])
    controls = Controls(
        signals_off=(c["signal_off"],),
        themes_left_out=(c["theme"],),
        titles_left_out=(c["title"],),
    )
    await viewers.set_controls(c["viewer"], controls, if_revision=None)
    await viewers.record_serving(c["viewer"], c["receipt"], [c["blurb"]])


def canaries() -> list[bytes]:
    texts = [*CANARIES.values(), "withdrawn", "context_only"]
    return [form for text in texts for form in (text.encode(), text.encode("utf-16-le"))]


async def test_no_viewer_value_or_consent_stands_in_any_file_before_or_after_an_erasure(tmp_path):
    async with in_files(tmp_path, Clock()) as opened:
        await plant(opened.viewers)
        # With the journals: nothing was written back from them yet.
        assert (tmp_path / "data" / "genservice.db-wal").stat().st_size > 0
        assert found(tmp_path, canaries()) == []
        exported = str(await opened.viewers.export(CANARIES["viewer"]))
        assert [name for name, c in CANARIES.items() if c not in exported] == ["viewer"]
        await opened.viewers.erase(CANARIES["viewer"])
        assert found(tmp_path, canaries()) == []
    assert found(tmp_path, canaries()) == []


@pytest.mark.parametrize("length", range(0, 70, 3))
def test_what_an_act_says_does_not_show_in_how_long_it_is(length):
    seals = Seals(KeystoreEntry(b"s" * 16, b"k" * 32))
    told = {
        action: ConsentRecord(
            number=1,
            at=Clock().now,
            consent="c" * length,
            action=action,
            source="settings",
            text_version="1",
        )
        for action in ("given", "withdrawn")
    }

    lengths = {len(seals.seal("consent", 1, record)) for record in told.values()}

    assert len(lengths) == 1


async def test_nothing_is_left_of_the_erased_among_many_whose_pages_were_split_and_merged(tmp_path):
    """What SQLite's own `secure_delete` leaves behind: rows where they lay before their page was split."""
    chance = random.Random(7)
    subjects = [chance.randbytes(16) for _ in range(4000)]
    gone = chance.sample(subjects, 400)
    async with in_files(tmp_path, Clock()) as opened:
        async with opened.store._database.writing() as session:
            await session.execute(
                ViewerRow.__table__.insert(),
                [{"subject": subject, "since": "2026-03-01T12"} for subject in subjects],
            )
            for _ in range(4):
                rows = [
                    {
                        "subject": subject,
                        "name": f"signal_{chance.randrange(9)}",
                        "expires": "2027-01-01T00",
                        "sealed": chance.randbytes(chance.choice((93, 157, 221))),
                    }
                    for subject in chance.sample(subjects, len(subjects))
                ]
                await session.execute(put("sqlite", ViewerSignalRow.__table__), rows)
        sealed = {
            subject: [row.sealed for row in await opened.store.viewers.read(subject)]
            for subject in gone
        }
        for subject in gone:
            await opened.store.viewers.erase(subject)
        traces = [*gone, *(value for values in sealed.values() for value in values)]

        await opened.store.viewers.scrub(most=0)
        data = (tmp_path / "data" / "genservice.db").read_bytes()
        assert sum(trace in data for trace in traces) > 0
        await opened.store.viewers.scrub(most=sys.maxsize)
        data = (tmp_path / "data" / "genservice.db").read_bytes()
        assert sum(trace in data for trace in traces) == 0
        assert (tmp_path / "data" / "genservice.db-wal").stat().st_size == 0
        assert (await opened.rows())["viewers"] == 3600


async def test_a_database_too_large_to_be_written_anew_keeps_nothing_where_the_erased_lay(tmp_path):
    async with in_files(tmp_path, Clock()) as opened:
        await fill(opened.viewers)
        traces = await opened.traces(ADA)
        subject = await opened.keystore.begin_erasure(ADA)
        await opened.store.viewers.erase(subject)
        await opened.keystore.end_erasure(subject)
        await opened.store.viewers.scrub(most=0)
        await opened.keystore.scrub(most=0)

        assert found(tmp_path, traces) == []


async def test_nothing_is_left_of_what_expired_once_it_was_taken_out(tmp_path):
    clock = Clock()
    async with in_files(tmp_path, clock) as opened:
        await fill(opened.viewers)
        entry = await opened.keystore.find(ADA)
        (row, _) = await opened.store.viewers.read(entry.subject, "signal")
        assert row.name == "location"
        clock.pass_by(days=1, hours=1)
        await opened.viewers.tidy()

        assert found(tmp_path, [row.sealed[-48:]]) == []


async def test_the_files_belong_to_their_owner_alone(tmp_path):
    async with in_files(tmp_path, Clock()) as opened:
        await fill(opened.viewers)
        modes = {
            path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keystore").iterdir()
        }

    assert set(modes.values()) == {0o600}, modes
    assert (tmp_path / "keystore").stat().st_mode & 0o777 == 0o700


async def test_rows_moved_to_another_viewer_or_place_cannot_be_read(tmp_path):
    async with in_files(tmp_path, Clock()) as opened:
        await fill(opened.viewers)
        entry = await opened.keystore.find(ADA)
        (location, history) = await opened.store.viewers.read(entry.subject, "signal")
        async with opened.store.viewers.changing(entry.subject) as change:
            assert isinstance(change, viewer_change.Change)
            await change.put_signals([(location.name, "2027-01-01T00", history.sealed)])

        with pytest.raises(UnavailableError):
            await opened.viewers.held(ADA)


async def test_a_viewer_whose_row_was_taken_out_is_never_given_rows_again(tmp_path):
    async with in_files(tmp_path, Clock()) as opened:
        await fill(opened.viewers)
        entry = await opened.keystore.find(ADA)
        await opened.viewers.erase(ADA)

        async with opened.store.viewers.changing(entry.subject) as change:
            assert change is None
        assert await opened.rows() == NOTHING
        with pytest.raises(ConflictError):
            await opened.viewers.record_serving(ADA, "r", ["b"], known=True)
