"""What a service does when it is started on something broken, or its model is away."""

from __future__ import annotations

import asyncio
import re
import shutil
from contextlib import contextmanager

import msgspec
import pytest
from litestar.testing import TestClient

from genservice.api.service import STATE_KEY
from genservice.app import create_app, open_service
from genservice.errors import (
    DocumentError,
    ModelFilesError,
    PolicyError,
    PromptError,
    UnavailableError,
)
from genservice.generation import Scripted
from genservice.policy import load
from genservice.settings import Settings
from genservice.shipped import shipped
from tests.api.conftest import order


@pytest.fixture
def folders(tmp_path):
    """Settings over copies of the shipped folders, which a test may break."""
    for name in ("policies", "prompts"):
        shutil.copytree(shipped(name), tmp_path / name)
    return Settings(
        data=tmp_path / "data",
        keystore=tmp_path / "keystore",
        policies=tmp_path / "policies",
        prompts=tmp_path / "prompts",
        twins="",
    )


@contextmanager
def running(settings, **parts):
    app = create_app(settings, **({"model": Scripted(), "reserve": Scripted()} | parts))
    with TestClient(app) as client:
        with client.portal() as portal:
            key = portal.call(app.state[STATE_KEY].keys.create, "editor", "tests").key
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


def start(settings, **parts):
    """Open and close a service, as `genservice serve` does before it listens."""

    async def opened() -> None:
        async with open_service(settings, **({"model": Scripted(), "reserve": Scripted()} | parts)):
            pass

    asyncio.run(opened())


def test_with_no_valid_set_ever_it_refuses_to_start(folders) -> None:
    (folders.policies / "base.yaml").write_text("rules: [\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"base\.yaml"):
        start(folders)


def test_a_broken_folder_leaves_the_last_valid_set_and_says_so(folders) -> None:
    with running(folders) as client:
        good = client.get("/v1/policies").json()["version"]
    (folders.policies / "base.yaml").write_text("rules:\n  - {id: x}\n", encoding="utf-8")
    with running(folders) as client:
        assert client.get("/v1/policies").json()["version"] == good
        ready = client.get("/health/ready").json()
        assert ready["status"] == "degraded"
        assert any("base.yaml:2" in problem for problem in ready["problems"])
        assert client.post("/v1/promos", json=order()).status_code == 200


def test_the_sets_tests_may_name_titles_of_the_catalogue(folders) -> None:
    (folders.policies / "own_test.yaml").write_text(
        """
contexts: {agreed: {region: DE, age_band: age_25_34, consents: [content_profile, content_use]}}
audiences: {noir_fan: {watch_history: [double-indemnity]}}
tests:
  - name: what was watched becomes genres
    contexts: [agreed]
    purposes: [promo]
    audience: noir_fan
    expect: {EXPECTED}
    brief: {watch_history: [crime, noir, thriller]}
""".replace("EXPECTED", _expected(folders.policies)),
        encoding="utf-8",
    )
    with running(folders) as client:
        assert client.get("/health/ready").json()["problems"] == []


def _expected(policies) -> str:
    """What the shipped set says of an adult in Germany who agreed, as its own tests have it."""
    first = next(
        test
        for suite in load(policies).suites
        if suite.file == "eea_test.yaml"
        for test in suite.tests
        if test.name == "genres with consent"
    )
    return ", ".join(f"{name}: {level}" for name, level in first.expect.items())


def test_a_prompt_that_reads_an_undeclared_signal_stops_the_start(folders) -> None:
    file = folders.prompts / "promo.yaml"
    file.write_text(
        file.read_text("utf-8").replace("{{ tone }}", "{{ signals.gender }}"), encoding="utf-8"
    )
    with pytest.raises(PromptError, match=r"reads signals\.gender"):
        start(folders)


def test_a_missing_model_folder_stops_the_start_and_is_named(folders, tmp_path) -> None:
    (tmp_path / "empty-model").mkdir()
    settings = msgspec.structs.replace(folders, model=str(tmp_path / "empty-model"))
    with pytest.raises(ModelFilesError, match="empty-model"):
        start(settings, model=None)


@pytest.mark.parametrize(
    ("setting", "file"),
    [
        ("catalogue", "vocabulary.yaml"),
        ("catalogue", "occasions.yaml"),
        ("prompts", "phrases.yaml"),
        ("prompts", "promo.yaml"),
    ],
)
def test_a_broken_file_is_named_with_its_folder(folders, tmp_path, setting, file) -> None:
    folder = tmp_path / "own"
    shutil.copytree(shipped(setting), folder)
    (folder / file).write_text("a: [\n", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        start(msgspec.structs.replace(folders, **{setting: folder}))
    assert {problem.file for problem in caught.value.problems} == {str(folder / file)}


@pytest.mark.parametrize("content", [None, b"no database " * 100])
def test_a_database_that_cannot_be_used_is_named(folders, content) -> None:
    folders.data.mkdir()
    file = folders.data / "genservice.db"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(UnavailableError, match=rf"^{re.escape(str(file))}: The database "):
        start(folders)


def test_a_folder_of_the_database_that_cannot_be_made_is_named(folders, tmp_path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    data = tmp_path / "file" / "data"
    with pytest.raises(UnavailableError, match=re.escape(str(data))):
        start(msgspec.structs.replace(folders, data=data))


def test_nothing_is_lost_at_a_restart(folders) -> None:
    with running(folders) as client:
        answer = client.post("/v1/promos", json=order({"genre_affinity": ["crime"]})).json()
        keys = client.get("/.well-known/genservice-keys.json").json()
    with running(folders) as client:
        assert client.get(f"/v1/receipts/{answer['receipt']['id']}").json() == answer["receipt"]
        assert client.post("/v1/promos", json=order({"genre_affinity": ["crime"]})).json() == answer
        assert client.get("/.well-known/genservice-keys.json").json() == keys


def test_a_model_at_a_dead_address_brings_stored_twins_with_the_reason(folders) -> None:
    with running(folders) as client:
        twin = client.post("/v1/promos", json=order()).json()["blurbs"][0]["text"]
    away = msgspec.structs.replace(folders, model="http://127.0.0.1:9/v1", model_timeout=3.0)
    with running(away, model=None) as client:
        (blurb,) = client.post("/v1/promos", json=order()).json()["blurbs"]
    assert (blurb["text"], blurb["source"], blurb["reason"]) == (twin, "twin", "model_unavailable")
