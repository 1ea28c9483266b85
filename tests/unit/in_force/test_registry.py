"""Where the registry rules: what policy owners do, and how other processes follow."""

from __future__ import annotations

import asyncio
import time

import pytest

from genservice.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PolicyError,
    PreconditionFailedError,
)
from genservice.in_force import Owner
from tests.unit.in_force.sets import CAP, FILES, RULES, TESTS, candidates, process, write


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies")


@pytest.fixture
def database(tmp_path):
    return tmp_path / "store.db"


def owner(process_, key="abcd1234"):
    return Owner(key=key, expected=process_.version)


async def _capped(here):
    """The version of an uploaded draft that takes mood away."""
    act = await here.acts.upload(
        {"cap.yaml": CAP}, base=here.version, why="A draft.", owner=owner(here)
    )
    return act.after


async def test_the_folder_fills_an_empty_registry_and_is_not_asked_again(folder, database):
    async with process(folder, database, source="registry") as here:
        first = here.version
        (act,) = (await here.store.history.acts()).items
        assert (act.who, act.what, act.after) == ("start", "activated", first)
    write(folder, {"cap.yaml": CAP})
    async with process(folder, database, source="registry") as again:
        assert again.version == first
        assert len((await again.store.history.acts()).items) == 1


async def test_an_invalid_folder_cannot_fill_it(tmp_path, database):
    folder = write(tmp_path / "policies", {**FILES, "base.yaml": "rules: [\n"})
    with pytest.raises(PolicyError):
        async with process(folder, database, source="registry"):
            raise AssertionError("it must not start")


async def test_from_draft_to_shadow_to_force_and_back(folder, database):
    async with process(folder, database, source="registry") as here:
        first, act = here.version, await _capped(here)
        assert here.version == first
        await here.acts.shadow(act, why="A look.", owner=owner(here))
        assert here.shadow.version == act
        moved = await here.acts.activate(act, why="Agreed.", owner=owner(here))
        assert (here.version, moved.shadowed, here.shadow.version) == (act, True, None)
        assert here.in_force.policies.rule("no-mood")
        back = await here.acts.roll_back(None, why="Too strict.", owner=owner(here))
        assert (here.version, back.after) == (first, first)
        assert here.in_force.policies.rule("no-mood") is None


async def test_a_draft_may_be_a_whole_set_or_leave_files_out(folder, database):
    async with process(folder, database, source="registry") as here:
        capped = await _capped(here)
        whole = {**FILES, "cap.yaml": CAP}
        same = await here.acts.upload(whole, base=None, why="Whole.", owner=owner(here))
        assert same.after == capped
        out = await here.acts.upload({"cap.yaml": None}, base=capped, why="Out.", owner=owner(here))
        assert out.after == here.version
        with pytest.raises(InvalidInputError):
            await here.acts.upload({"x.yaml": None}, base=capped, why="Out.", owner=owner(here))
        with pytest.raises(NotFoundError):
            await here.acts.upload({}, base="sha256:00", why="Out.", owner=owner(here))


@pytest.mark.parametrize(
    "files",
    [{"cap.yaml": "rules: [\n"}, {"own_test.yaml": TESTS.replace("genre: words, ", "")}],
    ids=["invalid", "its tests fail"],
)
async def test_a_bad_draft_is_not_even_stored(folder, database, files):
    async with process(folder, database, source="registry") as here:
        with pytest.raises(PolicyError):
            await here.acts.upload(files, base=here.version, why="A slip.", owner=owner(here))
        assert len((await here.store.history.versions()).items) == 1


async def test_what_no_longer_passes_does_not_come_into_force_again(folder, database):
    async with process(folder, database, source="registry") as here:
        capped = await _capped(here)
        await here.acts.activate(capped, why="On.", owner=owner(here))
    able = candidates(read=(("promo", "gone"),))
    async with process(folder, database, source="registry", able=able) as again:
        with pytest.raises(PolicyError, match="reads the signal 'gone'"):
            await again.acts.roll_back(None, why="Back.", owner=owner(again))
        assert again.version == capped


async def test_of_two_owners_at_once_exactly_one_wins(folder, database):
    async with (
        process(folder, database, source="registry") as one,
        process(folder, database, source="registry") as two,
    ):
        cap = await _capped(one)
        other = await two.acts.upload(
            {"cap.yaml": CAP.replace("mood", "genre")}, base=two.version, why="D.", owner=owner(two)
        )
        results = await asyncio.gather(
            one.acts.activate(cap, why="Mine.", owner=owner(one, "one")),
            two.acts.activate(other.after, why="Mine.", owner=owner(two, "two")),
            return_exceptions=True,
        )
        (won,) = [result for result in results if not isinstance(result, BaseException)]
        (lost,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(lost, PreconditionFailedError)
        for each in (one, two):
            await each.registry.look()
            assert each.version == won.after


async def test_other_processes_follow_within_a_second(folder, database):
    async with (
        process(folder, database, source="registry") as one,
        process(folder, database, source="registry") as two,
        two.registry.kept(),
    ):
        first, cap = one.version, await _capped(one)
        await one.acts.shadow(cap, why=None, owner=owner(one))
        await _until(lambda: two.shadow.version == cap)
        await one.acts.activate(cap, why="On.", owner=owner(one))
        await _until(lambda: two.version == cap)
        assert two.shadow.version is None
        await one.acts.roll_back(None, why="Back.", owner=owner(one))
        await _until(lambda: two.version == first)


async def _until(so):
    began = time.monotonic()
    while not so():
        assert time.monotonic() - began < 1
        await asyncio.sleep(0.01)


async def test_a_database_that_is_gone_leaves_the_set_and_is_told(folder, database):
    async with process(folder, database, source="registry") as here:
        await here.registry.look()
        here.record.down = True
        await here.registry.look()
        (told,) = here.in_force.wrong()
        assert "the registry cannot be asked: The database does not answer." in told
        assert f"{here.version} stays in force" in told
        here.record.down = False
        await here.registry.look()
        assert here.in_force.wrong() == ()


async def test_a_set_that_this_process_cannot_read_leaves_the_one_in_force(folder, database):
    async with process(folder, database, source="registry") as here:
        before = here.version
        await here.store.policies.accept("sha256:0", {**FILES, "new.yaml": "novel: []\n"}, who="x")
        await here.registry.look()

        assert here.version == before
        assert "new.yaml:1" in here.in_force.wrong()[0]
        await here.acts.roll_back(
            before, why="Not yet.", owner=Owner(key="abcd1234", expected="sha256:0")
        )
        assert here.in_force.wrong() == ()


async def test_what_comes_late_does_not_undo_what_came_after(folder, database):
    async with process(folder, database, source="registry") as here:
        first, cap = here.in_force.policies, await _capped(here)
        act = await here.acts.activate(cap, why="On.", owner=owner(here))
        here.in_force.put_in(first, act=act.number - 1)
        assert here.version == cap


async def test_a_start_brings_back_what_was_in_force(folder, database):
    async with process(folder, database, source="registry") as here:
        cap = await _capped(here)
        await here.acts.activate(cap, why="On.", owner=owner(here))
    async with process(folder, database, source="registry") as again:
        assert again.version == cap
        assert again.in_force.wrong() == ()


async def test_files_that_are_digested_otherwise_now_are_recorded_under_their_new_version(
    folder, database
):
    async with process(folder, database, source="registry") as here:
        version = here.version
        await here.store.policies.accept("sha256:0", FILES)
    async with process(folder, database, source="registry") as again:
        assert again.version == version
        assert (await again.store.policies.standing()).in_force == version
        with pytest.raises(ConflictError, match="another version"):
            await again.acts.roll_back("sha256:0", why="Back.", owner=owner(again))


async def test_before_a_second_set_there_is_none_to_go_back_to(folder, database):
    async with process(folder, database, source="registry") as here:
        with pytest.raises(ConflictError, match="No version was in force before"):
            await here.acts.roll_back(None, why="Back.", owner=owner(here))


async def test_the_tests_of_a_set_decide_and_not_only_its_rules(folder, database):
    async with process(folder, database, source="registry") as here:
        files = {**FILES, "base.yaml": RULES, "own_test.yaml": TESTS, "cap.yaml": CAP}
        with pytest.raises(PolicyError, match="genres count"):
            await here.acts.upload(files, base=None, why="Breaks a test.", owner=owner(here))
