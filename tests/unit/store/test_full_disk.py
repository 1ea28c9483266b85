"""A disk that is really full: a small one of its own, or, where none may be made, a limit of the process.

A file system in memory answers as a full disk does (ENOSPC). Making one takes rights that some machines
keep from everybody; there the process may write no file beyond a size (EFBIG), which SQLite calls an error
of the disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
MOUNTED = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"'
SCENARIO = """
import asyncio, json, resource, sys
from datetime import UTC, datetime
from pathlib import Path

from genservice.errors import UnavailableError
from genservice.integrity import check
from genservice.receipts import Signer
from genservice.store import open_store
from tests.contract.test_store import entry, receipt, title

folder, small = Path(sys.argv[1]), sys.argv[2] == "small"
FREE = resource.getrlimit(resource.RLIMIT_FSIZE)
said = {}

def fill():
    if not small:
        size = (folder / "store.db-wal").stat().st_size
        return resource.setrlimit(resource.RLIMIT_FSIZE, (size, FREE[1]))
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass

def make_room():
    if small:
        (folder / "ballast").unlink()
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, FREE)

async def failure(work):
    try:
        await work
    except UnavailableError as error:
        return str(error)

async def main():
    signer = Signer.open(folder / "keystore")
    signed = [signer.sign(receipt(n).statement) for n in range(3)]
    many = [title(f"t-{n}", description="Long. " * 600) for n in range(1000)]
    async with open_store(folder / "store.db", clock=lambda: datetime.now(UTC)) as store:
        await store.migrate()
        for n in range(2):
            await store.receipts.add(signed[n])
        await store.titles.put(title())
        await store.blurbs.add(entry("0" * 64))
        key = await store.keys.create("app", "app")
        fill()
        said["import"] = await failure(store.titles.put_all(many))
        said["new receipt"] = await failure(store.receipts.add(signed[2]))
        said["held receipt"] = await failure(store.receipts.add(signed[0]))
        said["reading"] = [
            await store.titles.count(),
            await store.receipts.get(signed[1].id) == signed[1],
            await store.blurbs.get("0" * 64) is not None,
            (await store.keys.verify(key.key)).id == key.record.id,
        ]
        make_room()
        said["room again"] = [await failure(store.receipts.add(one)) for one in signed]
        said["put"] = (await store.titles.put(title(year=2024))).revision
        report = await check(store.inspection, signer.public_keys())
        said["faults"] = len(report.faults)
        said["rows"] = [report.rows[name] for name in ("titles", "receipts", "blurbs")]
    print(json.dumps(said))

asyncio.run(main())
"""


def test_a_full_disk_is_told_keeps_reading_and_is_written_again_once_there_is_room(tmp_path):
    own = _own_disks()
    command = [sys.executable, "-c", SCENARIO, str(tmp_path), "small" if own else "limited"]
    done = subprocess.run(
        [*own, *(["sh", "-c", MOUNTED, str(tmp_path)] if own else []), *command],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)

    told = "The disk of the database is full." if own else "The disk of the database fails."
    assert said == {
        "import": told,
        "new receipt": told,
        "held receipt": None,
        "reading": [1, True, True, True],
        "room again": [None, None, None],
        "put": 2,
        "faults": 0,
        "rows": [1, 3, 1],
    }


def _own_disks() -> list[str]:
    """What lets a command have disks of its own; nothing where that is not allowed."""
    command = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    tried = ["sh", "-c", MOUNTED, "/mnt", "true"]
    try:
        done = subprocess.run([*command, *tried], capture_output=True, check=False)
    except FileNotFoundError:
        return []
    return command if done.returncode == 0 else []
