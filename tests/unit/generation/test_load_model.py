"""One setting names any model."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys

import pytest

from genservice.errors import ModelFilesError, ModelUnavailableError, SettingsError
from genservice.generation import Scripted, connect, embedded_folder, is_answering, load_model
from genservice.generation.hub import fetch
from genservice.generation.model_files import folder_digest
from genservice.generation.remote import Remote
from tests.unit.generation.asking import request

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(folders, tmp_path):
    """The hub's cache, as its client lays it out, with one model and some files we never want."""
    place = tmp_path / "models--acme--tiny"
    snapshot = place / "snapshots" / COMMIT
    shutil.copytree(folders["chat"], snapshot)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(COMMIT)
    return tmp_path


async def test_a_model_elsewhere_is_asked_its_name_and_others_have_one(server):
    remote = load_model(server.address, processor="own_server")
    await connect(remote)
    assert remote.revision == "remote tiny-instruct"
    scripted = Scripted()
    scripted.fail()
    await connect(scripted)
    assert is_answering(scripted)
    await remote.close()


async def test_a_model_elsewhere_tells_whether_it_answers(server):
    server.models = ()
    remote = load_model(server.address, processor="own_server")
    assert is_answering(remote)
    with pytest.raises(ModelUnavailableError):
        await connect(remote, deadline=5)
    assert not is_answering(remote)
    await remote.close()


async def test_a_server_may_take_as_long_for_its_first_word_as_for_a_text():
    remote = load_model("http://127.0.0.1:9", name="m", deadline=90)
    assert isinstance(remote, Remote)
    assert remote._client.timeout.read == 90
    await remote.close()


async def test_a_folder_is_a_model_in_this_process(folders):
    model = await asyncio.to_thread(load_model, str(folders["words"]), device="cpu")
    assert model.processor == "in_process"
    digest = await asyncio.to_thread(folder_digest, folders["words"])
    assert model.revision == f"words sha256:{digest[:16]}"
    assert len(await model.write(request(0, 1))) == 2
    await model.close()


async def test_an_address_is_a_server_elsewhere():
    own = load_model("http://127.0.0.1:9/v1", name="m", processor="own_server")
    third = load_model("https://models.invalid", name="m", key="k")
    assert isinstance(own, Remote)
    assert (own.processor, third.processor) == ("own_server", "third_party")
    assert own.revision == "remote m"
    await own.close()
    await third.close()


@pytest.mark.parametrize("revision", [None, "main", COMMIT])
def test_a_hub_model_is_found_in_the_local_cache_under_its_commit(cache, revision):
    assert fetch("acme/tiny", revision, cache=cache).name == COMMIT


@pytest.mark.parametrize(("model", "revision"), [("acme/other", None), ("acme/tiny", "v2")])
def test_a_hub_model_that_is_not_there_offline_is_named(cache, model, revision):
    with pytest.raises(ModelFilesError, match=model):
        fetch(model, revision, cache=cache)


@pytest.mark.parametrize("revision", [COMMIT[:7], COMMIT[:39]])
def test_of_a_commit_all_letters_are_asked_for(cache, revision):
    with pytest.raises(ModelFilesError, match="all 40 letters") as caught:
        fetch("acme/tiny", revision, cache=cache)
    assert caught.value.file == "acme/tiny"


def test_a_branch_that_is_no_commit_is_not_told_to_be_longer(cache):
    with pytest.raises(ModelFilesError, match="'stable'") as caught:
        fetch("acme/tiny", "stable", cache=cache)
    assert "40 letters" not in str(caught.value)


def test_a_pinned_commit_stays_when_the_branch_moves_on(cache, folders):
    later = COMMIT[::-1]
    place = cache / "models--acme--tiny"
    shutil.copytree(folders["base"], place / "snapshots" / later)
    (place / "refs" / "main").write_text(later)
    assert fetch("acme/tiny", COMMIT, cache=cache).name == COMMIT
    assert fetch("acme/tiny", cache=cache).name == later


async def test_a_hub_model_tells_its_id_commit_and_digest(cache, monkeypatch):
    import huggingface_hub

    download = huggingface_hub.snapshot_download
    monkeypatch.setattr(
        huggingface_hub,
        "snapshot_download",
        lambda *args, **kwargs: download(*args, **{**kwargs, "cache_dir": cache}),
    )
    model = await asyncio.to_thread(load_model, "acme/tiny@main", device="cpu")
    assert model.revision.startswith(f"acme/tiny@{COMMIT} sha256:")
    await model.close()


@pytest.mark.parametrize("source", ["", "embeded", "a/b/c", "ftp://host", "a/b@c@d"])
def test_a_source_that_is_nothing_says_what_it_may_be(source):
    with pytest.raises(SettingsError, match="`embedded`, a folder"):
        load_model(source)


@pytest.mark.parametrize("source", ["./nope", "../nope", "/no/such/folder", "~/no/such/folder"])
def test_a_folder_that_is_not_there_is_named_and_not_looked_for_at_the_hub(source):
    with pytest.raises(ModelFilesError) as caught:
        load_model(source)
    assert str(caught.value) == f"{source}: there is no such folder"


def test_the_embedded_folder_lies_in_the_package():
    assert embedded_folder().parent.name == "generation"


@pytest.mark.parametrize(
    "statement",
    [
        "import genservice.generation",
        "from genservice.generation import load_model; load_model('http://127.0.0.1:9', name='m')",
    ],
)
def test_no_torch_is_imported_before_a_model_needs_it(statement):
    code = f"{statement}; import sys; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
