"""A set in shadow: everything is decided under it too, and nothing of that is noticed."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genservice.domain import Decision
from genservice.errors import UnavailableError
from genservice.in_force import Shadow
from genservice.in_force import shadow as module
from genservice.in_force.shadow import differences
from genservice.policy import decide, from_files, stated
from genservice.store import Count
from tests.unit.in_force.sets import CAP, FILES
from tests.unit.policy.making import context

SET = from_files(FILES)
CAPPED = from_files({**FILES, "cap.yaml": CAP})
SEEN, DIFFERING = Count(counted="seen"), Count(counted="differing")
MOOD = Count(counted="change", signal="mood", was="released", becomes="withheld")


class Kept:
    """Counts in memory, which cannot be written while they are `down`."""

    def __init__(self):
        self.down = False
        self.counts = {}

    async def add(self, act, against, counts):
        await asyncio.sleep(0)
        if self.down:
            raise UnavailableError("The disk of the database is full.")
        for count, number in counts.items():
            key = (act, against, count)
            self.counts[key] = self.counts.get(key, 0) + number


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def shadow(kept):
    shadow = Shadow(kept)
    shadow.put_in(CAPPED, act=3)
    return shadow


def saw(shadow, policies=SET, **changes):
    asked = context(**changes)
    under = partial(stated, asked)
    shadow.saw(policies, decide(policies, under(policies)), under)


async def test_requests_and_differences_are_counted(shadow, kept):
    for _ in range(3):
        saw(shadow)
    await shadow.flush()
    saw(shadow)
    await shadow.flush()

    assert kept.counts == {
        (3, SET.version, SEEN): 4, (3, SET.version, DIFFERING): 4, (3, SET.version, MOOD): 4,
    }  # fmt: skip
    assert shadow.totals == {SEEN: 4, DIFFERING: 4, MOOD: 4}


async def test_without_a_shadow_nothing_is_kept(kept):
    shadow = Shadow(kept)
    saw(shadow)
    await shadow.flush()
    assert kept.counts == {}


async def test_what_waits_counts_for_the_set_that_was_in_shadow_then(shadow, kept):
    saw(shadow)
    shadow.put_in(SET, act=4)
    saw(shadow)
    shadow.put_out()
    saw(shadow)
    await shadow.flush()

    assert kept.counts == {
        (3, SET.version, SEEN): 1, (3, SET.version, DIFFERING): 1, (3, SET.version, MOOD): 1,
        (4, SET.version, SEEN): 1,
    }  # fmt: skip


async def test_a_context_is_read_as_the_set_in_shadow_reads_it(kept):
    """A consent that only the draft declares is not lost on the way."""
    signals = FILES["signals.yaml"].replace("signals:", "consents: {new_one: {tcf: 5}}\nsignals:")
    asking = {**FILES, "signals.yaml": signals}
    asking["base.yaml"] = FILES["base.yaml"].replace(
        "signals: [mood]", "when: {consents: [new_one]}, signals: [mood]"
    )
    shadow = Shadow(kept)
    shadow.put_in(from_files(asking), act=3)
    saw(shadow, consents=("new_one",))
    saw(shadow, consents=())
    await shadow.flush()
    assert kept.counts[3, SET.version, SEEN] == 2
    assert kept.counts[3, SET.version, MOOD] == 1


async def test_what_fails_in_the_draft_is_counted_and_reaches_nobody(shadow, kept):
    def under(policies):
        raise RecursionError

    shadow.saw(SET, decide(SET, context()), under)
    saw(shadow)
    await shadow.flush()
    assert kept.counts[3, SET.version, Count(counted="failed")] == 1
    assert kept.counts[3, SET.version, SEEN] == 2


async def test_more_than_can_wait_is_counted_as_missed(shadow, kept, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    for _ in range(5):
        saw(shadow)
    await shadow.flush()
    assert kept.counts[3, SET.version, SEEN] == 2
    assert kept.counts[3, SET.version, Count(counted="missed")] == 3


async def test_counts_wait_for_a_database_that_cannot_be_written(shadow, kept):
    kept.down = True
    saw(shadow)
    with pytest.raises(UnavailableError):
        await shadow.flush()
    kept.down = False
    saw(shadow)
    await shadow.flush()
    assert kept.counts[3, SET.version, SEEN] == 2


async def test_what_is_counted_while_it_is_written_is_neither_lost_nor_doubled(shadow, kept):
    async with shadow.kept():
        for number in range(200):
            saw(shadow)
            if number % 10 == 0:
                flushing = asyncio.create_task(shadow.flush())
                await asyncio.sleep(0)
                flushing.cancel()
    assert kept.counts[3, SET.version, SEEN] == 200


async def test_the_end_of_a_process_writes_what_is_left(shadow, kept):
    async with shadow.kept():
        saw(shadow)
    assert kept.counts[3, SET.version, SEEN] == 1


OUTCOMES = st.sampled_from(["released", "withheld"])


@given(st.dictionaries(st.sampled_from("abcdef"), OUTCOMES), st.dictionaries(st.sampled_from("abcdef"), OUTCOMES))  # fmt: skip
def test_differences_are_those_of_what_may_be_used(was, becomes):
    def decisions(said):
        return [Decision(signal=signal, outcome=outcome) for signal, outcome in said.items()]

    found = {change.signal for change in differences(decisions(was), decisions(becomes))}
    usable = [{signal for signal in said if said[signal] == "released"} for said in (was, becomes)]
    assert found == usable[0] ^ usable[1]
