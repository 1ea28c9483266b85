"""Where files rule: what an edit of the folder leads to, and what it does not."""

from __future__ import annotations

import asyncio
import shutil
import time

import pytest
from structlog.testing import capture_logs

from tests.unit.in_force.sets import CAP, RULES, SIGNALS, TESTS, candidates, process, write


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies")


@pytest.fixture
def database(tmp_path):
    return tmp_path / "store.db"


async def test_a_good_edit_is_in_force_and_on_record(folder, database):
    async with process(folder, database) as here:
        before = here.version
        (folder / "cap.yaml").write_text(CAP, encoding="utf-8")
        await here.folder.look()

        assert here.version != before
        assert here.in_force.policies.rule("no-mood")
        (act, _) = (await here.store.history.acts()).items
        assert (act.who, act.what, act.before, act.after) == (
            "files", "activated", before, here.version,
        )  # fmt: skip


BAD = {
    "not YAML": ("base.yaml", "rules: [\n", "base.yaml:2:1"),
    "an unknown word": ("base.yaml", RULES.replace("[mood]", "[moood]"), "base.yaml:3:"),
    "a doubled id": ("cap.yaml", CAP.replace("no-mood", "mood"), "cap.yaml:2:5"),
    "not UTF-8": ("cap.yaml", b"rules: \xff", "cap.yaml:1:8"),
    "nothing yet": ("base.yaml", "", "base.yaml:1:1"),
    "tests that fail": ("own_test.yaml", TESTS.replace("genre: words, ", ""), "own_test.yaml:4:5"),
    "no vocabulary": ("signals.yaml", "", "signals.yaml"),
}


@pytest.mark.parametrize(("name", "text", "place"), BAD.values(), ids=BAD.keys())
async def test_a_bad_edit_changes_nothing_and_is_told_once(folder, database, name, text, place):
    async with process(folder, database) as here:
        before = here.in_force.policies
        raw = text if isinstance(text, bytes) else text.encode()
        (folder / name).write_bytes(raw)
        with capture_logs() as logs:
            await here.folder.look()
            await here.folder.look()

        assert here.in_force.policies is before
        assert any(place in told for told in here.in_force.wrong()), here.in_force.wrong()
        assert here.in_force.refusals == 1
        (line,) = logs
        assert place in str(line["problems"])
        assert line["version"] == before.version
        assert len((await here.store.history.acts()).items) == 1


async def test_a_bad_edit_that_is_put_right_is_in_force(folder, database):
    async with process(folder, database) as here:
        (folder / "cap.yaml").write_text(CAP + "  - {id: x}\n", encoding="utf-8")
        await here.folder.look()
        assert here.in_force.wrong()
        (folder / "cap.yaml").write_text(CAP, encoding="utf-8")
        await here.folder.look()

        assert here.in_force.wrong() == ()
        assert here.in_force.policies.rule("no-mood")


async def test_what_cannot_be_read_changes_nothing(folder, database):
    async with process(folder, database) as here:
        before = here.version
        (folder / "cap.yaml").symlink_to(folder / "nowhere")
        await here.folder.look()

        assert here.version == before
        assert "cap.yaml: cannot be read" in here.in_force.wrong()[0]


async def test_a_folder_that_goes_away_changes_nothing_and_may_come_back(folder, database):
    async with process(folder, database) as here:
        before = here.version
        folder.rename(folder.parent / "aside")
        await here.folder.look()
        assert here.version == before
        assert "no such folder" in here.in_force.wrong()[0]

        (folder.parent / "aside").rename(folder)
        (folder / "cap.yaml").write_text(CAP, encoding="utf-8")
        await here.folder.look()
        assert here.version != before
        assert here.in_force.wrong() == ()


async def test_a_set_without_a_signal_that_a_prompt_reads_never_rules(folder, database):
    able = candidates(read=(("promo", "mood"),))
    async with process(folder, database, able=able) as here:
        before = here.version
        write(folder, {
            "signals.yaml": "\n".join(line for line in SIGNALS.splitlines() if "mood" not in line),
            "base.yaml": "\n".join(line for line in RULES.splitlines() if "mood" not in line),
        })  # fmt: skip
        await here.folder.look()

        assert here.version == before
        assert "the prompt for promo reads the signal 'mood'" in here.in_force.wrong()[0]


async def test_an_edit_is_read_whole_even_if_it_goes_on_while_it_is_read(folder, database):
    """Reading the titles that a test names comes after the files were read: there the edit goes on."""
    more = iter([{"cap.yaml": CAP}])

    def titles():
        write(folder, next(more, {}))
        return {}

    named = TESTS.replace("adult], purposes", "adult], audience: fan, purposes").replace(
        "tests:", "audiences: {fan: {seen: [cold-quay]}}\ntests:"
    )
    signals = SIGNALS + (
        "  seen: {label: Seen, value: title_ids, data: user.behavior, sensitivity: high,"
        " ladder: [titles, none], keep_days: 1}\n"
    )
    able = candidates(titles=titles)
    async with process(folder, database, able=able) as here:
        withheld = named.replace(", mood: words", "")
        write(folder, {"signals.yaml": signals, "own_test.yaml": withheld})
        # Without the cap, which comes late, the test fails: mood is released then.
        await here.folder.look()

        assert here.in_force.wrong() == ()
        assert here.in_force.policies.rule("no-mood")


async def test_a_set_that_cannot_be_recorded_does_not_rule_yet(folder, database):
    async with process(folder, database) as here:
        before = here.version
        (folder / "cap.yaml").write_text(CAP, encoding="utf-8")
        here.record.down = True
        with capture_logs() as logs:
            await here.folder.look()
            await here.folder.look()

        assert here.version == before
        (told,) = here.in_force.wrong()
        assert "cannot be recorded: The database does not answer." in told
        assert before in told
        assert len(logs) == 1

        here.record.down = False
        await here.folder.look()
        assert here.version != before
        assert here.in_force.wrong() == ()


async def test_comments_and_tests_take_effect_without_a_new_version(folder, database):
    async with process(folder, database) as here:
        before = here.version
        write(folder, {"own_test.yaml": TESTS})
        await here.folder.look()

        assert here.version == before
        assert "own_test.yaml" in here.in_force.policies.files
        assert "own_test.yaml" in (await here.store.policies.latest()).files
        assert len((await here.store.history.acts()).items) == 1


async def test_a_process_that_dies_comes_back_with_the_last_good_set(folder, database):
    async with process(folder, database) as here:
        (folder / "cap.yaml").write_text(CAP, encoding="utf-8")
        await here.folder.look()
        ruled = here.version
    (folder / "base.yaml").write_text("rules: [\n", encoding="utf-8")
    async with process(folder, database) as again:
        assert again.version == ruled
        assert "base.yaml" in again.in_force.wrong()[0]
        await again.folder.look()
        assert again.version == ruled
    shutil.rmtree(folder)
    async with process(folder, database) as again:
        assert again.version == ruled


def _by_rename(folder):
    (folder / ".cap.yaml.swp").write_text(CAP, encoding="utf-8")
    (folder / ".cap.yaml.swp").rename(folder / "cap.yaml")


def _in_place(folder):
    with (folder / "cap.yaml").open("w", encoding="utf-8") as file:
        for line in CAP.splitlines(keepends=True):
            file.write(line)
            file.flush()


def _by_another_folder(folder):
    new = shutil.copytree(folder, folder.parent / "new")
    _in_place(new)
    folder.rename(folder.parent / "old")
    new.rename(folder)


@pytest.mark.parametrize("edit", [_by_rename, _in_place, _by_another_folder])
async def test_an_edit_is_in_force_in_every_process_within_a_second(folder, database, edit):
    async with (
        process(folder, database) as one,
        process(folder, database) as two,
        one.folder.kept(),
        two.folder.kept(),
    ):
        await asyncio.sleep(0.2)
        edit(folder)
        began = time.monotonic()
        while not (one.in_force.policies.rule("no-mood") and two.in_force.policies.rule("no-mood")):
            assert time.monotonic() - began < 1
            await asyncio.sleep(0.01)
        assert one.version == two.version
        assert len((await one.store.history.acts()).items) == 2


async def test_a_mounted_volume_that_swaps_a_link_is_followed(tmp_path, database):
    """As Kubernetes mounts a ConfigMap: the files are links through one that is replaced."""
    folder = tmp_path / "mounted"
    other = CAP.replace("mood", "genre")
    write(tmp_path / "first", {**_files(), "cap.yaml": other})
    write(tmp_path / "second", {**_files(), "cap.yaml": CAP})
    folder.mkdir()
    (folder / "..data").symlink_to(tmp_path / "first")
    for name in ("signals.yaml", "base.yaml", "cap.yaml"):
        (folder / name).symlink_to(f"..data/{name}")
    async with process(folder, database) as here, here.folder.kept():
        (folder / "..next").symlink_to(tmp_path / "second")
        (folder / "..next").rename(folder / "..data")
        began = time.monotonic()
        while here.in_force.policies.rule("no-mood") is None:
            assert time.monotonic() - began < 1
            await asyncio.sleep(0.01)


def _files():
    return {"signals.yaml": SIGNALS, "base.yaml": RULES}


async def test_requests_are_not_stalled_while_a_set_is_read(folder, database):
    """The event loop turns while titles are read for a test that names some."""

    def titles():
        time.sleep(0.5)
        return {}

    signals = SIGNALS + (
        "  seen: {label: Seen, value: title_ids, data: user.behavior, sensitivity: high,"
        " ladder: [titles, none], keep_days: 1}\n"
    )
    named = TESTS.replace("adult], purposes", "adult], audience: fan, purposes").replace(
        "tests:", "audiences: {fan: {seen: [cold-quay]}}\ntests:"
    )
    async with process(folder, database, able=candidates(titles=titles)) as here:
        write(folder, {"signals.yaml": signals, "own_test.yaml": named})
        looking = asyncio.create_task(here.folder.look())
        longest, last = 0.0, time.monotonic()
        while not looking.done():
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert here.in_force.loads == 2
        assert longest < 0.25
