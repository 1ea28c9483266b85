"""The chain of one process: what it is made of, and when heads of it are signed."""

from __future__ import annotations

import pytest

from genservice.errors import UnavailableError
from genservice.log_chains import Chain
from genservice.signing import Signer
from genservice.store import GENESIS
from tests.logs import HOUR, Clock, KeptBatches, KeptHeads, names, of

FIRST, SECOND = f"{1:016x}", f"{2:016x}"


class Held:
    def __init__(self, signer: Signer) -> None:
        self.clock, self.batches = Clock(), KeptBatches()
        self.heads = KeptHeads(signer, self.clock)
        self.chain = Chain(self.batches, self.heads, draw=names(), clock=self.clock)

    async def write(self, count: int = 1) -> None:
        hour = self.clock().strftime(HOUR)
        await self.chain.write(hour=hour, policy="sha256:41c0", counts={of("DE"): count})

    def signed(self, writer: str = FIRST) -> list[tuple[int, int, bool]]:
        return [(head.position, head.requests, head.closed) for head in self.heads.heads(writer)]


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> Signer:
    return Signer.open(tmp_path_factory.mktemp("keystore"))


@pytest.fixture
def held(signer) -> Held:
    return Held(signer)


async def test_each_batch_carries_the_digest_of_the_one_before(held):
    for _ in range(3):
        await held.write()
    rows = list(held.batches.rows.values())
    assert [row.position for row in rows] == [1, 2, 3]
    assert [row.previous for row in rows] == [GENESIS, rows[0].digest, rows[1].digest]
    assert all(row.digest == row.computed() for row in rows)


async def test_a_head_is_signed_before_the_first_batch_and_before_any_a_minute_later(held):
    await held.write(2)
    await held.write(3)
    assert held.signed() == [(0, 0, False)]
    held.clock.pass_by(seconds=60)
    held.batches.down = True
    with pytest.raises(UnavailableError):
        await held.write()
    assert held.signed() == [(0, 0, False), (2, 5, False)]


async def test_a_process_that_stops_says_that_nothing_follows(held):
    await held.write(2)
    await held.chain.close(in_order=True)
    assert held.signed()[-1] == (1, 2, True)
    assert held.chain.signed_requests == 2


async def test_a_process_that_never_wrote_signs_nothing(held):
    await held.chain.close(in_order=True)
    assert held.signed() == []


async def test_another_day_is_another_writer_and_the_first_one_is_closed(held):
    await held.write(2)
    held.clock.pass_by(hours=2)
    await held.write(3)
    assert held.signed() == [(0, 0, False), (1, 2, True)]
    assert held.signed(SECOND) == [(0, 0, False)]
    assert [key[1:] for key in held.batches.rows] == [(FIRST, 1), (SECOND, 1)]
    assert held.chain.signed_requests == 2


async def test_hours_never_go_back_within_a_chain(held):
    await held.write()
    held.clock.pass_by(hours=-1)
    await held.write()
    assert list(held.batches.rows) == [
        ("2026-11-25T22", FIRST, 1),
        ("2026-11-25T21", SECOND, 1),
    ]


async def test_the_same_batch_again_is_written_once_and_the_chain_goes_on(held):
    held.batches.down = held.batches.deaf = True
    with pytest.raises(UnavailableError):
        await held.write()
    held.batches.down = False
    await held.write()
    await held.write()
    assert [row.position for row in held.batches.rows.values()] == [1, 2]


async def test_heads_that_cannot_be_kept_hold_up_no_batch_and_are_signed_later(held):
    held.heads.down = True
    await held.write(2)
    held.clock.pass_by(hours=2)
    await held.write(3)
    assert (held.chain.is_failing, held.chain.is_unsigned) == (True, True)
    assert (held.signed(), len(held.batches.rows)) == ([], 2)

    held.heads.down = False
    await held.chain.sign()

    assert (held.chain.is_failing, held.chain.is_unsigned) == (False, False)
    assert held.signed() == [(1, 2, True)]
    assert held.signed(SECOND) == [(1, 3, False)]
    assert held.chain.signed_requests == 5


async def test_nothing_is_forgotten_before_it_is_signed_up_to_where(held):
    await held.write()
    held.clock.pass_by(days=3)
    held.heads.down = True
    with pytest.raises(UnavailableError):
        await held.chain.forget(before="2026-11-26T00", days=2)
    assert len(held.batches.rows) == 1

    held.heads.down = False
    (row,) = held.batches.rows.values()
    assert await held.chain.forget(before="2026-11-26T00", days=2) == 1
    anchor = held.heads.items[-1].record
    assert (anchor.writer, anchor.position, anchor.digest) == (FIRST, 1, row.digest.hex())
    assert (anchor.before, anchor.days, anchor.at) == ("2026-11-26T00", 2, held.clock())
    assert held.heads.pruned == ["2026-11-24"]
