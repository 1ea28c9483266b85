"""Rows as earlier revisions of the tables held them, for the migrations to come.

`frozen/NNNN.json` holds rows of the tables that revision NNNN brought, written by the code of that time,
and the public keys that its receipts verify with. Files are made once, for a new revision, and then stay:

    python -m tests.unit.store.frozen_rows 0006 new_table other_table
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from genservice.catalog import detect, load_vocabulary, read
from genservice.domain import TitleRef
from genservice.policy import from_files
from genservice.receipts import KeySet, Signer
from genservice.shipped import shipped
from genservice.store import Count, Store, open_store
from tests.contract.test_store import entry, log_batch, receipt
from tests.unit.in_force.sets import CAP, FILES

FOLDER = Path(__file__).with_name("frozen")
OTHER = {**FILES, "more.yaml": CAP}


def revisions() -> list[str]:
    """The revisions that rows are frozen of, the first one first."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def tables(upto: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table that there was at a revision."""
    found: dict[str, list[dict[str, Any]]] = {}
    for revision in revisions():
        if revision <= upto:
            rows = json.loads((FOLDER / f"{revision}.json").read_text())["rows"]
            found |= {table: [_thawed(row) for row in rows[table]] for table in rows}
    return found


def keys() -> KeySet:
    """The public keys of all frozen receipts."""
    found = [json.loads(path.read_text())["keys"] for path in sorted(FOLDER.glob("*.json"))]
    return msgspec.convert({"keys": [key for each in found for key in each]}, KeySet)


def insert(connection: sa.Connection, upto: str) -> None:
    """Put the rows of a revision into a database that stands at it."""
    held = sa.MetaData()
    held.reflect(connection)
    rows = tables(upto)
    for table in held.sorted_tables:
        if table.name in rows:
            connection.execute(table.insert(), rows[table.name])


async def fill(store: Store, signer: Signer) -> None:
    """Something of everything, as the service writes it."""
    file = shipped("catalogue") / "vocabulary.yaml"
    path = min(file.parent.glob("*.json"))
    raw = path.read_bytes()
    reading = read(raw, format=detect(path.name, raw), vocabulary=load_vocabulary(file.parent))
    titles = reading.titles[:3]
    await store.titles.put_all(titles)
    await store.titles.put(msgspec.structs.replace(titles[0], year=1999))
    await store.titles.delete(titles[2].id)
    for number in range(3):
        await store.blurbs.add(
            entry(f"{number:064x}", title=TitleRef(id=titles[0].id, revision=2), seed=-number)
        )
        await store.receipts.add(signer.sign(receipt(number).statement))
    first, second = (from_files(files).version for files in (FILES, OTHER))
    await store.policies.accept(first, FILES)
    await store.policies.upload(second, OTHER, who="k3x9w2ab", why="A draft.", base=first)
    await store.policies.shadow(second, who="k3x9w2ab")
    await store.shadows.add(3, first, {Count(counted="seen"): 4})
    await store.policies.activate(second, who="k3x9w2ab", why="It cannot wait.")
    await log_batch(store, DE=3, FR=1)
    await store.keys.create("admin", "the first")
    await store.keys.revoke((await store.keys.create("app", "the second")).record.id)


_SEALED = {
    "viewers": {"since": "2026-03-01T12"},
    "viewer_signals": {"name": "genre_affinity", "expires": "2026-05-30T12", "sealed": b"\x01" * 60},
    "viewer_consents": {"number": 1, "sealed": b"\x02" * 90},
    "viewer_controls": {"revision": 3, "sealed": b"\x03" * 70},
    "servings": {"number": 1, "expires": "2026-05-30T12", "sealed": b"\x04" * 80},
}  # fmt: skip
"""Nobody has the keys: that rows come through is all there is to see."""


async def _freeze(revision: str, names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signer = Signer.open(folder)
        moments = iter(range(10**6))

        def clock() -> datetime:
            return datetime.fromtimestamp(1_772_366_400.5 + next(moments), UTC)

        async with open_store(folder / "store.db", clock=clock) as store:
            await store.migrate()
            await fill(store, signer)
        engine = sa.create_engine(f"sqlite:///{folder / 'store.db'}")
        held = sa.MetaData()
        held.reflect(engine)
        rows: dict[str, list[dict[str, Any]]] = {}
        with engine.connect() as connection:
            for table in names:
                if table in _SEALED:
                    rows[table] = [_frozen({"subject": bytes(range(16)), **_SEALED[table]})]
                else:
                    found = connection.execute(sa.select(held.tables[table])).mappings()
                    rows[table] = [_frozen(row) for row in found]
        engine.dispose()
        keys = json.loads(msgspec.json.encode(signer.public_keys().keys))
    text = json.dumps({"keys": keys, "rows": rows}, indent=1)
    (FOLDER / f"{revision}.json").write_text(text + "\n", encoding="utf-8")


def _frozen(row: Any) -> dict[str, Any]:
    return {name: _to_json(value) for name, value in row.items()}


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"time": value.replace(tzinfo=UTC).isoformat()}
    return value


def _thawed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _from_json(value) for name, value in row.items()}


def _from_json(value: Any) -> Any:
    match value:
        case {"bytes": coded}:
            return base64.b64decode(coded)
        case {"time": moment}:
            return datetime.fromisoformat(moment)
        case _:
            return value


if __name__ == "__main__":
    asyncio.run(_freeze(sys.argv[1], sys.argv[2:]))
