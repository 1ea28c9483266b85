"""A process that writes a bit of everything, and says on a line of JSON what it was told is on disk.

It is started as `python -m tests.contract.writing_until_killed URL KEYSTORE SEED`, and killed.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from genservice.domain import Title, TitleRef
from genservice.errors import GenserviceError, UnavailableError
from genservice.policy import from_files
from genservice.receipts import Signer
from genservice.store import GENESIS, Store, open_store
from tests.contract.test_store import decided, entry, receipt
from tests.unit.in_force.sets import CAP, FILES

SETS = [
    FILES,
    *({**FILES, "more.yaml": CAP.replace("DE", region)} for region in ("DE", "FR", "PL")),
]
MOST_OPEN = 20
"""Titles that all processes write to."""


def title(title_id: str, year: int) -> Title:
    return Title(id=title_id, kind="film", name="A film", language="en", year=year)


class Writer:
    """One step of every kind."""

    def __init__(self, store: Store, signer: Signer, seed: int) -> None:
        self.store = store
        self.signer = signer
        self.seed = seed
        self.chance = random.Random(seed)
        self.position = 0
        self.versions = [from_files(files).version for files in SETS]

    async def put_title(self) -> Any:
        name = f"t-{self.chance.randrange(MOST_OPEN)}"
        put = await self.store.titles.put(title(name, self.chance.randrange(1900, 2026)))
        return {"title": name, "revision": put.revision}

    async def import_titles(self) -> Any:
        start, year = self.chance.randrange(5) * 400, self.chance.randrange(1900, 2026)
        names = [f"i-{number}" for number in range(start, start + 700)]
        await self.store.titles.put_all(title(name, year) for name in names)
        return {"imported": names[:: len(names) - 1]}

    async def write_promo(self) -> Any:
        name = f"t-{self.chance.randrange(MOST_OPEN)}"
        held = await self.store.titles.get(name)
        if held is None:
            return None
        key = f"{self.chance.randrange(2**256):064x}"
        await self.store.blurbs.add(entry(key, title=TitleRef(id=name, revision=held.revision)))
        # Two processes issue many of the same receipts.
        statement = receipt(self.chance.randrange(300)).statement
        signed = self.signer.sign(msgspec.structs.replace(statement, attempts=2))
        await self.store.receipts.add(signed)
        return {"text": key, "receipt": signed.id}

    async def act(self) -> Any:
        number = self.chance.randrange(len(SETS))
        version = self.versions[number]
        do = self.chance.choice(("upload", "shadow", "activate", "roll_back"))
        policies, who = self.store.policies, f"k{self.seed}"
        if do == "upload":
            done = await policies.upload(version, SETS[number], who=who, why="A draft.")
        elif do == "shadow":
            done = await policies.shadow(version, who=who)
        else:
            done = await getattr(policies, do)(version, who=who, why="Because.")
        return {"act": done.number, "who": who}

    async def log(self) -> Any:
        self.position += 1
        requests = self.chance.randrange(1, 50)
        # Every batch begins a chain: which one came before is not known while others are on their way.
        await self.store.decisions.add(
            hour="2026-03-01T12", writer=f"{self.seed:016}", position=self.position,
            policy="sha256:41c0", counts={decided("DE"): requests}, previous=GENESIS,
        )  # fmt: skip
        return {"requests": requests}

    async def make_key(self) -> Any:
        made = await self.store.keys.create("app", "app")
        await self.store.keys.revoke(made.record.id)
        return {"revoked": made.record.id}


async def main(url: str, keystore: str, seed: int) -> None:
    async with open_store(url, clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        writer = Writer(store, Signer.open(Path(keystore)), seed)
        await store.policies.accept(writer.versions[0], SETS[0])
        steps = [writer.put_title, writer.write_promo, writer.act, writer.log, writer.make_key]
        steps = [*steps * 4, writer.import_titles]

        async def work() -> None:
            while True:
                try:
                    done = await writer.chance.choice(steps)()
                except UnavailableError:
                    await asyncio.sleep(0.05)
                except GenserviceError:
                    # Others were first, or there is nothing to undo: as it may be.
                    continue
                else:
                    if done is not None:
                        sys.stdout.write(json.dumps(done) + "\n")
                        sys.stdout.flush()

        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(work())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
