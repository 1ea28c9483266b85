"""kill -9, of those who write and of the server: nothing that was answered is lost, nothing is damaged."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genservice.integrity import check
from genservice.receipts import Signer
from genservice.store import open_store
from tests.postgres import running_postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@contextmanager
def writing(database: str | Path, keystore: Path, seed: int) -> Iterator[subprocess.Popen[str]]:
    url = database if isinstance(database, str) else f"sqlite:///{database}"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.contract.writing_until_killed", url, str(keystore), str(seed)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def read(process: subprocess.Popen[str], lines: int) -> list[str]:
    found = [process.stdout.readline() for _ in range(lines)]
    assert all(found), "the process ended by itself"
    return found


def rest(process: subprocess.Popen[str]) -> list[str]:
    """What else a killed process had said; the last line may be half of one."""
    return [line for line in process.stdout.readlines() if line.endswith("\n")]


async def require_all(database: str | Path, keystore: Path, said: list[str]) -> None:
    """Whatever was answered is there, and everything there is whole."""
    told = [json.loads(line) for line in said]
    async with open_store(database, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        report = await check(store.inspection, Signer.open(keystore).public_keys())
        assert (report.faults, report.unread) == ((), 0)

        for one in told:
            match one:
                case {"title": name, "revision": revision}:
                    assert (await store.titles.get(name)).revision >= revision
                case {"imported": names}:
                    assert len(await store.titles.get_many(names)) == len(names)
                case {"text": key, "receipt": receipt}:
                    assert await store.blurbs.get(key) is not None
                    assert await store.receipts.get(receipt) is not None
        acts, cursor = {}, None
        while True:
            page = await store.history.acts(limit=500, cursor=cursor)
            acts |= {act.number: act.who for act in page.items}
            if (cursor := page.next) is None:
                break
        assert {one["act"]: one["who"] for one in told if "act" in one}.items() <= acts.items()
        revoked = {key.id for key in await store.keys.list() if key.revoked_at is not None}
        assert {one["revoked"] for one in told if "revoked" in one} <= revoked
        logged = await store.decisions.count(since="2026-03-01T12", until="2026-03-01T13")
        assert logged >= sum(one.get("requests", 0) for one in told)


@pytest.mark.parametrize("seed", [1, 2])
async def test_processes_killed_at_any_moment_lose_and_damage_nothing(
    lasting_database, tmp_path, seed
):
    chance, said = random.Random(seed), []
    keystore = tmp_path / "keystore"
    for round_ in range(2):
        # Each process has a seed of its own: the log tells writers apart.
        seeds = (10 * seed + 2 * round_, 10 * seed + 2 * round_ + 1)
        with writing(lasting_database, keystore, seeds[0]) as one:
            with writing(lasting_database, keystore, seeds[1]) as other:
                said += read(other, chance.randrange(1, 60))
                await asyncio.sleep(chance.random() / 20)
                other.send_signal(signal.SIGKILL)
                said += rest(other)
            # The one that is left goes on.
            said += read(one, chance.randrange(1, 60))
            await asyncio.sleep(chance.random() / 20)
            one.send_signal(signal.SIGKILL)
            said += rest(one)
        await require_all(lasting_database, keystore, said)


async def test_a_server_killed_again_and_again_loses_and_damages_nothing(tmp_path):
    chance, keystore = random.Random(3), tmp_path / "keystore"
    with running_postgres() as server:
        url = server.url(server.new_database())
        with writing(url, keystore, 3) as process:
            said = []
            for _ in range(3):
                said += read(process, chance.randrange(5, 40))
                server.kill()
                await asyncio.sleep(chance.random() / 5)
                server.start()
            # It goes on by itself, of whatever else it was in the middle.
            said += read(process, 400)
            process.send_signal(signal.SIGKILL)
            said += rest(process)
        await require_all(url, keystore, said)
