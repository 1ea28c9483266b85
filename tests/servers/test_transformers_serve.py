"""`transformers serve`, a real server in a process of its own: asked, killed, and started again."""

from __future__ import annotations

import asyncio
import itertools
import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from genservice.errors import ModelUnavailableError
from genservice.generation.patience import Patience
from genservice.generation.remote import Remote
from tests.api.test_twins import listening, promo
from tests.servers.reciting import FOR_NOBODY, POSITIONS, WITHOUT_END, recite
from tests.servers.transformers_serve import (
    Serve,
    embedded_for_chat,
    in_cache,
    serving,
    until,
)
from tests.small_service import small_settings
from tests.unit.generation.asking import request

RECITING = "tests/reciting"
MANY = 24
AGREED = {
    "region": "DE",
    "age_band": "age_25_34",
    "consents": ["content_profile", "content_use"],
}
CRIME = {"signals": {"genre_affinity": ["crime"]}}
WRITTEN = "A crime drama: Cold Quay."
"""What the reciting model has to say to those known to like crime."""
FAILURES = 3
COOL_DOWN = 8.0
SOON = 5.0
"""Seconds within which somebody is served who does not wait for the model, on a busy machine too;
who did would wait for twenty."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """What the servers of this module find on their disk: one model in the hub's cache."""
    folder = tmp_path_factory.mktemp("hub")
    recite(in_cache(folder, RECITING))
    return folder


@pytest.fixture(scope="module")
def servers(home, tmp_path_factory):
    """One that serves whichever model it is asked for, and one pinned to a folder; and that folder."""
    folder = str(recite(tmp_path_factory.mktemp("pinned") / "reciting"))
    with serving(home) as any_model, serving(home, folder) as pinned:
        yield any_model, pinned, folder


@pytest.fixture
def server(servers):
    running, _, _ = servers
    running.ready()
    return running


@pytest.fixture
def pinned(servers):
    _, running, folder = servers
    running.ready()
    return running, folder


@pytest.fixture
async def asking(server):
    """A model of that server, by name; they hang up at the end."""
    remotes = []

    def named(name: str = "", **patience) -> Remote:
        remote = Remote(
            server.address,
            processor="own_server",
            name=name,
            patience=Patience(**{"backoff": 0.01, **patience}),
        )
        remotes.append(remote)
        return remote

    yield named
    for remote in remotes:
        await remote.close()


def saying(*said, **options):
    return request(user=" ".join(("Write.", *said)), **options)


@contextmanager
def soon():
    """What happens in here keeps nobody waiting."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < SOON


# ----- the protocol as it is spoken there -----


async def test_the_name_is_what_the_server_lists_and_its_texts_are_read_as_they_stream(asking):
    model = asking()
    await model.connect()
    assert model.revision == f"remote {RECITING}"
    assert await model.write(saying(FOR_NOBODY, seeds=(1, 2))) == ("[TITLE].", "[TITLE].")
    assert await model.write(saying("Angle: say [GENRE].")) == ("A [GENRE]: [TITLE].",)
    assert model.answering


@pytest.mark.parametrize("limit", [20, 400], ids=["by the server", "by the reader"])
async def test_a_text_without_an_end_is_cut_off_after_its_last_whole_sentence(asking, limit):
    assert await asking(RECITING).write(saying(WITHOUT_END, limit=limit)) == ("[TITLE] ends.",)


async def test_who_hangs_up_keeps_nobody_waiting(asking, server):
    # The server writes one text at a time: if it went on with these, that would take it a minute.
    model = asking(RECITING, calls=MANY)
    before = server.answering()
    endless = asyncio.create_task(
        model.write(saying(WITHOUT_END, limit=POSITIONS, seeds=range(MANY)))
    )
    await asyncio.to_thread(
        until, lambda: server.answering() == before + MANY, what="not all were begun"
    )
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless
    with soon():
        assert await model.write(saying(FOR_NOBODY)) == ("[TITLE].",)


async def test_a_model_that_the_server_does_not_have_is_unavailable(asking):
    with pytest.raises(ModelUnavailableError, match="status 500"):
        await asking("tests/unheard-of").write(saying(FOR_NOBODY))


async def test_a_prompt_longer_than_the_model_can_read_brings_no_text(asking):
    model = asking(RECITING)
    with pytest.raises(ModelUnavailableError, match="broke off its answer with an error"):
        await model.write(saying(*["word"] * POSITIONS))
    assert await model.write(saying(FOR_NOBODY)) == ("[TITLE].",)


async def test_a_pinned_server_lists_models_it_does_not_serve_and_has_to_be_named(pinned):
    server, name = pinned
    for told, serves in (("", False), (name, True)):
        model = Remote(server.address, processor="own_server", name=told)
        await model.connect()
        if serves:
            assert await model.write(saying(FOR_NOBODY)) == ("[TITLE].",)
        else:
            assert model.revision == f"remote {RECITING}"
            with pytest.raises(ModelUnavailableError, match="status 400"):
                await model.write(saying(FOR_NOBODY))
        await model.close()


# ----- the service before it -----


def personal(client, **changes):
    return promo(client, "cold-quay", context=AGREED, audience=CRIME, **changes)


def synopsis_without_an_end(client):
    """It would take the model eight texts of 616 tokens, one after the other."""
    body = {"title_id": "cold-quay", "context": AGREED, "audience": CRIME, "tone": "urgent"}
    return client.post("/v1/synopses", json={**body, "length": "long"}).json()


def stream_of_events(client) -> str:
    body = {"title_id": "cold-quay", "context": AGREED, "audience": CRIME, "seed": 50}
    return client.post("/v1/promos", json=body, headers={"Accept": "text/event-stream"}).text


def blurb(answer):
    (only,) = answer["blurbs"]
    return only


def test_the_embedded_model_there_writes_freely_and_what_does_not_pass_is_not_served(
    tmp_path, server
):
    name = str(embedded_for_chat(tmp_path / "embedded"))
    model = {"model": server.address, "model_name": name, "model_processor": "own_server"}
    begun = server.answering()
    with listening(small_settings(tmp_path, twins="", attempts=1, **model)) as client:
        answer = promo(client, "harbour-lights", context=AGREED, audience=CRIME, length="short")
        assert client.get("/health/ready").json()["problems"] == []
        served = blurb(answer)
        text = {"title_id": "harbour-lights", "text": served["text"]}
        assert client.post("/v1/check", json=text).json()["passed"]
    assert server.answering() > begun
    assert served["source"] == "written" or served["reason"] == "check_failed"


def impatient(server: Serve) -> Remote:
    """The model as settings would have it, but for how long it waits."""
    patience = Patience(backoff=0.01, failures=FAILURES, cool_down=COOL_DOWN)
    return Remote(server.address, processor="own_server", patience=patience)


def unavailable(answer) -> bool:
    """Whether a text was served because the model was not there to write one."""
    served = blurb(answer)
    return (served["source"], served["reason"]) == ("twin", "model_unavailable")


def test_a_server_killed_in_mid_answer_is_left_alone_and_used_again_once_it_is_back(
    tmp_path, server
):
    settings = small_settings(tmp_path, twins="")
    with listening(settings, impatient(server)) as client:
        twin = blurb(promo(client, "cold-quay"))
        assert (twin["text"], twin["source"]) == ("Cold Quay.", "twin")
        answer = personal(client)
        assert (blurb(answer)["source"], blurb(answer)["text"]) == ("written", WRITTEN)
        assert answer["receipt"]["statement"]["model"] == f"remote {RECITING}"

        begun = server.answering()
        with ThreadPoolExecutor() as elsewhere:
            asked = elsewhere.submit(synopsis_without_an_end, client)
            until(lambda: server.answering() > begun, what="nothing was asked")
            with soon():
                server.kill()
                assert unavailable(asked.result())
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["problems"] == ["the model does not answer"]

        for seed in range(1, FAILURES):
            with soon():
                answer = personal(client, seed=seed)
            assert unavailable(answer)
            assert blurb(answer)["text"] == twin["text"]

        # Somebody listens again at that address, and nobody calls: the circuit is open.
        with socket.create_server(("127.0.0.1", server.port)) as listener:
            answers = [personal(client, seed=seed) for seed in range(FAILURES, FAILURES + 3)]
            other = promo(client, "harbour-lights")
            streamed = stream_of_events(client)
            assert not select.select([listener], [], [], 0)[0]
        assert all(map(unavailable, [*answers, other]))
        assert "event: blurb" in streamed
        assert '"reason":"model_unavailable"' in streamed
        # Texts that stand are served all the while.
        assert blurb(personal(client))["text"] == WRITTEN

        server.start()
        server.ready()
        seeds = itertools.count(100)
        until(
            lambda: not unavailable(personal(client, seed=next(seeds))),
            what="the server is back, and was not used",
        )
        answer = personal(client, seed=next(seeds))
        assert (blurb(answer)["source"], blurb(answer)["text"]) == ("written", WRITTEN)
        assert client.get("/health/ready").json()["problems"] == []
