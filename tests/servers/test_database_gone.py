"""`genservice serve` as a process, while its database is stopped, locked by others, or full."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from genservice.integrity import check
from genservice.receipts import Signer
from genservice.store import open_store
from tests.postgres import running_postgres
from tests.servers.test_policies_live import serving, settings
from tests.unit.generation.local_server import running as model_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from genservice.settings import Settings

__all__ = ["settings"]


@pytest.fixture
def wait_little(monkeypatch):
    """What is started waits for locks no longer than this."""
    monkeypatch.setenv("GENSERVICE_DATABASE_TIMEOUT", "0.3")


def ask(server: Any, seed: int) -> Any:
    """A promo whose text the editors wrote: it needs no model, and a receipt of its own for every seed."""
    body = {
        "title_id": "kept-by-editors",
        "context": {"region": "DE", "age_band": "age_25_34", "consents": [], "language": "en"},
        "audience": {"signals": {}},
        "channel": "detail", "length": "short", "tone": "plain", "seed": seed,
    }  # fmt: skip
    return server.client.post("/v1/promos", json=body)


def until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to hold")


def require_unavailable(answer: Any) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["type"] == "urn:genservice:problem:unavailable"


def parts(server: Any) -> dict[str, str]:
    return {part["part"]: part["status"] for part in server.ready()["parts"]}


def require_whole(settings: Settings, database: str | Path, answered: list[Any]) -> None:
    """Every receipt that was given out is there, and everything that is stored is whole."""

    async def look() -> None:
        async with open_store(database, clock=lambda: datetime.now(UTC)) as store:
            keys = Signer.open(settings.keystore).public_keys()
            assert (await check(store.inspection, keys)).faults == ()
            for answer in answered:
                receipt = answer.json()["receipt"]
                held = await store.receipts.get(receipt["id"])
                assert msgspec.to_builtins(held)["signature"] == receipt["signature"]

    asyncio.run(look())


def test_a_postgresql_server_that_goes_and_comes_back_costs_only_the_time_between(
    settings, wait_little, monkeypatch
):
    with running_postgres() as database, model_server() as model:
        url = database.tcp_url(database.new_database())
        monkeypatch.setenv("GENSERVICE_DATABASE_URL", url)
        with serving(settings, model.address) as server:
            answered = [ask(server, seed) for seed in range(5)]
            assert {answer.status_code for answer in answered} == {200}

            for how in (database.stop, database.kill):
                how()
                for seed in range(100, 106):
                    require_unavailable(ask(server, seed))
                assert server.client.get("/health/live").status_code == 200
                assert parts(server)["database"] == "unavailable"
                database.start()

                # The first that is asked is answered.
                answered.append(ask(server, len(answered)))
                assert answered[-1].status_code == 200
                assert ask(server, 0).json() == answered[0].json()
                until(lambda: parts(server)["database"] == "ok")
            server.kill()
        require_whole(settings, database.url("t1"), answered)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def no_file_may_grow(process: Any) -> Iterator[None]:
    """As with a full disk, for that process: nothing more fits."""
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("trouble", ["locked", "full"])
def test_while_nothing_can_be_written_what_was_answered_is_answered_again(
    settings, wait_little, trouble
):
    file = settings.data / "genservice.db"
    with model_server() as model, serving(settings, model.address) as server:
        answered = [ask(server, seed) for seed in range(3)]
        begun = {"locked": lambda: locked(file), "full": lambda: no_file_may_grow(server.process)}
        with begun[trouble]():
            require_unavailable(ask(server, 100))
            for seed, answer in enumerate(answered):
                again = ask(server, seed)
                assert (again.status_code, again.json()) == (200, answer.json())
            titles = server.client.get("/v1/titles")
            assert titles.status_code == 200
            require_unavailable(
                server.client.put(
                    "/v1/titles/cold-quay", json={**titles.json()["items"][0], "year": 1999}
                )
            )
            # A receipt that is held already takes no room: a new one tells.
            require_unavailable(ask(server, 101))
            assert parts(server)["database"] == "unavailable"

        answered.append(ask(server, 100))
        assert answered[-1].status_code == 200
        until(lambda: parts(server)["database"] == "ok")
        server.kill()
    require_whole(settings, file, answered)
